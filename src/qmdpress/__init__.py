"""Renders the same .qmd as Quarto where Quarto is not at hand: nbclient, pandoc and Typst.

    python -m qmdpress report/note.qmd --out DIR

Figures, tables, equations, sections, citations, callouts, layouts, includes and inline code come out
numbered and linked as Quarto does; what is not known is an error that names the construct and its line.
Cost: 5 to 10 s a document on 2 cores, half of it the kernel and the imports of its cells.
"""

from __future__ import annotations

from qmdpress.document import render_preview

__all__ = ["render_preview"]
