"""What ratings and comparisons share: simulated answers never mixed with people's, and always marked; answers about
pictures that the study does not have set apart, and counted.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from rapporteur.findings.finding import Finding, count
from rapporteur.vocabulary.ratings import ABSENT, REDRAWN, SET_ASIDE, UNVERIFIED

MARK = "notes SIMULÉES"


def used(answers: pd.DataFrame) -> pd.DataFrame:
    """Answers about the study's own pictures: people's alone if there is any, else the simulated ones."""
    answers = answers[~answers["standing"].isin(SET_ASIDE)]
    return answers[~answers["simulated"]] if (~answers["simulated"]).any() else answers


def standings(answers: pd.DataFrame, prefix: str, what: str, source: str) -> list[Finding]:
    """How many answers are set apart, and why, and how many are of pictures that no digest names."""
    said = {
        ABSENT: "mises de côté : l'étude n'a pas cette image",
        REDRAWN: "mises de côté : l'image a été refaite depuis",
        UNVERIFIED: "non vérifiées : sans empreinte de l'image",
    }
    counts = {name: int((answers["standing"] == name).sum()) for name in said}
    return [count(f"{prefix}_{name}", f"{what} {text}", counts[name], source) for name, text in said.items()]


def simulated(answers: pd.DataFrame) -> bool:
    """Whether the answers that are used are a program's."""
    return bool(answers["simulated"].any())


def marked(finding: Finding, answers: pd.DataFrame) -> Finding:
    """The finding, whose method says so where the answers are simulated."""
    return replace(finding, method=f"{MARK} ; {finding.method}") if simulated(answers) else finding


def captioned(caption: str, answers: pd.DataFrame) -> str:
    """A table's caption, likewise."""
    return f"{caption} (notes simulées)" if simulated(answers) else caption


def cluster(rows: pd.DataFrame) -> pd.Series:
    """Gold picture, distinct between datasets."""
    return rows["dataset"] + "/" + rows["image_id"]
