"""French."""

from __future__ import annotations

from rapporteur.report.language import Language
from rapporteur.report.language.fr import numbers
from rapporteur.report.language.fr.charts import CHARTS
from rapporteur.report.language.fr.codes import VOCABULARIES
from rapporteur.report.language.fr.findings import FINDINGS
from rapporteur.report.language.fr.gallery import GALLERY
from rapporteur.report.language.fr.lint import LINT
from rapporteur.report.language.fr.methods import METHODS
from rapporteur.report.language.fr.page import PAGE, SCREEN
from rapporteur.report.language.fr.tables import HEADINGS

LANGUAGE = Language("fr", FINDINGS | METHODS | CHARTS | PAGE, HEADINGS, VOCABULARIES, SCREEN, numbers, LINT, GALLERY)
