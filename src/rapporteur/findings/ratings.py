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
from rapporteur.findings.finding import Column, Finding, PairedTest, Table, absent, count, measured
from rapporteur.findings.paired import corrected, paired_test
from rapporteur.findings.people import captioned, cluster, marked, standings, used
from rapporteur.findings.topic import Topic
from rapporteur.statistics.agreement import ordinal_alpha
from rapporteur.statistics.bootstrap import Estimate, Resampling, mean
from rapporteur.statistics.correlation import kendall, spearman
from rapporteur.study.tables import Study

ATTRIBUTES = {"forme": "forme", "texture": "texture", "couleur": "couleur", "ensemble": "impression d'ensemble"}
MEASURES = {  # what a score is compared with: its meaning, and how findings are named
    "clipscore": ("score CLIP", "clip"),
    "obeyed": ("couleur nommée présente sur le sujet", "obeyed"),
    "subject_share": ("part du sujet dans la couleur nommée", "subject_share"),
}
CORRELATIONS = {"kendall": ("Kendall", kendall), "spearman": ("Spearman", spearman)}
KINDS = {"generated": "Générées", "gold": "Référence"}
RATINGS = "ratings/ratings.parquet"
PICTURE = ["dataset", "image_id", "caption_id", "seed"]
NOBODY = "aucune note n'a été saisie"
UNIT = "score"
SOURCE = "artifacts/ratings"


def findings(study: Study, plan: Resampling) -> list[Finding]:
    """Counts; mean, agreement and correlations for each attribute; means by dataset and by what prompts try;
    comparisons of two pictures.
    """
    rated, source = used_ratings(study.table(RATINGS)), study.source(RATINGS)
    measures = picture_measures(study)
    return [
        count("ratings.raters", "juges", rated["rater"].nunique(), source),
        count("ratings.rated", "notes", len(rated), source),
        count("ratings.pictures", "images notées", len(rated[PICTURE].drop_duplicates()), source),
        count("ratings.simulated", "notes simulées", int(rated["simulated"].sum()), source),
        *standings(study.table(RATINGS), "ratings.rated", "notes", source),
        *[found for attribute in ATTRIBUTES for found in _attribute(rated, measures, attribute, source, plan)],
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
    rows, label = asked(rated, attribute, "generated"), ATTRIBUTES[attribute]
    pictures = per_picture(rows).merge(measures, on=PICTURE)
    wanted: list[tuple[str, str, str, Callable[[], Estimate]]] = [
        ("mean", f"note moyenne, {label}", UNIT, partial(mean_score, rows, plan)),
        ("alpha", f"alpha de Krippendorff, {label}", "1", partial(agreement, rows, plan)),
    ]
    for measure, (meaning, short) in MEASURES.items():
        for name, (author, _) in CORRELATIONS.items():
            said = f"corrélation {meaning}–note ({author}), {label}"
            wanted.append((f"{short}_{name}", said, "1", partial(correlation, pictures, measure, name, plan)))
    for name, meaning, unit, compute in wanted:
        full = f"ratings.{name}.{attribute}"
        if rows.empty:
            yield absent(full, meaning, unit, source, NOBODY)
        else:
            yield marked(measured(full, meaning, unit, source, compute), rows)


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
    return CORRELATIONS[name][1](both[measure].astype(float), both["score"], cluster(both), plan)


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


def group_name(dataset: str, prompt: str, kind: str, attribute: str) -> str:
    """What the mean of a group is called: ratings.mean_forme.shapes, ratings.gold_forme_couleur.prompts."""
    head = "mean" if kind == "generated" else kind
    return f"ratings.{head}_{attribute}{f'_{prompt}' if prompt else ''}.{dataset}"


def _group(
    dataset: str, prompt: str, kind: str, rows: pd.DataFrame, source: str, plan: Resampling
) -> Iterator[Finding]:
    where = f"images {'générées' if kind == 'generated' else 'de référence'}"
    tried = f", demandes de {prompt}" if prompt else ""
    for attribute, label in ATTRIBUTES.items():
        scores = rows[rows["attribute"] == attribute]
        if not scores.empty:
            name = group_name(dataset, prompt, kind, attribute)
            meaning = f"note moyenne, {label}, {where}{tried}"
            yield marked(measured(name, meaning, UNIT, source, partial(mean_score, scores, plan)), scores)


def tests(study: Study, plan: Resampling) -> list[PairedTest]:
    """Gold against generated by attribute and dataset, within captions whose pictures of both kinds were rated; one
    family. Nothing where there is no such caption.
    """
    rated = used_ratings(study.table(RATINGS))
    wanted = [(dataset, attribute) for dataset in study.datasets for attribute in ATTRIBUTES]
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
    label = captioned(f"note, {ATTRIBUTES[attribute]} : référence − générée, par légende", rated)
    test = paired_test(
        f"ratings.gold_minus_generated_{attribute}.{dataset}",
        label,
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
    for attribute, label in ATTRIBUTES.items():
        found, alpha = known[f"ratings.mean.{attribute}"], known[f"ratings.alpha.{attribute}"]
        if found.value is None:
            continue
        raters = rated.loc[rated["attribute"] == attribute, "rater"].nunique()
        rows.append(
            {"attribute": label, "n": found.n, "raters": raters, "mean": found.value, "low": found.low,
             "high": found.high, "alpha": alpha.value, "alpha_low": alpha.low, "alpha_high": alpha.high}
        )  # fmt: skip
    columns = (
        Column("attribute", "Critère"), Column("n", "Notes", "count", 0), Column("raters", "Juges", "count", 0),
        Column("mean", "Note moyenne (1 à 5)", UNIT, 2), Column("low", "Borne basse", UNIT, 2),
        Column("high", "Borne haute", UNIT, 2), Column("alpha", "Alpha de Krippendorff", "1", 2),
        Column("alpha_low", "Borne basse", "1", 2), Column("alpha_high", "Borne haute", "1", 2),
    )  # fmt: skip
    frame = pd.DataFrame(rows, columns=[column.name for column in columns])
    caption = captioned("Évaluation humaine par critère", rated)
    return Table("ratings_attributes", caption, SOURCE, frame, columns)


def _groups(study: Study, rated: pd.DataFrame, known: dict[str, Finding]) -> Table:
    rows = []
    for dataset, prompt, kind, _ in groups(study, rated):
        for attribute, label in ATTRIBUTES.items():
            found = known.get(group_name(dataset, prompt, kind, attribute))
            if found is None:
                continue
            rows.append(
                {"key": dataset, "dataset": study.label(dataset), "prompt": prompt or "toutes", "kind": KINDS[kind],
                 "attribute": label, "n": found.n, "mean": found.value, "low": found.low, "high": found.high}
            )  # fmt: skip
    columns = (
        Column("dataset", "Jeu de données"), Column("prompt", "Demandes"), Column("kind", "Images"),
        Column("attribute", "Critère"), Column("n", "Notes", "count", 0), Column("mean", "Note moyenne", UNIT, 2),
        Column("low", "Borne basse", UNIT, 2), Column("high", "Borne haute", UNIT, 2),
    )  # fmt: skip
    frame = pd.DataFrame(rows, columns=["key", *[column.name for column in columns]])
    caption = captioned("Notes par jeu de données et par sorte de demande", rated)
    return Table("ratings_groups", caption, SOURCE, frame, columns)


def _correlations(rated: pd.DataFrame, known: dict[str, Finding]) -> Table:
    rows = []
    for attribute, label in ATTRIBUTES.items():
        for meaning, short in MEASURES.values():
            tau, rho = (known[f"ratings.{short}_{name}.{attribute}"] for name in CORRELATIONS)
            if tau.value is not None:
                rows.append(
                    {"attribute": label, "measure": meaning, "n": tau.n, "tau": tau.value, "tau_low": tau.low,
                     "tau_high": tau.high, "rho": rho.value, "rho_low": rho.low, "rho_high": rho.high}
                )  # fmt: skip
    columns = (
        Column("attribute", "Critère"), Column("measure", "Mesure"), Column("n", "Images", "count", 0),
        Column("tau", "Tau de Kendall", "1", 2), Column("tau_low", "Borne basse", "1", 2),
        Column("tau_high", "Borne haute", "1", 2), Column("rho", "Rho de Spearman", "1", 2),
        Column("rho_low", "Borne basse", "1", 2), Column("rho_high", "Borne haute", "1", 2),
    )  # fmt: skip
    frame = pd.DataFrame(rows, columns=[column.name for column in columns])
    caption = captioned("Mesures automatiques et notes humaines : corrélations de rang", rated)
    return Table("ratings_correlations", caption, SOURCE, frame, columns)


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
    return Table("ratings_plan", "Plan de l'évaluation humaine", SOURCE, frame, columns)


TOPIC = Topic(
    findings=lambda given: findings(given.study, given.plan),
    tests=lambda given: tests(given.study, given.plan),
    tables=lambda given, known, _: tables(given.study, known),
)
