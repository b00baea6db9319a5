"""English."""

from __future__ import annotations

from rapporteur.report.language import Language
from rapporteur.report.language.en import numbers
from rapporteur.report.language.en.charts import CHARTS
from rapporteur.report.language.en.codes import VOCABULARIES
from rapporteur.report.language.en.findings import FINDINGS
from rapporteur.report.language.en.gallery import GALLERY
from rapporteur.report.language.en.lint import LINT
from rapporteur.report.language.en.methods import METHODS
from rapporteur.report.language.en.page import PAGE, SCREEN
from rapporteur.report.language.en.tables import HEADINGS

LANGUAGE = Language("en", FINDINGS | METHODS | CHARTS | PAGE, HEADINGS, VOCABULARIES, SCREEN, numbers, LINT, GALLERY)
