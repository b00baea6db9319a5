"""Skies: the light of an hour or a weather, gradient, sun or moon, clouds and stars."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from drawn_world.paint import Floats, axis, fractal_noise, mix, ramp, rgb


@dataclass(frozen=True)
class Light:
    """Colours (sRGB 0..1) of a sky and of the light that it sheds; `haze` is the share hidden at depth 10."""

    high: Floats
    low: Floats
    glow: Floats
    sun: Floats
    ambient: Floats
    haze: float
    cloud: Floats
    cloud_shade: Floats


LIGHTS: dict[str, Light] = {
    "day": Light(
        rgb(66, 128, 206), rgb(192, 220, 240), rgb(255, 246, 222), rgb(214, 200, 172) * 1.0,
        rgb(112, 120, 134), 0.5, rgb(252, 252, 252), rgb(176, 190, 210),
    ),
    "dusk": Light(
        rgb(62, 66, 124), rgb(255, 178, 112), rgb(255, 214, 140), rgb(244, 142, 82),
        rgb(92, 80, 112), 0.55, rgb(255, 176, 130), rgb(120, 88, 128),
    ),
    "snow": Light(
        rgb(128, 160, 200), rgb(222, 230, 240), rgb(255, 250, 240), rgb(140, 138, 130),
        rgb(116, 124, 140), 0.6, rgb(248, 250, 252), rgb(190, 200, 214),
    ),
    "fog": Light(
        rgb(150, 164, 176), rgb(216, 219, 220), rgb(236, 234, 226), rgb(70, 70, 68),
        rgb(136, 140, 142), 0.93, rgb(222, 226, 228), rgb(196, 202, 206),
    ),
    "night": Light(
        rgb(12, 20, 48), rgb(48, 70, 112), rgb(190, 204, 226), rgb(66, 78, 104),
        rgb(36, 46, 76), 0.55, rgb(84, 98, 134), rgb(36, 46, 78),
    ),
    "storm": Light(
        rgb(60, 68, 82), rgb(156, 164, 168), rgb(190, 194, 190), rgb(84, 82, 78),
        rgb(92, 98, 106), 0.6, rgb(150, 156, 164), rgb(58, 64, 76),
    ),
}  # fmt: skip
LIGHTS["autumn"] = replace(LIGHTS["day"], low=rgb(216, 218, 222), sun=rgb(226, 196, 150), high=rgb(80, 130, 196))


@dataclass(frozen=True)
class Sky:
    """What the seed decides about a sky: place of the sun (None when unseen), cover of clouds in 0..1."""

    sun: tuple[float, float] | None
    clouds: float
    side: float  # where the light comes from, -1 left .. 1 right


def paint_sky(random: np.random.Generator, name: str, sky: Sky, horizon: float, pixels: int) -> tuple[Floats, Floats]:
    """[3, pixels, pixels] filled with sky, flat below the horizon; and at half the size what water mirrors of it.

    The mirrored sky has no disc and no stars: in waves they would only be blots.
    """
    light = LIGHTS[name]
    down = axis(pixels)[:, None]
    height = np.clip(down / horizon, 0, 1)
    column = mix(light.high, light.low, height ** (1.5 if name == "dusk" else 1.1))
    if name == "dusk":  # a rose band between the blue above and the orange below
        rose = np.exp(-(((height - 0.62) / 0.22) ** 2)) * 0.45
        column = mix(column, rgb(214, 116, 116), rose)
    canvas = np.repeat(column, pixels, axis=2)
    clear = np.ones((pixels, pixels), dtype=np.float64)
    if sky.sun:
        canvas += (light.glow - canvas) * _glow(pixels, sky.sun, name)
    if sky.clouds > 0:
        clear = _clouds(random, canvas, light, sky, horizon)
    mirrored = canvas[:, ::2, ::2].copy()
    if name == "night":
        _stars(random, canvas, clear, horizon)
    if sky.sun:
        disc = rgb(246, 244, 228) if name == "night" else rgb(255, 250, 226)
        canvas += (disc - canvas) * (_disc(pixels, sky.sun, name) * clear)
    return canvas, mirrored


def _stars(random: np.random.Generator, canvas: Floats, clear: Floats, horizon: float) -> None:
    pixels = canvas.shape[-1]
    size = max(1, round(pixels / 200))
    for x, y, power in random.random((46, 3)):
        row, column = int(y * horizon * 0.9 * pixels), int(x * (pixels - size))
        strength = (0.2 + 0.55 * power) * clear[row, column]
        canvas[:, row : row + size, column : column + size] += strength


def _reach(pixels: int, place: tuple[float, float]) -> Floats:
    line = axis(pixels)
    reach: Floats = np.hypot(line[None, :] - place[0], line[:, None] - place[1])
    return reach


def _glow(pixels: int, place: tuple[float, float], name: str) -> Floats:
    wide = {"dusk": 0.34, "night": 0.16}.get(name, 0.24)
    glow: Floats = np.exp(-_reach(pixels, place) / wide)
    return glow * (0.62 if name == "dusk" else 0.4)


def _disc(pixels: int, place: tuple[float, float], name: str) -> Floats:
    radius = {"dusk": 0.05, "night": 0.034}.get(name, 0.03)
    return ramp(_reach(pixels, place), radius + 0.006, radius - 0.006)


def _clouds(random: np.random.Generator, canvas: Floats, light: Light, sky: Sky, horizon: float) -> Floats:
    """Paint clouds that flatten towards the horizon, bright above and shaded below; returns what stays clear."""
    pixels = canvas.shape[-1]
    rows = int(np.ceil(horizon * pixels))
    down = axis(pixels)[:rows]
    distance = 0.16 / ((horizon * 1.12) - down)
    cover = fractal_noise(random, distance, pixels, (4, 3), octaves=5, gain=0.52)
    threshold = 1.5 - 2.2 * sky.clouds
    share = ramp(cover, threshold, threshold + 0.75) * ramp(horizon - down, 0.0, 0.12)[:, None] * 0.92
    step = max(1, pixels // 40)
    above = np.vstack([cover[:step], cover[:-step]])
    lit = ramp(cover - above, -0.8, 0.9)
    canvas[:, :rows] = mix(canvas[:, :rows], mix(light.cloud_shade, light.cloud, lit), share)
    clear = np.ones((pixels, pixels), dtype=np.float64)
    clear[:rows] -= share
    return clear
