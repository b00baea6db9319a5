"""Shapes, colours and textures: what a caption such as "a striped green circle" says, and its picture.

A caption fixes shape, colour, texture, size and background; the seed fixes place, rotation and light.
A 256-pixel picture costs about 30 ms on one core, a 96-pixel one about 3 ms.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
from scipy import ndimage

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

# 8-bit sRGB, chosen at least 19 CIEDE2000 units apart, so that shading never turns one into another.
COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (205, 34, 38),
    "orange": (244, 134, 24),
    "yellow": (247, 214, 45),
    "green": (44, 146, 62),
    "blue": (36, 84, 200),
    "purple": (124, 48, 160),
    "pink": (245, 140, 184),
    "brown": (112, 66, 34),
    "black": (30, 30, 33),
    "white": (247, 247, 244),
    "grey": (134, 136, 140),
}
SHAPES = (
    "circle", "square", "triangle", "star", "heart", "diamond", "hexagon", "crescent", "cross", "ring", "oval",
    "pentagon",
)  # fmt: skip
TEXTURES = ("plain", "striped", "dotted", "chequered", "glossy", "woven", "rough")
SIZES = ("small", "large")

_ALIASES = {
    "gray": "grey", "violet": "purple",
    "disc": "circle", "disk": "circle", "rhombus": "diamond", "ellipse": "oval", "moon": "crescent",
    "donut": "ring", "plus": "cross",
    "checkered": "chequered", "checked": "chequered", "shiny": "glossy", "spotted": "dotted", "stripy": "striped",
    "knitted": "woven", "grainy": "rough",
    "big": "large", "little": "small", "tiny": "small", "huge": "large",
}  # fmt: skip
_WITH = {"stripes": "striped", "dots": "dotted", "spots": "dotted", "checks": "chequered"}
_BACKGROUND = re.compile(
    r"\s+(?:on|against|over|in front of)\s+(?:an?|the)\s+(?P<colour>[a-z]+)"
    r"\s+(?:background|backdrop|surface|wall|table)$"
)
_ADORNED = re.compile(r"\s+with\s+(?P<texture>[a-z]+)$")


class UnknownShape(ValueError):
    """A caption asks for what no shape of this world is; the message says the known words."""


@dataclass(frozen=True)
class Shape:
    """What a shape caption says; None where it says nothing."""

    shape: str
    colour: str
    texture: str | None = None
    background: str | None = None
    size: str | None = None


def _known(word: str, words: tuple[str, ...], what: str, caption: str) -> str:
    """The word itself (aliases resolved), or an error that lists what is known."""
    word = _ALIASES.get(word, word)
    if word in words:
        return word
    near = get_close_matches(word, words, 1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise UnknownShape(f"{caption!r}: {word!r} is no known {what}; {hint}known: {', '.join(words)}")


def parse_shape_caption(text: str) -> Shape:
    """The shape that a caption asks for; UnknownShape names the known words where a word is not one of them.

    Grammar: a|an|the [size] [texture] colour shape [with stripes|dots|checks] [on a colour background], the
    adjectives in any order, a final full stop and capitals ignored.
    """
    rest = " ".join(text.lower().strip().rstrip(".").split())
    if not rest:
        raise UnknownShape("empty caption; write one such as 'a red star on a blue background'")
    background = texture = None
    if found := _BACKGROUND.search(rest):
        background = _known(found["colour"], tuple(COLOURS), "colour", text)
        rest = rest[: found.start()]
    if found := _ADORNED.search(rest):
        texture = _WITH[_known(found["texture"], tuple(_WITH), "pattern", text)]
        rest = rest[: found.start()]
    words = [word for word in rest.split() if word not in ("a", "an", "the")]
    return _from_words(words, texture, background, text)


def _from_words(words: list[str], texture: str | None, background: str | None, text: str) -> Shape:
    if not words:
        raise UnknownShape(f"{text!r} names no shape; known: {', '.join(SHAPES)}")
    said: dict[str, str] = {"shape": _known(words[-1], SHAPES, "shape", text)}
    if texture:
        said["texture"] = texture
    kinds = {"colour": tuple(COLOURS), "texture": TEXTURES, "size": SIZES}
    for word in words[:-1]:
        plain = _ALIASES.get(word, word)
        kind = next((kind for kind, known in kinds.items() if plain in known), None)
        if kind is None:
            plain = _known(word, (*COLOURS, *TEXTURES, *SIZES), "colour, texture or size", text)
        elif kind in said:
            raise UnknownShape(f"{text!r} names two {kind}s ({said[kind]!r} and {plain!r}); leave one out")
        else:
            said[kind] = plain
    if "colour" not in said:
        raise UnknownShape(f"{text!r} names no colour; known: {', '.join(COLOURS)}")
    if background == said["colour"]:
        raise UnknownShape(f"{text!r}: a {background} shape cannot be seen on a {background} background; change one")
    return Shape(background=background, **said)


# Signed distances, negative inside, of shapes of radius about 1; x to the right, y downwards.


def _polygon(corners: int, turn: float = 0.0) -> Callable[[Floats, Floats], Floats]:
    """A regular polygon's distance: the largest of the distances to its sides."""
    sides = np.arange(corners) * (2 * np.pi / corners) + np.pi / 2 + turn

    def distance(x: Floats, y: Floats) -> Floats:
        reach = np.cos(np.pi / corners)
        far = x * np.cos(sides[0]) + y * np.sin(sides[0])
        for side in sides[1:]:
            far = np.maximum(far, x * np.cos(side) + y * np.sin(side))
        distance: Floats = far - reach
        return distance

    return distance


def _circle(x: Floats, y: Floats) -> Floats:
    return np.hypot(x, y) - 0.92


def _square(x: Floats, y: Floats) -> Floats:
    return np.maximum(abs(x), abs(y)) - 0.8


def _star(x: Floats, y: Floats) -> Floats:
    """Five points: the sector is folded upon one edge, from the tip (radius 1.08) to the notch (radius 0.46)."""
    angle = np.arctan2(x, -y)
    sector = 2 * np.pi / 5
    folded = abs((angle + sector / 2) % sector - sector / 2)
    radius = np.hypot(x, y)
    px, py = radius * np.cos(folded), radius * np.sin(folded)
    tip, notch = (1.08, 0.0), (0.46 * np.cos(np.pi / 5), 0.46 * np.sin(np.pi / 5))
    dx, dy = notch[0] - tip[0], notch[1] - tip[1]
    beside: Floats = (px - tip[0]) * dy - py * dx
    distance: Floats = beside / np.hypot(dx, dy)
    return distance


def _heart(x: Floats, y: Floats) -> Floats:
    """Two lobes and a point: the union of two circles and the square corner below them."""
    y = y + 0.06
    a = abs(x)
    lobe = np.hypot(a - 0.45, y + 0.38) - 0.53
    corner = np.maximum((a + y) * 0.7071 - 0.579, -(y - a) - 0.83)
    below = -(y + 0.38)
    heart: Floats = np.minimum(lobe, np.maximum(corner, below))
    return heart


def _diamond(x: Floats, y: Floats) -> Floats:
    return (abs(x) * 1.45 + abs(y)) * 0.57 - 0.59


def _crescent(x: Floats, y: Floats) -> Floats:
    outer = np.hypot(x, y) - 0.97
    bite = np.hypot(x - 0.5, y) - 0.78
    crescent: Floats = np.maximum(outer, -bite)
    return crescent


def _cross(x: Floats, y: Floats) -> Floats:
    upright = np.maximum(abs(x) - 0.34, abs(y) - 0.95)
    across = np.maximum(abs(x) - 0.95, abs(y) - 0.34)
    cross: Floats = np.minimum(upright, across)
    return cross


def _ring(x: Floats, y: Floats) -> Floats:
    ring: Floats = abs(np.hypot(x, y) - 0.7)
    return ring - 0.27


def _oval(x: Floats, y: Floats) -> Floats:
    oval: Floats = np.hypot(x, y * 1.6) - 1.02
    return oval * 0.75


_DISTANCES: dict[str, Callable[[Floats, Floats], Floats]] = {
    "circle": _circle,
    "square": _square,
    "triangle": _polygon(3),
    "star": _star,
    "heart": _heart,
    "diamond": _diamond,
    "hexagon": _polygon(6),
    "crescent": _crescent,
    "cross": _cross,
    "ring": _ring,
    "oval": _oval,
    "pentagon": _polygon(5),
}
# How far each may turn (radians): a square turned by 45 degrees would be a diamond, a triangle still has a top.
_TURNS = {"square": 0.25, "diamond": 0.15, "heart": 0.3, "cross": 0.25, "triangle": 0.25, "oval": 0.5, "star": 0.5}


@dataclass(frozen=True)
class _Pose:
    """What the seed decides: centre and radius (shares of the picture), turn and direction of the light."""

    x: float
    y: float
    radius: float
    turn: float
    light: tuple[float, float]


def _pose(random: np.random.Generator, shape: Shape) -> _Pose:
    low, high = {"small": (0.17, 0.2), "large": (0.38, 0.42), None: (0.27, 0.35)}[shape.size]
    radius = float(random.uniform(low, high))
    room = max(0.46 - radius * 1.05, 0.015)
    x, y = (0.5 + float(random.uniform(-1, 1)) * min(room, 0.13) for _ in range(2))
    turn = float(random.uniform(-1, 1)) * _TURNS.get(shape.shape, 0.4)
    side = float(random.uniform(-0.9, 0.9))
    return _Pose(x, y, radius, turn, (float(np.sin(side)), -float(np.cos(side))))


# Textures: relative lightness over shape coordinates, 0 for the named colour down to -1 for its second shade. The
# second shade never covers more than half of a shape, so that the named colour stays the dominant one.
_SOFT = 0.06  # half-width of an edge in shape radii: about a pixel at 96


def _striped(random: np.random.Generator, along: Floats, across: Floats) -> Floats:
    period = float(random.uniform(0.44, 0.56))
    wave = abs((along / period) % 1 - 0.5) * (2 * period)
    return -ramp(wave, period * 0.58 - _SOFT, period * 0.58 + _SOFT)


def _dotted(random: np.random.Generator, along: Floats, across: Floats) -> Floats:
    """Dots of which every second row is shifted by half a period."""
    period = float(random.uniform(0.5, 0.58))
    row = np.floor(across / period)
    shifted = along + row % 2 * (period / 2)
    reach = np.hypot(shifted % period - (period / 2), across % period - (period / 2))
    return -ramp(reach, period * 0.31 + _SOFT * 0.7, period * 0.31 - _SOFT * 0.7)


def _chequered(random: np.random.Generator, along: Floats, across: Floats) -> Floats:
    beat = np.pi / random.uniform(0.38, 0.46)  # radians per square, about five across the shape
    board = np.sin((along + 0.2) * beat) * np.sin((across + 0.2) * beat)
    return -ramp(board, -0.22, 0.22)


def _woven(random: np.random.Generator, along: Floats, across: Floats) -> Floats:
    """Rounded strands that pass over and under each other."""
    beat = np.pi / 0.36
    warp, weft = np.sin(along * beat), np.sin(across * beat)
    gap: Floats = 1 - np.where(warp * weft > 0, abs(warp), abs(weft))
    return -0.95 * gap**1.3


def _rough(random: np.random.Generator, along: Floats, across: Floats) -> Floats:
    cells = int(random.integers(24, 30))
    noise = fractal_noise(random, along.shape[0], along.shape[1], (cells, cells), octaves=2)
    return -ramp(noise, -0.3, 2.2) * 0.8


_TEXTURES = {"striped": _striped, "dotted": _dotted, "chequered": _chequered, "woven": _woven, "rough": _rough}


def _texture_shade(name: str | None, random: np.random.Generator, x: Floats, y: Floats) -> Floats:
    """The texture's shade [pixels, pixels], turned by the seed; plain and glossy shapes have one shade."""
    if name not in _TEXTURES:
        return np.zeros(x.shape, dtype=np.float64)
    turn = float(random.uniform(-0.5, 0.5)) + float(random.choice([0.0, np.pi / 2]))
    cos, sin = np.cos(turn), np.sin(turn)
    return _TEXTURES[name](random, x * cos + y * sin, y * cos - x * sin)


def _second_shade(colour: Floats, name: str) -> Floats:
    """The other shade of a two-shade texture: darker, but of the same name (a dark orange would be brown)."""
    if name == "black":
        return colour + 0.17
    share = {"orange": 0.76, "yellow": 0.8, "white": 0.8, "pink": 0.78, "grey": 0.68}.get(name, 0.56)
    return colour * share


def _backdrop(shape: Shape, random: np.random.Generator, pixels: int) -> Floats:
    """[3, pixels, pixels]: paper of the named colour or of a neutral tone, unevenly lit."""
    if shape.background:
        colour = rgb(*COLOURS[shape.background]) * random.uniform(0.93, 1.0)
    else:
        tone = random.uniform(0.83, 0.93) if shape.colour != "white" else random.uniform(0.62, 0.7)
        warmth = random.uniform(-0.015, 0.015)
        colour = rgb(*(255 * np.array([tone + warmth, tone + warmth * 0.3, tone - warmth])))
    across, down = random.uniform(-0.06, 0.06), random.uniform(-0.02, 0.08)
    line = axis(pixels) - 0.5
    light: Floats = 1 + across * line[None, :] - down * line[:, None]
    light = light + smooth_noise(random, pixels, pixels, (5, 5)) * 0.012
    return colour * light


def _shadow(inside: Floats, pose: _Pose, pixels: int) -> Floats:
    """[pixels, pixels]: how much light the shape keeps off the paper; a blurred copy moved away from the light."""
    reach = pose.radius * pixels * 0.13
    moved = ndimage.shift(
        inside[::2, ::2], (-pose.light[1] * reach / 2, -pose.light[0] * reach / 2), order=1, mode="constant"
    )
    blurred = ndimage.gaussian_filter(moved, reach * 0.28, truncate=2.5)
    return np.repeat(np.repeat(blurred, 2, axis=0), 2, axis=1)


def _shading(shape: Shape, distance: Floats, flat: tuple[Floats, Floats], pose: _Pose) -> Floats:
    """[pixels, pixels] factors near 1: a slope across the shape and a bevel along its edge, lit from `pose.light`."""
    slope_y, slope_x = np.gradient(distance)
    steepness = np.hypot(slope_x, slope_y) + (1e-6)
    facing = (slope_x * pose.light[0] + slope_y * pose.light[1]) / steepness
    bevel = ramp(distance, -0.2, 0.0)
    slope = flat[0] * pose.light[0] + flat[1] * pose.light[1]
    strength = 0.14 if shape.texture == "glossy" else 0.09
    base = 1.12 if shape.colour == "black" else 1.0  # else its shading could not be seen
    lit: Floats = base + strength * facing * bevel + (strength * 0.7) * slope
    return lit


def _gloss(x: Floats, y: Floats, pose: _Pose) -> Floats:
    """[pixels, pixels]: a soft highlight towards the light."""
    reach = np.hypot(x - (pose.light[0] * 0.42), (y - (pose.light[1] * 0.42)) * 1.2)
    return ramp(reach, 0.42, 0.05)


def draw_shape(shape: Shape, seed: int, size: int = 256) -> Picture:
    """uint8 [size, size, 3], sRGB: the shape on its paper; equal arguments give equal bytes."""
    pixels = size * SUPERSAMPLING
    random = generator("shape", seed)
    pose = _pose(random, shape)
    canvas = _backdrop(shape, random, pixels)
    line = axis(pixels)
    dx, dy = (line - pose.x)[None, :], (line - pose.y)[:, None]
    cos, sin = (np.cos(pose.turn) / pose.radius), (np.sin(pose.turn) / pose.radius)
    x, y = dx * cos + dy * sin, dy * cos - dx * sin
    distance = _DISTANCES[shape.shape](x, y).astype(np.float64)
    edge = 1.0 / (pose.radius * pixels)
    inside = np.clip(0.5 - distance / (2 * edge), 0, 1)
    canvas *= 1 - 0.38 * _shadow(inside, pose, pixels)
    shade = _texture_shade(shape.texture, random, x, y)
    flat = (dx / pose.radius, dy / pose.radius)  # not turned: what the light sees
    canvas = mix(canvas, _paint(shape, pose, distance, shade, flat), inside)
    canvas *= vignette(pixels, 0.07)
    return reduce(canvas)


def _paint(shape: Shape, pose: _Pose, distance: Floats, shade: Floats, flat: tuple[Floats, Floats]) -> Floats:
    """[3, pixels, pixels]: the colour of the shape's surface, textured and lit."""
    colour = rgb(*COLOURS[shape.colour])
    surface: Floats = mix(colour, _second_shade(colour, shape.colour), -shade)
    lit: Floats = surface * _shading(shape, distance, flat, pose)
    if shape.texture == "glossy":
        lit = mix(lit, rgb(255, 255, 255), _gloss(*flat, pose) * 0.62)
    return lit
