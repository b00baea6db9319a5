from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rapporteur.core.errors import BadInput
from rapporteur.core.tables import read_table, table_of, write_table
from rapporteur.dalle.checkpoint import flatten, load_dalle, save_model
from rapporteur.dalle.dalle import DalleConfig
from rapporteur.dalle.landscape import ModelParams, choosing, is_held_out, judged, split
from rapporteur.dalle.sweep import combinations, sweep
from rapporteur.dalle.training import initial_parameters
from rapporteur.findings import sweep as topic
from rapporteur.stages import model as stage
from rapporteur.statistics.bootstrap import Resampling
from rapporteur.study.tables import Study
from rapporteur.vocabulary.log import LOG
from rapporteur.vocabulary.losses import LOSSES
from rapporteur.vocabulary.sweep import FILE, read_sweep
from rapporteur.vocabulary.tokens import TOKENS
from tests.stages.study import declare

ROOT = Path(__file__).resolve().parents[2]
TINY = DalleConfig(
    d_model=16,
    encoder_layers=1,
    decoder_layers=1,
    encoder_attention_heads=2,
    decoder_attention_heads=2,
    encoder_ffn_dim=24,
    decoder_ffn_dim=24,
    encoder_vocab_size=1536,
    image_vocab_size=8,
    max_text_length=12,
    image_length=4,
    decoder_start_token_id=8,
    normalize_text=False,
)
PARAMS: dict[str, Any] = {
    "start": "start",
    "fresh_decoder": False,
    "steps": 6,
    "batch": 4,
    "learning_rate": 0.01,
    "warmup": 1,
    "blank_caption_prob": 0.1,
    "held_out": 0.3,
    "seed": 0,
    "log_every": 2,
    "cpu_devices": 1,
}


@pytest.fixture
def study(work: Path) -> Path:
    save_model(work / "start", TINY, initial_parameters(TINY, 1))
    shutil.copy(ROOT / "models/sample/dalle/tokenizer.json", work / "start/tokenizer.json")
    random = np.random.default_rng(0)
    rows = (
        {
            "dataset": "d",
            "image_id": f"{n}",
            "split": "train",
            "key": "k",
            "captions": ["a lake", "a calm lake"],
            "view": 0,
        }
        | {"tokens": random.integers(0, 8, 4).tolist()}
        for n in range(30)
    )
    write_table(table_of(rows, TOKENS), Path("artifacts/tokens/tokens.parquet"), TOKENS)
    return work


def _run(**changes: Any) -> None:
    declare("model", {"model": PARAMS | changes}, ["model"])
    stage.main()


def _output() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path("artifacts/model").iterdir()}


def test_the_decoder_learns_and_the_text_encoder_stays(study: Path) -> None:
    _run()
    before, after = (flatten(load_dalle(Path(folder))[0]) for folder in ("start", "artifacts/model"))
    changed = {name for name in before if not np.allclose(before[name], after[name], atol=1e-3)}
    assert changed
    assert not [name for name in changed if name.startswith("model.encoder.")]
    log = read_table(Path("artifacts/model/log.parquet"), LOG)
    assert log.query("split == 'held_out'")["step"].tolist() == [0, 2, 4, 6]
    losses = log.query("split == 'train'")["loss"].tolist()
    assert losses[-1] < losses[0]
    curve = pd.read_csv("artifacts/model/curve.csv")
    assert curve["step"].tolist() == [2, 4, 6] and curve["train"].tolist() == losses


def test_a_training_that_was_stopped_goes_on_and_ends_with_the_same_bytes(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _run()
    whole = _output()
    shutil.rmtree(".items")
    shutil.rmtree("artifacts/model")
    from rapporteur.dalle import optimise

    save = optimise.save_state

    def save_then_stop(*arguments: Any) -> None:
        save(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(optimise, "save_state", save_then_stop)
    with pytest.raises(KeyboardInterrupt):
        _run()
    assert not Path("artifacts/model").exists()
    monkeypatch.setattr(optimise, "save_state", save)
    capsys.readouterr()
    _run()
    assert "model: goes on from step 2" in capsys.readouterr().out
    assert _output() == whole


def test_single_pictures_are_foreseen_by_each_model_and_better_after_the_training(study: Path) -> None:
    _run(steps=40, learning_rate=0.02)
    table = read_table(Path("artifacts/model/losses.parquet"), LOSSES)
    pictures = table.drop_duplicates("image_id").set_index("image_id")["split"]
    held = {f"{n}" for n in range(30) if is_held_out(f"{n}", 0.3, 0)}
    assert set(pictures[pictures == "held_out"].index) == held
    assert 0 < (pictures == "train").sum() <= len(held)
    means = table.pivot_table(index="split", columns="model", values="loss")
    assert means["uniform"].tolist() == pytest.approx([np.log(8)] * 2)
    assert means.loc["train", "landscape_model"] < means.loc["train", "start_model"] - 0.1
    log = read_table(Path("artifacts/model/log.parquet"), LOG).query("split == 'held_out'")["loss"]
    whole = table.query("split == 'held_out' and model == 'start_model'")["loss"]
    assert abs(log.iloc[0] - whole.mean()) < 0.2  # the log's reading leaves out what fills no batch


def test_what_chooses_the_weights_is_not_what_they_are_measured_on(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    params = ModelParams(start="", steps=1, learning_rate=1.0, warmup=0, held_out=0.5, patience=2)
    tokens = read_table(Path("artifacts/tokens/tokens.parquet"), TOKENS)
    seen, held = split(tokens, params)
    chosen, told = held[choosing(held, params)], judged(tokens, params).query("part == 'held_out'")
    assert len(chosen) and len(told) and set(chosen["image_id"]) | set(told["image_id"]) == set(held["image_id"])
    assert not set(chosen["image_id"]) & set(told["image_id"]) and not set(held["image_id"]) & set(seen["image_id"])
    _run(steps=60, learning_rate=0.05, held_out=0.5, patience=2)
    assert "stopped early" in (said := capsys.readouterr().out) and re.search(r"the weights of step \d+ are kept", said)
    losses = read_table(Path("artifacts/model/losses.parquet"), LOSSES).query("split == 'held_out'")
    assert set(losses["image_id"]) == set(told["image_id"])
    with pytest.raises(BadInput, match=r"too few to stop by some and measure on others; raise `model\.held_out`"):
        _run(held_out=0.04, patience=2)


def test_weights_that_have_grown_beyond_what_is_kept_are_refused(study: Path) -> None:
    with pytest.raises(BadInput, match=r"beyond what float16 holds; lower `model\.learning_rate`"):
        _run(learning_rate=1e30)


def test_the_model_has_a_card_that_says_how_it_was_made(study: Path) -> None:
    _run()
    text = Path("artifacts/model/README.md").read_text(encoding="utf-8")
    assert text.startswith("---\nlibrary_name: rapporteur\n") and "base_model: start\n" in text
    assert "6 steps of 4, AdamW, learning rate 0.01 after 1 steps of warm-up" in text
    assert re.search(r"\| landscape_model \| \d\.\d{3} \| \d\.\d{3} \| \d+\.\d \|", text)
    assert "{" not in text


def test_further_views_are_learnt_from_and_never_measured(study: Path) -> None:
    once = read_table(Path("artifacts/tokens/tokens.parquet"), TOKENS)
    again = pd.concat([once, once.assign(view=1)]).sort_values(["image_id", "view"])
    seen, held = split(again, ModelParams(start="", steps=1, learning_rate=1.0, warmup=0, held_out=0.3))
    assert set(seen["view"]) == {0, 1} and set(held["view"]) == {0}
    assert not set(seen["image_id"]) & set(held["image_id"])


def test_another_parameter_is_another_training(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _run()
    first = _output()["model.safetensors"]
    _run(seed=1)
    assert "goes on" not in capsys.readouterr().out
    assert _output()["model.safetensors"] != first


def test_a_fresh_decoder_starts_from_a_higher_loss_of_its_own(study: Path) -> None:
    _run()
    started = read_table(Path("artifacts/model/log.parquet"), LOG)["loss"].iloc[0]
    _run(fresh_decoder=True)
    assert read_table(Path("artifacts/model/log.parquet"), LOG)["loss"].iloc[0] != started


def test_held_out_pictures_do_not_depend_on_the_others() -> None:
    names = [f"image {n}" for n in range(2000)]
    out = [is_held_out(name, 0.1, 0) for name in names]
    assert 150 < sum(out) < 250
    assert out[:10] == [is_held_out(name, 0.1, 0) for name in names[:10]]


def test_too_few_pictures_are_refused_with_the_mend(study: Path) -> None:
    with pytest.raises(BadInput, match=r"params.yaml: 30 pictures with `model.held_out: 0.0` leave 30 to learn from"):
        _run(held_out=0.0)


def test_tokens_of_another_vqgan_are_refused(study: Path) -> None:
    config = json.loads(Path("start/config.json").read_text())
    Path("start/config.json").write_text(json.dumps(config | {"image_length": 9}))
    with pytest.raises(BadInput, match=r"pictures have \{4\} tokens, the model 9"):
        _run()


# --- other settings ------------------------------------------------------------------------------------


def _sweep(*given: str) -> pd.DataFrame:
    sweep(ModelParams(**PARAMS), given)
    return read_sweep(Path(FILE))


def test_a_sweep_costs_each_picture_what_the_stage_finds_with_the_same_settings(study: Path) -> None:
    _run()
    losses = read_table(study / "artifacts/model/losses.parquet", LOSSES)
    mine = losses[losses["model"] == "landscape_model"].set_index(["split", "image_id"])["loss"]
    rows = _sweep("learning_rate=0.01,0.05", "steps=6")
    assert len(rows) == 2 * len(mine) and set(rows["learning_rate"]) == {0.01, 0.05}
    own = rows[rows["learning_rate"] == 0.01].set_index(["split", "image_id"])
    assert own["loss"].to_numpy() == pytest.approx(mine.reindex(own.index).to_numpy(), abs=1e-6)
    assert (rows[rows["learning_rate"] == 0.05].set_index(["split", "image_id"])["loss"] != own["loss"]).any()


def test_a_sweep_adds_what_is_new_and_trains_nothing_twice(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = _sweep("steps=2")
    before = Path(FILE).read_text(encoding="utf-8")
    capsys.readouterr()
    both = _sweep("steps=2,3")
    assert "1 trainings, 1 were there already" in capsys.readouterr().out
    assert Path(FILE).read_text(encoding="utf-8").startswith(before) and len(both) == 2 * len(first)
    assert not any((study / ".items/sweep").iterdir()), "a training that ended keeps no checkpoint"


def test_what_a_sweep_gains_is_held_against_the_study_s_own(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _run()
    _sweep("learning_rate=0.01,0.05", "steps=6")
    plan = Resampling(0, 200, 0.95)
    found = {one.name: one for one in topic.findings(Study(["d"], {"d": "d"}), plan)}
    assert found["model.sweep_runs"].value == 2 and found["model.sweep_set_aside"].value == 0
    rows = read_sweep(Path(FILE)).query("split == 'held_out'")
    gains = (rows["start"] - rows["loss"]).groupby(rows["learning_rate"]).mean()
    assert found["model.sweep_best"].value == pytest.approx(gains.max(), abs=1e-6)
    assert found["model.sweep_best_learning_rate"].value == gains.idxmax()
    over = gains.max() - gains[0.01]  # the study's own rate
    assert found["model.sweep_best_over_study"].value == pytest.approx(over, abs=1e-5)
    learnt = read_sweep(Path(FILE)).query("split == 'train'")
    by_heart = (learnt["start"] - learnt["loss"]).groupby(learnt["learning_rate"]).mean()
    assert found["model.sweep_learnt"].value == pytest.approx(by_heart.max(), abs=1e-6)
    assert found["model.sweep_learnt_held_out"].value == pytest.approx(gains[by_heart.idxmax()], abs=1e-6)
    table = topic.tables(Study(["d"], {"d": "d"}), plan)[0].frame
    assert table["held_out"].tolist() == pytest.approx(sorted(gains, reverse=True), abs=1e-6)
    assert found["model.sweep_shown"].value == 2
    monkeypatch.setattr(topic, "SHOWN", 1)  # more trainings than a page has rows for
    table = topic.tables(Study(["d"], {"d": "d"}), plan)[0].frame
    assert table["learning_rate"].tolist() == [gains.idxmax()]


def test_trainings_that_began_otherwise_are_set_apart_and_counted(study: Path) -> None:
    _run()
    rows = _sweep("steps=2,3")
    rows.loc[rows["steps"] == 3, "start"] += 0.5
    Path(FILE).write_text(rows.to_csv(index=False), encoding="utf-8")
    found = {one.name: one.value for one in topic.findings(Study(["d"], {"d": "d"}), Resampling(0, 200, 0.95))}
    assert (found["model.sweep_runs"], found["model.sweep_set_aside"]) == (1, 1)
    assert found["model.sweep_best_steps"] == 2


def test_without_a_sweep_there_is_nothing_to_say(study: Path) -> None:
    _run()
    found = {one.name: one.value for one in topic.findings(Study(["d"], {"d": "d"}), Resampling(0, 200, 0.95))}
    assert found["model.sweep_runs"] == 0 and found["model.sweep_best"] is None
    assert topic.tables(Study(["d"], {"d": "d"}), Resampling(0, 200, 0.95))[0].frame.empty


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["warmup=3"], "is not NAME=VALUE,VALUE with NAME one of learning_rate, steps, batch"),
        (["steps"], "is not NAME=VALUE,VALUE"),
        (["steps=2", "steps=3"], "each once"),
        (["steps=2.5"], "steps='2.5' is not a number above zero, and whole"),
        (["learning_rate=0"], "learning_rate='0' is not a number above zero"),
        (["learning_rate=nan"], "is not a number above zero"),
    ],
)
def test_settings_that_can_t_be_tried_are_refused(given: list[str], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        combinations(given)


def test_a_cell_that_is_no_number_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "sweep.csv"
    path.write_text("learning_rate,steps,batch,split,image_id,start,loss\n0.1,2,4,train,1,much,2\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"sweep\.csv:2: .*much.*rapporteur sweep"):
        read_sweep(path)
