from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from skimage.color import rgb2lab

from rapporteur.clip import encoder
from rapporteur.core.errors import BadInput
from rapporteur.core.pictures import png_bytes
from rapporteur.core.provenance import file_digest
from rapporteur.core.shards import write_shards
from rapporteur.core.tables import read_table, table_of, write_table
from rapporteur.dalle.landscape import is_held_out
from rapporteur.stages import judgement as stage
from rapporteur.vocabulary.captions import GOLD
from rapporteur.vocabulary.images import SAMPLES
from rapporteur.vocabulary.judgement import JUDGED_SAMPLES, REAL_LANDSCAPES
from rapporteur.vocabulary.tokens import TOKENS
from tests.stages.study import declare
from tests.studies import tiny_clip

MODEL = {"start": "start", "steps": 1, "learning_rate": 0.1, "warmup": 0}
PARAMS = {
    "judgement": {"alike": 6, "kinds": "kinds.csv"},
    "clip": {"model": "clip", "batch": 4},
    "landscapes": {"dataset": "d"},
    "model": MODEL | {"held_out": 0.4},
}
TAKEN = ["judgement", "clip", "landscapes.dataset", "model"]
PROMPTS = {"lake": "a lake", "hill": "a green hill"}
KINDS = "kind,phrase\nwater,lake\nmountain,hill\n"


def _pixels(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (24, 24, 3), dtype=np.uint8)


@pytest.fixture
def study(work: Path) -> Path:
    """Ten real landscapes, and one sample of each prompt by each model; the landscape model copied picture 3."""
    tiny_clip(work / "clip")
    (work / "kinds.csv").write_text(KINDS)
    (work / "pictures").mkdir()
    gold, tokens = [], []
    for n in range(10):
        Image.fromarray(_pixels(n)).save(file := Path(f"pictures/{n}.png"))
        place = {"dataset": "d", "split": "train", "image_id": f"{n}"}
        size = {"file": file.as_posix(), "digest": file_digest(file), "width": 24, "height": 24, "licence": ""}
        gold.append(place | size)
        tokens.append(place | {"view": 0, "key": "k", "captions": ["a hill"] if n % 2 else ["x"], "tokens": [1, 2]})
    gold.append(gold[0] | {"image_id": "not kept"})
    write_table(table_of(gold, GOLD), Path("artifacts/captions/d/gold.parquet"), GOLD)
    write_table(table_of(tokens, TOKENS), Path("artifacts/tokens/tokens.parquet"), TOKENS)
    rows, members = [], []
    for source in ("landscape_model", "start_model"):
        for number, (name, text) in enumerate(PROMPTS.items()):
            copied = source == "landscape_model" and name == "lake"
            data = png_bytes(_pixels(COPIED if copied else 100 + number))
            members.append((f"{source}-{name}.png", data))
            digest = hashlib.sha256(data).hexdigest()
            what = {"seed": 0, "key": digest, "digest": digest, "member": members[-1][0], "model": "m", "engine": "jax"}
            owner = {"dataset": "samples", "image_id": name, "caption_id": name, "text": text, "source": source}
            rows.append(owner | what | {"width": 24, "height": 24})
    homes = write_shards(Path("artifacts/samples"), members)
    named = [row | {"shard": home} for row, home in zip(rows, homes, strict=True)]
    write_table(table_of(named, SAMPLES), Path("artifacts/samples/index.parquet"), SAMPLES)
    declare("judgement", PARAMS, TAKEN)
    return work


COPIED = next(n for n in range(10) if not is_held_out(f"{n}", 0.4, 0))


def _tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    out = Path("artifacts/judgement")
    samples, real = out / "samples.parquet", out / "landscapes.parquet"
    return read_table(samples, JUDGED_SAMPLES), read_table(real, REAL_LANDSCAPES)


def test_a_copy_is_led_to_its_original(study: Path) -> None:
    stage.main()
    samples, real = _tables()
    assert len(samples) == 4 and real["image_id"].tolist() == [f"{n}" for n in range(10)]
    copy = samples.query("source == 'landscape_model' and caption_id == 'lake'").iloc[0]
    assert copy["nearest"] == f"{COPIED}" and copy["nearest_cosine"] == pytest.approx(1, abs=1e-6)
    trained = set(real.loc[real["split"] == "train", "image_id"])
    assert set(samples["nearest"]) | set(real["nearest"]) <= trained
    assert {f"{n}" for n in range(10) if is_held_out(f"{n}", 0.4, 0)} == {f"{n}" for n in range(10)} - trained
    assert (real["nearest"] != real["image_id"]).all() and not real["alike"].any()
    assert (samples["clipscore"] == 2.5 * samples["cosine"].clip(lower=0)).all()


def test_each_picture_has_its_kind_and_its_mean_colour(study: Path) -> None:
    stage.main()
    samples, real = _tables()
    assert real["kind"].tolist() == ["other", "mountain"] * 5
    assert dict(zip(samples["caption_id"], samples["kind"], strict=True)) == {"lake": "water", "hill": "mountain"}
    wanted = rgb2lab(_pixels(4)).mean(axis=(0, 1))
    assert real.loc[4, ["lightness", "a", "b"]].tolist() == pytest.approx(wanted.tolist(), abs=0.003)


def test_a_second_run_loads_no_model_and_writes_the_same_bytes(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.main()
    first = {path.name: path.read_bytes() for path in Path("artifacts/judgement").iterdir()}
    monkeypatch.setattr(encoder, "load_clip", lambda *_: pytest.fail("loaded the model"))
    stage.main()
    assert {path.name: path.read_bytes() for path in Path("artifacts/judgement").iterdir()} == first


def test_too_few_pictures_to_learn_from_are_refused(study: Path) -> None:
    declare("judgement", PARAMS | {"model": MODEL | {"held_out": 1.0}}, TAKEN)
    with pytest.raises(BadInput, match="0 pictures learnt from to compare with"):
        stage.main()


def test_at_most_so_many_real_landscapes_are_compared(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    declare("judgement", PARAMS | {"judgement": {"most": 7, "kinds": "kinds.csv"}}, TAKEN)
    stage.main()
    samples, real = _tables()
    assert len(real) == 7 and set(real["split"]) == {"train", "held_out"}
    assert set(samples["nearest"]) <= set(real["image_id"])
    assert "4 samples, 7 of 10 real landscapes" in capsys.readouterr().out
