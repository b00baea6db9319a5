"""Copy the built weights to the folders that git keeps: clip/, vqgan/, dalle/ and measure.json beside them."""

from __future__ import annotations

import shutil
from pathlib import Path

FILES = {
    "vqgan": ("config.json", "model.safetensors", "log.csv"),
    "dalle": ("config.json", "model.safetensors", "tokenizer.json", "log.csv"),
    "clip": ("open_clip_config.json", "open_clip_model.safetensors", "merges.txt.gz", "log.csv"),
}
LARGEST = 40 * 1024 * 1024  # bytes of all weights together in git


def main() -> None:
    """Copy, after checking that the whole stays small enough for git."""
    size = sum((Path("build") / folder / name).stat().st_size for folder, names in FILES.items() for name in names)
    if size > LARGEST:
        raise SystemExit(f"error: {size} bytes of weights; git is to keep at most {LARGEST}. Train smaller models.")
    for folder, names in FILES.items():
        Path(folder).mkdir(exist_ok=True)
        for name in names:
            shutil.copyfile(Path("build") / folder / name, Path(folder) / name)
    shutil.copyfile("build/measure.json", "measure.json")
    print(f"published {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
