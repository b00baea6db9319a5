"""Findings on the landscape filter: what it kept, by which rule, and how often it was right where truth is known."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pandas as pd

from rapporteur.core.errors import BadInput
from rapporteur.evidence import Study
from rapporteur.findings.finding import Column, Finding, Table, absent, count, measured
from rapporteur.statistics.bootstrap import Resampling
from rapporteur.statistics.proportions import share

LANDSCAPES = "landscapes/landscapes.parquet"
RULE_MARK = ";"  # between the rules in `reasons`
RULE_CAPTIONS = r"\s*\[[^\]]*\]$"  # the numbers of the captions that a rule met
COMMONEST = 20  # rules in the table: the others touch few images each
THRESHOLDS = tuple(tenth / 10 for tenth in range(1, 10))
LABELS = {"1": True, "0": False, "true": True, "false": False}
DOUBTFUL = "?"
COUNTS = Column("images", "Images concernées", "count", 0), Column("kept", "Dont retenues", "count", 0)
RIGHTNESS = {"precision": "Précision", "low": "Borne basse", "high": "Borne haute", "recall": "Rappel"}
UNKNOWN = "vérité inconnue : jeu de données non étiqueté"


def findings(study: Study, truth: pd.DataFrame | None, plan: Resampling) -> list[Finding]:
    """Counts, and precision and recall against `truth` (columns image_id, is_landscape) if there is any."""
    images, source = study.table(LANDSCAPES), study.source(LANDSCAPES)
    kept = images[images["kept"]]
    lowest = "landscapes.lowest_kept", "plus faible score retenu"
    compute = partial(share, images["kept"], images["image_id"], plan)
    return [
        count("landscapes.examined", "images examinées", len(images), source),
        count("landscapes.kept", "images retenues", len(kept), source),
        count("landscapes.refused", "images refusées", len(images) - len(kept), source),
        measured("landscapes.share_kept", "part des images retenue", "share", source, compute),
        count("landscapes.captions", "légendes des images retenues", kept["captions"].str.len().sum(), source),
        absent(*lowest, "1", source, "aucune image retenue")
        if kept.empty
        else count(*lowest, kept["score"].min(), source, unit="1", method="minimum"),
        *_against_truth(images, truth, source, plan),
    ]


def _against_truth(images: pd.DataFrame, truth: pd.DataFrame | None, source: str, plan: Resampling) -> list[Finding]:
    meanings = {"precision": "précision du filtre", "recall": "rappel du filtre"}
    labelled = "landscapes.labelled", "images dont la vérité est connue"
    if truth is None:
        shares = [absent(f"landscapes.{name}", label, "share", source, UNKNOWN) for name, label in meanings.items()]
        return [absent(*labelled, "count", source, UNKNOWN), *shares]
    known = images.merge(truth, on="image_id")
    kept, real = known[known["kept"]], known[known["is_landscape"]]
    computed = {
        "precision": partial(share, kept["is_landscape"], kept["image_id"], plan, "vrais paysages parmi les retenues"),
        "recall": partial(share, real["kept"], real["image_id"], plan, "images retenues parmi les vrais paysages"),
    }
    shares = [measured(f"landscapes.{name}", meanings[name], "share", source, computed[name]) for name in meanings]
    return [count(*labelled, len(known), source), *shares]


def read_truth(path: Path) -> pd.DataFrame:
    """The labels of a CSV: image_id and is_landscape, or label; 1 or 0, and ? for a borderline image, left out.

    Raises BadInput naming the file and the line.
    """
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    except FileNotFoundError:
        raise BadInput("the labels are missing; set `findings.truth` to null if there are none", path) from None
    except (ValueError, UnicodeDecodeError) as error:
        raise BadInput(f"not a CSV ({error})", path) from None
    column = "label" if "label" in frame and "is_landscape" not in frame else "is_landscape"
    for name in ("image_id", column):
        if name not in frame:
            raise BadInput(f"the column {name!r} is missing; its columns are {', '.join(frame.columns)}", path, 1)
    _refuse_bad_labels(frame, column, path)
    known = frame[frame[column] != DOUBTFUL]
    flags = known[column].str.lower().map(LABELS)
    return pd.DataFrame({"image_id": known["image_id"], "is_landscape": flags.astype(bool)}).reset_index(drop=True)


def _refuse_bad_labels(frame: pd.DataFrame, column: str, path: Path) -> None:
    wrong = ~frame[column].str.lower().isin([*LABELS, DOUBTFUL])
    if wrong.any():
        line = int(wrong.to_numpy().argmax()) + 2
        value = frame[column].iloc[line - 2]
        raise BadInput(f"{column} is {value!r}; write 1 or 0, or ? for a borderline image", path, line)
    twice = frame["image_id"].duplicated()
    if twice.any():
        line = int(twice.to_numpy().argmax()) + 2
        raise BadInput(f"the image {frame['image_id'].iloc[line - 2]} is labelled twice; keep one line", path, line)


def tables(study: Study, truth: pd.DataFrame | None, plan: Resampling) -> list[Table]:
    """What each rule touched, what the two kinds of hints made of the images, and what other thresholds would keep."""
    images, source = study.table(LANDSCAPES), study.source(LANDSCAPES)
    return [
        Table(
            "landscape_rules", "Règles du filtre des paysages qui touchent le plus d’images", source, *_rules(images)
        ),
        Table("landscape_hints", "Images selon les indices de leurs légendes", source, *_hints(images)),
        Table("landscape_thresholds", "Images retenues selon le seuil", source, *_thresholds(images, truth, plan)),
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
    return frame.head(COMMONEST), (Column("rule", "Règle"), *COUNTS)


def _hints(images: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Column, ...]]:
    """Images by whether their captions speak for scenery, against it, both or neither."""
    speaks_for = images["reasons"].str.contains(r"(?:^|; )\+", regex=True)
    against = images["reasons"].str.contains(r"(?:^|; )-", regex=True)
    groups = {
        "pour, sans rien contre": speaks_for & ~against,
        "pour et contre": speaks_for & against,
        "contre seulement": ~speaks_for & against,
        "aucun": ~speaks_for & ~against,
    }
    rows = [
        {"hints": label, "images": int(group.sum()), "kept": int(images.loc[group, "kept"].sum())}
        for label, group in groups.items()
    ]
    return pd.DataFrame(rows), (Column("hints", "Indices"), *COUNTS)


def _thresholds(
    images: pd.DataFrame, truth: pd.DataFrame | None, plan: Resampling
) -> tuple[pd.DataFrame, tuple[Column, ...]]:
    """What would be kept from each threshold on and, where labels are known, how rightly."""
    known = None if truth is None else images.merge(truth, on="image_id")
    rows = []
    for threshold in THRESHOLDS:
        kept = int((images["score"] >= threshold).sum())
        rows.append({"threshold": threshold, "kept": kept, **_rightness(known, threshold, plan)})
    columns: tuple[Column, ...] = Column("threshold", "Seuil", "1", 1), Column("kept", "Images retenues", "count", 0)
    if known is not None and not known.empty:
        columns += tuple(Column(name, label, "share", 0) for name, label in RIGHTNESS.items())
    return pd.DataFrame(rows), columns


def _rightness(known: pd.DataFrame | None, threshold: float, plan: Resampling) -> dict[str, float | None]:
    """Precision with its bounds and recall at a threshold; not a number where there is nothing to divide by."""
    found: dict[str, float | None] = dict.fromkeys(RIGHTNESS, float("nan"))
    if known is None:
        return found
    kept = known[known["score"] >= threshold]
    if len(kept):
        precision = share(kept["is_landscape"], kept["image_id"], plan)
        found |= {"precision": precision.value, "low": precision.low, "high": precision.high}
    real = known[known["is_landscape"]]
    return found | ({"recall": float((real["score"] >= threshold).mean())} if len(real) else {})
