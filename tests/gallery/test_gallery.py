"""The gallery: what it shows of a study, its thumbnails, and the page in a real Chromium."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from rapporteur.gallery.cards import SAMPLES, Card, Shown, cards, sample_cards
from rapporteur.gallery.page import data_script, page
from rapporteur.gallery.sprites import COLUMNS, ROWS, Sprites
from rapporteur.report.language import language
from rapporteur.study.tables import Study
from tests.builders import Builder
from tests.hostile import HOSTILE

LABELS = {"shapes": "formes <dessinées>", "scenes": "scènes"}


def a_picture(colour: tuple[int, int, int], size: tuple[int, int] = (96, 96)) -> Image.Image:
    return Image.new("RGB", size, colour)


def shown(name: str, seed: int | None, clip: float | None, colour: tuple[int, int, int] = (9, 99, 200)) -> Shown:
    credit = {"licence": "CC BY 4.0", "licence_url": "https://a.org", "source_url": "javascript:alert(1)"}
    return Shown(
        name, lambda: a_picture(colour), seed, "" if seed is None else "m@1", clip, 40.0 + (seed or 0), None,
        **(credit if seed is None else {}),
    )  # fmt: skip


def write_gallery(folder: Path, made: list[Card]) -> Path:
    """The gallery as its stage writes it."""
    (folder / "sprites").mkdir(parents=True)
    sprites = Sprites(folder / "sprites", 128)
    places = {one.digest: sprites.place(one.digest, one.load) for card in made for one in card.pictures}
    sprites.finish()
    (folder / "data.js").write_text(data_script(made, places, 128), encoding="utf-8")
    for name in ("fr", "en"):
        words = language(name)
        (folder / words.gallery["file"]).write_text(page(words, LABELS, "étude"), encoding="utf-8")
    return folder


def some_cards(texts: list[str], dataset: str = "shapes") -> list[Card]:
    return [
        Card(dataset, f"c{place}", text, (
            shown(f"g{place}", None, 1.0), *(shown(f"d{place}-{seed}", seed, 0.5 + place / 10) for seed in range(3)),
        ))
        for place, text in enumerate(texts)
    ]  # fmt: skip


# --- what it shows -------------------------------------------------------------------------------------


def test_every_drawn_and_gold_picture_is_there_with_what_was_measured(tmp_path: Path) -> None:
    builder = Builder(tmp_path)
    builder.write()
    builder.ratings(builder.ratings_of(raters=2, simulated=False))
    study = Study(["shapes", "landscapes"], {}, tmp_path / "artifacts")
    found = list(cards(study))
    for dataset in study.datasets:
        mine = [card for card in found if card.dataset == dataset]
        drawn = study.images(dataset)
        assert {card.caption_id for card in mine} == set(drawn["caption_id"])
        assert sum(len(card.pictures) for card in mine) == len(drawn) + len(mine)
        scores = study.scores(dataset, "generated").set_index(["caption_id", "seed"])["clipscore"]
        colours = study.colour(dataset, "generated").set_index(["caption_id", "seed"])["colourfulness"]
        for card in mine:
            assert card.pictures[0].seed is None and card.pictures[0].clip is not None
            assert [picture.seed for picture in card.pictures[1:]] == sorted(
                drawn.loc[drawn["caption_id"] == card.caption_id, "seed"]
            )
            for picture in card.pictures[1:]:
                assert picture.clip == pytest.approx(scores[card.caption_id, picture.seed])
                assert picture.colourfulness == pytest.approx(colours[card.caption_id, picture.seed])
    assert any(picture.rating is not None for card in found for picture in card.pictures)


def test_samples_of_both_models_stand_side_by_side_with_their_scores(tmp_path: Path) -> None:
    Builder(tmp_path).write()
    study = Study(["shapes"], {}, tmp_path / "artifacts")
    found, judged = list(sample_cards(study)), study.table("judgement/samples.parquet")
    assert {(card.caption_id, card.text) for card in found} == set(
        zip(judged["caption_id"], judged["text"], strict=True)
    )
    scores = judged.set_index(["source", "caption_id", "seed"])["clipscore"]
    for card in found:
        assert [(one.model, one.seed) for one in card.pictures] == [
            (model, seed) for model in ("start_model", "landscape_model") for seed in (0, 1)
        ]
        assert [one.clip for one in card.pictures] == [
            scores[one.model, card.caption_id, one.seed] for one in card.pictures
        ]
        assert card.pictures[0].load().size == (48, 48)


def test_thumbnails_are_whole_and_never_larger_than_the_picture(tmp_path: Path) -> None:
    sprites = Sprites(tmp_path, 64)
    sizes = {"wide": (300, 100), "tall": (50, 200), "small": (20, 30)}
    placed = {
        name: sprites.place(name, lambda size=size: a_picture((200, 20, 20), size)) for name, size in sizes.items()
    }  # type: ignore[misc]
    again = sprites.place("wide", lambda: pytest.fail("loaded twice"))
    assert sprites.finish() == 1
    assert {name: (place.width, place.height) for name, place in placed.items()} == {
        "wide": (64, 21), "tall": (16, 64), "small": (20, 30),
    }  # fmt: skip
    assert again == placed["wide"]
    sheet = np.asarray(Image.open(tmp_path / "0000.jpg"))
    assert sheet.shape == (64 * ROWS, 64 * COLUMNS, 3)
    assert np.abs(sheet[5, 69].astype(int) - (200, 20, 20)).max() < 12, "the second stands in the second cell"


def test_a_file_is_written_as_soon_as_it_is_full_and_the_same_each_time(tmp_path: Path) -> None:
    made = []
    for folder in (tmp_path / "a", tmp_path / "b"):
        folder.mkdir()
        sprites = Sprites(folder, 32)
        for number in range(2 * COLUMNS * ROWS + 1):
            sprites.place(str(number), partial(a_picture, (number % 256, 40, 90)))
        assert len(list(folder.iterdir())) == 2
        assert sprites.finish() == 3
        made.append([file.read_bytes() for file in sorted(folder.iterdir())])
    assert made[0] == made[1]


def test_no_text_ends_the_script_and_no_address_but_of_the_web_is_a_link() -> None:
    made = some_cards(list(HOSTILE))
    place = Sprites(Path(), 8).place("x", lambda: a_picture((0, 0, 0)))
    script = data_script(made, {one.digest: place for card in made for one in card.pictures}, 128)
    assert not re.search(r"[<>&\u2028\u2029]", script)
    told = json.loads(script.removeprefix("window.GALLERY = ").rstrip().removesuffix(";"))
    assert [card[2] for card in told["cards"]] == list(HOSTILE)
    assert told["credits"] == [["CC BY 4.0", "https://a.org", ""]]
    assert "formes \\u003cdessinées\\u003e" in page(language("fr"), LABELS, "</title>")
    assert "&lt;/title&gt;" in page(language("fr"), LABELS, "</title>")


# --- in a browser --------------------------------------------------------------------------------------


@pytest.fixture
def open_page(chromium: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Opens the gallery of some cards; the test fails on any error of the page's script, and on any request outside."""
    faults: list[str] = []
    opened: list[Page] = []

    def open_one(made: list[Card], file: str = "galerie.html", **viewport: Any) -> Page:
        folder = write_gallery(tmp_path / "gallery", made)
        one = chromium.new_page(viewport=viewport or {"width": 1200, "height": 800})  # type: ignore[arg-type]
        opened.append(one)
        one.on("pageerror", lambda error: faults.append(str(error)))
        one.on("request", lambda asked: faults.append(asked.url) if not asked.url.startswith("file://") else None)
        one.goto(f"{folder.as_uri()}/{file}")
        return one

    yield open_one
    for one in opened:
        one.close()
    assert faults == []


def _texts(one: Page) -> list[str]:
    return one.locator("article:not([hidden]) h2").all_inner_texts()


def test_captions_are_searched_filtered_and_sorted(open_page: Callable[..., Page]) -> None:
    one = open_page([*some_cards(["a red star", "a blue star", "un été rouge"]), *some_cards(["a lake"], "scenes")])
    expect(one.locator("#count")).to_have_text("légendes : 4 · images : 16")
    one.get_by_label("Chercher").fill("star RED")
    expect(one.locator("#count")).to_have_text("légendes : 1 · images : 4")
    one.get_by_label("Chercher").fill("ete")
    expect(one.locator("article:not([hidden]) h2")).to_have_text(["un été rouge"])
    one.get_by_label("Chercher").fill("")
    one.get_by_label("Trier").select_option("clip-")
    expect(one.locator("#count")).to_have_text("légendes : 4 · images : 16")
    assert _texts(one)[:2] == ["un été rouge", "a blue star"]
    one.get_by_label("Jeu de données").select_option("scenes")
    one.get_by_label("Images").select_option("gold")
    expect(one.locator("#count")).to_have_text("légendes : 1 · images : 1")
    one.reload()
    expect(one.locator("#count")).to_have_text("légendes : 1 · images : 1")  # the address holds the choices
    one.get_by_label("Chercher").fill("nowhere")
    expect(one.locator("#nothing")).to_be_visible()
    assert one.locator("#sort option[value^=rating]").count() == 0, "nobody rated"


def test_a_sample_says_which_model_drew_it(open_page: Callable[..., Page]) -> None:
    pictures = tuple(replace(shown(model, 0, 0.4), model=model) for model in ("start_model", "landscape_model"))
    one = open_page([*some_cards(["a red star"]), Card(SAMPLES, "lake", "a lake", pictures)])
    one.get_by_label("Jeu de données").select_option("demandes de paysages")
    one.locator("#model").select_option("Modèle de paysages")
    expect(one.locator("#count")).to_have_text("légendes : 1 · images : 1")
    one.get_by_role("button", name="Tirage 1 · Modèle de paysages, a lake").click()
    expect(one.locator("#facts")).to_contain_text("Modèle de paysages")


def test_a_keyboard_is_enough(open_page: Callable[..., Page]) -> None:
    one = open_page(some_cards(["a red star", "a blue star"]), "gallery.html")
    one.locator(".thumb").first.focus()
    one.keyboard.press("ArrowRight")
    one.keyboard.press("Enter")
    viewer = one.get_by_role("dialog")
    expect(viewer).to_be_visible()
    expect(viewer.locator("#drawn-pane figcaption")).to_have_text("Draw 1")
    expect(viewer.locator("#gold-pane figcaption")).to_have_text("Gold picture")
    for _ in range(3):
        one.keyboard.press("ArrowRight")
    expect(viewer.locator("#viewer-text")).to_have_text("a blue star")
    expect(viewer.locator("#drawn-pane")).to_be_hidden()
    one.keyboard.press("ArrowLeft")
    expect(viewer.locator("#drawn-pane figcaption")).to_have_text("Draw 3")
    one.keyboard.press("ArrowDown")
    expect(viewer.locator("#viewer-text")).to_have_text("a blue star")
    expect(viewer.locator("dd").filter(has_text="0.600")).to_have_count(1)
    assert viewer.locator("a").evaluate_all("links => links.map(link => link.href)") == ["https://a.org/"]
    one.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    assert one.evaluate("document.activeElement.getAttribute('aria-label')") == "Draw 1, a blue star"


def test_hostile_captions_are_text(open_page: Callable[..., Page]) -> None:
    one = open_page(some_cards(list(HOSTILE)))
    assert one.locator("article h2").evaluate_all("all => all.map(one => one.textContent)") == list(HOSTILE)
    assert one.title() == "Galerie des images"


@pytest.mark.parametrize("width", [360, 1200])
def test_thumbnails_are_drawn_once_they_are_near_and_nothing_overflows(
    open_page: Callable[..., Page], width: int
) -> None:
    one = open_page(some_cards([f"caption {number}" for number in range(200)]), width=width, height=700)
    first = one.locator(".thumb").first
    expect(first).to_have_attribute("style", re.compile("sprites/0000"))
    assert one.evaluate("document.querySelectorAll('.thumb')[790].style.backgroundImage") == ""
    assert one.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shot = np.asarray(Image.open(io.BytesIO(first.screenshot())))
    assert np.abs(shot[50, 50, :3].astype(int) - (9, 99, 200)).max() < 16, "the picture itself is seen"
