"""Writes slides as one self-contained HTML page: a section for each heading of the second level, one shown at a time.

Quarto makes a reveal.js presentation of the same source; this deck has its keys (arrows, space, Home, End, F; S for the
speaker's notes), its addresses (#/3) and its 16:9 pages, and prints one slide a page.
"""

from __future__ import annotations

import html

from qmdpress import pandoc
from qmdpress.errors import BadInput
from qmdpress.html import assembled
from qmdpress.page import Page
from qmdpress.pandoc import Blocks

LEVEL = 2  # of the headings that begin a slide


def write_slides(page: Page) -> bytes:
    """The deck. Raises BadInput for text before the first slide, and as write_html does."""
    return assembled(page, sections(page), "slides.html", shift=0, deck=True)


def sections(page: Page) -> Blocks:
    """The blocks with each slide in a section of its own."""
    made: Blocks = []
    opened = False
    for block in page.blocks:
        if block["t"] == "Header" and block["c"][0] <= LEVEL:
            level, (identifier, classes, pairs), words = block["c"]
            made += [pandoc.raw_block("html", "</div></section>")] if opened else []
            made.append(pandoc.raw_block("html", f'<section class="slide" id="{html.escape(identifier)}">'))
            made.append(pandoc.node("Header", [max(level, LEVEL), ["", classes, pairs], words]))
            made.append(pandoc.raw_block("html", '<div class="slide-content">'))
            opened = True
        elif opened or block["t"] in ("RawBlock", "Null"):
            made.append(block)
        else:
            raise BadInput(f"there is text before the first slide; begin it with {'#' * LEVEL} and a title",
                           page.document.path)  # fmt: skip
    return [*made, pandoc.raw_block("html", "</div></section>")] if opened else made
