"""How dates, references and promises are typed in this language, as regular expressions (report/guard.py)."""

from __future__ import annotations

from rapporteur.report.language import Lint

_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
# A year is followed by no noun: "in 2021," and "in 2021 by" pass, "2000 pictures" does not.
_AFTER_YEAR = (
    r"(?:and|or|at|to|by|for|in|on|with|without|of|from|who|that|which|where|have|has|is|was|but|then|as|the|a|an)\b"
)
LINT = Lint(
    dates=(
        rf"\b\d{{1,2}}(?:st|nd|rd|th)?(?:\s*[-–]\s*\d{{1,2}})?\s+(?:{_MONTHS})(?:\s+\d{{4}})?\b",
        rf"\b(?:{_MONTHS})(?:\s+\d{{1,2}}(?:st|nd|rd|th)?,)?\s+\d{{4}}\b",
        r"\b\d{4}-\d{2}-\d{2}\b|\b\d{2}/\d{2}/\d{4}\b",
        rf"\b(?:19|20)\d{{2}}(?:\s*[-–/]\s*(?:19|20)?\d{{2}})?\b(?!\s*%)(?![,.]\d)(?!\s+(?!{_AFTER_YEAR})[^\W\d_])",
    ),
    reference=r"(figure|fig\.|table|section|equation)\s*$",
    promise=(
        r"\[[^\]\n]*\b(?:complete|fill in|put here|insert|write here|to come|to do|todo|tbd|xxx)\b[^\]]*\]"
        r"|\b(?:TODO|TBD|FIXME|XXX+)\b|\blorem ipsum\b|\bto be completed\b|\?{3,}|\[(?:…|\.\.\.)\]"
    ),
    unresolved=r"(?:figure|table|section|equation|listing)\s*\?\?",
)
