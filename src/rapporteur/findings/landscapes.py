"""Findings on the landscape filter: what it kept, by which rule, and how often it was right where truth is known."""

from __future__ import annotations

from functools import partial

import pandas as pd

from rapporteur.findings import labels
from rapporteur.findings.finding import Column, Finding, Table, absent, count, measured
from rapporteur.findings.labels import UNKNOWN
from rapporteur.findings.topic import Topic
from rapporteur.landscapes.labels import read_truth
from rapporteur.statistics.bootstrap import Resampling
from rapporteur.statistics.proportions import share
from rapporteur.study.tables import Study

__all__ = ["UNKNOWN", "findings", "read_truth", "tables"]

LANDSCAPES = "landscapes/landscapes.parquet"
RULE_MARK = ";"  # between the rules in `reasons`
RULE_CAPTIONS = r"\s*\[[^\]]*\]$"  # the numbers of the captions that a rule met
COMMONEST = 10  # rules in the table: the others touch few images each
THRESHOLDS = tuple(tenth / 10 for tenth in range(1, 10))
COUNTS = Column("images", "count", 0), Column("kept", "count", 0)
RIGHTNESS = ("precision", "low", "high", "recall")


def findings(study: Study, truth: pd.DataFrame | None, plan: Resampling) -> list[Finding]:
    """Counts, and precision and recall against `truth` (landscapes/labels.py) if there is any."""
    images, source = study.table(LANDSCAPES), study.source(LANDSCAPES)
    kept = images[images["kept"]]
    lowest = "landscapes.lowest_kept"
    compute = partial(share, images["kept"], images["image_id"], plan)
    return [
        count("landscapes.examined", len(images), source),
        count("landscapes.kept", len(kept), source),
        count("landscapes.refused", len(images) - len(kept), source),
        measured("landscapes.share_kept", "share", source, compute),
        count("landscapes.captions", kept["captions"].str.len().sum(), source),
        absent(lowest, "1", source, "no_image_kept")
        if kept.empty
        else count(lowest, kept["score"].min(), source, unit="1", method="minimum"),
        *labels.findings(images, truth, source, plan, _gold(study, images)),
    ]


def tables(study: Study, truth: pd.DataFrame | None, plan: Resampling) -> list[Table]:
    """What each rule touched, what the two kinds of hints made of the images, and what other thresholds would keep."""
    images, source = study.table(LANDSCAPES), study.source(LANDSCAPES)
    return [
        Table("landscape_rules", source, *_rules(images)),
        Table("landscape_hints", source, *_hints(images)),
        Table("landscape_thresholds", source, *_thresholds(images, truth, plan, _gold(study, images))),
    ]


def _rules(images: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Column, ...]]:
    """Each rule with the images it touched and those of them that were kept, the commonest first and alone."""
    rules = images.assign(rule=images["reasons"].str.split(RULE_MARK)).explode("rule")
    rules["rule"] = rules["rule"].str.strip().str.replace(RULE_CAPTIONS, "", regex=True)
    counts = (
        rules[rules["rule"] != ""]
        .drop_duplicates(["image_id", "rule"])
        .groupby("rule")["kept"]
        .agg(images="size", kept="sum")
        .reset_index()
    )
    frame = counts.sort_values(["images", "rule"], ascending=[False, True], kind="stable").reset_index(drop=True)
    return frame.head(COMMONEST), (Column("rule"), *COUNTS)


def _hints(images: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Column, ...]]:
    """Images by whether their captions speak for scenery, against it, both or neither."""
    speaks_for = images["reasons"].str.contains(r"(?:^|; )\+", regex=True)
    against = images["reasons"].str.contains(r"(?:^|; )-", regex=True)
    groups = {
        "for": speaks_for & ~against,
        "both": speaks_for & against,
        "against": ~speaks_for & against,
        "none": ~speaks_for & ~against,
    }
    rows = [
        {"hints": hint, "images": int(group.sum()), "kept": int(images.loc[group, "kept"].sum())}
        for hint, group in groups.items()
    ]
    return pd.DataFrame(rows), (Column("hints", words="hints"), *COUNTS)


def _gold(study: Study, images: pd.DataFrame) -> labels.Digests:
    """The digests of the pictures that the study has of these images."""
    tables = [study.gold(str(name)) for name in images["dataset"].unique() if name in study.datasets]
    rows = [row for table in tables for row in zip(table["dataset"], table["image_id"], table["digest"], strict=True)]
    return {(str(dataset), str(image)): str(digest) for dataset, image, digest in rows}


def _thresholds(
    images: pd.DataFrame, truth: pd.DataFrame | None, plan: Resampling, gold: labels.Digests
) -> tuple[pd.DataFrame, tuple[Column, ...]]:
    """What would be kept from each threshold on and, where labels are known, how rightly."""
    known = labels.labelled(images, truth, gold)
    known = None if known is None else known[~known["doubtful"]]
    rows = []
    for threshold in THRESHOLDS:
        kept = int((images["score"] >= threshold).sum())
        right = {} if known is None else labels.rightness(known, threshold, plan)
        rows.append({"threshold": threshold, "kept": kept} | dict.fromkeys(RIGHTNESS, float("nan")) | right)
    columns: tuple[Column, ...] = Column("threshold", "1", 1), Column("kept", "count", 0)
    if known is not None and not known.empty:
        columns += tuple(Column(name, "share", 0) for name in RIGHTNESS)
    return pd.DataFrame(rows), columns


TOPIC = Topic(
    findings=lambda given: findings(given.study, given.truth, given.plan),
    tables=lambda given, *_: tables(given.study, given.truth, given.plan),
    needs="landscapes",
)
