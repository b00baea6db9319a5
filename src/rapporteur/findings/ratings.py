"""Findings on people's ratings: none where nobody has rated; simulated ones never mixed with people's.

Where a single person's rating exists, simulated ratings are left out of every estimate; where all ratings are
simulated, every method says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pandas as pd

from rapporteur.evidence import Study
from rapporteur.findings.finding import Column, Finding, Table, absent, count, measured
from rapporteur.statistics.agreement import ordinal_alpha
from rapporteur.statistics.bootstrap import Estimate, Resampling, mean
from rapporteur.statistics.correlation import kendall, spearman

ATTRIBUTES = {"forme": "forme", "texture": "texture", "couleur": "couleur", "ensemble": "impression d'ensemble"}
RATINGS = "ratings/ratings.parquet"
PICTURE = ["dataset", "image_id", "caption_id", "seed"]
NOBODY = "aucune note n'a été saisie"


def findings(study: Study, plan: Resampling) -> list[Finding]:
    """Counts, then mean, agreement and correlation with CLIP for each attribute."""
    everything, source = study.table(RATINGS), study.source(RATINGS)
    rated = used_ratings(everything)
    return [
        count("ratings.raters", "juges", rated["rater"].nunique(), source),
        count("ratings.rated", "notes", len(rated), source),
        count("ratings.pictures", "images notées", len(rated[PICTURE].drop_duplicates()), source),
        count("ratings.simulated", "notes simulées", int(rated["simulated"].sum()), source),
        *[finding for attribute in ATTRIBUTES for finding in _attribute(study, rated, attribute, source, plan)],
    ]


def used_ratings(everything: pd.DataFrame) -> pd.DataFrame:
    """Scores given ("not applicable" left out), people's alone if there is any."""
    given = everything[everything["score"].notna()]
    return given[~given["simulated"]] if (~given["simulated"]).any() else given


def _attribute(study: Study, rated: pd.DataFrame, attribute: str, source: str, plan: Resampling) -> Iterator[Finding]:
    rows = rated[(rated["attribute"] == attribute) & rated["seed"].notna()]
    label = ATTRIBUTES[attribute]
    scored = with_clip(study, rows)
    wanted: list[tuple[str, str, str, Callable[[], Estimate]]] = [
        ("mean", f"note moyenne, {label}", "score", lambda: mean(rows["score"], cluster(rows), plan)),
        ("alpha", f"alpha de Krippendorff, {label}", "1", lambda: _agreement(rows, plan)),
        (
            "clip_kendall", f"corrélation score CLIP–note (Kendall), {label}", "1",
            lambda: kendall(scored["clipscore"], scored["score"], cluster(scored), plan),
        ),
        (
            "clip_spearman", f"corrélation score CLIP–note (Spearman), {label}", "1",
            lambda: spearman(scored["clipscore"], scored["score"], cluster(scored), plan),
        ),
    ]  # fmt: skip
    for name, meaning, unit, compute in wanted:
        full = f"ratings.{name}.{attribute}"
        if rows.empty:
            yield absent(full, meaning, unit, source, NOBODY)
        else:
            yield _marked(measured(full, meaning, unit, source, compute), bool(rows["simulated"].any()))


def _marked(finding: Finding, simulated: bool) -> Finding:
    return replace(finding, method=f"notes SIMULÉES ; {finding.method}") if simulated else finding


def cluster(rows: pd.DataFrame) -> pd.Series:
    """Gold picture, distinct between datasets."""
    return rows["dataset"] + "/" + rows["image_id"]


def _agreement(rows: pd.DataFrame, plan: Resampling) -> Estimate:
    wide = rows.pivot_table(index=PICTURE, columns="rater", values="score", aggfunc="last", sort=True)
    pictures = wide.index.to_frame(index=False)
    return ordinal_alpha(wide, cluster(pictures), plan)


def with_clip(study: Study, rows: pd.DataFrame) -> pd.DataFrame:
    """One row a rated picture: its mean score and its CLIPScore."""
    scores = [study.scores(dataset, "generated") for dataset in study.datasets]
    clip = pd.concat(scores)[[*PICTURE, "clipscore"]] if scores else pd.DataFrame(columns=[*PICTURE, "clipscore"])
    return rows.groupby(PICTURE)["score"].mean().reset_index().merge(clip, on=PICTURE)


def tables(study: Study, known: dict[str, Finding]) -> list[Table]:
    """What was rated, attribute by attribute, and what is to be rated."""
    return [_attributes(study, known), _plan(study)]


def _attributes(study: Study, known: dict[str, Finding]) -> Table:
    rated = used_ratings(study.table(RATINGS))
    rows = []
    for attribute, label in ATTRIBUTES.items():
        found, alpha = known[f"ratings.mean.{attribute}"], known[f"ratings.alpha.{attribute}"]
        if found.value is None:
            continue
        raters = rated.loc[rated["attribute"] == attribute, "rater"].nunique()
        rows.append(
            {"attribute": label, "n": found.n, "raters": raters, "mean": found.value, "low": found.low,
             "high": found.high, "alpha": alpha.value}
        )  # fmt: skip
    columns = (
        Column("attribute", "Critère"), Column("n", "Notes", "count", 0), Column("raters", "Juges", "count", 0),
        Column("mean", "Note moyenne (1 à 5)", "score", 2), Column("low", "Borne basse", "score", 2),
        Column("high", "Borne haute", "score", 2), Column("alpha", "Alpha de Krippendorff", "1", 2),
    )  # fmt: skip
    frame = pd.DataFrame(rows, columns=[column.name for column in columns])
    simulated = not rated.empty and bool(rated["simulated"].all())
    caption = "Évaluation humaine par critère" + (" (notes simulées)" if simulated else "")
    return Table("ratings_attributes", caption, "artifacts/ratings", frame, columns)


def _plan(study: Study) -> Table:
    questions = ", ".join(ATTRIBUTES.values())
    rows = [
        {
            "key": dataset,
            "dataset": study.label(dataset),
            "questions": questions,
            "pictures": len(study.images(dataset)),
        }
        for dataset in study.datasets
    ]
    columns = (
        Column("dataset", "Jeu de données"), Column("pictures", "Images à noter", "count", 0),
        Column("questions", "Critères (1 à 5, ou sans objet)"),
    )  # fmt: skip
    frame = pd.DataFrame(rows, columns=["key", *[column.name for column in columns]])
    return Table("ratings_plan", "Plan de l'évaluation humaine", "artifacts/ratings", frame, columns)
