"""Foils: captions in which exactly one thing is wrong, made from captions that are right."""

from __future__ import annotations

from rapporteur.study.foils.lexicon import FoilLexicon, read_foil_lexicon
from rapporteur.study.foils.rules import KINDS, Foil, foils_of, make_foil, single_change

__all__ = ["KINDS", "Foil", "FoilLexicon", "foils_of", "make_foil", "read_foil_lexicon", "single_change"]
