"""Findings on people's ratings: none where nobody has rated; simulated ones never mixed with people's.

Where a single person's rating exists, simulated ratings are left out of every estimate; where all ratings are
simulated, every method says so. A picture that several people rated counts once for each of them in a mean, and once,
with its mean score, in a correlation. Clusters are gold pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import pandas as pd

from rapporteur.findings import comparisons
from rapporteur.findings.finding import (
    DATASET,
    Column,
    Finding,
    PairedTest,
    Table,
    absent,
    bounds,
    count,
    measured,
    named_of,
    table_of_rows,
)
from rapporteur.findings.paired import corrected, paired_test
from rapporteur.findings.people import cluster, marked, standings, used
from rapporteur.findings.topic import Topic
from rapporteur.statistics.agreement import ordinal_alpha
from rapporteur.statistics.bootstrap import Estimate, Resampling, mean
from rapporteur.statistics.correlation import kendall, spearman
from rapporteur.study.tables import Study
from rapporteur.vocabulary.attributes import RATED
from rapporteur.vocabulary.phrase import Phrase

MEASURES = {"clipscore": "clip", "obeyed": "obeyed", "subject_share": "subject_share"}  # and how findings name them
CORRELATIONS = {"kendall": kendall, "spearman": spearman}
KINDS = ("generated", "gold")
RATINGS = "ratings/ratings.parquet"
PICTURE = ["dataset", "image_id", "caption_id", "seed"]
UNIT = "score"
SOURCE = "artifacts/ratings"


def findings(study: Study, plan: Resampling) -> list[Finding]:
    """Counts; mean, agreement and correlations for each attribute; means by dataset and by what prompts try;
    comparisons of two pictures.
    """
    rated, source = used_ratings(study.table(RATINGS)), study.source(RATINGS)
    measures = picture_measures(study)
    return [
        count("ratings.raters", rated["rater"].nunique(), source),
        count("ratings.rated", len(rated), source),
        count("ratings.pictures", len(rated[PICTURE].drop_duplicates()), source),
        count("ratings.simulated", int(rated["simulated"].sum()), source),
        *standings(study.table(RATINGS), "ratings.rated", source),
        *[found for attribute in RATED for found in _attribute(rated, measures, attribute, source, plan)],
        *[found for group in groups(study, rated) for found in _group(*group, source, plan)],
        *comparisons.findings(study, plan),
    ]


def used_ratings(everything: pd.DataFrame) -> pd.DataFrame:
    """Scores given ("not applicable" left out), people's alone if there is any."""
    return used(everything[everything["score"].notna()])


def _attribute(
    rated: pd.DataFrame, measures: pd.DataFrame, attribute: str, source: str, plan: Resampling
) -> Iterator[Finding]:
    """Drawn pictures of all datasets together."""
    rows = asked(rated, attribute, "generated")
    pictures = per_picture(rows).merge(measures, on=PICTURE)
    wanted: list[tuple[str, str, Callable[[], Estimate]]] = [
        ("mean", UNIT, partial(mean_score, rows, plan)),
        ("alpha", "1", partial(agreement, rows, plan)),
    ]
    wanted += [
        (f"{short}_{name}", "1", partial(correlation, pictures, measure, name, plan))
        for measure, short in MEASURES.items()
        for name in CORRELATIONS
    ]
    for name, unit, compute in wanted:
        quantity = f"ratings.{name}.{attribute}"
        if rows.empty:
            yield absent(quantity, unit, source, "nobody_rated")
        else:
            yield marked(measured(quantity, unit, source, compute), rows)


def asked(rated: pd.DataFrame, attribute: str, kind: str) -> pd.DataFrame:
    """The scores given to an attribute of gold or of generated pictures."""
    return rated[(rated["attribute"] == attribute) & (rated["seed"].isna() == (kind == "gold"))]


def mean_score(rows: pd.DataFrame, plan: Resampling) -> Estimate:
    """The mean of all scores given."""
    return mean(rows["score"], cluster(rows), plan)


def agreement(rows: pd.DataFrame, plan: Resampling) -> Estimate:
    """Krippendorff's ordinal alpha of the raters, pictures resampled by gold picture."""
    wide = rows.pivot_table(index=PICTURE, columns="rater", values="score", aggfunc="last", sort=True)
    return ordinal_alpha(wide, cluster(wide.index.to_frame(index=False)), plan)


def per_picture(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a rated picture: its mean score."""
    return rows.groupby(PICTURE)["score"].mean().reset_index()


def correlation(pictures: pd.DataFrame, measure: str, name: str, plan: Resampling) -> Estimate:
    """Kendall's tau-b or Spearman's rho of a measure with the mean score, for pictures that have both."""
    both = pictures[pictures[measure].notna()]
    return CORRELATIONS[name](both[measure].astype(float), both["score"], cluster(both), plan)


def picture_measures(study: Study) -> pd.DataFrame:
    """One row a drawn picture: its CLIPScore, and whether it obeys its caption's colour (null: none named)."""
    clip = [study.scores(dataset, "generated")[[*PICTURE, "clipscore"]] for dataset in study.datasets]
    colour = [study.colour(dataset, "generated")[[*PICTURE, "obeyed", "subject_share"]] for dataset in study.datasets]
    if not study.datasets:
        return pd.DataFrame(columns=[*PICTURE, *MEASURES])
    texts = {"caption_id": str}
    return pd.concat(clip).astype(texts).merge(pd.concat(colour).astype(texts), on=PICTURE, how="outer")


# ------------------------------------------------------------------------------------- by dataset and by prompt


Group = tuple[str, str, str, pd.DataFrame]  # dataset, what its prompts try ("": any), gold or generated, scores


def groups(study: Study, rated: pd.DataFrame) -> Iterator[Group]:
    """Each dataset's scores, and those of each kind of prompt where captions say what they try."""
    for dataset in study.datasets:
        captions = study.captions(dataset).set_index("caption_id")["attribute"]
        mine = rated[rated["dataset"] == dataset]
        tried = mine["caption_id"].map(captions)
        for prompt in ("", *sorted(captions.dropna().unique())):
            part = mine[tried.eq(prompt).fillna(False).astype(bool)] if prompt else mine
            for kind in KINDS:
                rows = part[part["seed"].isna() == (kind == "gold")]
                if not rows.empty:
                    yield dataset, prompt, kind, rows


def group_quantity(prompt: str, kind: str, attribute: str) -> str:
    """What the mean of a group is called: ratings.mean_shape, ratings.gold_shape_colour."""
    head = "mean" if kind == "generated" else kind
    return f"ratings.{head}_{attribute}{f'_{prompt}' if prompt else ''}"


def _group(
    dataset: str, prompt: str, kind: str, rows: pd.DataFrame, source: str, plan: Resampling
) -> Iterator[Finding]:
    for attribute in RATED:
        scores = rows[rows["attribute"] == attribute]
        if not scores.empty:
            about = {"attribute": Phrase(f"attribute.{attribute}"), "pictures": Phrase(f"seen.{kind}")}
            meaning = Phrase("mean_rating", about)
            if prompt:
                meaning = Phrase("mean_rating_of_prompts", about | {"prompt": Phrase(f"prompt.{prompt}")})
            quantity, compute = group_quantity(prompt, kind, attribute), partial(mean_score, scores, plan)
            yield marked(measured(quantity, UNIT, source, compute, dataset=dataset, meaning=meaning), scores)


def tests(study: Study, plan: Resampling) -> list[PairedTest]:
    """Gold against generated by attribute and dataset, within captions whose pictures of both kinds were rated; one
    family. Nothing where there is no such caption.
    """
    rated = used_ratings(study.table(RATINGS))
    wanted = [(dataset, attribute) for dataset in study.datasets for attribute in RATED]
    found = [
        _test(rated[rated["dataset"] == dataset], dataset, attribute, study, plan) for dataset, attribute in wanted
    ]
    return corrected([test for test in found if test is not None])


def _test(rated: pd.DataFrame, dataset: str, attribute: str, study: Study, plan: Resampling) -> PairedTest | None:
    gold, drawn = (
        per_picture(asked(rated, attribute, kind).fillna({"seed": -1})).groupby("caption_id")["score"].mean()
        for kind in ("gold", "generated")
    )
    differences = (gold - drawn).dropna()
    if differences.empty:
        return None
    test = paired_test(
        f"ratings.gold_minus_generated_{attribute}",
        dataset=dataset,
        unit=UNIT,
        source=study.source(RATINGS),
        differences=differences.astype(float),
        clusters=rated.groupby("caption_id")["image_id"].first(),
        plan=plan,
    )
    return replace(test, difference=marked(test.difference, rated))


# ------------------------------------------------------------------------------------------------------- tables


def tables(study: Study, known: dict[str, Finding]) -> list[Table]:
    """What was rated, attribute by attribute and group by group, its correlations, comparisons, and the plan."""
    rated = used_ratings(study.table(RATINGS))
    return [
        _attributes(rated, known),
        _groups(study, rated, known),
        _correlations(rated, known),
        comparisons.table(study, known),
        _plan(study),
    ]


def _attributes(rated: pd.DataFrame, known: dict[str, Finding]) -> Table:
    rows = []
    for attribute in RATED:
        found, alpha = known[f"ratings.mean.{attribute}"], known[f"ratings.alpha.{attribute}"]
        if found.value is None:
            continue
        raters = rated.loc[rated["attribute"] == attribute, "rater"].nunique()
        rows.append(
            {"attribute": attribute, "n": found.n, "raters": raters, "mean": found.value, "low": found.low,
             "high": found.high, "alpha": alpha.value, "alpha_low": alpha.low, "alpha_high": alpha.high}
        )  # fmt: skip
    columns = (
        Column("attribute", words="attribute"), Column("n", "count", 0), Column("raters", "count", 0),
        Column("mean", UNIT, 2), *bounds(UNIT, 2),
        *[Column(name, "1", 2) for name in ("alpha", "alpha_low", "alpha_high")],
    )  # fmt: skip
    return table_of_rows("ratings_attributes", SOURCE, rows, *columns, key=False)


def _groups(study: Study, rated: pd.DataFrame, known: dict[str, Finding]) -> Table:
    rows = []
    for dataset, prompt, kind, _ in groups(study, rated):
        for attribute in RATED:
            found = known.get(named_of(group_quantity(prompt, kind, attribute), dataset))
            if found is None:
                continue
            rows.append(
                {"key": dataset, "dataset": study.label(dataset), "prompt": prompt, "kind": kind,
                 "attribute": attribute, "n": found.n, "mean": found.value, "low": found.low, "high": found.high}
            )  # fmt: skip
    words = [Column(name, words=name) for name in ("prompt", "kind", "attribute")]
    columns = DATASET, *words, Column("n", "count", 0), Column("mean", UNIT, 2), *bounds(UNIT, 2)
    return table_of_rows("ratings_groups", SOURCE, rows, *columns)


def _correlations(rated: pd.DataFrame, known: dict[str, Finding]) -> Table:
    rows = []
    for attribute in RATED:
        for measure, short in MEASURES.items():
            tau, rho = (known[f"ratings.{short}_{name}.{attribute}"] for name in CORRELATIONS)
            if tau.value is not None:
                rows.append(
                    {"attribute": attribute, "measure": measure, "n": tau.n, "tau": tau.value, "tau_low": tau.low,
                     "tau_high": tau.high, "rho": rho.value, "rho_low": rho.low, "rho_high": rho.high}
                )  # fmt: skip
    words = Column("attribute", words="attribute"), Column("measure", words="judged_by")
    numbers = [Column(f"{name}{end}", "1", 2) for name in ("tau", "rho") for end in ("", "_low", "_high")]
    return table_of_rows("ratings_correlations", SOURCE, rows, *words, Column("n", "count", 0), *numbers, key=False)


def _plan(study: Study) -> Table:
    rows = [
        {"key": dataset, "dataset": study.label(dataset), "questions": list(RATED),
         "pictures": len(study.images(dataset))}
        for dataset in study.datasets
    ]  # fmt: skip
    columns = DATASET, Column("pictures", "count", 0), Column("questions", words="attribute")
    return table_of_rows("ratings_plan", SOURCE, rows, *columns)


TOPIC = Topic(
    findings=lambda given: findings(given.study, given.plan),
    tests=lambda given: tests(given.study, given.plan),
    tables=lambda given, known, _: tables(given.study, known),
)
