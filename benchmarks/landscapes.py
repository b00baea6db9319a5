"""The landscape filter on caption files of COCO 2014's size, a tenth and ten times of it: time and memory.

    RAPPORTEUR_DATA=<folder> uv run python -m benchmarks.landscapes   about 5 minutes, 1.2 GB of disk in the temporary
    folder; writes benchmarks/results/landscapes.json

The files are made from the real captions of val2017, repeated under new ids. Each run is a process pinned to one core;
`wall_s` is from start to end, imports included. The peer reads the file with json.load, makes a pandas table and
keeps an image where a regular expression of usual words matches one of its captions: no senses, score or reasons.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import publish

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks/results/landscapes.json"
DATA = Path(os.environ.get("RAPPORTEUR_DATA", ROOT.parent / "shared/data"))
IMAGES, CAPTIONS = 123_287, 616_767  # COCO 2014, train and val
SCALES = (0.1, 1.0, 10.0)
PEER_SCALES = (0.1, 1.0)  # json.load of the largest file needs more than 4 GB
WORDS = r"\b(?:beach|ocean|sea|lake|river|mountain|hill|field|forest|desert|island|coast|valley|plain|woods)(?:es|s)?\b"
PEER = f"""
import json, sys, pandas as pd
content = json.load(open(sys.argv[1], encoding="utf-8"))
table = pd.DataFrame(content["annotations"])
table["kept"] = table["caption"].str.contains({WORDS!r}, case=False, regex=True)
table.groupby("image_id")["kept"].any().to_csv(sys.argv[2])
"""


def write_captions(path: Path, scale: float) -> None:
    """A file of COCO's layout, written record by record."""
    source = json.loads((DATA / "coco/annotations/captions_val2017.json").read_text(encoding="utf-8"))
    texts: dict[int, list[str]] = {}
    for annotation in source["annotations"]:
        texts.setdefault(annotation["image_id"], []).append(annotation["caption"])
    originals, images, captions = source["images"], round(IMAGES * scale), round(CAPTIONS * scale)
    with path.open("w", encoding="utf-8") as stream:
        stream.write('{"images": [')
        for number in range(images):
            image = originals[number % len(originals)] | {"id": number + 1, "file_name": f"{number + 1:012d}.jpg"}
            stream.write(", " * (number > 0) + json.dumps(image))
        stream.write('], "licenses": ' + json.dumps(source["licenses"]) + ', "annotations": [')
        for number in range(captions):
            said = texts[originals[number % images % len(originals)]["id"]]
            text = said[number // images % len(said)]
            record = {"image_id": number % images + 1, "id": number + 1, "caption": text}
            stream.write(", " * (number > 0) + json.dumps(record))
        stream.write("]}")


def one(command: list[str]) -> None:
    """Run a command as the only child of this process and print its cost as JSON."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall, used = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cost = {"wall_s": wall, "cpu_s": used.ru_utime + used.ru_stime, "peak_gb": used.ru_maxrss * 1024 / 1e9}
    print(json.dumps({name: round(value, 2) for name, value in cost.items()}))


def cost(command: list[str]) -> dict[str, float]:
    pinned = ["taskset", "-c", "0", sys.executable, "-m", "benchmarks.landscapes", "--one", *command]
    run = subprocess.run(pinned, cwd=ROOT, check=True, capture_output=True, text=True)
    return dict(json.loads(run.stdout))


def measure(home: Path) -> dict[str, Any]:
    ours: dict[str, dict[str, float]] = {}
    peer: dict[str, dict[str, float]] = {}
    verb = "from rapporteur.cli import main; main()"
    for scale in SCALES:
        path, out = home / f"captions_{scale}.json", str(home / "scores.csv")
        write_captions(path, scale)
        ours[f"x{scale:g}"] = cost([sys.executable, "-c", verb, "landscapes", str(path), "--out", out])
        if scale in PEER_SCALES:
            peer[f"x{scale:g}"] = cost([sys.executable, "-c", PEER, str(path), out])
        path.unlink()
    ratios = {
        "cpu_x1_over_x0.1": round(ours["x1"]["cpu_s"] / ours["x0.1"]["cpu_s"], 1),
        "cpu_x10_over_x1": round(ours["x10"]["cpu_s"] / ours["x1"]["cpu_s"], 1),
        "ours_over_peer_cpu_x1": round(ours["x1"]["cpu_s"] / peer["x1"]["cpu_s"], 1),
        "peer_over_ours_peak_x1": round(peer["x1"]["peak_gb"] / ours["x1"]["peak_gb"], 1),
    }
    machine = f"{platform.machine()}, {os.cpu_count()} cores, one used, Python {platform.python_version()}"
    return {"machine": machine, "images": IMAGES, "captions": CAPTIONS, "ratios": ratios, "ours": ours, "peer": peer}


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2:])
        return
    with tempfile.TemporaryDirectory() as folder:
        result = measure(Path(folder))
    publish(RESULT, result)


if __name__ == "__main__":
    main()
