"""Every figure of the study, a module for each topic."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rapporteur.figures.figure import Chart
    from rapporteur.figures.numbers import Numbers
    from rapporteur.study.tables import Study

    Draw = Callable[[Study, Numbers], Chart | None]  # None: the study has nothing to show


def charts() -> list[Draw]:
    """The charts of this package's modules (their `CHARTS`), by the modules' names; no list names them."""
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    return [chart for module in modules for chart in getattr(module, "CHARTS", ())]
