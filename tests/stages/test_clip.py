from __future__ import annotations

import functools
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from rapporteur.clip import encoder
from rapporteur.clip.items import earlier
from rapporteur.core.errors import BadInput
from rapporteur.core.keep import ItemStore
from rapporteur.core.pictures import png_bytes
from rapporteur.core.shards import write_shards
from rapporteur.core.tables import read_table, table_of, write_table
from rapporteur.stages import clip
from rapporteur.vocabulary.captions import CAPTIONS
from rapporteur.vocabulary.clip import FEATURES, RETRIEVAL, SCORES
from rapporteur.vocabulary.reconstructions import RECONSTRUCTIONS
from tests.studies import SmallStudy, square, tiny_clip

PIPELINE = "stages:\n  clip:\n    foreach: [shapes]\n    do:\n      cmd: x\n      params: [clip]\n"
PARAMS = "clip:\n  model: models/clip\n  pretrained: null\n  batch: 4\n  candidates: 3\n  seed: 1\n"
COLOURS = {"red": (210, 30, 30), "blue": (40, 80, 200), "green": (30, 150, 60), "black": (20, 20, 20)}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_clip(tmp_path_factory.mktemp("models") / "clip")


load_once = functools.cache(encoder.load_clip)  # half a second each time; every test here has the same weights


@pytest.fixture
def study(work: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> SmallStudy:
    monkeypatch.setattr(encoder, "load_clip", load_once)
    (work / "models").mkdir()
    (work / "models/clip").symlink_to(model)
    small = SmallStudy(work, pipeline=PIPELINE, params=PARAMS)
    for name, colour in COLOURS.items():
        small.add(name, f"a {name} square", square(colour), draws=2)
    small.add("red", "a square of a red colour", square(COLOURS["red"]), draws=0)
    return small


def run(study: SmallStudy, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    study.write()
    monkeypatch.setattr(sys, "argv", ["clip", study.dataset])
    clip.main()
    return read_table(Path("artifacts/clip/shapes/scores.parquet"), SCORES)


def encoded(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What the encoder is asked for from now on."""
    asked: dict[str, list[str]] = {"images": [], "texts": []}
    for kind, names in asked.items():
        method = getattr(encoder.Encoder, kind)

        def spy(self: encoder.Encoder, items: list, method=method, names=names) -> list[bytes]:  # type: ignore[no-untyped-def]
            names += [getattr(item, "digest", item) for item in items]
            return method(self, items)

        monkeypatch.setattr(encoder.Encoder, kind, spy)
    return asked


def test_each_pair_of_the_study_has_one_row(study: SmallStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    table = run(study, monkeypatch)
    counts = table["pair"].value_counts().to_dict()
    assert counts == {"gold": 5, "gold_mismatched": 5, "generated": 8, "generated_mismatched": 8}
    assert (table["clipscore"] == 2.5 * table["cosine"].clip(lower=0)).all()
    matched = table[table["pair"].isin(["gold", "generated"])]
    assert matched["rank"].between(1, 3).all()
    assert (matched["candidates"] == 3).all()
    assert table.loc[table["pair"].str.endswith("mismatched"), "rank"].isna().all()
    assert not table["tokens_cut"].any()


def test_the_scores_are_those_of_the_model(study: SmallStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch
    from PIL import Image

    from rapporteur.clip.model import load_clip

    table = run(study, monkeypatch)
    network, preprocess, tokenizer, _ = load_clip("models/clip")
    with torch.inference_mode():
        image = network.encode_image(preprocess(Image.fromarray(square(COLOURS["blue"])))[None], normalize=True)
        text = network.encode_text(tokenizer(["a blue square"]), normalize=True)
    row = table[(table["pair"] == "gold") & (table["text"] == "a blue square")]
    assert row["cosine"].item() == pytest.approx((image @ text.T).item(), abs=1e-6)


def test_a_mismatched_text_is_never_one_of_the_pictures_own(study: SmallStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    table = run(study, monkeypatch)
    own = {image: {text for other, text, _ in study.captions if other == image} for image, _, _ in study.captions}
    for row in table.itertuples():
        assert (row.text in own[row.image_id]) == (row.pair in ("gold", "generated"))


def test_each_picture_looks_for_its_text_and_each_text_for_its_picture(
    study: SmallStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(study, monkeypatch)
    table = read_table(Path("artifacts/clip/shapes/retrieval.parquet"), RETRIEVAL)
    counts = table.groupby(["pictures", "direction"]).size().to_dict()
    assert counts == {
        ("gold", "image_to_text"): 4, ("gold", "text_to_image"): 5,
        ("generated", "image_to_text"): 8, ("generated", "text_to_image"): 8,
    }  # fmt: skip
    among = table.groupby(["pictures", "direction"])["candidates"].unique().map(list).to_dict()
    assert among == {
        ("gold", "image_to_text"): [5], ("gold", "text_to_image"): [4],
        ("generated", "image_to_text"): [4], ("generated", "text_to_image"): [4],
    }  # fmt: skip
    assert (table["rank"] <= table["candidates"]).all()
    assert set(table.loc[table["pictures"] == "generated", "seed"]) == {0, 1}


def test_a_second_run_encodes_nothing_and_writes_the_same_bytes(
    study: SmallStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(study, monkeypatch)
    out = Path("artifacts/clip/shapes")
    first = {path.name: path.read_bytes() for path in out.iterdir()}
    monkeypatch.setattr(encoder, "load_clip", lambda *_: pytest.fail("loaded the model"))
    run(study, monkeypatch)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == first


def test_nothing_missing_means_that_torch_is_not_imported(study: SmallStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    run(study, monkeypatch)
    program = (
        "import sys; from rapporteur.stages import clip; sys.argv = ['clip', 'shapes']; clip.main(); "
        "print(sorted({'torch', 'open_clip'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_changed_caption_costs_its_own_text(study: SmallStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    before = run(study, monkeypatch)
    asked = encoded(monkeypatch)
    image, _, draws = study.captions[1]
    study.captions[1] = (image, "a square, blue", draws)
    study.drawn["a square, blue"] = study.gold["blue"]
    after = run(study, monkeypatch)
    assert asked == {"images": [], "texts": ["a square, blue"]}
    same = before.merge(after, on=["pair", "image_id", "caption_id", "seed", "text"], suffixes=("", "_after"))
    assert (same["cosine"] == same["cosine_after"]).all()


def test_a_new_picture_costs_its_own_features(study: SmallStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    run(study, monkeypatch)
    asked = encoded(monkeypatch)
    study.add("white", "a white square", square((255, 255, 255), (20, 20, 20)), draws=2)
    run(study, monkeypatch)
    assert asked["texts"] == ["a white square"]
    assert len(asked["images"]) == 1  # the gold picture and both drawn ones have the same bytes here


def test_the_order_of_work_does_not_change_a_byte(study: SmallStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    study.captions, rest = study.captions[:2], study.captions[2:]
    run(study, monkeypatch)
    study.captions += rest
    run(study, monkeypatch)
    grown = Path("artifacts/clip/shapes/scores.parquet").read_bytes()
    monkeypatch.setattr(clip, "ItemStore", lambda stage: ItemStore(stage, Path("fresh")))
    run(study, monkeypatch)
    assert Path("artifacts/clip/shapes/scores.parquet").read_bytes() == grown


def test_an_empty_store_is_refilled_from_the_last_output(study: SmallStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    run(study, monkeypatch)
    out = Path("artifacts/clip/shapes")
    keys = set(read_table(out / "features.parquet", FEATURES)["key"])
    store, back = ItemStore("clip"), dict(earlier({path.name: path for path in out.iterdir()})(keys))
    assert len(keys) == 4 + 5  # the drawn pictures have the bytes of the gold ones here
    assert back == {key: store.get(key) for key in keys}


def test_a_caption_beyond_the_context_is_flagged(study: SmallStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    long = "a red square, " + "and then another one, " * 5
    study.captions[4] = ("red", long, 0)
    table = run(study, monkeypatch)
    assert set(table.loc[table["tokens_cut"], "text"]) == {long}
    about = json.loads(Path("artifacts/clip/shapes/model.json").read_text())
    assert about["context_length"] == 16
    assert about["model"] == "models/clip"


def test_a_truncated_gold_picture_is_named(study: SmallStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    study.write()
    path = Path("gold/blue.png")
    path.write_bytes(path.read_bytes()[:60])
    monkeypatch.setattr(sys, "argv", ["clip", "shapes"])
    with pytest.raises(BadInput, match=r"gold/blue\.png.*replace the file"):
        clip.main()
    assert not Path("artifacts/clip/shapes").exists()


def test_another_precision_encodes_again_and_null_is_float64(
    study: SmallStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = run(study, monkeypatch)
    asked = encoded(monkeypatch)
    study.params = PARAMS + "  precision: float64\n"
    run(study, monkeypatch)
    assert asked == {"images": [], "texts": []}
    study.params = PARAMS + "  precision: bfloat16\n"
    rounded = run(study, monkeypatch)
    assert [len(asked["images"]), len(asked["texts"])] == [4, 5]
    apart = (exact["cosine"] - rounded["cosine"]).abs()
    assert 0 < apart.max() < 0.02
    study.params = PARAMS + "  precision: int8\n"
    with pytest.raises(BadInput, match=r"clip\.precision.*'int8'.*float64"):
        run(study, monkeypatch)


def test_a_batch_of_none_is_refused(study: SmallStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    study.params = PARAMS.replace("batch: 4", "batch: 0")
    with pytest.raises(BadInput, match=r"clip\.batch"):
        run(study, monkeypatch)


def test_alternatives_and_foils_are_scored_beside_their_caption_and_never_as_one(
    study: SmallStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = run(study, monkeypatch)
    path = Path("artifacts/captions/shapes/captions.parquet")
    captions = read_table(path, CAPTIONS)
    first = captions.iloc[0].to_dict()
    made = [
        first | {"caption_id": f"c0-{kind}", "kind": kind, "text": text, "draws": 0, "original_id": "c0"}
        for kind, text in {"alternative": "a square that is red", "foil": "a green square"}.items()
    ]
    write_table(table_of([*captions.to_dict("records"), *made], CAPTIONS), path, CAPTIONS)
    clip.main()
    after = read_table(Path("artifacts/clip/shapes/scores.parquet"), SCORES)
    extra = after[after["pair"].str.contains("alternative|foil")]
    pd.testing.assert_frame_equal(after.drop(extra.index).reset_index(drop=True), before)
    assert sorted(extra["pair"]) == sorted(
        [f"{source}_{kind}" for kind in ("alternative", "foil") for source in ("gold", "generated", "generated")]
    )
    assert set(extra["caption_id"]) == {"c0"} and extra["rank"].isna().all()
    assert set(extra.loc[extra["pair"] == "gold_foil", "text"]) == {"a green square"}


def test_reconstructions_are_scored_with_the_captions_of_their_gold_pictures(
    study: SmallStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = run(study, monkeypatch)
    out, pixels = Path("artifacts/reconstructions/shapes"), {"red": square((180, 90, 60)), "blue": square((60, 70, 90))}
    data = {name: png_bytes(picture) for name, picture in pixels.items()}
    homes = write_shards(out, [(f"{name}.png", content) for name, content in data.items()])
    rows = [
        {
            "dataset": "shapes", "image_id": name, "key": "k" * 64, "shard": home, "member": f"{name}.png",
            "digest": hashlib.sha256(data[name]).hexdigest(), "vqgan": "v", "side": 32,
        }
        for name, home in zip(data, homes, strict=True)
    ]  # fmt: skip
    write_table(table_of(rows, RECONSTRUCTIONS), out / "index.parquet", RECONSTRUCTIONS)
    after = run(study, monkeypatch)
    extra = after[after["pair"] == "reconstructed"]
    pd.testing.assert_frame_equal(after.drop(extra.index).reset_index(drop=True), before)
    assert extra["text"].tolist() == ["a red square", "a square of a red colour", "a blue square"]
    gold = before[before["pair"] == "gold"].set_index("text").loc[extra["text"]]
    assert (extra["cosine"].to_numpy() != gold["cosine"].to_numpy()).all()
    assert extra["rank"].between(1, 3).all() and extra["seed"].isna().all()
    retrieval = read_table(Path("artifacts/clip/shapes/retrieval.parquet"), RETRIEVAL)
    assert set(retrieval["pictures"]) == {"gold", "generated"}
