"""Every number, test and table of the study, a module for each topic."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rapporteur.findings.topic import Topic


def topics() -> list[Topic]:
    """The topics of this package's modules, by the modules' names."""
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    return [module.TOPIC for module in modules if hasattr(module, "TOPIC")]
