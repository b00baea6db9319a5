"""What ratings and comparisons share: simulated answers never mixed with people's, and always marked."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from rapporteur.findings.finding import Finding

MARK = "notes SIMULÉES"


def used(answers: pd.DataFrame) -> pd.DataFrame:
    """People's answers alone if there is any, else the simulated ones."""
    return answers[~answers["simulated"]] if (~answers["simulated"]).any() else answers


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
