"""Landscapes: scenes of thirteen kinds under seven lights, drawn in perspective from a seed.

A scene is relief (`relief`), a sky (`sky`), water with what it reflects, and plants (`plants`). A picture of
256 pixels costs about 60 ms on one core, one of 96 pixels about 15 ms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from drawn_world import plants
from drawn_world.paint import (
    SUPERSAMPLING,
    Floats,
    Picture,
    axis,
    fractal_noise,
    generator,
    mix,
    ramp,
    reduce,
    rgb,
    smooth_noise,
    vignette,
)
from drawn_world.relief import Camera, View, lambert, look, sample, tile, view
from drawn_world.sky import LIGHTS, Light, Sky, paint_sky

GRASS, MEADOW, STRAW = rgb(104, 138, 58), rgb(136, 164, 74), rgb(214, 184, 96)
FOREST, NEEDLES, GOLD = rgb(52, 88, 46), rgb(34, 66, 44), rgb(206, 128, 42)
ROCK, EARTH, RED_ROCK, CLIFF = rgb(124, 116, 112), rgb(126, 98, 70), rgb(196, 112, 70), rgb(176, 168, 152)
SAND, DUNE, WET_SAND, SNOW = rgb(240, 212, 160), rgb(238, 180, 106), rgb(186, 150, 108), rgb(240, 245, 252)
DEEP, SHALLOW, LAKE = rgb(22, 84, 128), rgb(64, 160, 172), rgb(40, 84, 104)

# Which lights a kind is drawn under; a kind's first light is the most frequent.
KINDS: dict[str, tuple[str, ...]] = {
    "mountain": ("day", "dusk", "snow", "fog", "night", "autumn"),
    "valley": ("day", "dusk", "snow", "fog", "autumn"),
    "hills": ("day", "dusk", "snow", "fog", "autumn", "night"),
    "plain": ("day", "dusk", "snow", "storm", "fog"),
    "forest": ("day", "autumn", "snow", "fog", "dusk"),
    "lake": ("day", "dusk", "snow", "autumn", "fog", "night"),
    "river": ("day", "dusk", "snow", "autumn"),
    "desert": ("day", "dusk", "night"),
    "canyon": ("day", "dusk"),
    "beach": ("day", "dusk", "storm", "night"),
    "sea": ("day", "dusk", "storm", "night", "fog"),
    "island": ("day", "dusk", "storm"),
    "coast": ("day", "dusk", "storm", "fog"),
}
_EXTRAS = {
    "mountain": ("pines", "birds"), "valley": ("pines", "cottage", "birds"), "hills": ("trees", "cottage", "birds"),
    "plain": ("tree", "crops", "road", "birds"), "forest": (), "lake": ("pines", "boat"), "river": ("trees", "pines"),
    "desert": ("palm",), "canyon": ("birds",), "beach": ("palm", "boat", "birds"), "sea": ("boat", "birds"),
    "island": ("palm", "boat"), "coast": ("birds", "boat"),
}  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """What a landscape shows: its kind, its light or weather, the things in it; `seed` fixes the composition."""

    kind: str
    light: str
    seed: int
    extras: tuple[str, ...] = ()
    sun: bool = False
    clouds: bool = False
    side: int = 1  # the side the light comes from, and where the composition leans: -1 left, 1 right


def random_scene(seed: int, kind: str | None = None, light: str | None = None) -> Scene:
    """A scene from its seed: kinds alike often, the first light of a kind about half of the time."""
    random = generator("scene", seed)
    kind = kind or str(random.choice(list(KINDS)))
    lights = KINDS[kind]
    odds = np.array([1.0, *[0.9 / (len(lights) - 1)] * (len(lights) - 1)])
    light = light or str(random.choice(lights, p=odds / odds.sum()))
    extras = tuple(name for name in _EXTRAS[kind] if random.random() < 0.5)
    if "crops" in extras:
        extras = tuple(name for name in extras if name != "road")
    if light in ("storm", "night", "fog"):
        extras = tuple(name for name in extras if name != "birds")
    sun = {"dusk": 0.85, "night": 0.8, "day": 0.3}.get(light, 0.0) > random.random()
    clouds = light == "storm" or (light not in ("fog",) and random.random() < 0.65)
    return Scene(kind, light, seed, extras, sun, clouds, int(random.choice([-1, 1])))


@dataclass
class _Stage:
    """One picture in the making: what every brush of a scene needs at hand."""

    scene: Scene
    random: np.random.Generator
    camera: Camera
    light: Light
    canvas: Floats
    seen: View

    @property
    def pixels(self) -> int:
        return int(self.canvas.shape[-1])

    def haze_at(self, depth: Floats | float) -> Floats:
        """Share of the haze in front of a depth (Beer-Lambert): `light.haze` of it at depth 10."""
        rate = -np.log(1 - self.light.haze) / 10
        clear: Floats = np.exp(-np.asarray(depth, dtype=np.float64) * rate)
        return 1 - clear

    def lit(self, colour: Floats, depth: float, strength: float = 0.75) -> Floats:
        """A thing's colour under this light, behind this much haze."""
        under = colour * (self.light.ambient + self.light.sun * strength) * 1.12
        return mix(under, self.light.low, float(self.haze_at(depth)))

    def foot(self, depth: float, height: float = 0.0) -> float:
        """Where ground of this height and depth lies in the picture (share from the top)."""
        return self.camera.horizon - (height - self.camera.height) / depth


# Ground: each kind gives heights and colours [(3,) slices, columns] of the samples; water lies at height 0.

Ground = tuple[Floats, Floats]


def _green(stage: _Stage) -> Floats:
    return {"autumn": mix(MEADOW, STRAW, 0.6), "snow": SNOW}.get(stage.scene.light, GRASS)


def _peaks(stage: _Stage, period: float, snow_line: float, height: float, rise: Floats) -> Ground:
    """Ridged mountains of about this height where `rise` is 1: meadow below, rock, then snow on the less steep."""
    x, z = stage.seen.x, stage.seen.z
    ridged = tile(stage.random, 4, 3, ridged=True)
    swell = tile(stage.random, 2, 2)
    x0, z0 = stage.random.uniform(0, period, 2)
    crest = sample(ridged, x + x0, z + z0, period)
    mass = 0.62 + 0.3 * sample(swell, x, z, period * 1.4)
    share = rise * (0.16 + crest * 1.05) * np.clip(mass, 0.1, None)
    share /= np.quantile(share.max(axis=0), 0.9)  # every seed has a peak of about the height asked for
    heights = height * share
    ragged = (crest - 0.5) * 0.25
    low = FOREST if stage.scene.light != "autumn" else mix(FOREST, GOLD, 0.45)
    if stage.scene.light == "snow":
        low, snow_line = mix(NEEDLES, SNOW, 0.35), snow_line * 0.3
    colour = mix(_green(stage), low, ramp(share, 0.08, 0.2))
    colour = mix(colour, ROCK, ramp(share + ragged, 0.28, 0.42))
    return heights, mix(colour, SNOW, ramp(share + ragged, snow_line, snow_line + 0.1))


def _rolling(stage: _Stage, period: float, first: int, octaves: int = 3) -> Floats:
    field = tile(stage.random, octaves, first)
    x0, z0 = stage.random.uniform(0, period, 2)
    return sample(field, stage.seen.x + x0, stage.seen.z + z0, period)


def _mountain(stage: _Stage) -> Ground:
    z = stage.seen.z
    rise = ramp(z, 3.4, 8.5)
    heights, colour = _peaks(
        stage, stage.random.uniform(11, 14), stage.random.uniform(0.46, 0.62), stage.random.uniform(2.9, 3.9), rise
    )
    near = 0.07 * _rolling(stage, 6, 4) * ramp(z, 0.6, 2)
    return heights + near, colour


def _valley(stage: _Stage) -> Ground:
    x, z = stage.seen.x, stage.seen.z
    centre = stage.random.uniform(-0.3, 0.3) + 0.3 * np.sin(z * 0.8)
    walls = np.maximum(ramp(abs(x - centre), 0.5, 3.4), ramp(z, 9, 14) * 0.8) * ramp(z, 0.8, 2.6)
    heights, colour = _peaks(stage, 11, 0.6, 2.8, walls)
    floor = mix(
        _green(stage), MEADOW if stage.scene.light == "day" else _green(stage), ramp(_rolling(stage, 3, 4), -1, 1)
    )
    stream = ramp(abs(x - centre), 0.15, 0.09)
    colour = mix(floor, colour, ramp(walls, 0.02, 0.25))
    return heights, mix(colour, mix(LAKE, stage.light.low, 0.6), stream * (z < 9))


def _hills(stage: _Stage) -> Ground:
    z = stage.seen.z
    swell = _rolling(stage, 9, 3, 2)
    heights = ramp(z, 0.9, 5) * (0.34 + 0.42 * swell) + 0.03 * ramp(z, 6, 12)
    patch = _rolling(stage, 4, 4, 2)
    base = _green(stage)
    second = {"snow": mix(SNOW, FOREST, 0.25), "autumn": GOLD}.get(stage.scene.light, STRAW)
    colour = mix(base, MEADOW if stage.scene.light != "snow" else base, ramp(patch, -0.6, 0.4))
    colour = mix(colour, second, ramp(patch, 0.75, 1.1) * 0.8)
    woods = ramp(_rolling(stage, 5, 6, 4), 0.7, 1.0) * ramp(z, 2.2, 3.5)
    return heights + woods * 0.12, mix(colour, mix(FOREST, GOLD, 0.3 * (stage.scene.light == "autumn")), woods)


def _plain(stage: _Stage) -> Ground:
    """Flat land to a low blue edge: rows of a crop or ploughed earth, or a road, where the scene has them."""
    x, z = stage.seen.x, stage.seen.z
    edge = ramp(z, 9, 14) * 0.42 * ramp(_rolling(stage, 12, 3), -0.8, 1.4)
    heights = 0.02 * _rolling(stage, 4, 4) + edge
    snow, crops = stage.scene.light == "snow", "crops" in stage.scene.extras
    crop = SNOW if snow else STRAW if crops else GRASS
    other = mix(SNOW, STRAW, 0.25) if snow else mix(crop, MEADOW, 0.6)
    colour = mix(crop, other, ramp(_rolling(stage, 5, 3, 2), -0.1, 0.25))
    aim = stage.random.uniform(-0.35, 0.35)
    if crops:
        furrow = np.sin((x - aim * z) * (2 * np.pi / 0.3))
        colour = mix(colour, EARTH * 0.8, ramp(furrow, 0.0, 0.9) * ramp(z, 6, 3) * 0.75)
    if "road" in stage.scene.extras:
        bend = x - aim * z - 0.22 * np.sin(z * 0.9 + aim * 9)
        colour = mix(colour, mix(EARTH, SAND, 0.5), ramp(abs(bend), 0.24, 0.17) * (z < 9))
    return heights, mix(colour, mix(FOREST, _green(stage), 0.4), ramp(z, 8, 10))


def _forest(stage: _Stage) -> Ground:
    z = stage.seen.z
    heights = 0.09 * _rolling(stage, 5, 4) + ramp(z, 4, 12) * (0.5 + 0.3 * stage.random.random())
    floor = {"snow": SNOW, "autumn": mix(GOLD, EARTH, 0.45)}.get(stage.scene.light, mix(GRASS, FOREST, 0.35))
    return heights, mix(floor, floor * 0.72, ramp(_rolling(stage, 2.5, 5), -0.4, 1))


def _lake(stage: _Stage) -> Ground:
    x, z = stage.seen.x, stage.seen.z
    heights, colour = _peaks(stage, 12, 0.55, 2.9, ramp(z, 5.2, 9.5))
    bays = 0.5 * _rolling(stage, 5, 3, 3)
    near = stage.random.uniform(0.95, 1.15) + bays * 0.12 - (0.12 * stage.scene.side) * x
    basin = ramp(z - near, 0, 0.35) * (1 - ramp(z - bays, 4.7, 5.4))
    shore = 0.07 - 0.14 * basin
    return heights + shore, mix(colour, mix(_green(stage), EARTH, 0.3), ramp(basin, 0.1, 0.4) * (z < 3))


def _river(stage: _Stage) -> Ground:
    x, z = stage.seen.x, stage.seen.z
    bend, phase = stage.random.uniform(0.3, 0.5), stage.random.uniform(0, 6.3)
    course = bend * np.sin(z * 1.1 + phase) * np.sqrt(z) * 0.8
    course -= bend * np.sin(1.1 * 0.8 + phase) * 0.7
    bank = ramp(abs(x - course), 0.34, 0.5)
    swell = ramp(z, 2, 7) * ramp(abs(x - course), 0.5, 2.5) * (0.5 + 0.35 * _rolling(stage, 7, 3))
    heights = (-0.04) + bank * 0.09 + np.clip(swell, 0, None)
    woods = ramp(_rolling(stage, 4, 6, 4), 0.35, 0.8) * ramp(z, 2.2, 3.5) * ramp(abs(x - course), 0.6, 0.9)
    colour = mix(mix(EARTH, _green(stage), 0.45), _green(stage), ramp(bank, 0.45, 0.8))
    trees = {"autumn": mix(FOREST, GOLD, 0.7), "snow": mix(FOREST, SNOW, 0.4)}.get(stage.scene.light, FOREST)
    return heights + woods * 0.12, mix(colour, trees, woods)


def _desert(stage: _Stage) -> Ground:
    """Dunes: crests where a wavy phase folds, steep on the lee side."""
    x, z = stage.seen.x, stage.seen.z
    wander = _rolling(stage, 9, 3, 2)
    turn = stage.random.uniform(0.4, 0.9) * stage.scene.side
    phase = (z * 0.34 + x * (turn * 0.55) + wander * 0.42) % 1
    dune = np.where(phase < 0.66, phase / 0.66, (1 - phase) / 0.34)
    dune = dune * dune * (3 - 2 * dune) * 0.6 + dune * 0.4
    size = ramp(z, 0.6, 4) * (0.62 + 0.2 * wander) * ramp(z, 10, 4)
    heights = dune * np.clip(size, 0.02, None) + ramp(z, 7, 13) * 0.35
    return heights, mix(DUNE, mix(DUNE, RED_ROCK, 0.35), ramp(wander, -0.8, 1.2))


def _canyon(stage: _Stage) -> Ground:
    """Table mountains: noise cut into terraces, with strata by height."""
    z = stage.seen.z
    field = _rolling(stage, 7, 4, 4) * 0.9 + 0.2 * (abs(stage.seen.x) - 1)
    mass = ramp(field, 0.2, 0.34) * 0.62 + ramp(field, 0.55, 0.66) * 0.5
    mass += ramp(field, 0.0, 0.3) * 0.16 + ramp(field, 1.0, 1.1) * 0.3
    heights = mass * ramp(z, 2.8, 4.0) * 1.25
    strata = np.sin(heights * 26 + _rolling(stage, 5, 3) * 0.7)
    colour = mix(RED_ROCK, mix(RED_ROCK, SAND, 0.4), ramp(strata, -0.3, 0.8))
    return heights, mix(mix(DUNE, RED_ROCK, 0.45), colour, ramp(heights, 0.0, 0.12))


def _headland(stage: _Stage, side: float, far: float, height: float) -> Floats:
    """A hill that runs into the sea from one side at this depth."""
    x, z = stage.seen.x, stage.seen.z
    reach = (x * side - (0.35 * far)) / (0.32 * far)
    bump = ramp(reach, -0.9, 0.7) * np.exp(-(((z - far) / 1.6) ** 2))
    rough = 0.8 + 0.3 * _rolling(stage, 5, 4, 4)
    headland: Floats = height * bump * rough - 0.06 * (bump < 0.06)
    return headland


def _beach(stage: _Stage) -> Ground:
    """Sand in front, the sea behind and to one side; the colour darkens where waves wet the sand."""
    x, z = stage.seen.x, stage.seen.z
    lean = stage.random.uniform(0.5, 1.1) * stage.scene.side
    out = z - stage.random.uniform(1.15, 1.5) - lean * x + 0.09 * _rolling(stage, 2.5, 4, 3)
    heights = np.clip(-out * 0.1, -0.08, 0.3)
    if stage.random.random() < 0.6:
        heights = np.maximum(heights, _headland(stage, -stage.scene.side, stage.random.uniform(6, 9), 0.9))
    colour = mix(SAND, WET_SAND, ramp(heights, 0.035, 0.0) * (z < 5))
    return heights, mix(colour, mix(FOREST, _green(stage), 0.4), ramp(heights, 0.1, 0.25) * (z > 3.5))


def _sea(stage: _Stage) -> Ground:
    heights = np.full_like(stage.seen.x, -0.08)
    return heights, np.broadcast_to(DEEP, (3, *heights.shape))


def _island(stage: _Stage) -> Ground:
    x, z = stage.seen.x, stage.seen.z
    far, aside = stage.random.uniform(4.2, 6), stage.random.uniform(-0.8, 0.8)
    wide = stage.random.uniform(1.0, 1.6)
    reach = ((x - aside) / wide) ** 2 + ((z - far) / 0.9) ** 2
    crest = tile(stage.random, 5, 4, ridged=True)
    bump = np.exp(-reach * 1.3) * (0.35 + sample(crest, x, z, 4.5))
    heights = bump * stage.random.uniform(0.9, 1.5) - 0.1
    colour = mix(SAND, mix(FOREST, GRASS, 0.35), ramp(heights, 0.03, 0.12))
    return heights, mix(colour, ROCK, ramp(heights + _rolling(stage, 2, 4) * 0.1, 0.62, 0.8))


def _coast(stage: _Stage) -> Ground:
    """Cliffs on one side that fall into the sea, grass on top."""
    x, z = stage.seen.x, stage.seen.z
    inland = x * stage.scene.side - 0.1 + 0.33 * _rolling(stage, 4.5, 4, 4)
    inland -= z * 0.06
    wall = ramp(inland, 0.0, 0.3)
    heights = wall * (0.62 + 0.12 * _rolling(stage, 6, 3)) * ramp(z, 1.1, 2.2) - 0.08
    strata = ramp(np.sin(heights * 30 + _rolling(stage, 3, 4)), -0.4, 0.8)
    face = mix(CLIFF, CLIFF * 0.78, strata)
    return heights, mix(face, _green(stage), ramp(inland, 0.27, 0.4))


_GROUNDS: dict[str, Callable[[_Stage], Ground]] = {
    "mountain": _mountain, "valley": _valley, "hills": _hills, "plain": _plain, "forest": _forest,
    "lake": _lake, "river": _river, "desert": _desert, "canyon": _canyon, "beach": _beach, "sea": _sea,
    "island": _island, "coast": _coast,
}  # fmt: skip
_CAMERAS = {
    "mountain": (0.5, 0.66), "valley": (0.75, 0.52), "hills": (0.6, 0.52), "plain": (0.45, 0.6),
    "forest": (0.5, 0.5), "lake": (0.5, 0.56), "river": (0.75, 0.46), "desert": (0.62, 0.52),
    "canyon": (0.6, 0.6), "beach": (0.5, 0.42), "sea": (0.4, 0.48), "island": (0.5, 0.52), "coast": (0.8, 0.4),
}  # fmt: skip
_SEASIDE = ("beach", "sea", "island", "coast")
_DRY = ("mountain", "valley", "hills", "plain", "forest", "desert", "canyon")


def draw_scene(scene: Scene, size: int = 256) -> Picture:
    """uint8 [size, size, 3], sRGB: the same landscape at every size; equal arguments give equal bytes."""
    pixels = size * SUPERSAMPLING
    random = generator("draw", scene.kind, scene.light, scene.seed)
    height, horizon = _CAMERAS[scene.kind]
    camera = Camera(height, horizon + float(random.uniform(-0.04, 0.04)))
    sky = _sky_plan(scene, random, camera.horizon)
    canvas, mirrored = paint_sky(random, scene.light, sky, camera.horizon, pixels)
    stage = _Stage(scene, random, camera, LIGHTS[scene.light], canvas, view(camera, pixels))
    _paint_ground(stage, sky, mirrored)
    _paint_things(stage)
    stage.canvas *= vignette(pixels, 0.1)
    return reduce(np.clip(stage.canvas, 0, 1))


def _sky_plan(scene: Scene, random: np.random.Generator, horizon: float) -> Sky:
    aside = 0.5 + scene.side * float(random.uniform(0.08, 0.34))
    depth = {"dusk": random.uniform(0.5, 0.85), "night": random.uniform(0.2, 0.4)}.get(
        scene.light, random.uniform(0.15, 0.35)
    )
    cover = float(random.uniform(0.5, 0.72)) if scene.clouds else 0.0
    if scene.light == "storm":
        cover = float(random.uniform(0.85, 1.0))
    return Sky((aside, float(depth) * horizon) if scene.sun else None, cover, float(scene.side))


def _paint_ground(stage: _Stage, sky: Sky, sky_below: Floats) -> None:
    heights, colour = _GROUNDS[stage.scene.kind](stage)
    bed, wet = heights, stage.scene.kind not in _DRY
    heights = np.maximum(heights, 0) if wet else heights
    high = {"dusk": 0.42, "snow": 0.8}.get(stage.scene.light, 0.62)
    bright = lambert(stage.seen, heights, (stage.scene.side * 0.85, high, -0.15))
    bright = 1.2 * bright * stage.light.sun + stage.light.ambient
    shaded = mix(colour * bright, stage.light.low, stage.haze_at(stage.seen.z)).astype(np.float64)
    seen = look(stage.seen, heights, stage.pixels)
    mirrored = _mirrored(stage, sky_below, bed, shaded) if wet else None
    land = seen.gather(shaded) * _grain(stage, seen.top)
    stage.canvas[:, seen.top :] = np.where(seen.ground, land, stage.canvas[:, seen.top :])
    if mirrored is not None:
        water = seen.gather(ramp(bed, 0.003, -0.003)) * seen.ground
        foam = seen.gather(ramp(bed, -0.014, -0.004)) * seen.ground
        _paint_water(stage, sky, seen.top, (water, foam), mirrored)


def _depth_of_rows(stage: _Stage, rows: Floats) -> Floats:
    """Depth of flat ground at each row (share from the top), as far as the horizon allows."""
    below: Floats = np.maximum(rows - stage.camera.horizon, 0.004)
    return stage.camera.height / below


def _grain(stage: _Stage, top: int) -> Floats:
    """[rows, columns] factors: fine unevenness of the ground, larger near the viewer."""
    rows = axis(stage.pixels)[top:]
    depth = np.minimum(_depth_of_rows(stage, rows), stage.camera.far)
    along = np.log(depth) * 0.35
    strength = {"desert": 0.025, "beach": 0.02}.get(stage.scene.kind, 0.055)
    noise = smooth_noise(stage.random, along, stage.pixels, (24, 18))
    noise += smooth_noise(stage.random, along, stage.pixels, (62, 44)) * ramp(depth, 3, 1)[:, None] * 0.7
    return 1 + noise * (strength * ramp(depth, 7, 1.5))[:, None]


def _paint_water(stage: _Stage, sky: Sky, top: int, masks: tuple[Floats, Floats], still: Floats) -> None:
    """Water over the wet pixels (masks: water, foam): its colour, what still water would mirror, waves, glints."""
    (wet, foam), sea = masks, stage.scene.kind in _SEASIDE
    rows = axis(stage.pixels)[top:]
    waves = _waves(stage, rows)
    depth = _depth_of_rows(stage, rows)[:, None]
    mirrored = _mirror(stage, still, top, waves, rough=2.6 if sea else 0.8)
    body = DEEP if sea else LAKE
    body = mix(SHALLOW, body, ramp(depth, 0.9, 2.6)) if stage.scene.kind in ("beach", "island") else body
    body = body * (stage.light.ambient + stage.light.sun * 0.8) * 1.15
    slant = ramp(depth, 0.5, 4.5) * 0.42 + (0.3 if sea else 0.42)
    surface = mix(body, mirrored, slant) * (1 + waves * (0.11 if sea else 0.035))
    if sky.sun:
        surface = _sun_road(stage, surface, rows, waves, sky.sun[0])
    if sea and stage.scene.light != "night":
        crest = ramp(waves, 1.4, 2.8) * ramp(depth, 6, 1.5) * 0.3
        surface = mix(surface, stage.lit(SNOW, 1.0), np.maximum(crest, foam * 0.85))
    stage.canvas[:, top:] = mix(stage.canvas[:, top:], surface, wet)


def _waves(stage: _Stage, rows: Floats) -> Floats:
    """[rows, columns]: wave heights, deviation about 1; three widths of noise for near, middle and far water."""
    depth = np.minimum(_depth_of_rows(stage, rows), 40)
    along = np.log(depth) * 0.3
    near = fractal_noise(stage.random, along, stage.pixels, (26, 5), octaves=2, gain=0.6)
    middle = smooth_noise(stage.random, along, stage.pixels, (40, 14))
    far = smooth_noise(stage.random, along, stage.pixels, (46, 36))
    weight_near, weight_far = ramp(depth, 3.0, 0.9)[:, None], ramp(depth, 2.5, 8.0)[:, None]
    calm = ramp(depth, 40, 6)[:, None]
    return (near * weight_near + far * weight_far + middle * (1 - weight_near) * (1 - weight_far)) * calm


def _mirror(stage: _Stage, mirrored: Floats, top: int, waves: Floats, rough: float) -> Floats:
    """[3, rows, columns]: the mirrored picture as waves shake it, sideways and down, more so near the viewer."""
    pixels, half = stage.pixels, mirrored.shape[-1]
    rows = np.arange(top, pixels)[:, None]
    near = np.clip((rows / pixels - stage.camera.horizon) / (1 - stage.camera.horizon), 0, 1)
    shake = waves * ((rough * 0.006 * pixels) * near.astype(np.float64) ** 0.7)
    source = np.clip((rows + shake) * 0.5, 0, half - 1).astype(np.int32)
    columns = np.clip((np.arange(pixels)[None, :] + shake * 0.5) * 0.5, 0, half - 1).astype(np.int32)
    places = source * np.int32(half) + columns
    return np.stack([plane.ravel()[places] for plane in mirrored])


def _mirrored(stage: _Stage, sky: Floats, bed: Floats, shaded: Floats) -> Floats:
    """[3, pixels / 2, pixels / 2]: what still water would show.

    That is the land seen from as far below the surface as the viewer is above it, upside down.
    Half the resolution, for a quarter of the cost: waves blur it anyway.
    """
    half, camera = stage.pixels // 2, stage.camera
    edge = round(camera.horizon * half)
    upside = np.clip(2 * edge - np.arange(half), 0, max(edge - 1, 0))
    picture = sky[:, upside]
    below = View(Camera(-camera.height, camera.horizon, camera.far), stage.seen.x[:, ::2], stage.seen.z[:, ::2])
    bed = bed[:, ::2]
    beyond = np.maximum.accumulate(bed <= 0, axis=0)  # land this side of the water is not mirrored in it
    waves_only = stage.scene.kind == "coast"  # cliffs are too near for a swell to mirror them
    dry = np.where(beyond & (bed > 0) & (not waves_only), bed, (-50))
    seen = look(below, dry, half)
    if seen.top >= half:
        return picture
    under = np.arange(half)
    source = 2 * edge - under  # the row of the view from below that each row of water shows
    shows = (source >= seen.top) & (source < half)
    colours = seen.gather(np.ascontiguousarray(shaded[:, :, ::2]))
    rows = source[shows] - seen.top
    picture[:, shows] = np.where(seen.ground[rows], colours[:, rows], picture[:, shows])
    return picture


def _sun_road(stage: _Stage, surface: Floats, rows: Floats, waves: Floats, sun_x: float) -> Floats:
    """Glints below the sun, in a band that widens towards the viewer."""
    away = (rows - stage.camera.horizon)[:, None]
    across = abs(axis(stage.pixels)[None, :] - sun_x) / (0.035 + 0.3 * abs(away))
    glint = np.exp(-(across**2)) * ramp(waves + 0.35, -0.2, 1.1)
    strength = {"dusk": 0.85, "night": 0.45}.get(stage.scene.light, 0.6)
    return mix(surface, stage.light.glow, glint * strength)


def _paint_things(stage: _Stage) -> None:
    """Trees, boats and birds, far ones first."""
    scene = stage.scene
    if scene.kind == "forest":
        _woods(stage)
    if "boat" in scene.extras:
        depth = float(stage.random.uniform(4, 7))
        place = (0.5 - scene.side * float(stage.random.uniform(0.05, 0.25)), stage.foot(depth), 0.6 / depth)
        plants.boat(
            stage.canvas, place, stage.lit(rgb(250, 246, 236), depth / 2), stage.lit(rgb(120, 66, 44), depth / 2)
        )
    if "cottage" in scene.extras:
        _cottage(stage)
    if "birds" in scene.extras:
        plants.birds(stage.random, stage.canvas, stage.camera.horizon, stage.light.low * 0.35)
    for name, painter in (("pines", _pines), ("trees", _trees), ("tree", _lone_tree), ("palm", _palms)):
        if name in scene.extras:
            painter(stage)


def _cottage(stage: _Stage) -> None:
    """A white house with a red roof in the middle distance, on the side of the light."""
    depth = 1.9 if stage.scene.kind == "hills" else 2.4
    place = (0.5 + stage.scene.side * float(stage.random.uniform(0.1, 0.24)), stage.foot(depth), 0.3 / depth)
    roof = SNOW if stage.scene.light == "snow" else rgb(178, 72, 52)
    window = rgb(255, 214, 120) if stage.scene.light in ("night", "dusk") else stage.lit(rgb(70, 80, 96), 1.0)
    colours = (stage.lit(rgb(236, 226, 206), depth), stage.lit(roof, depth), window)
    plants.cottage(stage.canvas, place, colours, float(stage.scene.side))


def _foliage(stage: _Stage, random: np.random.Generator, depth: float, needles: bool) -> Floats:
    colour = NEEDLES if needles else FOREST
    if stage.scene.light == "autumn":
        share = float(random.uniform(0, 0.35)) if needles else float(random.uniform(0.45, 1.0))
        colour = mix(colour, mix(GOLD, rgb(184, 72, 32), float(random.uniform(0, 0.8))), share)
    elif stage.scene.light == "snow":
        colour = mix(colour, SNOW, 0.12 if needles else 0.45)
    return stage.lit(colour, depth)


def _woods(stage: _Stage) -> None:
    """Rows of trees from the far edge to a few large ones that frame the picture."""
    random = stage.random
    needles = stage.scene.light == "snow" or random.random() < 0.55
    opening = 0.5 - stage.scene.side * float(random.uniform(0.0, 0.2))
    for depth, count in ((9.0, 26), (6.5, 22), (4.6, 16), (3.2, 12), (2.2, 7), (1.5, 4)):
        ground = float(min(0.5, max(0.0, (depth - 4) * 0.07)))
        for place in (np.arange(count) + random.uniform(0.1, 0.9, count)) / count:
            x = float(place) * 1.1 - 0.05
            gap = 0.34 / depth
            if depth < 6 and abs(x - opening) < gap:
                continue
            foot = stage.foot(depth * float(random.uniform(0.94, 1.06)), ground)
            tall = float(random.uniform(0.95, 1.45)) / depth
            _tree(stage, random, (x, foot, tall), depth, needles or (random.random() < 0.15))


def _tree(
    stage: _Stage, random: np.random.Generator, place: tuple[float, float, float], depth: float, needles: bool
) -> None:
    colour = _foliage(stage, random, depth, needles)
    side = float(stage.scene.side)
    if needles:
        tip = stage.lit(SNOW, depth) if stage.scene.light == "snow" else None
        plants.conifer(random, stage.canvas, place, colour, side=side, tip=tip)
    else:
        bark = stage.lit(rgb(92, 70, 54), depth, 0.4)
        plants.broadleaf(random, stage.canvas, place, colour, side=side, bark=bark)


def _pines(stage: _Stage) -> None:
    """Two clumps of firs in the foreground, the larger one on the side away from the light."""
    random = stage.random
    for side, count, tallest in ((-stage.scene.side, 6, 0.42), (stage.scene.side, 3, 0.27)):
        for place in sorted(random.uniform(0, 1, count), reverse=True):
            x = 0.5 + side * (0.27 + 0.26 * float(place))
            tall = tallest * float(random.uniform(0.55, 1.0))
            foot = 0.93 + 0.09 * float(random.uniform(-0.6, 1))
            _tree(stage, random, (x, foot, tall), 1.2, True)


def _trees(stage: _Stage) -> None:
    random = stage.random
    for depth in sorted(random.uniform(1.6, 5.0, 9), reverse=True):
        x = 0.5 - stage.scene.side * float(random.uniform(0.16, 0.5)) * (1 if random.random() < 0.75 else -1)
        foot = stage.foot(float(depth)) - 0.02
        _tree(stage, random, (x, foot, 0.62 / float(depth)), float(depth), False)


def _lone_tree(stage: _Stage) -> None:
    random = stage.random
    x = 0.5 - stage.scene.side * float(random.uniform(0.12, 0.28))
    _tree(stage, random, (x, stage.foot(1.9), float(random.uniform(0.34, 0.46))), 1.2, False)


def _palms(stage: _Stage) -> None:
    random, side = stage.random, stage.scene.side
    near = {"beach": (0.93, 0.55), "desert": (0.9, 0.42), "island": (stage.foot(4.4), 0.13)}[stage.scene.kind]
    for step in range(int(random.integers(1, 4))):
        tall = near[1] * float(random.uniform(0.75, 1.0))
        x = 0.5 + side * (0.3 + 0.09 * step) if stage.scene.kind != "island" else 0.5 + 0.06 * (step - 1)
        place = (x, near[0] + 0.02 * step, tall)
        bark = stage.lit(EARTH, 1.0, 0.4)
        plants.palm(random, stage.canvas, place, stage.lit(FOREST, 1.0), side=float(side), bark=bark)
