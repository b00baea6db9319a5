"""How dates, references and promises are typed in this language, as regular expressions (report/guard.py)."""

from __future__ import annotations

from rapporteur.report.language import Lint

_MONTHS = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
# A year is followed by no noun: "en 2021," and "en 2021 par" pass, "2000 images" does not.
_AFTER_YEAR = (
    r"(?:et|ou|à|au|aux|par|pour|dans|sur|sous|avec|sans|de|du|des|qui|que|où|ont|a|est|mais|puis|comme|chez|en"
    r"|le|la|les|un|une)\b"
)
LINT = Lint(
    dates=(
        rf"\b(?:\d{{1,2}}|1er)(?:\s*[-–]\s*\d{{1,2}})?\s+(?:{_MONTHS})(?:\s+\d{{4}})?\b",
        rf"\b(?:{_MONTHS})\s+\d{{4}}\b",
        r"\b\d{4}-\d{2}-\d{2}\b|\b\d{2}/\d{2}/\d{4}\b",
        rf"\b(?:19|20)\d{{2}}(?:\s*[-–/]\s*(?:19|20)?\d{{2}})?\b(?!\s*%)(?![,.]\d)(?!\s+(?!{_AFTER_YEAR})[^\W\d_])",
    ),
    reference=r"(figure|fig\.|tableau|section|équation)\s*$",
    promise=(
        r"\[[^\]\n]*\b(?:compléter|remplir|mettre|insérer|rédiger|préciser|à venir|à faire|todo|tbd|xxx)\b[^\]]*\]"
        r"|\b(?:TODO|TBD|FIXME|XXX+)\b|\blorem ipsum\b|\bà compléter\b|\?{3,}|\[(?:…|\.\.\.)\]"
    ),
    unresolved=r"(?:figure|tableau|table|section|équation|listing)\s*\?\?",
)
