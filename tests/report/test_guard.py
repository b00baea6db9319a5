"""What the guard refuses, and what it lets pass."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rapporteur.core.errors import BadInput
from rapporteur.report import guard
from rapporteur.report.guard import check_document, stale_stages, would_run
from tests.report.project import write_document


def check(project: Path, body: str, front: str = "") -> None:
    check_document(write_document(project, body, front), project)


@pytest.mark.parametrize(
    "text",
    [
        "DALL·E 2 et DALL-E\n2, ViT-B/32, Flickr30k, MS-COCO 2014, R@5 et GPT-3.",
        "Le 22 novembre 2026, du 3-5 mars, le 1er août, en 2021, depuis 2019-2020 et (2022).",
        "En 2021 par OpenAI ; dès 2022 et après.",
        "Comme @ramesh2021 [p. 3] le dit [@ramesh2021, p. 12].",
        "Voir @fig-a1, `{python} fact('clip.gold', digits=2)` et `ViT 12`.",
        "Le carré $x_1^2 + 3$ et\n\n$$ \\frac{1}{2} $$\n",
        "1. premier\n2. second\n",
        "Texte [lien](https://example.org/12) et note[^1].\n\n[^1]: Une note.\n",
        "![Image](drawing.svg){width=50% fig-alt='une courbe'}",
        "::: {layout-ncol=2}\nDeux colonnes\n:::\n",
        "<!-- 12 pages -->\n",
        "La 2e image et la 1re phrase.",
    ],
)
def test_dates_citations_names_and_formulae_pass(project: Path, text: str) -> None:
    check(project, text)


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("Nous avons 12 images.", "12"),
        ("Un score de 0,25 environ.", "0,25"),
        ("Soit 12,3 % des cas.", "12,3"),
        ("Les 2000 images du jeu.", "2000"),
        ("En 2021,5 fois.", "2021,5"),
        ("**42**", "42"),
        ("| a | 37 |\n|---|---|\n| b | c |", "37"),
        ("> Une citation de 8 mots", "8"),
        ("Une note[^1].\n\n[^1]: Dans 15 cas.\n", "15"),
        ("![Légende de 9 mots](drawing.svg)", "9"),
        ("# Titre 7\n", "7"),
    ],
)
def test_a_typed_number_is_refused_with_its_line_and_its_mend(project: Path, text: str, typed: str) -> None:
    with pytest.raises(BadInput, match=rf"essai\.qmd:\d+: `{typed}` is a typed number; write `{{python}} fact"):
        check(project, text)


def test_every_fault_is_told_at_once_in_the_order_of_the_page(project: Path) -> None:
    with pytest.raises(BadInput) as caught:
        check(project, "Un 12.\n\nDeux\n34 et [à compléter].\n")
    lines = str(caught.value).splitlines()
    assert lines[0].endswith("can't be rendered:")
    assert [line.split(":")[1] for line in lines[1:]] == ["6", "9", "9"]


def test_a_typed_number_in_a_caption_of_a_cell_is_refused(project: Path) -> None:
    with pytest.raises(BadInput, match=r"essai\.qmd:7: `12`"):
        check(project, '```{python}\n#| fig-cap: "Les 12 images"\nfigure("bars")\n```\n')


def test_a_typed_reference_is_told_apart(project: Path) -> None:
    with pytest.raises(BadInput, match="`3` is a typed reference; write @fig-"):
        check(project, "Voir la figure 3.")


@pytest.mark.parametrize("expression", ["12.3", '"12 images"', "1 + 1"])
def test_a_number_hidden_in_inline_code_is_refused(project: Path, expression: str) -> None:
    with pytest.raises(BadInput, match="is a typed value; take it from a fact"):
        check(project, f"Soit `{{python}} {expression}`.")


@pytest.mark.parametrize(
    "text",
    ["[à compléter]", "[résultats à mettre ici]", "TODO", "Lorem ipsum", "[…]", "À compléter.", "[tableau à venir]"],
)  # fmt: skip
def test_a_promise_of_text_is_refused(project: Path, text: str) -> None:
    with pytest.raises(BadInput, match=r"essai\.qmd:6: .* is a promise"):
        check(project, f"Voici : {text}")


def test_a_link_and_a_citation_are_no_promise(project: Path) -> None:
    check(project, "Le [dépôt](https://example.org) et [@ramesh2021].")


def test_a_name_that_is_no_regular_expression_is_refused_with_its_line(project: Path) -> None:
    (project / "report/_brand/names.txt").write_text("# noms\nVi(T\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"names\.txt:2: not a regular expression"):
        check(project, "Texte.")


# --- staleness -----------------------------------------------------------------------------------------

PIPELINE = """
stages:
  captions:
    foreach: [a, b]
    do:
      cmd: python duplicate.py in.txt ${item}.txt
      deps: [in.txt]
      outs: ["${item}.txt"]
  findings:
    cmd: python duplicate.py a.txt findings.txt
    deps: [a.txt, b.txt]
    params: [findings]
    outs: [findings.txt]
  elsewhere:
    cmd: python duplicate.py in.txt elsewhere.txt
    deps: [in.txt]
    outs: [elsewhere.txt]
  render:
    cmd: python duplicate.py findings.txt out.txt && python stale.py
    deps: [findings.txt]
    outs: [out.txt]
"""


# DVC 3.67 calls pygtrie in a way that pygtrie announces to give up.
in_dvc = pytest.mark.filterwarnings("ignore:_NoneStep:DeprecationWarning")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pipeline that has run; its `render` asks, while `dvc repro` runs it, which stages are stale."""
    root = tmp_path_factory.mktemp("pipeline")
    (root / "dvc.yaml").write_text(PIPELINE, encoding="utf-8")
    (root / "params.yaml").write_text("findings: 1\n", encoding="utf-8")
    (root / "in.txt").write_text("one", encoding="utf-8")
    (root / "duplicate.py").write_text("import shutil, sys\nshutil.copy(*sys.argv[1:])\n", encoding="utf-8")
    (root / "stale.py").write_text(
        "from pathlib import Path\nfrom rapporteur.report.guard import stale_stages\n"
        "Path('seen.txt').write_text(repr(stale_stages(Path('.'))))\n",
        encoding="utf-8",
    )
    # Its own site folder and cache, so that the test touches nothing of the machine's.
    places = {name: str(root / name.lower()) for name in ("DVC_SITE_CACHE_DIR", "DVC_GLOBAL_CONFIG_DIR")}
    environment = {
        **os.environ,
        **places,
        "DVC_NO_ANALYTICS": "1",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    for arguments in (["init", "--no-scm", "-q"], ["repro", "-q"]):
        subprocess.run([sys.executable, "-m", "dvc", *arguments], cwd=root, env=environment, check=True, timeout=120)
    return root


@pytest.fixture
def pipeline(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "pipeline"))


@in_dvc
def test_nothing_is_stale_within_a_run_and_after_it(pipeline: Path) -> None:
    assert (pipeline / "seen.txt").read_text(encoding="utf-8") == "[]"
    assert stale_stages(pipeline) == []


@in_dvc
def test_a_changed_input_names_the_stages_that_read_it_and_lead_to_the_documents(pipeline: Path) -> None:
    (pipeline / "in.txt").write_text("two", encoding="utf-8")
    assert stale_stages(pipeline) == ["captions@a", "captions@b"]
    with pytest.raises(BadInput, match=r"stale: captions@a, captions@b.*dvc repro captions@a"):
        guard.check_fresh(pipeline)


@in_dvc
def test_a_changed_parameter_or_command_is_stale(pipeline: Path) -> None:
    (pipeline / "params.yaml").write_text("findings: 2\n", encoding="utf-8")
    assert stale_stages(pipeline) == ["findings"]
    text = (pipeline / "dvc.yaml").read_text(encoding="utf-8")
    (pipeline / "dvc.yaml").write_text(text.replace("in.txt ${item}", "-x ${item}"), encoding="utf-8")
    assert stale_stages(pipeline) == ["captions@a", "captions@b", "findings"]


@in_dvc
def test_an_output_changed_by_hand_is_stale(pipeline: Path) -> None:
    (pipeline / "findings.txt").write_text("mine", encoding="utf-8")
    assert stale_stages(pipeline) == ["findings"]


@in_dvc
def test_data_that_is_not_here_is_not_stale(pipeline: Path) -> None:
    (pipeline / "a.txt").unlink()
    shutil.rmtree(pipeline / ".dvc/cache")
    assert stale_stages(pipeline) == []


@in_dvc
def test_an_input_that_no_stage_makes_can_t_be_absent(pipeline: Path) -> None:
    (pipeline / "in.txt").unlink()
    assert stale_stages(pipeline) == ["captions@a", "captions@b"]


@in_dvc
def test_absent_data_of_another_version_is_stale(pipeline: Path) -> None:
    (pipeline / "a.txt").unlink()
    lock = pipeline / "dvc.lock"
    text = lock.read_text(encoding="utf-8")
    before, mark, after = text.partition("captions@a:")
    outs, path, rest = after.partition("outs:")
    assert mark and path
    digest = rest.split("md5: ")[1].split()[0]
    lock.write_text(before + mark + outs + path + rest.replace(digest, "a" * 32, 1), encoding="utf-8")
    assert stale_stages(pipeline) == ["findings"]


def test_a_folder_without_a_pipeline_is_not_stale(tmp_path: Path) -> None:
    assert stale_stages(tmp_path) == []


@in_dvc
def test_what_would_run_is_said_with_its_reason(pipeline: Path) -> None:
    assert would_run(pipeline) == []
    (pipeline / "in.txt").write_text("two")
    assert would_run(pipeline) == [("captions@a", "in.txt changed"), ("captions@b", "in.txt changed")]
    (pipeline / "in.txt").write_text("one")
    (pipeline / "out.txt").write_text("three")
    assert would_run(pipeline) == [("render", "out.txt changed by hand")]


@in_dvc
def test_a_clone_without_outputs_and_cache_would_make_them(pipeline: Path) -> None:
    (pipeline / "findings.txt").unlink()
    shutil.rmtree(pipeline / ".dvc/cache")
    assert would_run(pipeline) == [
        ("findings", "findings.txt is neither here nor in the cache (`dvc pull` may bring it)")
    ]


def test_where_there_is_no_study_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no dvc.yaml here; go to the study's folder"):
        would_run(tmp_path)
