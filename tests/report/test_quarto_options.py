"""Every option of the documents against Quarto's published schemas, and every option of Quarto's decided on here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from qmdpress.options import CELL, CROSSREF, DOCUMENT, EXECUTE, PROJECT, Options, unknown
from qmdpress.qmd import read_qmd
from tests.conftest import real_data
from tests.report import quarto_schema
from tests.report.quarto_schema import Schemas, faults

# Of other formats and kinds of project: a format other than html and typst is noted as a whole.
ELSEWHERE = (
    "document-reveal", "document-epub", "document-latexmk", "document-slides", "document-dashboard", "document-email",
    "document-formatting", "document-library",
)  # fmt: skip


@pytest.fixture(scope="module")
def schemas() -> Schemas:
    folder = real_data()
    if folder is None or not (folder / "quarto_schema").is_dir():
        pytest.skip("Quarto's schemas are absent: quarto_schema in $RAPPORTEUR_DATA, or in shared/data beside this")
    return quarto_schema.load(folder / "quarto_schema")


def documents(repository: Path) -> list[Path]:
    return sorted(path.relative_to(repository) for path in (repository / "report").glob("[!_]*.qmd"))


def test_the_front_matter_of_every_document_is_valid(repository: Path, schemas: Schemas) -> None:
    found = documents(repository)
    assert len(found) >= 2
    for path in found:
        assert list(faults(read_qmd(path, repository).front, schemas["front-matter"], schemas)) == [], path


def test_every_option_of_every_cell_is_valid(repository: Path, schemas: Schemas) -> None:
    cells = [cell for path in documents(repository) for cell in read_qmd(path, repository).cells]
    assert len(cells) > 50
    said = [
        f"{cell.place.file}:{cell.place.number}: {fault}"
        for cell in cells
        for fault in faults(cell.options, schemas["engine-jupyter"], schemas)
    ]
    assert said == []


@pytest.mark.parametrize("name", ["_quarto.yml", "_quarto-code.yml"])
def test_the_project_is_valid(repository: Path, schemas: Schemas, name: str) -> None:
    content = YAML(typ="safe", pure=True).load((repository / name).read_text(encoding="utf-8"))
    assert list(faults(content, schemas["project-config"], schemas)) == []


@pytest.mark.parametrize(
    ("schema", "value", "said"),
    [
        ("engine-jupyter", {"tbl-colwidths": "[17,27,11]"}, "tbl-colwidths: '[17,27,11]'"),  # stopped the first Quarto
        ("engine-jupyter", {"echo": "nope"}, "echo: 'nope'"),
        ("front-matter", {"toc": "always"}, "toc: 'always'"),
        ("front-matter", {"format": {"html": {"toc-depth": "deep"}}}, "toc-depth"),
        ("project-config", {"project": {"output-directory": "a"}}, "output-directory"),
    ],
)
def test_what_quarto_refuses_is_refused(schemas: Schemas, schema: str, value: dict[str, Any], said: str) -> None:
    assert any(said in fault for fault in faults(value, schemas[schema], schemas))


def _groups(schemas: Schemas) -> dict[str, str]:
    """{option: group} of the document options that hold for html and typst."""
    found = {}
    for name in schemas:
        group, _, option = name.removeprefix("quarto-resource-").partition("-")
        if name.startswith("quarto-resource-document-"):
            group = "document-" + option.partition("-")[0]
            found[option.partition("-")[2]] = group
    return found


def test_every_option_of_quarto_s_documents_is_decided_on(schemas: Schemas) -> None:
    names = {name for name, group in _groups(schemas).items() if not group.startswith(ELSEWHERE)}
    assert len(names) > 200
    assert unknown(names, DOCUMENT) == []


def test_every_option_of_quarto_s_cells_is_decided_on(schemas: Schemas) -> None:
    assert unknown(schemas["engine-jupyter"]["properties"], CELL) == []


@pytest.mark.parametrize(("options", "schema"), [(EXECUTE, "front-matter-execute"), (CROSSREF, "crossref")])
def test_every_option_of_a_group_is_decided_on(schemas: Schemas, options: Options, schema: str) -> None:
    names: set[str] = set()
    told = schemas.get(schema) or schemas["quarto-resource-document-crossref-crossref"]
    for part in _objects(told):
        names |= set(part.get("properties", {}))
    assert len(names) >= 5
    inside_custom = {"kind", "reference-prefix", "caption-prefix", "space-before-numbering", "key", "latex-env",
                     "latex-list-of-file-extension", "latex-list-of-description", "caption-location"}  # fmt: skip
    # An execute block also takes a cell's own options, which `engine-jupyter` has.
    assert set(unknown(names - inside_custom, options)) - CELL.known() - DOCUMENT.known() == set()


def _objects(schema: Any) -> list[dict[str, Any]]:
    if isinstance(schema, list):
        return [one for part in schema for one in _objects(part)]
    if not isinstance(schema, dict):
        return []
    own = [schema] if schema.get("type") == "object" else []
    return own + [one for value in schema.values() if isinstance(value, dict | list) for one in _objects(value)]


@pytest.mark.parametrize("options", [DOCUMENT, PROJECT, EXECUTE, CROSSREF, CELL])
def test_an_option_is_decided_on_once(options: Options) -> None:
    kinds = [options.obeyed, options.granted, options.without_effect, options.refused]
    assert sum(map(len, kinds)) == len(options.known())
