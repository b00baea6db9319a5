"""The project's own fonts decide how a figure looks."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import ImageFont

from rapporteur.core.errors import BadInput
from rapporteur.figures import fonts, theme
from rapporteur.figures.sheets import Canvas, text_width


@pytest.mark.parametrize("sign", list("aéœÀβΔ₀≥≤−→□…«»’\u202f\u00a0Я"))
def test_what_french_and_mathematics_need_is_there(sign: str) -> None:
    assert fonts.has(sign)


@pytest.mark.parametrize(
    ("text", "drawn"),
    [("un lac 湖", "un lac □"), ("한국", "□□"), ("plage 🏖", "plage □"), ("a\x07b", "a□b"), ("été", "été")],
)
def test_a_sign_that_they_lack_is_a_box_everywhere(text: str, drawn: str) -> None:
    assert fonts.drawable(text) == drawn


def test_a_caption_in_another_script_is_drawn_all_the_same() -> None:
    canvas, boxes = Canvas(40, 6), Canvas(40, 6)
    canvas.words(["湖 한국"], 0, 0, 8)
    boxes.words(["□ □□"], 0, 0, 8)
    assert (np.asarray(canvas.done()) == np.asarray(boxes.done())).all()


def test_widths_are_those_of_the_letters() -> None:
    face = ImageFont.truetype(str(fonts.FOLDER / fonts.FILES[True]), 100)
    assert fonts.width("Légende", bold=True) == pytest.approx(face.getlength("Légende") / 100, rel=0.02)
    assert text_width("Légende", 9, bold=True) > text_width("Légende", 9)


def test_charts_sheets_pages_and_pdf_name_the_same_family() -> None:
    template = (fonts.FOLDER.parent / "typst-template.typ").read_text(encoding="utf-8")
    common = (fonts.FOLDER.parent / "common.css").read_text(encoding="utf-8")
    faces = (fonts.FOLDER / "fonts.css").read_text(encoding="utf-8")
    held = set(re.findall(r'font-family: "([^"]+)"', faces))
    assert theme.config({})["font"] == fonts.FAMILY
    assert set(re.findall(r'font-family: "([^"]+)"', common)) <= held
    assert {name for name in re.findall(r'"(Rapporteur \w+)"', template)} <= held | {"Rapporteur Mono"}


@pytest.mark.parametrize("path", sorted(fonts.FOLDER.parents[1].glob("**/figures/*.svg")), ids=lambda path: path.name)
def test_a_drawing_holds_the_faces_of_its_words(path: Path) -> None:
    drawing = path.read_text(encoding="utf-8")
    assert drawing.count("@font-face") == 3 and "font-family: 'Rapporteur Serif'" in drawing
    assert not re.search(r"url\([\"']?https?:", drawing)


def test_missing_fonts_say_how_to_bring_them_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "FOLDER", tmp_path)
    fonts.register.cache_clear()
    with pytest.raises(BadInput, match="git checkout report/_brand/fonts"):
        fonts.register()
