"""What people say of real pictures: 27 prompts drawn by five models, and photographs, rated by 27 people.

    python -m benchmarks.rated           10,000 resamples, 12 seconds on one core

Data: S. Göring, R. R. Ramachandra Rao, R. Merten and A. Raake, Analysis of Appeal for Realistic AI-Generated Photos,
IEEE Access 2023 (github.com/Telecommunication-Telemedia-Assessment/avt_ai_images): 10,155 judgements from 1 to 5 of how
a picture fits its prompt, how real it looks and how it pleases; `rated_pictures` in $RAPPORTEUR_DATA or shared/data.
Craiyon is the name that DALL·E mini took. Photographs ("own") are there for 11 of the prompts. The functions are those
of `rapporteur.findings.ratings`; clusters are prompts, so the intervals speak of other prompts, not of other raters.
"""

from __future__ import annotations

import argparse
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks import publish
from benchmarks.tifa import RESAMPLES, ROOT, SEED, difference, told
from benchmarks.tifa import data as tifa_data
from rapporteur.findings.checks import ASKED
from rapporteur.findings.paired import corrected, paired_test
from rapporteur.findings.people import cluster
from rapporteur.findings.ratings import agreement, mean_score, per_picture
from rapporteur.statistics.bootstrap import Estimate, Resampling
from rapporteur.statistics.proportions import share
from rapporteur.statistics.strength import strength

RESULT = ROOT / "benchmarks/results/rated.json"
SOURCE = "rated_pictures"
MODELS = ("craiyon", "dall-e", "glide", "midjourney", "stable_diffusion", "own")
REFERENCE = MODELS[0]


def read(folder: Path) -> pd.DataFrame:
    """One row a judgement, in the columns of vocabulary/ratings.py, with the model and the question."""
    rows = pd.read_csv(folder / "ratings.csv", keep_default_na=False)
    model, prompt = rows["file"].str.removesuffix(".jpg").str.split("/", expand=True).T.to_numpy()
    seeds = pd.Series(model).map({name: place for place, name in enumerate(MODELS)})
    given = {"dataset": "rated", "attribute": "overall", "simulated": False, "model": model}
    return rows.assign(image_id=prompt, caption_id=prompt, seed=seeds, score=rows["rating"].astype(int), **given)


def measure(rows: pd.DataFrame, resamples: int = RESAMPLES) -> dict[str, Any]:
    """The whole table."""
    plan = Resampling(SEED, resamples)
    of = {question: rows[rows["question"] == question] for question in ASKED}
    return {
        "prompts": rows["caption_id"].nunique(),
        "pictures": rows["file"].nunique(),
        "raters": rows["rater"].nunique(),
        "judgements": len(rows),
        "resamples": resamples,
        "alpha": {question: told(agreement(mine, plan)) for question, mine in of.items()},
        "models": {
            model: {question: told(mean_score(mine[mine["model"] == model], plan)) for question, mine in of.items()}
            for model in MODELS
        },
        f"difference_to_{REFERENCE}": {question: differences(mine, plan) for question, mine in of.items()},
        "strengths": {question: worth(duels(mine), plan) for question, mine in of.items()},
        f"duels_with_{REFERENCE}": {question: won(duels(mine), plan) for question, mine in of.items()},
    }


def duels(rows: pd.DataFrame) -> pd.DataFrame:
    """Each rater's choices between the pictures of two models for one prompt, as two scores tell: first, second, won
    (1, 1/2 where they are equal, 0), caption_id.
    """
    scores = rows.pivot_table(index=["caption_id", "rater"], columns="model", values="score", aggfunc="last")
    found = []
    for first, second in combinations(MODELS, 2):
        both = scores[[first, second]].dropna()
        first_wins = (both[first] > both[second]) + (both[first] == both[second]) / 2
        prompts = both.index.get_level_values("caption_id")
        found.append(
            pd.DataFrame({"first": first, "second": second, "won": first_wins.to_numpy(), "caption_id": prompts})
        )
    return pd.concat(found, ignore_index=True)


def _strength(pairs: pd.DataFrame, of: str, plan: Resampling, over: str = "") -> Estimate:
    sides = pairs["first"], pairs["second"], pairs["won"], pairs["caption_id"]
    return strength(*sides, models=MODELS, of=of, over=over, plan=plan)


def worth(pairs: pd.DataFrame, plan: Resampling) -> dict[str, Any]:
    """Bradley and Terry's strength of each model."""
    return {model: told(_strength(pairs, model, plan)) for model in MODELS}


def won(pairs: pd.DataFrame, plan: Resampling) -> dict[str, Any]:
    """How often each other model wins over the reference, and by how much it is stronger among all."""
    found = {}
    for model in MODELS[1:]:
        mine = pairs[(pairs["first"] == REFERENCE) & (pairs["second"] == model)]
        found[model] = {
            "wins": told(share(1 - mine["won"], mine["caption_id"], plan, "share_with_ties")),
            "strength": told(_strength(pairs, model, plan, over=REFERENCE)),
        }
    return found


def differences(rows: pd.DataFrame, plan: Resampling) -> dict[str, Any]:
    """Each other model's mean less the reference's, paired within the prompt; a family a question."""
    means = {name: per_picture(mine).set_index("caption_id")["score"] for name, mine in rows.groupby("model")}
    mine = rows[rows["model"] == REFERENCE]
    clusters = cluster(mine).groupby(mine["caption_id"]).first()
    test = partial(paired_test, unit="score", source=SOURCE, plan=plan)
    tests = []
    for name in MODELS[1:]:
        found = (means[name] - means[REFERENCE]).dropna()
        tests.append(test("rated.difference", dataset=name, differences=found, clusters=clusters[found.index]))
    return {one.dataset: difference(one) for one in corrected(tests)}


def data() -> Path:
    return tifa_data().parent / SOURCE


def main() -> None:
    parser = argparse.ArgumentParser(description="the rating statistics on pictures of five models")
    parser.add_argument("--resamples", type=int, default=RESAMPLES)
    args, _ = parser.parse_known_args()
    folder = data()
    if not (folder / "ratings.csv").is_file():
        print(f"rated: {folder} is not here; set RAPPORTEUR_DATA to a folder with {SOURCE}")
        return
    publish(RESULT, measure(read(folder), args.resamples))


if __name__ == "__main__":
    main()
