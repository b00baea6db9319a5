"""Findings on form: whether the subject has the form that its caption names, told by area alone (form/overlap.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from rapporteur.findings.colour import COLOURS, base_rate
from rapporteur.findings.finding import Finding, measured
from rapporteur.findings.topic import Topic
from rapporteur.statistics.bootstrap import Estimate, Resampling
from rapporteur.statistics.proportions import share
from rapporteur.study.tables import Study

NAMED, SEEN, OBEYED = "named_form", "seen_form", "form_obeyed"


def findings(study: Study, plan: Resampling) -> list[Finding]:
    """The share of pictures that obey the form, gold and drawn, and the rate at which the word is seen elsewhere."""
    return [finding for dataset in study.datasets for finding in _obedience(study, dataset, plan)]


def _obedience(study: Study, dataset: str, plan: Resampling) -> Iterator[Finding]:
    drawn, gold = (
        rows[rows[OBEYED].notna()] for rows in (study.colour(dataset, kind) for kind in ("generated", "gold"))
    )
    wanted: dict[str, Callable[[], Estimate]] = {
        "": partial(share, drawn[OBEYED], drawn["image_id"], plan),
        "_gold": partial(share, gold[OBEYED], gold["image_id"], plan),
        "_base": partial(base_rate, drawn, NAMED, SEEN, plan),
        "_minus_base": partial(base_rate, drawn, NAMED, SEEN, plan, excess=True),
    }
    for name, compute in wanted.items():
        yield measured(f"form.obeyed{name}", "share", study.source(COLOURS, dataset), compute, dataset=dataset)


TOPIC = Topic(
    findings=lambda given: findings(given.study, given.plan),
)
