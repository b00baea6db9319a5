"""A topic of the study: what it finds, tests and tables, all from one object. `findings.topics()` looks for them.

Another topic is another module of this package with a `TOPIC`; no list names it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from rapporteur.findings.finding import Finding, PairedTest, Table
from rapporteur.statistics.bootstrap import Resampling
from rapporteur.study.tables import Study


@dataclass(frozen=True)
class Given:
    """What topics work from."""

    study: Study  # the artifacts' tables
    plan: Resampling  # of bootstrap and permutations
    truth: pd.DataFrame | None  # which images are landscapes, where labels are
    settings: Mapping[str, Any]  # the block `images` of params.yaml
    measures: Path | None  # numbers about the models, a JSON file


@dataclass(frozen=True)
class Topic:
    """Each part is asked once, tests before findings; `known` holds every topic's findings by name."""

    findings: Callable[[Given], list[Finding]]
    tests: Callable[[Given], list[PairedTest]] = lambda given: []
    tables: Callable[[Given, dict[str, Finding], list[PairedTest]], list[Table]] = lambda given, known, tests: []
    needs: str = ""  # a stage without which the study has nothing to say on it
