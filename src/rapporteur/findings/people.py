"""What ratings and comparisons share: simulated answers never mixed with people's, and always marked; answers about
pictures that the study does not have set apart, and counted.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from rapporteur.findings.finding import Finding, count
from rapporteur.vocabulary.phrase import Phrase
from rapporteur.vocabulary.ratings import ABSENT, REDRAWN, SET_ASIDE, UNVERIFIED


def used(answers: pd.DataFrame) -> pd.DataFrame:
    """Answers about the study's own pictures: people's alone if there is any, else the simulated ones."""
    answers = answers[~answers["standing"].isin(SET_ASIDE)]
    return answers[~answers["simulated"]] if (~answers["simulated"]).any() else answers


def standings(answers: pd.DataFrame, prefix: str, source: str) -> list[Finding]:
    """How many answers are set apart, and why, and how many are of pictures that no digest names."""
    return [
        count(f"{prefix}_{standing}", int((answers["standing"] == standing).sum()), source)
        for standing in (ABSENT, REDRAWN, UNVERIFIED)
    ]


def simulated(answers: pd.DataFrame) -> bool:
    """Whether the answers that are used are a program's."""
    return bool(answers["simulated"].any())


def marked(finding: Finding, answers: pd.DataFrame) -> Finding:
    """The finding, whose method and meaning say so where the answers are simulated."""
    if not simulated(answers):
        return finding
    method = Phrase("simulated", {"method": finding.method})
    return replace(finding, method=method, meaning=Phrase("of_simulated", {"of": finding.label}))


def cluster(rows: pd.DataFrame) -> pd.Series:
    """Gold picture, distinct between datasets."""
    return rows["dataset"] + "/" + rows["image_id"]
