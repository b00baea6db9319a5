"""A small study on disk, as the stages `captions` and `images` leave it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rapporteur.core.pictures import png_bytes
from rapporteur.core.shards import write_shards
from rapporteur.core.tables import table_of, write_table
from rapporteur.vocabulary.captions import CAPTIONS, GOLD
from rapporteur.vocabulary.images import IMAGES

Pixels = npt.NDArray[np.uint8]


def square(colour: Sequence[int], ground: Sequence[int] = (255, 255, 255), size: int = 32) -> Pixels:
    """A square of one colour in the middle of another."""
    picture = np.empty((size, size, 3), dtype=np.uint8)
    picture[:] = ground
    picture[size // 4 : -(size // 4), size // 4 : -(size // 4)] = colour
    return picture


@dataclass
class SmallStudy:
    """Captions by picture, and the colour that each drawn picture has."""

    folder: Path
    dataset: str = "shapes"
    captions: list[tuple[str, str, int]] = field(default_factory=list)  # image_id, text, draws
    gold: dict[str, Pixels] = field(default_factory=dict)
    drawn: dict[str, Pixels] = field(default_factory=dict)  # by text
    pipeline: str = ""
    params: str = ""

    def add(self, image_id: str, text: str, picture: Pixels, drawn: Pixels | None = None, draws: int = 2) -> None:
        self.captions.append((image_id, text, draws))
        self.gold[image_id] = picture
        self.drawn[text] = picture if drawn is None else drawn

    def write(self) -> None:
        (self.folder / "dvc.yaml").write_text(self.pipeline, encoding="utf-8")
        (self.folder / "params.yaml").write_text(self.params, encoding="utf-8")
        self._write_captions()
        self._write_images()

    def _write_captions(self) -> None:
        out = self.folder / "artifacts/captions" / self.dataset
        common = {"dataset": self.dataset, "split": "test"}
        rows = [
            common | {"image_id": image, "caption_id": f"c{place}", "kind": "original", "text": text, "draws": draws}
            for place, (image, text, draws) in enumerate(self.captions)
        ]
        write_table(table_of(rows, CAPTIONS), out / "captions.parquet", CAPTIONS)
        gold = []
        for image, pixels in self.gold.items():
            path = self.folder / "gold" / f"{image}.png"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(png_bytes(pixels))
            file = {"image_id": image, "file": f"gold/{image}.png", "licence": ""}
            size = {"width": pixels.shape[1], "height": pixels.shape[0]}
            gold.append(common | file | size | {"digest": hashlib.sha256(path.read_bytes()).hexdigest()})
        write_table(table_of(gold, GOLD), out / "gold.parquet", GOLD)

    def _write_images(self) -> None:
        out = self.folder / "artifacts/images" / self.dataset
        rows, members = [], []
        for place, (image, text, draws) in enumerate(self.captions):
            for seed in range(draws):
                member = f"c{place}-{seed}.png"
                data = png_bytes(self.drawn[text])
                members.append((member, data))
                owner = {"dataset": self.dataset, "image_id": image, "caption_id": f"c{place}", "text": text}
                key = hashlib.sha256(f"{text}{seed}".encode()).hexdigest()
                what = {"seed": seed, "key": key, "member": member, "model": "test", "engine": "own"}
                rows.append(owner | what | {"width": 32, "height": 32, "digest": hashlib.sha256(data).hexdigest()})
        homes = write_shards(out, members)
        named = [row | {"shard": home} for row, home in zip(rows, homes, strict=True)]
        write_table(table_of(named, IMAGES), out / "index.parquet", IMAGES)


def tiny_clip(folder: Path, width: int = 32, seed: int = 0) -> Path:
    """A CLIP model of random weights, as a folder that open_clip reads; 16-pixel pictures, 16 tokens."""
    import open_clip
    import torch
    from safetensors.torch import save_file

    vision = {"image_size": 16, "layers": 1, "width": width, "patch_size": 8, "head_width": 16}
    text = {"context_length": 16, "vocab_size": 49408, "width": width, "heads": 2, "layers": 1}
    config = {"embed_dim": width, "vision_cfg": vision, "text_cfg": text}
    torch.manual_seed(seed)
    network = open_clip.CLIP(**config)
    folder.mkdir(parents=True)
    (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": config, "preprocess_cfg": {}}))
    save_file(network.state_dict(), folder / "open_clip_model.safetensors")
    return folder
