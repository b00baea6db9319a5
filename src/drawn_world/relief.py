"""Relief in perspective: a height field seen by a camera, column by column, without a loop over pixels.

The field is sampled on slices at growing depth. In each column the running maximum of the projected heights
says which slice a pixel sees; a histogram and one cumulative sum give it for all pixels at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from drawn_world.paint import Floats, axis, smooth_noise

# Fewer slices would saw the crests of large pictures; more would cost small ones a third of their time.
FEW_COLUMNS, FEW_SLICES, MANY_SLICES = 256, 150, 280
TILE = 256  # pixels of a periodic noise tile


@dataclass(frozen=True)
class Camera:
    """Height over the ground, horizon (share of the picture from its top), depths seen; focal length 1 picture."""

    height: float = 0.5
    horizon: float = 0.5
    far: float = 14.0

    @property
    def near(self) -> float:
        """Depth at which flat ground meets the lower edge of the picture, a little before it."""
        return 0.85 * self.height / (1 - self.horizon)


@dataclass(frozen=True)
class View:
    """Where the samples of the ground lie: x and z [slices, columns] and the camera that sees them."""

    camera: Camera
    x: Floats
    z: Floats


def view(camera: Camera, columns: int) -> View:
    """Samples on slices whose depth grows geometrically, across the whole width of the picture."""
    share = np.linspace(0, 1, FEW_SLICES if columns <= FEW_COLUMNS else MANY_SLICES, dtype=np.float64)
    z = camera.near * (camera.far / camera.near) ** share
    x = (axis(columns) - 0.5)[None, :] * z[:, None]
    return View(camera, x, np.broadcast_to(z[:, None], x.shape))


def tile(random: np.random.Generator, octaves: int = 5, first: int = 4, ridged: bool = False) -> Floats:
    """[TILE, TILE]: periodic fractal noise; ridged octaves fold at zero, into crests, within about 0..1."""
    total = np.zeros((TILE, TILE), dtype=np.float64)
    for octave in range(octaves):
        cells = first << octave
        noise = smooth_noise(random, TILE, TILE, (cells, cells))
        if ridged:
            crest = np.clip(1 - abs(noise) * 0.8, 0, 1) ** 2
            noise = crest if octave == 0 else crest * (0.3 + total)
        total += noise * (0.5**octave)
    return total / (1.5 if ridged else 1.15)


def sample(field: Floats, x: Floats, z: Floats, period: float) -> Floats:
    """Values of a periodic tile at ground places; `period` is its width on the ground."""
    scale = TILE / period
    places = np.stack([z * scale, x * scale])
    values: Floats = ndimage.map_coordinates(field, places, order=1, mode="grid-wrap", prefilter=False)
    return values


def slopes(seen: View, heights: Floats) -> tuple[Floats, Floats]:
    """The slopes of the ground along x and z; on slices x moves with z, which the chain rule takes out."""
    columns = heights.shape[1]
    across = np.gradient(heights, axis=1) / (seen.z / columns)
    steps = np.gradient(seen.z[:, 0])[:, None]
    along = np.gradient(heights, axis=0) / steps - across * (seen.x / seen.z)
    return across, along


def lambert(seen: View, heights: Floats, light: tuple[float, float, float]) -> Floats:
    """[slices, columns]: cosine between ground and light (x to the right, up, away from us), 0 where it faces away."""
    across, along = slopes(seen, heights)
    right, up, away = (part for part in np.array(light) / np.linalg.norm(light))
    cosine: Floats = (up - across * right - along * away) / np.sqrt(1 + across**2 + along**2)
    return np.clip(cosine, 0, None)


@dataclass(frozen=True)
class Seen:
    """What each pixel below `top` sees: the samples in front and behind and the share of the latter; or no ground."""

    top: int
    front: NDArray[np.int32]
    behind: NDArray[np.int32]
    share: Floats
    ground: NDArray[np.bool_]

    def gather(self, values: Floats) -> Floats:
        """[..., rows - top, columns]: values [..., slices, columns] as the pixels see them."""
        planes = values.reshape(-1, values.shape[-2] * values.shape[-1])
        seen = np.empty((len(planes), *self.front.shape), dtype=np.float64)
        for plane, out in zip(planes, seen, strict=True):
            before = plane[self.front]
            out[:] = before + (plane[self.behind] - before) * self.share
        return seen.reshape(*values.shape[:-2], *self.front.shape)


def look(seen: View, heights: Floats, rows: int) -> Seen:
    """Project the field: which slices each pixel sees. Columns may be fewer than those of `seen.x`."""
    camera, (slices, columns) = seen.camera, heights.shape
    edge = rows * (camera.horizon - (heights - camera.height) / seen.z[:, :1])
    edge[0] = rows
    edge = np.minimum.accumulate(edge, axis=0)
    ends = np.clip(np.ceil(edge - 0.5), 0, rows).astype(np.int32)
    top = int(ends[-1].min())
    places = ends * columns + np.arange(columns, dtype=np.int32)
    counts = np.bincount(places.ravel(), minlength=(rows + 1) * columns).reshape(rows + 1, columns)
    # Slices whose edge lies below each row, from `top` on.
    passed = np.cumsum(counts[:top:-1].astype(np.int16), axis=0, dtype=np.int16)[::-1]
    ground = passed < slices
    front: NDArray[np.int32] = np.clip(passed - 1, 0, slices - 2).astype(np.int32) * columns + np.arange(
        columns, dtype=np.int32
    )
    behind = front + columns
    flat = edge.reshape(-1)
    high, low = flat[front], flat[behind]
    centre = (np.arange(top, rows, dtype=np.float64) + 0.5)[:, None]
    share = np.clip((high - centre) / np.maximum(high - low, (1e-3)), 0, 1)
    return Seen(top, front, behind, share, ground)
