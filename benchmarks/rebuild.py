"""How long a rebuild takes, and what the item store saves.

    uv run python -m benchmarks.rebuild        about 15 minutes on 2 cores; writes benchmarks/results/rebuild.json

Works in a copy of what git tracks, from empty caches: the full rebuild, `dvc repro` with nothing changed, one
more caption of shapes through to the documents, and an edit of the findings' code. The peer is DVC alone, that
is the same stage with its item store and cache emptied: one more caption then redraws the whole set.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks/results/rebuild.json"
CAPTION = "900,a glossy pink heart on a black background\n"


def copy_of_the_repository(target: Path) -> Path:
    """What git tracks, without the lock's knowledge of other machines."""
    subprocess.run(["git", "clone", "-q", str(ROOT), str(target)], check=True)
    return target


def repro(study: Path, *targets: str) -> tuple[float, str]:
    """Seconds and output of `dvc repro`; raises CalledProcessError when a stage fails."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(study / "src")}
    start = time.perf_counter()
    run = subprocess.run(
        [sys.executable, "-m", "dvc", "repro", *targets],
        cwd=study,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return time.perf_counter() - start, run.stdout + run.stderr


def add_caption(study: Path, line: str) -> None:
    with (study / "data/shapes/captions.csv").open("a") as stream:
        stream.write(line)


def measure(study: Path) -> dict[str, object]:
    full, _ = repro(study)
    nothing, _ = repro(study)
    add_caption(study, CAPTION)
    repro(study, "captions@shapes")
    with_store, output = repro(study, "--single-item", "images@shapes")
    through, _ = repro(study)
    add_caption(study, CAPTION.replace("900", "901").replace("heart", "star"))
    repro(study, "captions@shapes")
    shutil.rmtree(study / ".items/images")
    shutil.rmtree(study / ".dvc/cache")
    without_store, _ = repro(study, "--single-item", "images@shapes")
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "full_rebuild_s": round(full, 1),
        "nothing_changed_s": round(nothing, 2),
        "one_caption_images_s": round(with_store, 1),
        "one_caption_to_documents_s": round(with_store + through, 1),
        "one_caption_without_item_store_s": round(without_store, 1),
        "ratio_without_over_with_item_store": round(without_store / with_store, 1),
        "said": next(line for line in output.splitlines() if line.startswith("images shapes:")),
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        result = measure(copy_of_the_repository(Path(folder) / "study"))
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    print(RESULT.read_text())


if __name__ == "__main__":
    main()
