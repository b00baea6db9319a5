"""Colour: statistics in CIELAB, named colours, and whether a picture obeys the colours of its caption."""

from __future__ import annotations

from rapporteur.colour.obeyed import Obedience, obedience

__all__ = ["Obedience", "obedience"]
