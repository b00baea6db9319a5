"""One document that uses everything, rendered once, and what its page and its PDF hold."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from qmdpress import render_preview
from qmdpress.document import prepare, shaped
from qmdpress.errors import BadInput
from qmdpress.pdf import formula_text, write_typst
from rapporteur.report.figure import BUNDLE_MARK
from rapporteur.report.rendered import page_count
from tests.conftest import open_chromium
from tests.report.project import make_project, write_document

FRONT = """subtitle: "Un sous-titre"
date: 2026-11-22
abstract: "Un *résumé* : court."
bibliography: references.bib
toc: true
"""

BODY = """
```{python}
#| include: false
from rapporteur.report.fact import fact, table
from rapporteur.report.figure import figure
```

# Résultats {#sec-results}

Le score est de `{python} fact("clip.gold", interval=True)` : voir @fig-bars, @tbl-scores, @eq-loss, @sec-more et la
figure [-@fig-pair]. Comme « eux » [@ramesh2021, p. 3], vraiment ? Oui ! Soit `{python} fact("colour.obeyed")`[^n].

[^n]: Une note ; avec `{python} fact("vqgan.psnr")`.

$$ L = -\\sum_i \\log p(x_i) $$ {#eq-loss}

```{python}
#| label: fig-bars
#| fig-cap: "Des *barres*"
figure("bars")
```

::: {#fig-sheet}
```{python}
figure("planche")
```

Les `{python} fact("images.pictures")` images
:::

::: {#fig-pair layout-ncol=2}
![Gauche](drawing.svg){#fig-left}

![Droite](drawing.svg){#fig-right}

Deux dessins
:::

```{python}
#| label: tbl-scores
#| tbl-cap: "Les scores"
table("scores")
```

## Plus {#sec-more}

::: {.callout-important}
Ceci est "important".
:::

::: {.callout-note title="À déplier" collapse="true"}
Caché.
:::

::: {.small}
Petit texte.
:::

::: {.content-visible when-format="html"}
Pour la page.
:::

::: {.content-visible when-format="typst"}
Pour le papier.
:::

{{< pagebreak >}}

`code 1`, H~2~O, $x_1$, [lien](https://example.org) et [l'autre rapport](essai.pdf).

# Bibliographie {.unnumbered}

::: {#refs}
:::
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    repository = Path(__file__).resolve().parents[2]
    return make_project(tmp_path_factory.mktemp("document") / "project", repository)


@pytest.fixture(scope="module")
def made(root: Path) -> dict[str, bytes]:
    return render_preview(write_document(root, BODY, FRONT), root)


@pytest.fixture(scope="module")
def page(made: dict[str, bytes]) -> str:
    return made["html"].decode()


@pytest.fixture(scope="module")
def typst_source(root: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    prepared = prepare(write_document(root, BODY, FRONT, "source"), root)
    return write_typst(shaped(prepared, "typst", root), tmp_path_factory.mktemp("typst")).read_text(encoding="utf-8")


class Reader(HTMLParser):
    """Tags, identifiers and visible text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.text = ""
        self.muted = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.muted += tag in ("script", "style")
        if values.get("id"):
            self.ids.append(str(values["id"]))
        if tag == "a" and str(values.get("href", "")).startswith("#"):
            self.targets.append(str(values["href"])[1:])
        if tag == "img":
            self.images.append(values)

    def handle_endtag(self, tag: str) -> None:
        self.muted -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self.muted:
            self.text += data


# --- HTML ----------------------------------------------------------------------------------------------


def test_the_page_reads_in_french_with_french_spaces(page: str) -> None:
    text = " ".join(Reader(page).text.split(" "))
    assert '<html lang="fr">' in page
    assert "0,235\u00a0[0,211\u202f;\u00a00,251]\u00a0: voir" in text
    assert "«\u00a0eux\u00a0»" in text and "vraiment\u202f? Oui\u202f!" in text
    assert "12,3\u00a0%" in text and "22 novembre 2026" in text


def test_numbers_and_captions_stand_where_quarto_puts_them(page: str) -> None:
    text = Reader(page).text.replace("\u00a0", " ")
    for words in (
        "Figure 1 : Des barres",
        "Figure 3 : Deux dessins",
        "(a) Gauche",
        "(b) Droite",
        "Tableau 1 : Les scores",
    ):
        assert words in text
    assert "Équation 1" in text and "Section 1.1" in text
    assert "1\u2002Résultats" in Reader(page).text and "1.1\u2002Plus" in Reader(page).text


def test_every_link_inside_the_page_arrives(page: str) -> None:
    reader = Reader(page)
    assert len(reader.ids) == len(set(reader.ids))
    assert {"fig-bars", "tbl-scores", "eq-loss", "sec-more", "fig-pair"} <= set(reader.targets)
    assert set(reader.targets) <= set(reader.ids)


def test_the_page_fetches_nothing(page: str) -> None:
    outside = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert not re.findall(r'(?:src|srcset)="(?!data:)[^"]*"', outside)
    assert "<link" not in outside and "@import" not in outside
    assert [image["src"][:11] for image in Reader(page).images if image["src"]] == ["data:image/"] * 3


def test_every_picture_has_a_text(page: str) -> None:
    assert 'role="img" aria-label="Une barre &quot;haute&quot;"' in page
    assert [image["alt"] for image in Reader(page).images] == [
        "Des images rouges",
        "Gauche",
        "Droite",
    ]


def test_the_chart_is_interactive_and_vega_is_there_once(page: str) -> None:
    assert page.count(BUNDLE_MARK) == 1 and page.count("vegaEmbed(document.getElementById") == 1


def test_mathematics_are_mathml(page: str) -> None:
    assert page.count("<math ") == 2 and 'display="block"' in page
    assert '<span class="equation" id="eq-loss">' in page and "(1)" in Reader(page).text


def test_the_page_can_be_walked_without_a_mouse(page: str) -> None:
    assert (
        page.index('class="skip-link" href="#contenu"') < page.index('<nav id="TOC"') < page.index('<main id="contenu"')
    )
    assert re.findall(r"<h1>.*</h1>", page) == ["<h1>Essai</h1>"]
    assert '<details class="callout callout-note">' in page and '<aside class="callout callout-important">' in page


def test_the_page_holds_what_is_meant_for_it_alone(page: str) -> None:
    assert "Pour la page." in page and "Pour le papier." not in page


def test_the_bibliography_stands_where_it_was_put(page: str) -> None:
    assert page.index("Bibliographie") < page.index('id="ref-ramesh2021"')
    assert "dayma2021" not in page


# --- PDF -----------------------------------------------------------------------------------------------


def test_the_pdf_has_its_pages_and_no_date(made: dict[str, bytes]) -> None:
    assert page_count(made["pdf"]) == 2
    assert b"CreationDate" not in made["pdf"] and b"CreateDate" not in made["pdf"]


def test_the_pdf_says_the_same_numbers(typst_source: str) -> None:
    text = typst_source.replace("~", " ").replace("\u00a0", " ")
    for words in (
        "Figure 1 :",
        "Figure 3 :",
        "(a) Gauche",
        "Tableau 1 :",
        "#link(<fig-bars>)[Figure 1]",
        "#link(<sec-more>)[Section 1.1]",
    ):
        assert words in text
    assert 'numbering: _ => "(1)"' in text and "<eq-loss>" in text


def test_pictures_of_the_pdf_have_their_texts(typst_source: str) -> None:
    alts = [alt.replace("\\", "") for alt in re.findall(r'image\([^\n]*?alt: "((?:[^"\\]|\\.)*)"', typst_source)]
    assert alts == ['Une barre "haute"', "Des images rouges", "Gauche", "Droite"]


def test_a_page_shows_the_lighter_picture_beside_a_jpeg_and_the_pdf_does_not(project: Path) -> None:
    picture = Image.effect_noise((64, 64), 80)
    for suffix in ("jpg", "webp"):
        picture.save(project / f"report/photo.{suffix}")
    document = write_document(project, "![Une photographie](photo.jpg)")
    made = render_preview(document, project)
    assert b"data:image/webp;base64," in made["html"] and b"data:image/jpeg" not in made["html"]
    (project / "report/photo.webp").unlink()
    without = render_preview(document, project)
    assert b"data:image/jpeg;base64," in without["html"] and without["pdf"] == made["pdf"]


def test_a_picture_is_enlarged_and_the_contents_follow_the_reader(project: Path, tmp_path: Path) -> None:
    parts = "\n\n".join(
        f"# Partie {word} {{#sec-{word}}}\n\n" + "Un texte. " * 400 for word in ("une", "deux", "trois")
    )
    body = f"![Un dessin](drawing.svg){{#fig-a}}\n\n{parts}"
    page = tmp_path / "page.html"
    page.write_bytes(render_preview(write_document(project, body, "toc: true\n"), project)["html"])
    with open_chromium() as browser:
        tab = browser.new_page(viewport={"width": 1440, "height": 800})
        tab.goto(page.as_uri())
        picture, enlarged = tab.locator("#fig-a img"), tab.locator("#enlarged")
        picture.focus()
        tab.keyboard.press("Enter")
        assert enlarged.is_visible() and enlarged.locator("img").get_attribute("alt") == "Un dessin"
        enlarged.get_by_role("button", name="Fermer").click()
        assert not enlarged.is_visible() and picture.evaluate("one => one === document.activeElement")
        tab.evaluate("document.getElementById('sec-deux').scrollIntoView()")
        current = tab.locator("#TOC a[aria-current]")
        current.filter(has_text="Partie deux").wait_for()
        assert current.count() == 1 and current.is_visible(), "the contents stay in sight"


def test_the_pdf_can_be_read_aloud(project: Path, made: dict[str, bytes], capfd: pytest.CaptureFixture[str]) -> None:
    assert b"<pdfuaid:part>1</pdfuaid:part>" in made["pdf"]
    document = write_document(project, "# Un\n\nSoit $x_1$.\n\n$$\n\\left(\\mathrm{a b} \\, y\\right)\n$$ {#eq-a}\n")
    assert b"pdfuaid" in render_preview(document, project)["pdf"]
    assert "PDF/UA" not in capfd.readouterr().err
    skipping = write_document(project, "## Deux, sans un\n\nTexte.\n")
    assert b"pdfuaid" not in render_preview(skipping, project)["pdf"]
    assert "first heading must be of level 1; its PDF is none" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("tex", "said"),
    [
        (r"\left(\frac{a}{b}\right) \, c", r"(\frac{a}{b} ) c"),
        (r"\mathrm{CLIPScore}(u) = \text{2,5} \; x \qquad y", "CLIPScore(u) = 2,5 x y"),
        (r"\leftarrow \quadratic", r"\leftarrow \quadratic"),
    ],
)
def test_a_formula_is_heard_without_what_only_sets_it(tex: str, said: str) -> None:
    assert formula_text(tex) == said


def test_a_column_without_an_alignment_is_not_centred_with_its_table(typst_source: str) -> None:
    assert "align: (left,right,right,right,right,)" in typst_source


def test_the_pdf_holds_what_is_meant_for_it_alone(typst_source: str) -> None:
    assert "Pour le papier." in typst_source and "Pour la page." not in typst_source
    assert "#pagebreak" in typst_source and "#rapporteur-callout(" in typst_source


def test_a_rendering_is_the_same_bytes_every_time(root: Path, made: dict[str, bytes]) -> None:
    again = render_preview(write_document(root, BODY, FRONT), root)
    assert again["html"] == made["html"]
    assert again["pdf"] == made["pdf"]


# --- refused -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("Comme [@absent2020].", "citation absent2020 not found"),
        ("![A](absent.svg)", r"essai\.qmd:7: the picture absent\.svg is missing"),
        ("![A](https://example.org/a.png)", "is not a file of the project"),
        ("![A](../../../../etc/passwd.png)", "is missing|lies outside"),
        ("![A](drawing.svg){width=large}", 'the length "large" is not of the form'),
        ("![](drawing.svg) et texte", "has no text for who can't see it"),
        ("![A](references.bib)", "is not of a known kind"),
        ("```{=html}\n<script src='https://cdn.example.org/a.js'></script>\n```\n", "the page would fetch"),
        ("$\\nonsense{$", "pandoc says: .*nonsense"),
        ("```{=typst}\n#nonsense\n```\n", "typst says: .*nonsense"),
        ('```{=typst}\n#set text(font: "No Such Font")\nA\n```\n', "typst warns: .*no such font"),
    ],
)
def test_what_would_come_out_wrong_is_refused(project: Path, body: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        render_preview(write_document(project, body, "bibliography: references.bib\n"), project)


def test_french_spaces_leave_code_and_addresses_alone(project: Path) -> None:
    page = render_preview(write_document(project, "`a ; b : c` et <https://example.org/a;b?c> ; fin"), project)["html"]
    assert "<code>a ; b : c</code>" in page.decode() and "https://example.org/a;b?c" in page.decode()
    assert "</a>\u202f; fin" in page.decode()


def test_a_document_without_numbers_has_none(project: Path) -> None:
    page = render_preview(write_document(project, "# A\n", "number-sections: false\n"), project)["html"].decode()
    assert "header-section-number" not in page.split("</style>")[1]


SOUGHT = """\
# Une partie {#sec-one}

Le **rés**ultat est là. Un Resultat, encore.

::: {.callout-note collapse="true"}
Le résultat est caché ici.
:::

| mot | nombre |
| --- | ---: |
| élan | 10,5 |
| zèbre | −2 |
| âne | 1 200 |
| vide | |
| chat | 9 |

: Une table {#tbl-a}
"""


def test_a_word_is_sought_whatever_its_accents_and_a_table_is_sorted_by_its_heads(
    project: Path, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    page.write_bytes(render_preview(write_document(project, SOUGHT, "toc: true\n"), project)["html"])
    with open_chromium() as browser:
        tab = browser.new_page(viewport={"width": 390, "height": 700})
        tab.goto(page.as_uri())
        field, told = tab.get_by_role("searchbox", name="Rechercher dans la page"), tab.locator("#TOC output")
        field.fill("RÉSULTAT")
        assert told.inner_text() == "3"
        places = []
        for _ in range(4):
            field.press("Enter")
            places.append(told.inner_text())
        assert places == ["1 / 3", "2 / 3", "3 / 3", "1 / 3"]
        field.press("Shift+Enter")
        assert told.inner_text() == "3 / 3" and tab.locator("details").get_attribute("open") is not None
        assert field.evaluate("one => one === document.activeElement")
        field.fill("introuvable")
        assert told.inner_text() == "0"
        words = tab.locator("tbody tr td:first-child")
        given = words.all_inner_texts()
        heads = tab.get_by_role("button")
        heads.filter(has_text="nombre").click()
        assert words.all_inner_texts() == ["zèbre", "chat", "élan", "âne", "vide"]
        assert tab.locator("th[aria-sort=ascending]").inner_text().startswith("nombre")
        heads.filter(has_text="nombre").press("Enter")
        assert words.all_inner_texts() == ["âne", "élan", "chat", "zèbre", "vide"]
        heads.filter(has_text="nombre").click()
        assert words.all_inner_texts() == given
        heads.filter(has_text="mot").click()
        assert words.all_inner_texts() == ["âne", "chat", "élan", "vide", "zèbre"]


def test_a_long_table_of_numbers_is_folded_and_can_be_had_as_a_file(project: Path, tmp_path: Path) -> None:
    """Thirteen rows are long, twelve are not, and a long table of words stays open; a print has them all."""
    numbers = "".join(f"| nom «{n}» | {n} 000,5 | ≤ 0,00{n % 9} |\n" for n in range(12))
    numbers += '| dit \\"rien\\" | – | 1 |\n'
    head = "| nom | nombre | p |\n| --- | ---: | ---: |\n"
    short = numbers.splitlines(keepends=True)[:12]
    prose = "".join(f"| mot{n} | une phrase |\n" for n in range(20))
    body = (
        f"{head}{numbers}\n: Longue {{#tbl-long}}\n\n{head}{''.join(short)}\n: Courte {{#tbl-short}}\n\n"
        f"| mot | dit |\n| --- | --- |\n{prose}\n: Des mots {{#tbl-words}}\n"
    )
    page = tmp_path / "page.html"
    page.write_bytes(render_preview(write_document(project, body), project)["html"])
    with open_chromium() as browser:
        tab = browser.new_page()
        tab.goto(page.as_uri())
        folded = tab.locator(".long-table details")
        assert folded.count() == 1 and folded.locator("summary").inner_text().endswith("13 lignes")
        shown = tab.locator("#tbl-long tbody tr").first
        assert not shown.is_visible() and tab.locator("#tbl-words tbody tr").last.is_visible()
        with tab.expect_download() as begun:
            tab.locator(".as-file").click()
        rows = pd.read_csv(begun.value.path())
        assert begun.value.suggested_filename == "tbl-long.csv" and list(rows.columns) == ["nom", "nombre", "p"]
        assert rows["nombre"].tolist() == [*(f"{n * 1000 + 0.5:g}" for n in range(12)), "–"]
        assert rows["nom"].iloc[-1] == 'dit "rien"' and rows["p"].iloc[1] == "≤ 0,001"
        folded.locator("summary").press("Enter")
        assert shown.is_visible()
        folded.locator("summary").press("Enter")
        tab.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert shown.is_visible()
        tab.evaluate("dispatchEvent(new Event('afterprint'))")
        assert not shown.is_visible()
