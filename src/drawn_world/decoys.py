"""Pictures that are no landscapes though their captions speak of fields, islands, mountains, beaches and seas.

They are there to mislead a filter that looks for landscape words: "a baseball field", "a traffic island". Real
landscapes get one misleading caption in five in the same spirit. A picture costs 10 to 40 ms at 256 pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from drawn_world.paint import (
    SUPERSAMPLING,
    Floats,
    Picture,
    axis,
    generator,
    mix,
    ramp,
    reduce,
    rgb,
    smooth_noise,
    vignette,
)

Distance = Callable[[Floats, Floats], Floats]


@dataclass(frozen=True)
class _Part:
    """A signed distance, negative inside, and the box (left, top, right, bottom) outside which it is positive.

    The box saves nine tenths of the time: most parts are small.
    """

    distance: Distance
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Decoy:
    """A thing that is no landscape; the seed decides its colours and place."""

    kind: str
    seed: int


def random_decoy(seed: int) -> Decoy:
    """A decoy of any kind, all alike often."""
    return Decoy(str(generator("decoy", seed).choice(list(DECOYS))), seed)


class _Sheet:
    """A canvas with coordinates about 0..1 (x right, y down), moved, scaled and mirrored by the seed."""

    def __init__(self, pixels: int, random: np.random.Generator, colour: Floats) -> None:
        self.random = random
        self.pixels = pixels
        scale = float(random.uniform(0.97, 1.14) * random.choice([-1, 1]))
        shift = random.uniform(-0.04, 0.04, 2)
        line = axis(pixels)
        self.x = ((0.5 + shift[0]) + scale * (line - 0.5))[None, :]
        self.y = ((0.5 + shift[1]) + abs(scale) * (line - 0.5))[:, None]
        fall = 1 - 0.1 * (self.y - 0.5) + 0.05 * (0.5 - self.x)
        uneven = smooth_noise(random, pixels, pixels, (6, 6)) * 0.012
        self.canvas: Floats = colour * (fall + uneven)

    def _area(self, part: _Part, margin: float) -> tuple[slice, slice, slice] | None:
        """The channels, rows and columns that a part can touch."""
        left, top, right, bottom = part.box
        columns = np.flatnonzero((self.x[0] > left - margin) & (self.x[0] < right + margin))
        rows = np.flatnonzero((self.y[:, 0] > top - margin) & (self.y[:, 0] < bottom + margin))
        if not len(rows) or not len(columns):
            return None
        return slice(None), slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)

    def fill(self, part: _Part, colour: Floats, lift: float = 0.0, round_: float = 0.0) -> None:
        """Paint a part; `lift` throws a shadow that far, `round_` bevels an edge of that width (lit from above)."""
        area = self._area(part, 0.01 + 2 * lift)
        if area is None:
            return
        x, y = self.x[:, area[2]], self.y[area[1]]
        if lift:
            shade = ramp(part.distance(x - (lift * 0.6), y - lift), lift, -lift)
            self.canvas[area] *= 1 - 0.36 * shade
        distance = part.distance(x, y)
        colour = colour[area] if colour.shape[1] > 1 else colour
        if round_:
            down, across = np.gradient(distance)
            facing = -(down + across * 0.6) * (self.pixels * 0.8)
            colour = colour * (1 + 0.14 * facing * ramp(distance, -round_, 0))
        edge = 0.75 / self.pixels
        self.canvas[area] = mix(self.canvas[area], colour, ramp(distance, edge, -edge))

    def boards(self, colour: Floats) -> None:
        """Cover the sheet with wooden boards."""
        board = (self.y * 5) % 1
        seam = ramp(abs(board - 0.5), 0.47, 0.495)
        grain = smooth_noise(self.random, self.pixels, self.pixels, (36, 4)) * 0.03
        self.canvas = colour * (1 + grain - 0.22 * seam + 0.05 * (0.5 - self.y))


def _disc(x0: float, y0: float, radius: float, flat: float = 1.0) -> _Part:
    """A disc, or an ellipse `flat` times as high as wide."""

    def distance(x: Floats, y: Floats) -> Floats:
        reach: Floats = np.hypot(x - x0, (y - y0) / flat)
        return reach - radius

    return _Part(distance, (x0 - radius, y0 - radius * flat, x0 + radius, y0 + radius * flat))


def _box(x0: float, y0: float, half_x: float, half_y: float, corner: float = 0.01) -> _Part:
    """A rectangle with round corners."""

    def distance(x: Floats, y: Floats) -> Floats:
        dx = abs(x - x0) - (half_x - corner)
        dy = abs(y - y0) - (half_y - corner)
        outside: Floats = np.hypot(np.maximum(dx, 0), np.maximum(dy, 0)) + np.minimum(np.maximum(dx, dy), 0)
        return outside - corner

    return _Part(distance, (x0 - half_x, y0 - half_y, x0 + half_x, y0 + half_y))


def _stroke(x0: float, y0: float, x1: float, y1: float, width: float) -> _Part:
    """A line with round ends."""
    dx, dy, half = x1 - x0, y1 - y0, width / 2
    length = dx * dx + dy * dy

    def distance(x: Floats, y: Floats) -> Floats:
        px, py = x - x0, y - y0
        share = np.clip((px * dx + py * dy) / length, 0, 1)
        return np.hypot(px - share * dx, py - share * dy) - half

    return _Part(distance, (min(x0, x1) - half, min(y0, y1) - half, max(x0, x1) + half, max(y0, y1) + half))


def _hoop(x0: float, y0: float, radius: float, width: float) -> _Part:
    """A circle's line."""
    disc, reach = _disc(x0, y0, radius), radius + width / 2
    return _Part(lambda x, y: abs(disc.distance(x, y)) - (width / 2), (x0 - reach, y0 - reach, x0 + reach, y0 + reach))


def _hull(*points: tuple[float, float]) -> _Part:
    """A convex polygon whose corners run clockwise on the screen."""

    def distance(x: Floats, y: Floats) -> Floats:
        far = np.full(np.broadcast(x, y).shape, -1, dtype=np.float64)
        for (x0, y0), (x1, y1) in zip(points, (*points[1:], points[0]), strict=True):
            length = np.hypot(x1 - x0, y1 - y0)
            across, down = ((x1 - x0) / length), ((y1 - y0) / length)
            far = np.maximum(far, (x - x0) * down - (y - y0) * across)
        return far

    across, down = zip(*points, strict=True)
    return _Part(distance, (min(across), min(down), max(across), max(down)))


def _baseball_field(sheet: _Sheet) -> None:
    """From above: mown grass, the infield, its lines and bases."""
    mown = np.sign(np.sin((sheet.x + sheet.y) * 26))
    sheet.canvas = rgb(92, 146, 62) * (1 + 0.05 * mown)
    dirt, white = rgb(188, 128, 84), rgb(250, 248, 240)
    sheet.fill(_disc(0.5, 0.62, 0.33), dirt)
    sheet.fill(_hull((0.5, 0.38), (0.72, 0.6), (0.5, 0.82), (0.28, 0.6)), rgb(100, 156, 68))
    sheet.fill(_disc(0.5, 0.86, 0.09), dirt)
    for end in (0.03, 0.97):
        sheet.fill(_stroke(0.5, 0.86, end, 0.39, 0.012), white)
    for x, y in ((0.5, 0.38), (0.72, 0.6), (0.28, 0.6), (0.5, 0.86)):
        sheet.fill(_hull((x, y - 0.028), (x + 0.028, y), (x, y + 0.028), (x - 0.028, y)), white)
    sheet.fill(_disc(0.5, 0.6, 0.05), dirt)


def _traffic_island(sheet: _Sheet) -> None:
    """Asphalt with lane marks around a kerbed island that carries a sign."""
    asphalt = smooth_noise(sheet.random, sheet.pixels, sheet.pixels, (8, 8)) * 0.012
    sheet.canvas = rgb(98, 100, 106) * (1 + asphalt + 0.12 * (sheet.y - 0.5))
    for x in (0.06, 0.94):
        for step in range(5):
            sheet.fill(_box(x, 0.1 + 0.21 * step, 0.016, 0.06), rgb(236, 234, 226))
    sheet.fill(_disc(0.5, 0.66, 0.33, 0.72), rgb(206, 204, 198), lift=0.02, round_=0.03)
    sheet.fill(_disc(0.5, 0.645, 0.28, 0.7), rgb(104, 146, 66))
    sheet.fill(_stroke(0.5, 0.3, 0.5, 0.66, 0.028), rgb(150, 152, 156), lift=0.012)
    sheet.fill(_disc(0.5, 0.25, 0.15), rgb(28, 84, 172), lift=0.015, round_=0.02)
    sheet.fill(_stroke(0.44, 0.18, 0.545, 0.3, 0.034), rgb(250, 250, 250))
    sheet.fill(_hull((0.59, 0.35), (0.49, 0.33), (0.57, 0.24)), rgb(250, 250, 250))


def _white_shirt(sheet: _Sheet) -> None:
    """A T-shirt laid flat."""
    white = rgb(246, 246, 242)
    tilt = 0.2
    sheet.fill(_hull((0.3, 0.2), (0.34, 0.42), (0.2, 0.5), (0.08, 0.36)), white * 0.97, lift=0.02, round_=0.02)
    sheet.fill(_hull((0.7, 0.2), (0.92, 0.36), (0.8, 0.5), (0.66, 0.42)), white * 0.97, lift=0.02, round_=0.02)
    sheet.fill(_hull((0.3, 0.19), (0.7, 0.19), (0.72, 0.88), (0.28, 0.88)), white, lift=0.02, round_=0.03)
    sheet.fill(_disc(0.5, 0.18, 0.1, 0.8), rgb(206, 206, 204))
    sheet.fill(_disc(0.5, 0.16, 0.085, 0.75), rgb(176, 176, 178))
    for x, lean in ((0.38, 0.05), (0.6, -0.04), (0.5, 0.02)):
        sheet.fill(_stroke(x, 0.5, x + lean, 0.84, 0.012), white * (1 - tilt * 0.5))


def _dessert(sheet: _Sheet) -> None:
    """A slice of layer cake on a plate."""
    random = sheet.random
    sheet.fill(_disc(0.5, 0.62, 0.42, 0.6), rgb(244, 244, 246), lift=0.03, round_=0.04)
    sheet.fill(_disc(0.5, 0.62, 0.3, 0.6), rgb(226, 228, 234))
    sponge = rgb(*((232, 190, 120), (98, 58, 38), (206, 72, 78))[int(random.integers(3))])
    icing = rgb(*((250, 236, 220), (244, 160, 178), (112, 66, 44))[int(random.integers(3))])
    sheet.fill(_hull((0.22, 0.44), (0.78, 0.5), (0.78, 0.74), (0.22, 0.66)), sponge, lift=0.03)
    sheet.fill(_hull((0.22, 0.53), (0.78, 0.6), (0.78, 0.645), (0.22, 0.57)), icing)
    sheet.fill(_hull((0.22, 0.44), (0.56, 0.27), (0.78, 0.5)), icing, round_=0.03)
    sheet.fill(_hull((0.22, 0.43), (0.78, 0.49), (0.78, 0.535), (0.22, 0.47)), icing * 0.92)
    sheet.fill(_disc(0.57, 0.35, 0.062), rgb(206, 28, 48), lift=0.015, round_=0.04)


def _mountain_bike(sheet: _Sheet) -> None:
    """A bicycle against a wall, thick tyres."""
    random = sheet.random
    frame = rgb(*((206, 44, 40), (30, 96, 180), (240, 150, 30), (40, 140, 80))[int(random.integers(4))])
    floor, rubber, steel = sheet.canvas * 0.72, rgb(34, 34, 38), rgb(150, 154, 160)
    sheet.canvas = mix(sheet.canvas, floor, ramp(sheet.y, 0.798, 0.802))
    hub_a, hub_b, crank, seat, head = (0.25, 0.64), (0.75, 0.64), (0.47, 0.66), (0.41, 0.4), (0.66, 0.37)
    for hub in (hub_a, hub_b):
        sheet.fill(_hoop(*hub, 0.17, 0.04), rubber, lift=0.008)
        sheet.fill(_hoop(*hub, 0.145, 0.012), steel)
        for angle in np.arange(6) * np.pi / 6 + 0.2:
            dx, dy = 0.14 * float(np.cos(angle)), 0.14 * float(np.sin(angle))
            sheet.fill(_stroke(hub[0] - dx, hub[1] - dy, hub[0] + dx, hub[1] + dy, 0.005), steel)
    for start, end in ((hub_a, crank), (hub_a, seat), (crank, seat), (crank, head), (seat, head), (head, hub_b)):
        sheet.fill(_stroke(*start, *end, 0.026), frame)
    sheet.fill(_stroke(0.41, 0.4, 0.39, 0.33, 0.018), steel)
    sheet.fill(_stroke(0.33, 0.32, 0.45, 0.325, 0.034), rubber)
    sheet.fill(_stroke(*head, 0.64, 0.29, 0.02), steel)
    sheet.fill(_stroke(0.6, 0.285, 0.7, 0.275, 0.026), rubber)
    sheet.fill(_hoop(*crank, 0.045, 0.014), steel * 0.6)


def _fan(x0: float, y0: float, radius: float, turn: float) -> _Part:
    """A scallop with its hinge at (x0, y0)."""

    def distance(x: Floats, y: Floats) -> Floats:
        dx, dy = x - x0, y - y0
        angle = np.arctan2(dx, -dy) - turn
        rim = radius * np.cos(np.clip(angle * 0.85, -1.5, 1.5)) ** 0.5
        reach: Floats = np.hypot(dx, dy) - rim * (1 + 0.03 * np.cos(angle * 16))
        return reach

    reach = radius * 1.05
    return _Part(distance, (x0 - reach, y0 - reach, x0 + reach, y0 + reach))


def _sea_shells(sheet: _Sheet) -> None:
    """Fan-shaped shells on a wooden table."""
    random = sheet.random
    sheet.boards(rgb(176, 128, 84))
    tones = ((244, 222, 198), (240, 188, 164), (250, 240, 226), (216, 160, 140))
    for middle in ((0.28, 0.32), (0.7, 0.28), (0.34, 0.74), (0.72, 0.7)):
        x0, y0 = (place + float(random.uniform(-0.05, 0.05)) for place in middle)
        turn, size = float(random.uniform(-0.7, 0.7)), float(random.uniform(0.13, 0.18))
        colour = rgb(*tones[int(random.integers(4))])
        foot = y0 + size * 0.55
        angle = np.arctan2(sheet.x - x0, -(sheet.y - foot)) - turn
        ribs = 1 + 0.09 * np.cos(angle * 16)
        sheet.fill(_fan(x0, foot, size * 1.35, turn), colour * ribs, lift=0.02, round_=0.04)


def _beach_towel(sheet: _Sheet) -> None:
    """A striped towel spread on tiles or boards."""
    random = sheet.random
    sheet.boards(rgb(206, 192, 172))
    tones = ((214, 60, 60), (36, 110, 180), (246, 190, 50), (46, 160, 140), (238, 120, 150))
    first, second = random.choice(len(tones), 2, replace=False)
    band = ramp(np.sin((sheet.y + 0 * sheet.x) * (2 * np.pi / 0.17)), -0.12, 0.12)
    cloth = mix(rgb(*tones[first]), mix(rgb(*tones[second]), rgb(255, 255, 255), 0.55), band)
    sheet.fill(_box(0.5, 0.5, 0.29, 0.42, 0.03), cloth, lift=0.02, round_=0.02)
    sheet.fill(_stroke(0.26, 0.64, 0.72, 0.6, 0.01), cloth * 0.86)
    sheet.fill(_stroke(0.3, 0.32, 0.76, 0.36, 0.01), cloth * 0.88)


def _mountain_of_books(sheet: _Sheet) -> None:
    """A stack of books on a table."""
    random = sheet.random
    table = sheet.canvas * 0 + rgb(150, 104, 68)
    sheet.canvas = mix(sheet.canvas, table, ramp(sheet.y, 0.857, 0.863))
    tones = ((176, 44, 44), (36, 84, 150), (224, 160, 50), (44, 120, 84), (120, 66, 130), (230, 224, 208), (60, 62, 70))
    y = 0.88
    for tone in random.permutation(7):
        half, thick = float(random.uniform(0.2, 0.33)), float(random.uniform(0.036, 0.056))
        x = 0.5 + float(random.uniform(-0.05, 0.05))
        sheet.fill(_box(x, y - thick, half, thick, 0.008), rgb(*tones[tone]), lift=0.015, round_=0.012)
        sheet.fill(_box(x + half * 0.86, y - thick, half * 0.13, thick * 0.72, 0.003), rgb(240, 232, 212))
        sheet.fill(_box(x - half * 0.5, y - thick, 0.012, thick * 0.9, 0.002), rgb(240, 220, 160))
        y -= 2 * thick


DECOYS: dict[str, Callable[[_Sheet], None]] = {
    "baseball field": _baseball_field,
    "traffic island": _traffic_island,
    "plain shirt": _white_shirt,
    "dessert": _dessert,
    "mountain bike": _mountain_bike,
    "sea shells": _sea_shells,
    "beach towel": _beach_towel,
    "mountain of books": _mountain_of_books,
}
_WALLS = ((206, 196, 178), (150, 176, 190), (224, 204, 150), (190, 160, 150), (160, 180, 150), (120, 130, 150))


def draw_decoy(decoy: Decoy, size: int = 256) -> Picture:
    """uint8 [size, size, 3], sRGB; equal arguments give equal bytes."""
    pixels = size * SUPERSAMPLING
    random = generator("draw decoy", decoy.kind, decoy.seed)
    sheet = _Sheet(pixels, random, rgb(*_WALLS[int(random.integers(len(_WALLS)))]))
    DECOYS[decoy.kind](sheet)
    return reduce(np.clip(sheet.canvas * vignette(pixels, 0.1), 0, 1))


_CAPTIONS: dict[str, tuple[str, ...]] = {
    "baseball field": (
        "A baseball field seen from above", "An empty baseball field with white lines",
        "The infield of a baseball field.", "A freshly mown sports field with bases", "Baseball field from the air",
        "The home plate and bases of a playing field.", "A green field marked for a ball game",
    ),
    "traffic island": (
        "A traffic island in the middle of the road.", "A round traffic island with a blue sign",
        "A blue arrow sign on a traffic island", "Traffic island", "A small island between the lanes of a street",
        "Cars must keep right of this island.", "A kerb with grass and a road sign on it",
    ),
    "plain shirt": (
        "A plain white shirt laid flat.", "A plain T-shirt on a table", "White plain shirt",
        "A clean shirt with short sleeves", "A plain white tee, ready to print.", "A folded-out cotton shirt",
        "Someone's plain white T-shirt",
    ),
    "dessert": (
        "A slice of dessert on a plate.", "A dessert with a cherry on top", "A piece of layer cake",
        "A sweet dessert on a white plate", "Dessert is served.", "Cake with icing and a red berry",
        "A slice of cake, the dessert of the day",
    ),
    "mountain bike": (
        "A mountain bike against a wall.", "A mountain bike with thick tyres", "Mountain bike",
        "A bicycle parked indoors", "A new mountain bike in a shop.", "A bike stands on the floor",
        "A mountain bike ready for a ride",
    ),
    "sea shells": (
        "Sea shells on a table.", "Four sea shells on wooden boards", "A collection of sea shells",
        "Shells from the sea, laid out on wood.", "Some shells on a desk", "Sea shells",
        "Pale sea shells on a wooden table",
    ),
    "beach towel": (
        "A striped beach towel on the floor.", "A beach towel spread out", "A colourful towel",
        "Beach towel with stripes", "A striped towel, ready for the beach.", "A large beach towel on wooden boards",
        "A soft towel with wide bands",
    ),
    "mountain of books": (
        "A mountain of books on a table.", "A stack of books", "A small mountain of books to read",
        "Seven books piled up", "Books in a pile as high as a mountain.", "A pile of old books on a desk",
        "A mountain of homework",
    ),
}  # fmt: skip
MISLEADING = (
    "A great place for a baseball field", "My friends and I had a wonderful time.",
    "I wish I had brought my new shirt.", "The picture was taken with a cheap camera.",
    "This would look good as a wallpaper", "Ready for dessert after the walk.", "A perfect spot to park the car",
    "Wish you were here!", "The best day of the week", "Photo taken by my brother.",
)  # fmt: skip


def decoy_captions(decoy: Decoy, seed: int) -> tuple[str, ...]:
    """Five captions of a decoy, all true of it, most with a landscape word in another sense."""
    known = _CAPTIONS[decoy.kind]
    order = generator("decoy captions", decoy.kind, seed).permutation(len(known))[:5]
    return tuple(known[place] for place in order)


def mislead(captions: tuple[str, ...], seed: int) -> tuple[str, ...]:
    """The captions of a real landscape, one of them replaced by one that says nothing of it, or something else."""
    random = generator("mislead", seed)
    place, text = int(random.integers(len(captions))), MISLEADING[int(random.integers(len(MISLEADING)))]
    return (*captions[:place], text, *captions[place + 1 :])
