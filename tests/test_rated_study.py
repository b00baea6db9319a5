"""Published pictures of four models, and what 27 people said of them, through the stages of a study of given pictures.

Data: S. Göring and others, Analysis of Appeal for Realistic AI-Generated Photos, IEEE Access 2023
(benchmarks/rated.py).
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from benchmarks import rated
from rapporteur.colour.statistics import colour_statistics
from rapporteur.core.pictures import load_picture, picture_array
from rapporteur.findings import ratings
from rapporteur.stages import captions, colour, images
from rapporteur.stages import ratings as ratings_stage
from rapporteur.statistics.bootstrap import Resampling
from rapporteur.study.tables import Study
from tests.stages.study import write_yaml

MODELS = ("craiyon", "dall-e", "glide", "stable_diffusion")  # of Midjourney a picture is absent
PUBLISHED = {
    "craiyon": 3.80,
    "dall-e": 4.21,
}  # of fit with the prompt, as the data's source states them
STAGES = {"captions": captions, "images": images, "colour": colour, "ratings": ratings_stage}
STUDY = {"split": "test", "pictures": None, "captions_per_picture": 1, "draws": len(MODELS), "seed": 0}
DATASET = {"layout": "prompts", "annotations": "prompts.csv", "images": ".", "split": "test", "absent": "refuse"}
PARAMS: dict[str, Any] = {
    "captions": {"rated": DATASET | {"study": STUDY}},
    "images": {"model": "given", "vqgan": "given", "condition_scale": 1.0, "temperature": 1.0, "top_k": None}
    | {"top_p": None},
    "colour": {"palette": 5},
    "ratings": {"folder": "people", "comparisons": "comparisons"},
}


@pytest.fixture
def study(shared_data: Path, work: Path, monkeypatch: pytest.MonkeyPatch) -> Study:
    """Draws 0 to 3 of each prompt are the four models' pictures; a file a rater, as `rapporteur rate` writes it."""
    source = shared_data / rated.SOURCE
    prompts = pd.read_csv(source / "prompts.csv").rename(columns={"prompt": "text"})
    prompts[["id", "text"]].to_csv("prompts.csv", index=False)
    lines = ["dataset,caption_id,seed,file"]
    for seed, model in enumerate(MODELS):
        shutil.copytree(source / model, f"given/{model}")
        lines += [f"rated,{name},{seed},{model}/{name}.jpg" for name in prompts["id"]]
    Path("given/pictures.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    said = rated.read(source)
    said = said[(said["question"] == "prompt_match") & said["model"].isin(MODELS)]
    said = said.assign(seed=said["model"].map(MODELS.index))
    columns = ["rater", "dataset", "image_id", "caption_id", "seed", "attribute", "score"]
    Path("people").mkdir()
    Path("comparisons").mkdir()
    for name, mine in said.groupby("rater"):
        mine[columns].to_csv(f"people/{name}.csv", index=False)
    write_yaml(Path("params.yaml"), PARAMS)
    taken = {name: [name] for name in STAGES} | {"captions": ["captions.rated"], "ratings": ["ratings", "captions"]}
    flow = {name: {"cmd": "x", "params": taken[name]} for name in STAGES}
    write_yaml(Path("dvc.yaml"), {"stages": flow})
    for name, stage in STAGES.items():
        monkeypatch.setattr("sys.argv", [name] if name == "ratings" else [name, "rated"])
        stage.main()
    return Study(["rated"], {}, Path("artifacts"))


def test_the_published_means_and_the_agreement_come_out(study: Study) -> None:
    plan = Resampling(seed=1, resamples=500)
    found = {one.name: one for one in ratings.findings(study, plan)}
    assert found["ratings.raters"].value == 27 and found["ratings.pictures"].value == 4 * 27
    assert found["ratings.rated_absent"].value == found["ratings.rated_redrawn"].value == 0
    said = study.table("ratings/ratings.parquet")
    for model, mean in PUBLISHED.items():
        estimate = ratings.mean_score(said[said["seed"] == MODELS.index(model)], plan)
        assert round(estimate.value, 2) == mean and estimate.low is not None and estimate.low < mean
    assert 0.4 < found["ratings.alpha.overall"].value < 0.65  # type: ignore[operator]


def test_their_colours_are_measured_and_the_named_ones_are_looked_for(study: Study, shared_data: Path) -> None:
    rows = study.colour("rated", "generated").set_index(["caption_id", "seed"])
    assert len(rows) == 4 * 27
    picture = load_picture(shared_data / rated.SOURCE / "craiyon/p01.jpg")
    assert rows.loc[("p01", 0), "colourfulness"] == colour_statistics(picture_array(picture), 5).colourfulness
    named = rows[rows["obeyed"].notna()]
    texts = study.captions("rated").set_index("caption_id")["text"]
    assert {"p01", "p02"} <= set(named.index.get_level_values("caption_id")), "a red car, a black dog"
    assert named.loc["p01", "obeyed"].astype(bool).sum() >= 3, texts["p01"]
