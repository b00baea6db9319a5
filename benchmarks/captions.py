"""The stages captions and landscapes on caption files of COCO 2014's size, a tenth and ten times of it.

    RAPPORTEUR_DATA=<folder> uv run python -m benchmarks.captions   about 6 minutes, 2 GB of disk in the temporary
    folder; writes benchmarks/results/captions.json

The files are those of benchmarks.landscapes: the real captions of val2017, repeated under new ids. 100 of the pictures
are on the disk and in the study, with alternatives and foils. Each run is a process pinned to one core; `wall_s` is
from its start to its end, imports included, whatever else the machine does; `cpu_s` is what one idle core takes.

The peer does what is usual: json.load, a pandas table of the annotations joined to the images, written as Parquet, and
a regular expression of usual words for the landscapes; no checks, no senses, no reasons.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks import publish
from benchmarks.landscapes import CAPTIONS, IMAGES, ROOT, WORDS, write_captions

RESULT = ROOT / "benchmarks/results/captions.json"
SCALES = (0.1, 1.0, 10.0)
PEER_SCALES = (0.1, 1.0)  # json.load of the largest file needs more than 4 GB
STUDIED = 100
STAGES = {"captions": ["coco"], "landscapes": []}
PIPELINE = "stages:\n  captions:\n    params: [captions.coco]\n  landscapes:\n    params: [landscapes]\n"
PARAMS = """
captions:
  coco:
    layout: coco
    annotations: captions.json
    images: pictures
    split: val
    absent: leave_out
    study: {split: val, pictures: 100, captions_per_picture: 1, draws: 2, seed: 0, variants: true}
landscapes:
  dataset: coco
  splits: [val]
  threshold: 0.28
  lexicon: data/landscapes/lexicon.csv
"""
PEER = f"""
import json, sys, pandas as pd
content = json.load(open(sys.argv[1], encoding="utf-8"))
images = pd.DataFrame(content["images"]).rename(columns={{"id": "image_id"}})
table = pd.DataFrame(content["annotations"]).merge(images, on="image_id")
table["text"] = table["caption"].str.strip()
table.to_parquet(sys.argv[2])
table["kept"] = table["text"].str.contains({WORDS!r}, case=False, regex=True)
table.groupby("image_id")["kept"].any().reset_index().to_parquet(sys.argv[3])
"""


def study(home: Path, scale: float) -> Path:
    """A folder with what the two stages read."""
    folder = home / f"x{scale:g}"
    (folder / "pictures").mkdir(parents=True)
    shutil.copytree(ROOT / "data", folder / "data")
    (folder / "dvc.yaml").write_text(PIPELINE)
    (folder / "params.yaml").write_text(PARAMS)
    write_captions(folder / "captions.json", scale)
    for number in range(1, STUDIED + 1):
        Image.new("RGB", (64, 48), (number, 2 * number, 80)).save(folder / "pictures" / f"{number:012d}.jpg")
    return folder


def cost(command: list[str], folder: Path) -> dict[str, float]:
    """What a command costs on one core, run in `folder`; SystemExit where it fails."""
    paths = {"PYTHONPATH": str(ROOT / "src"), "PYTHONPYCACHEPREFIX": str(folder.parent / "compiled")}
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | paths
    start = time.perf_counter()
    run = subprocess.Popen(["taskset", "-c", "0", *command], cwd=folder, env=environment)
    _, status, used = os.wait4(run.pid, 0)  # this process's own peak, whatever ran before it
    wall = time.perf_counter() - start
    if status:
        sys.exit(f"{command} ended with {os.waitstatus_to_exitcode(status)}")
    found = {"wall_s": wall, "cpu_s": used.ru_utime + used.ru_stime, "peak_gb": used.ru_maxrss * 1024 / 1e9}
    return {name: round(value, 2) for name, value in found.items()}


def ours(folder: Path) -> dict[str, Any]:
    """The cost of each stage, and of both."""
    parts = {
        name: cost([sys.executable, "-m", f"rapporteur.stages.{name}", *named], folder)
        for name, named in STAGES.items()
    }
    both = {name: round(sum(part[name] for part in parts.values()), 2) for name in ("wall_s", "cpu_s")}
    return both | {"peak_gb": max(part["peak_gb"] for part in parts.values())} | parts


def measure(home: Path) -> dict[str, Any]:
    before = os.getloadavg()[0]
    found: dict[str, dict[str, dict[str, Any]]] = {"ours": {}, "peer": {}}
    ours(study(home, 0.001))  # as after a first use: the modules are compiled
    for scale in SCALES:
        folder = study(home, scale)
        found["ours"][f"x{scale:g}"] = ours(folder)
        if scale in PEER_SCALES:
            files = [str(folder / name) for name in ("captions.json", "table.parquet", "kept.parquet")]
            found["peer"][f"x{scale:g}"] = cost([sys.executable, "-c", PEER, *files], folder)
        shutil.rmtree(folder)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, one used, Python {platform.python_version()}"
    load = {"load_before": round(before, 1)}  # processes that wanted a core: with more than the cores, see cpu_s
    return {"machine": machine} | load | {"images": IMAGES, "captions": CAPTIONS, "ratios": ratios(**found), **found}


def ratios(ours: dict[str, dict[str, Any]], peer: dict[str, dict[str, Any]]) -> dict[str, float]:
    return {
        "cpu_x1_over_x0.1": round(ours["x1"]["cpu_s"] / ours["x0.1"]["cpu_s"], 1),
        "cpu_x10_over_x1": round(ours["x10"]["cpu_s"] / ours["x1"]["cpu_s"], 1),
        "ours_over_peer_cpu_x1": round(ours["x1"]["cpu_s"] / peer["x1"]["cpu_s"], 1),
        "peer_over_ours_peak_x1": round(peer["x1"]["peak_gb"] / ours["x1"]["peak_gb"], 1),
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        result = measure(Path(folder))
    publish(RESULT, result)


if __name__ == "__main__":
    main()
