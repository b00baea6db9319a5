"""The vocabulary of landscape captions: what people call a scene, its light and the things in it."""

from __future__ import annotations

# (noun phrase, whether it is plural); the phrases of a kind are all true of every scene of that kind.
NOUNS: dict[str, tuple[tuple[str, bool], ...]] = {
    "mountain": (
        ("a mountain range", False), ("rugged mountains", True), ("tall mountain peaks", True),
        ("a rocky mountain ridge", False), ("jagged peaks", True), ("steep mountains", True),
        ("a high mountain landscape", False),
    ),
    "valley": (
        ("a mountain valley", False), ("a wide valley between the mountains", False),
        ("a valley with a winding stream", False), ("a mountain valley with a stream", False),
        ("a quiet valley below steep slopes", False),
    ),
    "hills": (
        ("rolling hills", True), ("gentle hills", True), ("a hilly countryside", False),
        ("soft hills with patches of woodland", True), ("a hillside", False), ("open hills", True),
    ),
    "plain": (
        ("a wide plain", False), ("a flat open field", False), ("an empty plain", False),
        ("open flat land to the horizon", False), ("a large field", False), ("a vast grassland", False),
    ),
    "forest": (
        ("a forest", False), ("a clearing in the woods", False), ("tall trees in a forest", True),
        ("a dense forest", False), ("the edge of the woods", False), ("woodland trees", True),
    ),
    "lake": (
        ("a calm lake", False), ("a mountain lake", False), ("a still lake below the mountains", False),
        ("a lake that mirrors the mountains", False), ("a quiet lake shore", False),
    ),
    "river": (
        ("a winding river", False), ("a river between green banks", False), ("a slow river", False),
        ("a river that bends through the hills", False), ("a river valley", False),
    ),
    "desert": (
        ("sand dunes", True), ("a sandy desert", False), ("rolling dunes", True), ("a desert of high dunes", False),
        ("the dunes of a vast desert", True),
    ),
    "canyon": (
        ("a red rock canyon", False), ("sandstone cliffs", True), ("red mesas in a dry land", True),
        ("rock walls of a canyon", True), ("a desert canyon", False), ("layered red rocks", True),
    ),
    "beach": (
        ("a sandy beach", False), ("a beach by the sea", False), ("an empty beach", False), ("the seashore", False),
        ("a sandy shore", False), ("a curved beach and the ocean", False),
    ),
    "sea": (
        ("the open sea", False), ("the ocean", False), ("a wide sea", False), ("waves on the open ocean", True),
        ("an endless sea", False), ("the sea to the horizon", False),
    ),
    "island": (
        ("a small island", False), ("an island in the sea", False), ("a lonely island in the ocean", False),
        ("a rocky island", False), ("a green island", False),
    ),
    "coast": (
        ("cliffs above the sea", True), ("a rocky coast", False), ("steep sea cliffs", True),
        ("a grassy cliff top by the ocean", False), ("a wild coastline", False), ("the cliffs of a coast", True),
    ),
}  # fmt: skip

SHORT: dict[str, tuple[str, ...]] = {
    "mountain": ("mountains", "mountain landscape", "peaks"), "valley": ("valley", "mountain valley"),
    "hills": ("hills", "hillside", "countryside"), "plain": ("plain", "open field", "fields"),
    "forest": ("forest", "woods"), "lake": ("lake", "lake view"), "river": ("river", "river landscape"),
    "desert": ("desert", "dunes"), "canyon": ("canyon", "rock cliffs"), "beach": ("beach", "sea shore"),
    "sea": ("sea", "ocean", "ocean waves"), "island": ("island", "island in the sea"),
    "coast": ("coast", "sea cliffs", "coastline"),
}  # fmt: skip

# Said after a scene: "... at sunset".
LIGHT: dict[str, tuple[str, ...]] = {
    "day": ("under a blue sky", "in daylight", "on a clear day", "on a bright day", "under a wide blue sky"),
    "dusk": ("at sunset", "at dusk", "under an orange sky", "in the evening light", "in the glow of the setting sun"),
    "snow": ("in winter", "covered in snow", "after a snowfall", "under fresh snow", "on a cold winter day"),
    "fog": ("in the fog", "in thick mist", "on a misty morning", "under a grey foggy sky", "half hidden by fog"),
    "night": ("at night", "under the night sky", "in the dark of night", "late at night", "under a starry sky"),
    "storm": ("under dark clouds", "before a storm", "under a stormy sky", "in stormy weather"),
    "autumn": ("in autumn", "in the fall", "in autumn colours", "on an autumn day"),
}
CLOUDY: dict[str, tuple[str, ...]] = {
    "day": ("under a blue sky with white clouds", "below drifting clouds", "on a partly cloudy day"),
    "dusk": ("under pink and orange clouds", "at sunset with clouds in the sky"),
    "night": ("under a cloudy night sky", "at night with a few clouds"),
}
SUNNY: dict[str, tuple[str, ...]] = {
    "day": ("on a sunny day", "under a bright sun", "in the sunshine"),
    "dusk": ("as the sun goes down", "with the sun low in the sky"),
    "night": ("by moonlight", "under a full moon", "with the moon in the sky"),
}
SHORT_LIGHT: dict[str, tuple[str, ...]] = {
    "day": ("daytime", "bright", "peaceful"), "dusk": ("sunset", "evening"), "snow": ("snowy", "winter"),
    "fog": ("foggy", "misty"), "night": ("night-time", "dark"), "storm": ("stormy", "gloomy"),
    "autumn": ("autumn", "golden autumn"),
}  # fmt: skip
MOODS: dict[str, tuple[str, ...]] = {
    "day": ("scenic", "beautiful", "peaceful", "wide"), "dusk": ("beautiful", "warm", "quiet", "stunning"),
    "snow": ("frosty", "quiet", "cold", "wintry"), "fog": ("hazy", "gloomy", "quiet", "mysterious"),
    "night": ("dark", "silent", "quiet"), "storm": ("dramatic", "gloomy", "dark"),
    "autumn": ("colourful", "golden", "scenic"),
}  # fmt: skip

# Said of a thing that is there: (after "with", a clause of its own that ends in the scene).
EXTRAS: dict[str, tuple[tuple[str, str], ...]] = {
    "pines": (
        ("with pine trees in the foreground", "Pine trees stand before {scene}"),
        ("framed by fir trees", "A few fir trees grow in front of {scene}"),
    ),
    "trees": (
        ("with scattered trees", "Scattered trees grow by {scene}"),
        ("dotted with trees", "Leafy trees stand near {scene}"),
    ),
    "tree": (("with a single tree", "A lone tree stands in {scene}"), ("with one tree", "A solitary tree on {scene}")),
    "palm": (
        ("with palm trees", "Palm trees in front of {scene}"),
        ("and a palm tree", "A palm tree grows by {scene}"),
    ),
    "boat": (
        ("with a sailboat on the water", "A sailboat drifts past {scene}"),
        ("and a small sailing boat", "A white sail on the water by {scene}"),
    ),
    "birds": (
        ("with birds in the sky", "Birds fly over {scene}"),
        ("and a flock of birds", "A flock of birds above {scene}"),
    ),
    "cottage": (
        ("with a small house", "A small white house stands in {scene}"),
        ("and a cottage", "A lonely cottage in {scene}"),
    ),
    "crops": (
        ("with rows of crops", "Rows of crops run across {scene}"),
        ("with ploughed rows", "Long furrows cross {scene}"),
    ),
    "road": (
        ("with a dirt road", "A dirt road leads across {scene}"),
        ("crossed by a path", "A path winds through {scene}"),
    ),
}
# A boat at sea or on a lake is on the water that is the scene, not beside it.
ON_WATER = {"sea": "A sailboat on {scene}", "lake": "A sailing boat crosses {scene}"}
DETAILS: dict[str, tuple[str, ...]] = {
    "mountain": ("a meadow lies at their feet", "the summits rise above the slopes"),
    "valley": ("a stream winds through the grass", "mountains rise on both sides"),
    "hills": ("small woods grow on the slopes", "the slopes rise and fall softly"),
    "plain": ("the land is flat to the horizon", "there is nothing but sky above the fields"),
    "forest": ("the trees stand close together", "trunks rise on every side"),
    "lake": ("the water reflects the mountains", "the shore is quiet"),
    "river": ("the water bends between its banks", "the stream flows towards the hills"),
    "desert": ("the wind has shaped the sand", "the crests of the dunes catch the light"),
    "canyon": ("the cliffs show layers of stone", "the rock walls rise from the dry ground"),
    "beach": ("foam runs along the sand", "small waves reach the shore"),
    "sea": ("waves roll towards the viewer", "the horizon is a straight line"),
    "island": ("the sea is all around it", "it rises alone from the water"),
    "coast": ("grass grows to the edge of the cliff", "waves break below the rocks"),
}
GREEN_WORDS = ("green", "grass")  # phrases with these are untrue under snow
