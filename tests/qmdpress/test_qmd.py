"""A .qmd cut into front matter, cells, code and prose."""

from __future__ import annotations

from pathlib import Path

import pytest

from qmdpress.errors import BadInput
from qmdpress.qmd import blanked, inline_code, prose, read_qmd


def read(root: Path, text: str) -> object:
    (root / "a.qmd").write_text(text, encoding="utf-8")
    return read_qmd(Path("a.qmd"), root)


def test_lines_of_an_included_file_keep_their_own_numbers(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts/_b.qmd").write_text("dedans\nencore\n", encoding="utf-8")
    document = read(tmp_path, "---\ntitle: x\n---\navant\n\n{{< include parts/_b.qmd >}}\n\naprès\n")
    assert document.find("encore").number == 2 and document.find("encore").file == Path("parts/_b.qmd")
    assert document.find("après").number == 8
    assert document.files == (Path("a.qmd"), Path("parts/_b.qmd"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{< include absent.qmd >}}", r"a\.qmd:1: the included file absent\.qmd is missing"),
        ("{{< include a.qmd >}}", r"a\.qmd:1: a\.qmd includes itself"),
        ("---\ntitle: x\n", r"a\.qmd:1: the front matter is never closed"),
        ("---\ntitle: [x\n---\n", r"a\.qmd:\d: not valid YAML"),
        ("x\n\n```{python}\n1\n", r"a\.qmd:3: this ``` is never closed"),
        ("```{r}\n1\n```\n", r"a\.qmd:1: a cell of the kind \{r\} can't be run"),
        ("```{python echo=false}\n1\n```\n", r"a\.qmd:1: the options of .* belong in the cell"),
        ("```{python}\n#| label: [a\n1\n```\n", r"a\.qmd:\d: not valid YAML"),
    ],
)
def test_what_can_t_be_read_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        read(tmp_path, text)


def test_a_cell_has_its_options_apart_from_its_code(tmp_path: Path) -> None:
    document = read(tmp_path, '```{python}\n#| label: fig-a\n#| fig-cap: "Un : deux"\nx = 1\nx\n```\n')
    (cell,) = document.cells
    assert cell.options == {"label": "fig-a", "fig-cap": "Un : deux"}
    assert cell.code == "x = 1\nx"


def test_an_include_inside_a_code_block_is_text(tmp_path: Path) -> None:
    document = read(tmp_path, "```\n{{< include absent.qmd >}}\n```\n")
    assert [segment.kind for segment in document.segments] == ["code"]


def test_comments_are_not_prose_even_over_several_lines(tmp_path: Path) -> None:
    document = read(tmp_path, "avant <!-- 12\n\n34 --> après 56\n")
    assert "".join(passage.text for passage in prose(document)).split() == ["avant", "après", "56"]


@pytest.mark.parametrize(
    "text",
    [
        "`{python} fact('a1')`",
        "`code 12`",
        "``a ` 12``",
        "`<b>12</b>`{=html}",
        "$x_{12}$",
        "$$ 12 $$ {#eq-12}",
        "[@doe2020, p. 12; @roe1999]",
        "@doe2020",
        "[-@fig-12]",
        "[^12]",
        "{width=12%}",
        "<https://example.org/12>",
        "https://example.org/12",
        "::: {.columns width=12}",
        "12. ",
    ],
)
def test_what_a_reader_does_not_read_as_a_number_is_blanked(text: str) -> None:
    assert not blanked(text).strip(" ")
    assert len(blanked(text)) == len(text)


def test_the_text_of_a_link_stays_and_its_target_goes() -> None:
    assert blanked("[le site 12](https://a.b/34)").split() == ["[le", "site", "12]"]


def test_a_dollar_price_is_not_mathematics() -> None:
    assert "12" in blanked("12 $ et 15 $")


def test_captions_typed_in_a_cell_are_prose(tmp_path: Path) -> None:
    document = read(tmp_path, '```{python}\n#| label: fig-a\n#| fig-cap: "Les 12 images"\nx = 34\n```\n')
    (passage,) = prose(document)
    assert "12" in passage.text and "34" not in passage.text
    assert passage.line_at(0).number == 3


def test_inline_code_is_found_with_its_line(tmp_path: Path) -> None:
    document = read(tmp_path, "a\n`{python} f(1)` et\n``` {.text}\n`{python} no`\n```\n`{python} g`\n")
    assert [(code, line.number) for code, line in inline_code(document)] == [("f(1)", 2), ("g", 6)]
