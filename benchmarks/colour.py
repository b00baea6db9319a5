"""The colour measures against scikit-image picture by picture, and the verb `colours` from 600 to 60,000 pictures.

    RAPPORTEUR_DATA=<folder> uv run python -m benchmarks.colour   about 2 minutes, 300 MB of disk in the temporary
    folder; writes benchmarks/results/colour.json

Both sides measure the same of each picture in turn, on one thread: CIELAB means and deviations, chroma, HSV saturation,
the hue histogram and its entropy, the Lab histogram, the entropy of L*, colourfulness. CPU milliseconds, the median of
the rounds. Palette and sharpness, which scikit-image has no counterpart of, are in `whole` alone. The pictures are
photographs and DALL·E mini's, at 256x256 pixels. The verb runs as a process of its own, imports included, on folders
whose files are links to a few hundred pictures.
"""

from __future__ import annotations

import csv
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from skimage.color import rgb2hsv, rgb2lab
from skimage.measure import shannon_entropy

from benchmarks import publish
from rapporteur.colour.fused import lab_pixels, one_pass
from rapporteur.colour.measures import colourfulness, lab_histogram, shannon
from rapporteur.colour.statistics import colour_statistics

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks/results/colour.json"
DATA = Path(os.environ.get("RAPPORTEUR_DATA", ROOT.parent / "shared/data"))
SIDE, PICTURES, ROUNDS = 256, 24, 9
SCALES = {"small": (64, (600, 6_000, 60_000)), "drawn": (256, (6_000,))}

Pixels = npt.NDArray[np.uint8]


def pictures() -> list[Path]:
    """Half photographs of MS-COCO, half pictures that DALL·E mini drew."""
    with (DATA / "dallemini_shapes/prompts.csv").open(encoding="utf-8") as stream:
        drawn = [DATA / "dallemini_shapes" / row["file"] for row in csv.DictReader(stream)]
    photographs = sorted((DATA / "coco").rglob("*.jpg"))
    half = PICTURES // 2
    return [*drawn[:: len(drawn) // half][:half], *photographs[:: max(1, len(photographs) // half)][:half]]


def square(path: Path, side: int) -> Image.Image:
    with Image.open(path) as picture:
        return picture.convert("RGB").resize((side, side), Image.Resampling.LANCZOS)


def ours(picture: Pixels) -> tuple[Any, ...]:
    found = one_pass(picture)
    hues = found.hues / max(float(found.hues.sum()), 1e-12)
    entropies = shannon(hues), shannon(found.levels / found.levels.sum())
    return (
        found.means,
        found.deviations,
        found.saturation,
        hues,
        entropies,
        lab_histogram(found.cells),
        colourfulness(found.opponents),
    )


def by_scikit_image(picture: Pixels) -> tuple[Any, ...]:
    lab, hsv = rgb2lab(picture), rgb2hsv(picture)
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    hue = np.degrees(np.arctan2(lab[..., 2], lab[..., 1])) % 360
    hues = np.histogram(hue, 36, (0, 360), weights=chroma)[0]
    cells = np.histogramdd(lab.reshape(-1, 3), (5, 11, 11), ((0, 100), (-110, 110), (-110, 110)))[0]
    means, deviations = (lab.mean((0, 1)), chroma.mean()), (lab.std((0, 1)), chroma.std())
    levels = np.clip(lab[..., 0] * 2.56, 0, 255).astype(np.uint8)
    red, green, blue = (picture[..., axis].astype(np.float64) for axis in range(3))
    rg, yb = red - green, (red + green) / 2 - blue
    vivid = np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean())
    return means, deviations, hsv[..., 1].mean(), hues, shannon_entropy(levels), cells, vivid


def cpu_ms(measure: Callable[[Pixels], object], given: list[Pixels]) -> float:
    start = time.process_time()
    for picture in given:
        measure(picture)
    return 1000 * (time.process_time() - start) / len(given)


def against_peer() -> dict[str, Any]:
    given = [np.asarray(square(path, SIDE)) for path in pictures()]
    sides = {"ours": ours, "scikit_image": by_scikit_image, "whole": lambda one: colour_statistics(one, 5)}
    for measure in sides.values():
        cpu_ms(measure, given[:1])  # compile, and fill caches
    rounds = [{name: cpu_ms(measure, given) for name, measure in sides.items()} for _ in range(ROUNDS)]
    ratios = [one["scikit_image"] / one["ours"] for one in rounds]
    costs = {f"{name}_cpu_ms": round(statistics.median(one[name] for one in rounds), 2) for name in sides}
    error = max(float(np.abs(lab_pixels(one) - rgb2lab(one)).max()) for one in given)
    return {
        "pictures": len(given),
        "scikit_image_over_ours": round(statistics.median(ratios), 1),
        "lowest_and_highest_of_rounds": [round(min(ratios), 1), round(max(ratios), 1)],
        "largest_lab_difference": round(error, 5),
    } | costs


def fill(folder: Path, side: int, count: int) -> None:
    """A folder of `count` JPEGs of a side; links to a few hundred files, each a turn of one of the pictures."""
    originals = folder.parent / f"originals-{side}"
    if not originals.exists():
        originals.mkdir()
        for place, path in enumerate(pictures()):
            for turn in range(10):
                square(path, side).rotate(36 * turn).save(originals / f"{place}-{turn}.jpg", quality=92)
    sources = sorted(originals.iterdir())
    for number in range(count):
        home = folder / f"{number // 1000:03d}"
        home.mkdir(parents=True, exist_ok=True)
        os.link(sources[number % len(sources)], home / f"{number:06d}.jpg")


def verb(folder: Path, out: Path) -> dict[str, float]:
    """Wall and CPU seconds and peak memory of one run of `rapporteur colours`."""
    code = "from rapporteur.cli import main; main()"
    start = time.perf_counter()
    command = [sys.executable, "-c", code, "colours", str(folder), "--out", str(out)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    cost = {"wall_s": time.perf_counter() - start, "cpu_s": used.ru_utime + used.ru_stime}
    return {name: round(value, 1) for name, value in cost.items()} | {"peak_mb": round(used.ru_maxrss / 1024)}


def at_scale(home: Path) -> dict[str, dict[str, float]]:
    found = {}
    for name, (side, counts) in SCALES.items():
        for count in counts:
            folder = home / f"{name}-{count}"
            fill(folder, side, count)
            found[f"{count} of {side}x{side}"] = verb(folder, home / "out.parquet")
    return found


def main() -> None:
    peer = against_peer()
    with tempfile.TemporaryDirectory() as folder:
        scale = at_scale(Path(folder))
    less, more = scale["6000 of 64x64"], scale["60000 of 64x64"]
    ratios = {
        "scikit_image_over_ours": peer["scikit_image_over_ours"],
        "cpu_60000_over_6000": round(more["cpu_s"] / less["cpu_s"], 1),
        "peak_60000_over_6000": round(more["peak_mb"] / less["peak_mb"], 2),
    }
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    publish(RESULT, {"machine": machine, "ratios": ratios, "one_thread": peer, "verb": scale})


if __name__ == "__main__":
    main()
