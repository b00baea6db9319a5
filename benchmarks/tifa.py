"""The rating statistics on TIFA's 800 real ratings: agreement, means by model, CLIP against people.

    python -m benchmarks.tifa            10,000 resamples, about half a minute on one core

Data: Y. Hu et al., TIFA, ICCV 2023: 160 captions, one picture of each of five models a caption, two people's scores of
1 to 5 and a CLIPScore (ViT-B/32) for each picture; `ratings_tifa` in $RAPPORTEUR_DATA or shared/data. The functions
are those of `rapporteur.findings.ratings`; clusters are captions. `published` is what the authors' notebook
(human_annotations/compute_correlation.ipynb) printed.

Where ours differ: what the authors call Spearman's correlation is `numpy.corrcoef` of the scores, that is Pearson's;
the ranks' correlation is the one given here. Kendall's is the same. Their intervals are not published.
"mini_dalle" is what the authors' files call the model that their paper names minDALL-E: another program than
DALL·E mini, though of the same kind.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks import publish
from rapporteur.findings.finding import Finding, PairedTest, measured
from rapporteur.findings.paired import corrected, paired_test
from rapporteur.findings.people import cluster
from rapporteur.findings.ratings import agreement, correlation, mean_score, per_picture
from rapporteur.statistics.bootstrap import Estimate, Resampling

ROOT = Path(__file__).resolve().parent.parent
RESULT = Path(__file__).parent / "results" / "tifa.json"
FILE = "human_annotations_with_scores.json"
MODELS = (
    "mini_dalle", "vq_diffusion", "stable_diffusion_v1_1", "stable_diffusion_v1_5", "stable_diffusion_v2_1",
)  # fmt: skip
REFERENCE = MODELS[0]
SOURCE = "ratings_tifa"
PUBLISHED = {"kendall": 0.2314, "pearson_named_spearman": 0.3318}
PICTURE = ["dataset", "image_id", "caption_id", "seed"]
SEED, RESAMPLES = 0, 10_000


def read(folder: Path) -> list[dict[str, Any]]:
    """TIFA's rows, each with its model's name."""
    content = json.loads((folder / FILE).read_text(encoding="utf-8"))
    return [row | {"model": name.removeprefix(f"{row['text_id']}_")} for name, row in content.items()]


def owner(row: dict[str, Any]) -> dict[str, Any]:
    """A picture as rapporteur names it: a caption's draw, numbered by model."""
    return {"dataset": "tifa", "image_id": row["text_id"], "caption_id": row["text_id"],
            "seed": MODELS.index(row["model"])}  # fmt: skip


def ratings_of(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """One row a score, in the columns of vocabulary/ratings.py."""
    given = {"attribute": "overall", "simulated": False}
    return pd.DataFrame(
        [
            owner(row) | given | {"rater": f"person {place}", "score": score}
            for row in rows
            for place, score in enumerate(row["human_scores"], 1)
        ]
    )


def measures_of(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """One row a picture: its CLIPScore, w = 2.5 as in Hessel et al. (TIFA's is 100 times the cosine)."""
    return pd.DataFrame([owner(row) | {"clipscore": 2.5 * row["clipscore_vitb32"] / 100} for row in rows])


def measure(rows: Sequence[dict[str, Any]], resamples: int = RESAMPLES) -> dict[str, Any]:
    """The whole table."""
    plan = Resampling(SEED, resamples)
    scores, measures = ratings_of(rows), measures_of(rows)
    models = {model: scores[scores["seed"] == number] for number, model in enumerate(MODELS)}
    return {
        "captions": scores["caption_id"].nunique(),
        "pictures": len(measures),
        "scores": len(scores),
        "resamples": resamples,
        "published": PUBLISHED,
        "alpha": told(agreement(scores, plan)),
        "mean": told(mean_score(scores, plan)),
        "kendall": told(with_clip(scores, measures, "kendall", plan)),
        "spearman": told(with_clip(scores, measures, "spearman", plan)),
        "pearson": float(joined(scores, measures)[["clipscore", "score"]].corr().iloc[0, 1].round(4)),
        "models": {model: one_model(mine, measures, plan) for model, mine in models.items()},
        f"difference_to_{REFERENCE}": {test.dataset: difference(test) for test in tests(models, plan)},
    }


def one_model(scores: pd.DataFrame, measures: pd.DataFrame, plan: Resampling) -> dict[str, Any]:
    """A model's mean, agreement and correlations."""
    found = {name: told(with_clip(scores, measures, name, plan)) for name in ("kendall", "spearman")}
    return {"mean": told(mean_score(scores, plan)), "alpha": told(agreement(scores, plan))} | found


def joined(scores: pd.DataFrame, measures: pd.DataFrame) -> pd.DataFrame:
    return per_picture(scores).merge(measures, on=PICTURE)


def with_clip(scores: pd.DataFrame, measures: pd.DataFrame, name: str, plan: Resampling) -> Estimate:
    return correlation(joined(scores, measures), "clipscore", name, plan)


def tests(models: dict[str, pd.DataFrame], plan: Resampling) -> list[PairedTest]:
    """Each other model's mean score less the reference's, paired within the caption; one family."""
    means = {model: per_picture(scores).set_index("caption_id")["score"] for model, scores in models.items()}
    clusters = cluster(models[REFERENCE]).groupby(models[REFERENCE]["caption_id"]).first()
    test = partial(paired_test, unit="score", source=SOURCE, clusters=clusters, plan=plan)
    return corrected(
        [
            test("tifa.difference", dataset=model, differences=means[model] - means[REFERENCE])
            for model in MODELS
            if model != REFERENCE
        ]
    )


def told(found: Estimate) -> dict[str, Any]:
    """An estimate, rounded: the fourth decimal is beyond what the resamples fix."""
    return shown(measured("tifa", "", SOURCE, lambda: found))


def shown(found: Finding) -> dict[str, Any]:
    numbers = {name: getattr(found, name) for name in ("value", "low", "high")}
    rounded = {name: None if number is None else round(float(number), 4) for name, number in numbers.items()}
    return rounded | {"n": found.n, "method": found.method.record()}


def difference(test: PairedTest) -> dict[str, Any]:
    p_values = {"p": test.p, "p_holm": test.p_holm}
    return shown(test.difference) | {name: None if p is None else round(p, 4) for name, p in p_values.items()}


def data() -> Path:
    return Path(os.environ.get("RAPPORTEUR_DATA", ROOT.parent / "shared" / "data")) / SOURCE


def main() -> None:
    parser = argparse.ArgumentParser(description="the rating statistics on TIFA's real ratings")
    parser.add_argument("--resamples", type=int, default=RESAMPLES)
    args, _ = parser.parse_known_args()
    folder = data()
    if not (folder / FILE).is_file():
        print(f"tifa: {folder} is not here; set RAPPORTEUR_DATA to a folder with {SOURCE}")
        return
    publish(RESULT, measure(read(folder), args.resamples))


if __name__ == "__main__":
    main()
