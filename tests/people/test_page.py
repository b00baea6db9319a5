"""The page in a real Chromium: by keyboard, after a kill, on a narrow screen, for a screen reader."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from rapporteur.people.answers import read_comparisons, read_folder
from rapporteur.people.server import KEY_HEADER
from tests.people.conftest import HOSTILE, Client

Start = Callable[..., tuple["subprocess.Popen[str]", str]]
RATINGS_FOLDER = Path("data/ratings")
WIDE, NARROW = {"width": 1200, "height": 800}, {"width": 360, "height": 740}

# For each element that shows text of its own: its colour against the nearest painted ground behind it.
CONTRASTS = """() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = numbers(colour).slice(0, 3).map((part) => part / 255)
      .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      const alpha = numbers(colour)[3];
      if (alpha === undefined || alpha === 1) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const shows = (element) => element.checkVisibility()
    && [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
  return [...document.body.querySelectorAll("*")].filter(shows).map((element) => {
    const [high, low] = [light(getComputedStyle(element).color), light(ground(element))].sort((a, b) => b - a);
    return [element.textContent, (high + 0.05) / (low + 0.05)];
  });
}"""


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens an address and waits for the first picture; the test fails on any error of the page's script."""
    pages: list[Page] = []
    faults: list[str] = []

    def open_one(address: str, **viewport: int) -> Page:
        page = chromium.new_page(viewport=viewport or WIDE)  # type: ignore[arg-type]
        pages.append(page)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(address)
        return page

    yield open_one
    for page in pages:
        page.close()
    assert faults == []


def _count(page: Page, text: str) -> None:
    expect(page.locator("#count")).to_have_text(re.compile(rf"^{text}( |$)"))


def test_keys_alone_rate_a_picture_and_go_on(client: Client, open_page: Callable[..., Page]) -> None:
    page = open_page(client.server.address)
    _count(page, "0 / 16")
    first = page.locator("#pictures img").get_attribute("src")
    for key in ("4", "0", "5", "3"):
        page.keyboard.press(key)
    _count(page, "1 / 16")
    assert page.locator("#pictures img").get_attribute("src") != first
    table = read_folder(RATINGS_FOLDER).set_index("attribute")["score"]
    assert table.drop("texture").to_dict() == {"shape": 4, "colour": 5, "overall": 3}
    assert table.isna()["texture"]


def test_a_hurried_rater_loses_no_key(client: Client, open_page: Callable[..., Page]) -> None:
    page = open_page(client.server.address)
    _count(page, "0 / 16")
    for _ in range(5):
        for key in ("5", "4", "3", "2"):
            page.keyboard.press(key)
    _count(page, "5 / 16")
    scores = read_folder(RATINGS_FOLDER)["score"].tolist()
    assert scores == [5, 4, 3, 2] * 5


def test_digits_of_a_french_keyboard_need_no_shift(client: Client, open_page: Callable[..., Page]) -> None:
    page = open_page(client.server.address)
    _count(page, "0 / 16")
    event = "document.dispatchEvent(new KeyboardEvent('keydown', {key: 'é', code: 'Digit2', bubbles: true}))"
    page.evaluate(event)
    expect(page.get_by_role("button", name="Forme : 2 sur 5", exact=True)).to_have_attribute("aria-pressed", "true")


def test_backspace_goes_back_and_the_new_answer_stands(client: Client, open_page: Callable[..., Page]) -> None:
    page = open_page(client.server.address)
    _count(page, "0 / 16")
    for key in ("1", "1", "1", "1"):
        page.keyboard.press(key)
    _count(page, "1 / 16")
    page.keyboard.press("Backspace")
    expect(page.get_by_role("group", name="Ensemble")).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("button", name="Ensemble : 1 sur 5")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("u")
    expect(page.get_by_role("group", name="Couleur")).to_have_attribute("aria-current", "true")
    page.keyboard.press("5")
    expect(page.get_by_role("button", name="Couleur : 5 sur 5")).to_have_attribute("aria-pressed", "true")
    assert read_folder(RATINGS_FOLDER).set_index("attribute")["score"].to_dict() == {
        "shape": 1, "texture": 1, "overall": 1, "colour": 5
    }  # fmt: skip


def test_arrows_choose_the_question_and_the_picture(client: Client, open_page: Callable[..., Page]) -> None:
    page = open_page(client.server.address)
    _count(page, "0 / 16")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("3")
    expect(page.get_by_role("button", name="Couleur : 3 sur 5")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#live")).to_contain_text("Image 2 sur 16")
    expect(page.get_by_role("group", name="Forme")).to_have_attribute("aria-current", "true")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("button", name="Couleur : 3 sur 5")).to_have_attribute("aria-pressed", "true")


def test_a_key_that_is_held_down_answers_once(client: Client, open_page: Callable[..., Page]) -> None:
    page = open_page(client.server.address)
    _count(page, "0 / 16")
    for _ in range(5):
        page.keyboard.down("4")
    page.keyboard.up("4")
    expect(page.get_by_role("group", name="Texture")).to_have_attribute("aria-current", "true")
    assert len(read_folder(RATINGS_FOLDER)) == 1


def test_the_mouse_serves_as_well(client: Client, open_page: Callable[..., Page]) -> None:
    page = open_page(client.server.address)
    for question in ("Forme", "Texture", "Couleur", "Ensemble"):
        page.get_by_role("button", name=f"{question} : sans objet").click()
    _count(page, "1 / 16")
    page.get_by_role("button", name="Image précédente").click()
    expect(page.get_by_role("button", name="Forme : sans objet")).to_have_attribute("aria-pressed", "true")


def test_rating_goes_on_after_the_program_was_killed(
    study: Path, start_program: Start, open_page: Callable[..., Page]
) -> None:
    program, address = start_program("--rater", "amel")
    page = open_page(address)
    _count(page, "0 / 16")
    for key in ("4", "4", "4", "4", "2"):
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="Forme : 2 sur 5")).to_have_attribute("aria-pressed", "true")
    program.send_signal(signal.SIGKILL)
    program.wait()
    page.keyboard.press("5")
    expect(page.get_by_role("alert")).to_contain_text("ne répond plus")
    caption = page.locator("#texts").inner_text()

    _, address = start_program("--rater", "amel")
    again = open_page(address)
    _count(again, "1 / 16")
    assert again.locator("#texts").inner_text() == caption
    expect(again.get_by_role("button", name="Forme : 2 sur 5")).to_have_attribute("aria-pressed", "true")
    expect(again.get_by_role("group", name="Texture")).to_have_attribute("aria-current", "true")
    assert len(read_folder(RATINGS_FOLDER)) == 5


def test_the_browser_is_handed_a_private_file_and_not_the_key(
    study: Path, start_program: Start, open_page: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    """$BROWSER stands for the browser, as Python's webbrowser starts it; what it was handed opens the page."""
    handed = study / "handed"
    browser = study / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$*" > {handed}.part\nmv {handed}.part {handed}\n')
    browser.chmod(0o700)
    monkeypatch.setenv("BROWSER", str(browser))
    program, address = start_program("--rater", "amel", browser=True)
    while not handed.exists():
        assert program.poll() is None
        time.sleep(0.05)
    given = handed.read_text()
    key = address.partition("#")[2]
    assert key and key not in given
    door = Path(urlsplit(given).path)
    assert key in door.read_text() and door.stat().st_mode & 0o077 == 0
    _count(open_page(given), "0 / 16")
    program.send_signal(signal.SIGINT)
    program.communicate(timeout=20)
    assert not door.exists()


@pytest.mark.parametrize("after", [1, 5, 14])
def test_a_kill_at_any_moment_loses_no_answer_that_was_acknowledged(
    study: Path, start_program: Start, after: int
) -> None:
    program, address = start_program("--rater", "amel")
    site, _, key = address.partition("/#")
    headers = {KEY_HEADER: key, "Origin": site, "Content-Type": "application/json"}
    acknowledged: list[str] = []
    with closing(http.client.HTTPConnection(site.removeprefix("http://"))) as client:

        def ask(method: str, path: str, body: str | None = None) -> Any:
            client.request(method, path, body, headers)
            with client.getresponse() as response:
                return json.loads(response.read())

        tasks = [ask("GET", f"/task/{place}")["task"] for place in range(10)]
        killer = threading.Thread(target=lambda: (_until(acknowledged, after), program.kill()))
        killer.start()
        with suppress(OSError, http.client.HTTPException):  # it is killed in the midst
            for task in tasks:
                for question in ("shape", "texture", "colour", "overall"):
                    ask("POST", "/answer", json.dumps({"task": task, "question": question, "answer": "3"}))
                    acknowledged.append(task)
    killer.join()
    program.wait()
    assert after <= len(acknowledged) < 40
    assert len(acknowledged) <= len(read_folder(RATINGS_FOLDER)) <= len(acknowledged) + 1


def _until(acknowledged: list[str], number: int) -> None:
    while len(acknowledged) < number:
        time.sleep(0.0005)


def test_an_interrupted_program_says_what_is_done_and_what_is_next(study: Path, start_program: Start) -> None:
    program, _ = start_program("--rater", "amel", "--most", "5")
    program.send_signal(signal.SIGINT)
    told = program.communicate(timeout=20)[0]
    assert program.returncode == 0
    assert "data/ratings/amel.csv: 0 of 5 done" in told


def test_html_in_a_caption_is_text(serve: Callable[..., Client], open_page: Callable[..., Page]) -> None:
    page = open_page(serve(datasets=["shapes"], most=2, gold_share=0).server.address)
    texts = set()
    for done in range(2):
        _count(page, f"{done} / 2")
        texts.add(page.locator("#texts").inner_text())
        for key in "3333":
            page.keyboard.press(key)
    assert texts == {HOSTILE, "a green square"}
    assert "taken" not in page.title()
    assert page.locator("#texts img, #texts b").count() == 0
    expect(page.get_by_text("Tout est noté : 2 sur 2")).to_be_visible()


def test_after_the_last_picture_the_page_says_so_and_can_still_go_back(
    serve: Callable[..., Client], open_page: Callable[..., Page]
) -> None:
    page = open_page(serve(most=1).server.address)
    _count(page, "0 / 1")
    for key in "2345":
        page.keyboard.press(key)
    expect(page.get_by_role("heading", name="Merci")).to_be_visible()
    page.keyboard.press("Backspace")
    expect(page.get_by_role("group", name="Ensemble")).to_have_attribute("aria-current", "true")
    page.keyboard.press("1")
    expect(page.get_by_role("heading", name="Merci")).to_be_visible()
    assert read_folder(RATINGS_FOLDER).set_index("attribute")["score"]["overall"] == 1


@pytest.mark.parametrize("mode", ["ratings", "landscapes", "compare"])
def test_nothing_overflows_on_a_narrow_screen(
    serve: Callable[..., Client], open_page: Callable[..., Page], mode: str
) -> None:
    page = open_page(serve(mode=mode).server.address, **NARROW)
    expect(page.locator("#pictures img").first).to_be_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    edges = "els => els.map(e => e.getBoundingClientRect()).map(box => [box.left, box.right])"
    for left, right in page.eval_on_selector_all("button, img, kbd, #texts p", edges):
        assert 0 <= left <= right <= NARROW["width"]
    heights = page.eval_on_selector_all(".answers button", "els => els.map(e => e.getBoundingClientRect().height)")
    assert min(heights) >= 44, "as large as a finger"


@pytest.mark.parametrize("mode", ["ratings", "landscapes", "compare"])
def test_every_text_stands_out_from_its_ground(
    serve: Callable[..., Client], open_page: Callable[..., Page], mode: str
) -> None:
    page = open_page(serve(mode=mode).server.address)
    page.emulate_media(reduced_motion="reduce")  # no colour is caught on its way
    expect(page.locator("#pictures img").first).to_be_visible()
    page.keyboard.press("1" if mode != "compare" else "ArrowLeft")
    page.keyboard.press("ArrowLeft" if mode == "landscapes" else "Backspace")
    expect(page.locator("[aria-pressed=true]")).to_have_count(1)
    found = page.evaluate(CONTRASTS)
    assert len(found) > 10
    assert [(text, ratio) for text, ratio in found if ratio < 4.5] == []


@pytest.mark.parametrize("mode", ["ratings", "landscapes", "compare"])
def test_a_screen_reader_is_told_what_each_part_is(
    serve: Callable[..., Client], open_page: Callable[..., Page], mode: str
) -> None:
    page = open_page(serve(mode=mode).server.address)
    expect(page.locator("#pictures img").first).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "fr"
    names = {"ratings": "Image à juger", "landscapes": "Image à juger", "compare": "Image de gauche"}
    expect(page.get_by_role("img", name=names[mode])).to_be_visible()
    expect(page.get_by_role("progressbar", name="Images notées")).to_be_visible()
    expect(page.locator("#live")).to_contain_text("Image 1 sur")
    assert page.locator("#live").get_attribute("aria-live") == "polite"
    groups = {"ratings": 4, "landscapes": 1, "compare": 1}
    assert page.get_by_role("group").count() == groups[mode]
    buttons = page.get_by_role("button").all()
    named = [button.get_attribute("aria-label") or button.inner_text() for button in buttons]
    assert len(buttons) == {"ratings": 24, "landscapes": 3, "compare": 3}[mode] + 3
    assert all(named)
    assert len(set(named)) == len(named), "each button has a name of its own"


def test_focus_can_be_seen_and_space_presses_the_button_that_has_it(
    client: Client, open_page: Callable[..., Page]
) -> None:
    page = open_page(client.server.address)
    _count(page, "0 / 16")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Forme : 1 sur 5 (pas du tout)"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Forme : 1 sur 5")).to_have_attribute("aria-pressed", "true")


def test_nothing_moves_for_who_asks_so(client: Client, chromium: Browser) -> None:
    page = chromium.new_page(reduced_motion="reduce")
    page.goto(client.server.address)
    expect(page.locator("#pictures img")).to_be_visible()
    durations = page.eval_on_selector_all("button", "els => els.map(e => getComputedStyle(e).transitionDuration)")
    page.close()
    assert set(durations) == {"0s"}


def test_landscapes_are_labelled_by_one_key_each(serve: Callable[..., Client], open_page: Callable[..., Page]) -> None:
    page = open_page(serve(mode="landscapes").server.address)
    _count(page, "0 / 4")
    assert page.locator("#texts p").all_inner_texts() == ["a hill", "another hill"]
    for key in "10?1":
        page.keyboard.press(key)
    expect(page.get_by_role("heading", name="Merci")).to_be_visible()
    lines = Path("data/landscapes/labels/amel.csv").read_text().splitlines()
    assert [line.split(",")[3] for line in lines] == ["label", "1", "0", "?", "1"]


def test_two_pictures_are_compared_by_arrows(serve: Callable[..., Client], open_page: Callable[..., Page]) -> None:
    page = open_page(serve(mode="compare").server.address)
    expect(page.locator("#pictures img")).to_have_count(2)
    for key in ("ArrowLeft", "ArrowRight", "=", "Space"):
        page.keyboard.press(key)
    _count(page, "4 / 8")
    assert read_comparisons(Path("data/comparisons"))["choice"].tolist() == ["left", "right", "equal", "equal"]


def test_an_address_without_its_key_shows_nothing(client: Client, open_page: Callable[..., Page]) -> None:
    for address in (f"http://{client.host}/", f"http://{client.host}/#wrong"):
        page = open_page(address)
        expect(page.get_by_role("alert")).to_contain_text("terminal")
        assert page.locator("#pictures img").count() == 0


def test_another_site_can_neither_read_nor_write(
    client: Client, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    """A page from elsewhere that even knows the key: the browser asks first, and the server does not allow it."""
    page = open_page("about:blank")
    send = """async ([url, key]) => {
      const tries = [fetch(url + "/start", {headers: {"X-Rapporteur-Key": key}}),
                     fetch(url + "/answer", {method: "POST", mode: "no-cors", body: "{}"})];
      return (await Promise.allSettled(tries)).map((one) => one.status === "fulfilled" ? one.value.type : "refused");
    }"""
    assert page.evaluate(send, [f"http://{client.host}", client.server.key]) in (
        ["refused", "refused"],
        ["refused", "opaque"],
    )
    assert not RATINGS_FOLDER.exists()
