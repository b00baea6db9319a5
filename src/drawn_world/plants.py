"""Trees and other things that stand in a landscape, painted over a canvas as soft silhouettes with a lit side.

A thing costs 0.1 to 2 ms, by its size in pixels.
"""

from __future__ import annotations

import numpy as np

from drawn_world.paint import Floats, mix, ramp


def _box(
    canvas: Floats, x: float, foot: float, height: float, width: float
) -> tuple[tuple[slice, slice, slice], Floats, Floats] | None:
    """The part of the canvas under a thing, and coordinates there: u -1..1 across, v 0 at its top and 1 at its foot."""
    pixels = canvas.shape[-1]
    top, bottom = int((foot - height) * pixels), int(np.ceil(foot * pixels))
    left, right = int((x - width / 2) * pixels), int(np.ceil((x + width / 2) * pixels))
    rows = np.arange(max(top, 0), min(bottom, pixels))
    columns = np.arange(max(left, 0), min(right, pixels))
    if not len(rows) or not len(columns):
        return None
    v = ((rows + 0.5) / pixels - (foot - height)) / height
    u = ((columns + 0.5) / pixels - x) / (width / 2)
    place = (slice(None), slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    return place, u.astype(np.float64)[None, :], v.astype(np.float64)[:, None]


def conifer(
    random: np.random.Generator, canvas: Floats, place: tuple[float, float, float], colour: Floats,
    *, side: float, tip: Floats | None = None,
) -> None:  # fmt: skip
    """A fir at (x, foot, height); `tip` colours the upper side of its branches (snow)."""
    x, foot, height = place
    slim = random.uniform(0.34, 0.46)
    tiers = random.uniform(6, 9)
    phase, shade = random.uniform(0, 1), random.uniform(0.85, 1.12)
    found = _box(canvas, x, foot, height, height * slim)
    if found is None:
        return
    area, u, v = found
    saw = (v * tiers + abs(u) * 0.9 + phase) % 1
    reach = np.maximum(v, 0) ** 0.85 * (0.66 + 0.34 * saw)
    outline = ramp(abs(u) - reach, 0.10, -0.10) * (v < 0.95) * (v > 0)
    trunk = (abs(u) < 0.09) & (v > 0.5)
    light = 0.8 + (0.34 * side) * u * ramp(v, 0, 0.2) - 0.3 * (saw - 0.5)
    leaf: Floats = colour * (light * shade)
    if tip is not None:
        leaf = mix(leaf, tip, ramp(saw, 0.62, 0.2) * 0.85)
    canvas[area] = mix(canvas[area], colour * 0.5, trunk.astype(np.float64))
    canvas[area] = mix(canvas[area], leaf, outline)


def broadleaf(
    random: np.random.Generator, canvas: Floats, place: tuple[float, float, float], colour: Floats,
    *, side: float, bark: Floats | None = None,
) -> None:  # fmt: skip
    """A round-crowned tree at (x, foot, height): several overlapping tufts, lit from above and one side."""
    x, foot, height = place
    width = height * random.uniform(0.8, 1.0)
    angles, reaches = random.uniform(0, 6.3, 16), random.uniform(0.1, 1, 16) ** 0.5
    sizes, tones = random.uniform(0.2, 0.34, 16), random.uniform(-1, 1, 16)
    found = _box(canvas, x, foot, height, width)
    if found is None:
        return
    area, u, v = found
    trunk = ramp(abs(u) - 0.05 - 0.05 * ramp(v, 0.9, 1), 0.03, -0.03) * (v > 0.5)
    wood = colour * 0.4 if bark is None else bark
    patch = mix(canvas[area], wood, trunk)
    rise = np.sin(angles) * reaches
    for tuft in np.argsort(rise):  # the lower, darker tufts first
        du = u - (np.cos(angles[tuft]) * reaches[tuft] * 0.62)
        dv = (v - (0.36 - rise[tuft] * 0.24)) * 1.7
        distance = np.hypot(du, dv) - sizes[tuft]
        distance += np.sin(du * 23 + tuft) * np.sin(dv * 21 - tuft) * 0.035
        tone = 0.84 + 0.2 * rise[tuft] + 0.06 * tones[tuft] + 0.1 * side * np.cos(angles[tuft]) * reaches[tuft]
        lit = tone + (du * (side * 0.5) - dv) * 0.55
        patch = mix(patch, colour * lit, ramp(distance, 0.05, -0.05))
    canvas[area] = patch


def palm(
    random: np.random.Generator, canvas: Floats, place: tuple[float, float, float], colour: Floats,
    *, side: float, bark: Floats,
) -> None:  # fmt: skip
    """A palm at (x, foot, height): a leaning trunk and fronds that rise, arch and hang."""
    x, foot, height = place
    lean = random.uniform(0.1, 0.22) * random.choice([-1, 1])
    jitter = random.uniform(-1, 1, (11, 2))
    found = _box(canvas, x, foot, height, height * 1.2)
    if found is None:
        return
    area, u, v = found
    head_v = 0.27
    bend = lean * ((1 - v) / (1 - head_v)) ** 2
    patch = canvas[area]
    trunk = ramp(abs(u - bend) - 0.018 - 0.02 * v, 0.012, -0.012) * (v > head_v)
    patch = mix(patch, bark * (1 + side * (u - bend) * 6), trunk)
    du, dv = u - lean, v - head_v
    for (nudge, length), aim in zip(jitter, np.linspace(-1, 1, 11), strict=True):
        angle = aim * 1.9 + 0.12 * nudge  # from hanging left over upright to hanging right
        reach = (0.56 + 0.06 * length) * (0.8 + 0.2 * abs(aim))
        along = du * np.sin(angle) - dv * np.cos(angle) * 0.9
        t = np.clip(along / reach, 0, 1)
        sag = t * t * 0.2 * (abs(np.sin(angle)) + 0.3)
        across = dv + np.cos(angle) * along / 0.9 - sag
        off = np.hypot(across * np.sin(angle), (du - np.sin(angle) * along) * np.cos(angle))
        thick = 0.03 * np.sqrt(np.sin(0.25 + t * 2.75).clip(0)) * (1 - t * 0.5)
        leaf = ramp(off - thick, 0.01, -0.01) * (along > 0) * (along < reach)
        patch = mix(patch, colour * (0.92 + 0.28 * side * aim - 0.1 * (nudge > 0.3)), leaf)
    canvas[area] = patch


def cottage(
    canvas: Floats, place: tuple[float, float, float], colours: tuple[Floats, Floats, Floats], side: float
) -> None:
    """A small house at (x, foot, height), seen from a corner; colours of walls, roof and windows."""
    x, foot, height = place
    wall, roof, window = colours
    found = _box(canvas, x, foot, height, height * 1.5)
    if found is None:
        return
    area, u, v = found
    u = u * side
    gable, front = (u > 0.2) & (u < 0.86), (u > -0.86) & (u <= 0.2)
    peak = 0.08 + abs(u - 0.53) * 1.1
    patch = canvas[area]
    parts = (
        (gable & (v > np.maximum(peak, 0.1)), wall),
        (front & (v > 0.45), wall * 0.72),
        ((u > -0.95 + (0.5 - v) * 0.25) & (u < 0.53 - (v - 0.08) * 0.9) & (v > 0.08) & (v < 0.5), roof),
        ((abs(u - 0.53) < 0.4) & (abs(v - peak) < 0.05), roof * 0.8),
        ((abs(u - 0.53) < 0.11) & (abs(v - 0.6) < 0.11), window),
        ((abs(abs(u + 0.33) - 0.26) < 0.1) & (abs(v - 0.68) < 0.1), window),
    )
    for part, colour in parts:
        patch = mix(patch, colour, part.astype(np.float64))
    canvas[area] = patch


def boat(canvas: Floats, place: tuple[float, float, float], sail: Floats, hull: Floats) -> None:
    """A sailing boat at (x, waterline, height)."""
    x, foot, height = place
    found = _box(canvas, x, foot, height, height * 0.9)
    if found is None:
        return
    area, u, v = found
    main = (u > 0.02) & (u < (v - 0.02) * 0.85) & (v < 0.8)
    jib = (u < -0.03) & (-u < (v - 0.14) * 0.75) & (v < 0.8)
    body = (v > 0.84) & (abs(u) < 0.95 - (v - 0.84) * 2.2)
    mast = (abs(u) < 0.03) & (v < 0.86)
    for part, colour in ((main, sail), (jib, sail * 0.85), (mast, hull), (body, hull)):
        canvas[area] = mix(canvas[area], colour, part.astype(np.float64))


def birds(random: np.random.Generator, canvas: Floats, horizon: float, colour: Floats) -> None:
    """A small flock: each bird two arched strokes."""
    x0, y0 = random.uniform(0.25, 0.75), horizon * random.uniform(0.25, 0.5)
    for dx, dy, size in random.uniform(-1, 1, (5, 3)):
        span = 0.05 + 0.01 * size
        found = _box(canvas, x0 + dx * 0.14, y0 + dy * 0.06, span * 0.5, span)
        if found is None:
            continue
        area, u, v = found
        wing = 0.75 - 0.55 * np.sin(np.clip(abs(u), 0, 1) * 2.3)
        canvas[area] = mix(canvas[area], colour, ramp(abs(v - wing), 0.16, 0.06))
