from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rapporteur.core.errors import BadInput
from rapporteur.core.tables import read_table
from rapporteur.draw.engines.dalle_mini import JaxDalleMini
from rapporteur.stages import samples as stage
from rapporteur.vocabulary.images import SAMPLES
from tests.stages.study import InstantModel, declare
from tests.stages.test_images import PARAMS

PROMPTS = "id,text,gloss\nlake,a calm lake,un lac calme\ndune,sand dunes,des dunes\n"


@pytest.fixture
def models(work: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, InstantModel]:
    for folder in ("dalle", "vqgan", "artifacts/model"):
        (work / folder).mkdir(parents=True)
        (work / folder / "config.json").write_text(f'{{"name": "{folder}"}}')
    found = {"dalle": InstantModel(), "artifacts/model": InstantModel()}
    monkeypatch.setattr(JaxDalleMini, "load", lambda self: found[self.name])
    (work / "prompts.csv").write_text(PROMPTS)
    params: dict[str, Any] = {
        "samples": {"prompts": "prompts.csv", "draws": 2},
        "images": PARAMS,
        "model": {"start": "dalle"},
    }
    declare("samples", params, ["samples", "images", "model.start"])
    return found


def test_both_models_draw_the_same_prompts(models: dict[str, InstantModel]) -> None:
    stage.main()
    wanted = [("a calm lake", 0), ("a calm lake", 1), ("sand dunes", 0), ("sand dunes", 1)]
    assert models["dalle"].drawn == models["artifacts/model"].drawn == wanted
    index = read_table(Path("artifacts/samples/index.parquet"), SAMPLES)
    assert index["source"].tolist() == ["landscape_model"] * 4 + ["start_model"] * 4
    assert index["key"].is_unique
    assert {label.split("@")[0] for label in index["model"]} == {"dalle", "artifacts/model"}


def test_a_new_landscape_model_redraws_only_its_own(models: dict[str, InstantModel]) -> None:
    stage.main()
    for model in models.values():
        model.drawn.clear()
    Path("artifacts/model/config.json").write_text("{}")
    stage.main()
    assert (len(models["dalle"].drawn), len(models["artifacts/model"].drawn)) == (0, 4)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("id,text,gloss\nlake,,x\n", r"prompts.csv:2: a prompt needs an `id` and a `text`"),
        (PROMPTS + "lake,again,x\n", r"prompts.csv:4: the prompt 'lake' comes twice"),
        ("id,text,gloss\n", r"prompts.csv: there is no prompt"),
        ("name;words\nlake;x\n", r"prompts.csv:1: the column `id` is missing"),
        (None, r"prompts.csv: the prompts are missing"),
    ],
)
def test_a_bad_prompt_is_named_by_its_line(models: dict[str, InstantModel], content: str | None, message: str) -> None:
    if content is None:
        Path("prompts.csv").unlink()
    else:
        Path("prompts.csv").write_text(content)
    with pytest.raises(BadInput, match=message):
        stage.main()


@pytest.mark.parametrize("changes", [{"engine": "dalle-mini"}, {"model": "given"}])
def test_the_samples_are_drawn_on_jax_whatever_draws_the_study(
    models: dict[str, InstantModel], changes: dict[str, str]
) -> None:
    params = {
        "samples": {"prompts": "prompts.csv", "draws": 1},
        "images": PARAMS | changes,
        "model": {"start": "dalle"},
    }
    declare("samples", params, ["samples", "images", "model.start"])
    stage.main()
    index = read_table(Path("artifacts/samples/index.parquet"), SAMPLES)
    assert set(index["engine"]) == {"jax"}
    assert len(models["dalle"].drawn) == len(models["artifacts/model"].drawn) == 2
