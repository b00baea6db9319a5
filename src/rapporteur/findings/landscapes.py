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
    """The labels of a CSV: image_id, is_landscape (1 or 0). Raises BadInput naming the file and the line."""
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    except FileNotFoundError:
        raise BadInput("the labels are missing; set `findings.truth` to null if there are none", path) from None
    except (ValueError, UnicodeDecodeError) as error:
        raise BadInput(f"not a CSV ({error})", path) from None
    for name in ("image_id", "is_landscape"):
        if name not in frame:
            raise BadInput(f"the column {name!r} is missing; its columns are {', '.join(frame.columns)}", path, 1)
    flags = frame["is_landscape"].str.lower().map({"1": True, "0": False, "true": True, "false": False})
    if flags.isna().any():
        line = int(flags.isna().to_numpy().argmax()) + 2
        raise BadInput(f"is_landscape is {frame['is_landscape'].iloc[line - 2]!r}; write 1 or 0", path, line)
    return pd.DataFrame({"image_id": frame["image_id"], "is_landscape": flags.astype(bool)})


def tables(study: Study) -> list[Table]:
    """Each rule with the images it touched and those of them that were kept, the commonest first and alone."""
    images = study.table(LANDSCAPES)
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
    frame = frame.head(COMMONEST)
    columns = (
        Column("rule", "Règle"), Column("images", "Images concernées", "count", 0),
        Column("kept", "Dont retenues", "count", 0),
    )  # fmt: skip
    return [
        Table(
            "landscape_rules",
            "Règles du filtre des paysages qui touchent le plus d’images",
            study.source(LANDSCAPES),
            frame,
            columns,
        )
    ]
