"""Every hostile text through the door into Markdown, read back by Pandoc as qmdpress and as Quarto ask."""

from __future__ import annotations

import json
from typing import Any

import pytest

from qmdpress.pandoc import READER, run_pandoc
from rapporteur.report.fact import _escaped, _pipe_table
from rapporteur.report.markdown import attribute
from tests.hostile import HOSTILE

QUARTO = "markdown+autolink_bare_uris+mark+emoji"  # the second is Quarto's own reader's, and more than it allows
PLAIN = [" ".join(text.split()) for text in HOSTILE]


def said(node: Any) -> str:
    """The words of a tree, and the name of whatever is none."""
    if isinstance(node, list):
        return "".join(map(said, node))
    match node["t"]:
        case "Str":
            return str(node["c"])
        case "Space":
            return " "
        case "Plain":
            return said(node["c"])
        case "Quoted":
            sign = "'" if node["c"][0]["t"] == "SingleQuote" else '"'
            return sign + said(node["c"][1]) + sign
    return f"[{node['t']}]"


@pytest.mark.parametrize("reader", [READER, QUARTO])
def test_a_cell_says_its_text_and_nothing_else(reader: str) -> None:
    table = _pipe_table(["a", "b"], [[_escaped(text) for text in HOSTILE], ["x"] * len(HOSTILE)], [False, False])
    blocks = json.loads(run_pandoc(["-f", reader, "-t", "json"], table + "\n"))["blocks"]
    assert [block["t"] for block in blocks] == ["Table"]
    cells = [row[1][0][4] for row in blocks[0]["c"][4][0][3]]
    assert [said(cell).replace("’", "'") for cell in cells] == [text.replace("’", "'") for text in PLAIN]


@pytest.mark.parametrize("reader", [READER, QUARTO])
def test_an_attribute_holds_its_text_and_no_shortcode(reader: str) -> None:
    written = [f'[x]{{alt="{attribute(text)}"}}' for text in PLAIN]
    assert not any("{{" in line or "`" in line for line in written)
    blocks = json.loads(run_pandoc(["-f", reader, "-t", "json"], "\n\n".join(written) + "\n"))["blocks"]
    assert [dict(block["c"][0]["c"][0][2])["alt"] for block in blocks] == PLAIN
