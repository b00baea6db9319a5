"""A whole study's artifacts, made up from a seed: what `findings` and `figures` read, without running a model.

The numbers have known properties: gold pictures score 0.1 above drawn ones, matched pairs 0.3 above mismatched
ones, nine drawn shapes of ten obey their caption's colour.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image
from safetensors.numpy import save_file

from rapporteur.colour.measures import MEASURES
from rapporteur.colour.table import COLOUR
from rapporteur.core.pictures import png_bytes
from rapporteur.core.shards import write_shards
from rapporteur.core.tables import read_table, table_of, write_table
from rapporteur.vocabulary.captions import CAPTIONS, GOLD
from rapporteur.vocabulary.clip import FEATURES, SCORES
from rapporteur.vocabulary.images import IMAGES, SAMPLES
from rapporteur.vocabulary.judgement import JUDGED_SAMPLES, REAL_LANDSCAPES
from rapporteur.vocabulary.landscapes import LANDSCAPES
from rapporteur.vocabulary.log import LOG
from rapporteur.vocabulary.losses import LOSSES, MODELS
from rapporteur.vocabulary.ratings import COMPARISONS, RATINGS
from rapporteur.vocabulary.tokens import TOKENS

PALETTE = {"red": (214, 40, 40), "blue": (38, 84, 200), "green": (40, 150, 60), "yellow": (240, 210, 40)}
SHAPES = ("star", "circle", "square")
SCENES = ("a mountain above a lake", "a beach at dusk", "a snowy forest", "a desert by day")
SAYINGS = ("{}", "a view of {}", "{} in the distance", "we came across {}", "a photograph of {} that I like")


@dataclass
class Builder:
    """Writes artifacts under `folder` for `shapes` captions of `draws` pictures and `scenes` gold landscapes."""

    folder: Path
    shapes: int = 12
    scenes: int = 8
    draws: int = 4
    seed: int = 0

    def write(self) -> None:
        self.random = np.random.default_rng(self.seed)
        for dataset, rows in {"shapes": self._shape_captions(), "landscapes": self._scene_captions()}.items():
            self._captions(dataset, rows)
            self._images(dataset, rows)
            self._clip(dataset, rows)
            self._colour(dataset, rows)
        self.ratings([])
        self.table("ratings/comparisons.parquet", [], COMPARISONS)
        self._landscapes()
        self._model()
        self._samples()
        self._judgement()

    def table(self, name: str, rows: list[dict[str, Any]], schema: Any) -> None:
        write_table(table_of(rows, schema), self.folder / "artifacts" / name, schema)

    def _shape_captions(self) -> list[dict[str, Any]]:
        colours = list(PALETTE)
        return [
            {
                "dataset": "shapes",
                "image_id": f"s{place:03d}",
                "caption_id": f"c{place:03d}",
                "kind": "original",
                "split": "test",
                "draws": self.draws,
                "colour": colours[place % 4],
                "ground": colours[(place + 1) % 4],
                "text": f"a {colours[place % 4]} {SHAPES[place % 3]} on a {colours[(place + 1) % 4]} background",
            }
            for place in range(self.shapes)
        ]

    def _scene_captions(self) -> list[dict[str, Any]]:
        return [
            {
                "dataset": "landscapes",
                "image_id": f"l{place:03d}",
                "caption_id": f"l{place:03d}-{saying}",
                "kind": "original",
                "split": ("train", "val", "test")[place % 3],
                "colour": None,
                "ground": None,
                "draws": self.draws if saying == 0 else 0,
                "text": SAYINGS[saying].format(SCENES[place % 4]),
            }
            for place in range(self.scenes)
            for saying in range(5)
        ]

    def _captions(self, dataset: str, rows: list[dict[str, Any]]) -> None:
        kept = [{name: row.get(name) for name in CAPTIONS.columns} for row in rows]
        self.table(f"captions/{dataset}/captions.parquet", kept, CAPTIONS)
        gold = []
        for row in {row["image_id"]: row for row in rows}.values():
            path = self.folder / "world" / dataset / f"{row['image_id']}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            picture(row, 128, self.random).save(path, quality=90)
            gold.append(
                {
                    "dataset": dataset,
                    "image_id": row["image_id"],
                    "split": row["split"],
                    "file": path.as_posix(),
                    "width": 128,
                    "height": 128,
                    "licence": "CC0",
                    "digest": hashlib.sha256(path.read_bytes()).hexdigest(),
                }
            )
        self.table(f"captions/{dataset}/gold.parquet", gold, GOLD)

    def _images(self, dataset: str, rows: list[dict[str, Any]]) -> None:
        index, members = [], []
        for row in rows:
            for seed in range(row["draws"]):
                member = f"{row['caption_id']}-{seed}.png"
                members.append((member, png_bytes(picture(row, 48, self.random))))
                index.append(_drawn(row, seed, member))
        self._pack(self.folder / "artifacts/images" / dataset, index, members, IMAGES)

    def _pack(self, out: Path, index: list[dict[str, Any]], members: list[tuple[str, bytes]], schema: Any) -> None:
        homes = write_shards(out, members, per_shard=20)
        digests = [hashlib.sha256(data).hexdigest() for _, data in members]
        named = [
            row | {"shard": home, "digest": digest} for row, home, digest in zip(index, homes, digests, strict=True)
        ]
        write_table(table_of(named, schema), out / "index.parquet", schema)

    def _clip(self, dataset: str, rows: list[dict[str, Any]]) -> None:
        scores = []
        for row in rows:
            level = self.random.normal(0.7, 0.05)
            scores.append(self._score(row, None, "gold", level + 0.1, 1))
            scores.append(self._score(row, None, "gold_mismatched", level - 0.2, None))
            for seed in range(row["draws"]):
                rank = 1 if self.random.random() < 0.7 else int(self.random.integers(2, 6))
                scores.append(self._score(row, seed, "generated", level, rank))
                scores.append(self._score(row, seed, "generated_mismatched", level - 0.3, None))
        self.table(f"clip/{dataset}/scores.parquet", scores, SCORES)
        told = '{"model": "tiny", "pretrained": "x", "digest": "' + "f" * 64 + '", "context_length": 32}'
        (self.folder / f"artifacts/clip/{dataset}/model.json").write_text(told, encoding="utf-8")

    def _score(
        self, row: dict[str, Any], seed: int | None, pair: str, level: float, rank: int | None
    ) -> dict[str, Any]:
        value = float(level + self.random.normal(0, 0.03))
        owner = {name: row[name] for name in ("dataset", "image_id", "caption_id", "text")}
        ranked = {"rank": rank, "candidates": None if rank is None else 20}
        return (
            owner
            | ranked
            | {"seed": seed, "pair": pair, "cosine": value / 2.5, "clipscore": value, "tokens_cut": False}
        )

    def _colour(self, dataset: str, rows: list[dict[str, Any]]) -> None:
        found = [self._measured(row, None) for row in {row["image_id"]: row for row in rows}.values()]
        found += [self._measured(row, seed) for row in rows for seed in range(row["draws"])]
        self.table(f"colour/{dataset}/colour.parquet", found, COLOUR)

    def _measured(self, row: dict[str, Any], seed: int | None) -> dict[str, Any]:
        gold, noise = seed is None, self.random.normal(size=6)
        obeyed = None if row["colour"] is None else bool(gold or self.random.random() < 0.9)
        number = int(row["image_id"][1:])
        a, b = 30 * np.cos(number), 30 * np.sin(number)
        seen = row["colour"] if obeyed else "grey"
        return {one.name: [0.5] if one.many else 0.5 for one in MEASURES} | {
            "dataset": row["dataset"],
            "image_id": row["image_id"],
            "caption_id": None if gold else row["caption_id"],
            "seed": seed,
            "source": "gold" if gold else "generated",
            "key": _key(row["image_id"], seed, "colour"),
            "lightness": 55 + noise[0],
            "a": a + noise[1],
            "b": b + noise[2],
            "chroma": 35 + 5 * (not gold) + noise[3],
            "hue_entropy": 2 + 0.1 * noise[4],
            "colourfulness": 40 + noise[5],
            **{f"{part}_std": 10.0 + abs(noise[0]) for part in ("lightness", "a", "b", "chroma")},
            "saturation": 0.5,
            "entropy": 6 + 0.1 * noise[1],
            "sharpness": 50 + 5 * noise[2],
            "hue_histogram": np.roll([0.75, 0.25] + [0.0] * 34, number).tolist(),
            "lab_histogram": [60.0, a, b, 0.6, 30.0, -a, -b, 0.4],
            "palette": [60.0, a, b, 0.5, 30.0, -a, -b, 0.3, 80.0, 0.0, 0.0, 0.2],
            "subject_colours": [0.0] * 11,
            "background_colours": [0.0] * 11,
            "seen_colour": seen or "grey",
            "seen_background": row["ground"] or "grey",
            "named_colour": row["colour"],
            "named_background": row["ground"],
            "subject_share": None if obeyed is None else 0.9,
            "obeyed": obeyed,
            "background_obeyed": None if row["ground"] is None else True,
            "form_overlaps": [0.5] * 12 if row["colour"] else [],
            "seen_form": None if row["colour"] is None else ("star" if obeyed else "circle"),
            "named_form": None if row["colour"] is None else "star",
            "form_obeyed": obeyed,
        }

    def ratings(self, rows: list[dict[str, Any]]) -> None:
        """The ratings table; no rows: nobody has rated."""
        self.table("ratings/ratings.parquet", rows, RATINGS)

    def ratings_of(self, raters: int, simulated: bool) -> list[dict[str, Any]]:
        """Ratings of every drawn shape by raters who differ by at most one point."""
        rows = []
        for row in self._shape_captions():
            for seed in range(row["draws"]):
                quality = int(self.random.integers(2, 5))
                for rater in range(raters):
                    for attribute in ("shape", "texture", "colour", "overall"):
                        score = int(np.clip(quality + self.random.integers(0, 2), 1, 5))
                        owner = {name: row[name] for name in ("dataset", "image_id", "caption_id")}
                        given = {"rater": f"r{rater}", "seed": seed, "attribute": attribute, "simulated": simulated}
                        rows.append(owner | given | {"score": None if attribute == "texture" and seed == 0 else score})
        return rows

    def _landscapes(self) -> None:
        rows, truth = [], ["image_id,is_landscape"]
        captions = pd.DataFrame(self._scene_captions())
        for place, (image, group) in enumerate(captions.groupby("image_id")):
            kept = place % 4 != 3
            rows.append(
                {
                    "dataset": "landscapes",
                    "image_id": image,
                    "split": group["split"].iloc[0],
                    "kept": kept,
                    "score": 0.6 + place % 3 / 10 if kept else 0.2,
                    "reasons": "+mountain [1]; +lake [1 2]" if kept else "-stadium [2]",
                    "captions": group["text"].tolist(),
                }
            )
            truth.append(f"{image},{int(place % 4 != 3 and place != 0)}")
        self.table("landscapes/landscapes.parquet", rows, LANDSCAPES)
        (self.folder / "truth.csv").write_text("\n".join(truth) + "\n", encoding="utf-8")
        tokens = [
            {name: row[name] for name in ("dataset", "image_id", "split", "captions")}
            | {
                "view": 0,
                "key": _key(row["image_id"], None, "tokens"),
                "tokens": self.random.integers(0, 50, size=36).tolist(),
            }
            for row in rows
            if row["kept"]
        ]
        self.table("tokens/tokens.parquet", tokens, TOKENS)

    def _model(self) -> None:
        rows = []
        for step in range(0, 101, 5):
            loss = 4.0 - 0.02 * step
            common = {"step": step, "images": 8 * step, "learning_rate": 1e-3}
            if step:
                rows.append(common | {"split": "train", "loss": float(loss + self.random.normal(0, 0.05))})
            if step % 20 == 0:
                rows.append(common | {"split": "held_out", "loss": loss + 0.1})
        self.table("model/log.parquet", rows, LOG)
        folder = self.folder / "artifacts/model"
        save_file({"a": np.zeros((3, 4), np.float32), "b": np.zeros(5, np.float32)}, folder / "model.safetensors")
        (folder / "config.json").write_text('{"image_vocab_size": 64, "image_length": 36}', encoding="utf-8")

    def _judgement(self) -> None:
        """Losses of single pictures, and CLIP's view of samples: the landscape model gains a little everywhere."""
        tokens = read_table(self.folder / "artifacts/tokens/tokens.parquet", TOKENS)
        losses, real, features = [], [], []
        for place, name in enumerate(tokens["image_id"]):
            split = "held_out" if place % 3 == 0 else "train"
            hard = self.random.normal(0, 0.2)
            for model, mean in zip(MODELS, (4.2, 3.9, 3.5, 3.0, 2.8), strict=True):
                loss = float(mean + hard + self.random.normal(0, 0.05))
                losses.append({"image_id": name, "split": split, "model": model, "loss": loss})
            features.append(self._feature(f"real {name}", 0.0))
            near = {"nearest": tokens["image_id"].iloc[-1], "nearest_cosine": float(self.random.uniform(0.4, 0.8))}
            owner = {"dataset": "landscapes", "image_id": name, "split": split, "key": features[-1]["key"]}
            real.append(owner | near | self._seen(place, 0.0) | {"bits": 4 if place == 0 else 20, "alike": place == 0})
        self.table("model/losses.parquet", losses, LOSSES)
        judged = []
        for row in read_table(self.folder / "artifacts/samples/index.parquet", SAMPLES).to_dict("records"):
            ours = row["source"] == "landscape_model"
            features.append(self._feature(row["key"] + row["source"], 0.1 if ours else 0.5))
            value = float(0.28 + 0.02 * ours + self.random.normal(0, 0.01))
            score = {"cosine": value, "clipscore": 2.5 * value, "key": features[-1]["key"]}
            near = {"nearest": tokens["image_id"].iloc[-1], "nearest_cosine": float(self.random.uniform(0.4, 0.9))}
            seen = self._seen(len(judged) // 2 % 3, 4.0 if ours else 12.0)
            judged.append({name: row[name] for name in ("source", "caption_id", "text", "seed")} | score | near | seen)
        self.table("judgement/samples.parquet", judged, JUDGED_SAMPLES)
        self.table("judgement/landscapes.parquet", real, REAL_LANDSCAPES)
        self.table("judgement/features.parquet", features, FEATURES)

    def _seen(self, place: int, shift: float) -> dict[str, Any]:
        """A kind of landscape, lakes and seas in turn, and a mean colour so far from grey."""
        near = {name: shift + float(self.random.normal(0, 0.5)) for name in ("a", "b")}
        return {"kind": ("water", "sea")[place % 2], "lightness": 50.0} | near

    def _feature(self, name: str, shift: float) -> dict[str, Any]:
        vector = self.random.normal(0, 1, 8) + shift
        unit = (vector / np.linalg.norm(vector)).tolist()
        return {"key": _key(name, None, "feature"), "kind": "image", "tokens": 0, "feature": unit}

    def _samples(self) -> None:
        rows = [row for row in self._scene_captions() if row["draws"]][:3]
        index, members = [], []
        for source in ("landscape_model", "start_model"):
            for row in rows:
                for seed in range(2):
                    member = f"{source}-{row['caption_id']}-{seed}.png"
                    members.append((member, png_bytes(picture(row, 48, self.random))))
                    index.append(_drawn(row | {"dataset": "samples"}, seed, member) | {"source": source})
        self._pack(self.folder / "artifacts/samples", index, members, SAMPLES)


def picture(row: dict[str, Any], size: int, random: np.random.Generator) -> Image.Image:
    """A square of the caption's colour on its ground, or a plain sky over plain land, with a little noise."""
    pixels = np.empty((size, size, 3))
    if row["colour"] is None:
        pixels[: size // 2], pixels[size // 2 :] = (150, 190, 230), (90, 120, 60)
    else:
        pixels[:] = PALETTE[row["ground"]]
        pixels[size // 4 : -size // 4, size // 4 : -size // 4] = PALETTE[row["colour"]]
    return Image.fromarray((pixels + random.normal(0, 6, pixels.shape)).clip(0, 255).astype(np.uint8))


def truncated(path: Path) -> None:
    """Cut a picture file in half."""
    path.write_bytes(io.BytesIO(path.read_bytes()).read(path.stat().st_size // 2))


def _drawn(row: dict[str, Any], seed: int, member: str) -> dict[str, Any]:
    owner = {name: row[name] for name in ("dataset", "image_id", "caption_id", "text")}
    model = {"model": "models/sample/dalle@0123456789ab", "engine": "jax", "width": 48, "height": 48}
    return owner | model | {"seed": seed, "key": _key(row["caption_id"], seed, member), "member": member}


def _key(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


PLANNED = "captions images clip colour ratings landscapes tokens model samples judgement".split()  # noqa: SIM905


def write_pipeline(folder: Path, datasets: tuple[str, ...] = ("shapes", "landscapes")) -> None:
    """params.yaml and dvc.yaml as `findings` and `figures` want them."""
    blocks = "".join(f"  {name}: {{}}\n" for name in datasets)
    (folder / "params.yaml").write_text(
        f"captions:\n{blocks}"
        "images: {model: models/sample/dalle, condition_scale: 3.0, temperature: 1.0, top_k: null, top_p: null}\n"
        "findings:\n  seed: 1\n  resamples: 500\n  confidence: 0.95\n"
        "  labels: {shapes: formes dessinées, landscapes: paysages dessinés}\n"
        "  truth: truth.csv\n  measures: null\n"
        "figures: {note_captions: 4, captions: 5, draws: 3}\ngallery: {side: 96}\n",
        encoding="utf-8",
    )
    (folder / "dvc.yaml").write_text(
        "stages:\n  findings: {cmd: x, params: [findings, captions, images]}\n  figures: {cmd: x, params: [figures]}\n"
        "  gallery: {cmd: x, params: [gallery]}\n" + "".join(f"  {name}: {{cmd: x}}\n" for name in PLANNED),
        encoding="utf-8",
    )
