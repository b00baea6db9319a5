"""What a newcomer does, done in a copy of the sources; and the walls: who may import whom."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import house

ROOT = house.ROOT
ENTRY = """\
    Measure("redness", "light of the red channel", "share", lambda seen: float(seen.pixels[..., 0].mean() / 255)),
"""
WORDS = {"MEASURE = {  # colour/measures.py\n": "part de rouge", "AXIS = {  # the same on an axis\n": "Rouge"}
MEASURED = """
from dataclasses import asdict
from pathlib import Path

import numpy as np

from rapporteur.colour.statistics import colour_statistics
from rapporteur.colour.table import COLOUR, COLOURS
from rapporteur.figures import colour as charts
from rapporteur.figures.numbers import Numbers
from rapporteur.findings import colour
from rapporteur.report.language import language
from rapporteur.statistics.bootstrap import Resampling
from rapporteur.study.tables import Study
from tests.builders import Builder

red = np.zeros((8, 8, 3), np.uint8) + np.array([255, 0, 0], np.uint8)
assert colour_statistics(red, 5).redness == 1.0
print("value")
assert "redness" in COLOUR.columns and "redness" in COLOURS.columns
print("column")
Builder(Path.cwd()).write()
study, plan = Study(["shapes"], {"shapes": "formes"}, Path("artifacts")), Resampling(seed=1, resamples=100)
found = {one.name: one for one in colour.findings(study, plan)}
assert found["colour.redness_gold.shapes"].value == 0.5
assert "part de rouge" in language().say(found["colour.redness_gold.shapes"].label)
print("means")
tests = colour.tests(study, plan)
found |= {one.name: one.difference for one in tests}
assert found["colour.redness_gold_minus_generated.shapes"].value == 0
print("test")
(table,) = [one for one in colour.tables(study, found, tests, plan) if one.name == "colour_measures"]
assert "redness" in set(table.frame["measure"])
print("table")
records = {name: asdict(one) for name, one in found.items()}
chart = charts.measures(study, Numbers(records, Path()))
assert "Rouge" in str(chart.chart.to_dict())
print("chart")
"""


def test_another_colour_measure_is_one_entry_and_its_words(tmp_path: Path) -> None:
    source = Path(shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__")))
    insert(source / "rapporteur/colour/measures.py", "MEASURES = (\n", ENTRY)
    for vocabulary, words in WORDS.items():
        insert(source / "rapporteur/report/language/fr/codes.py", vocabulary, f'    "redness": "{words}",\n')
    assert run(MEASURED, tmp_path) == ["value", "column", "means", "test", "table", "chart"]


FIGURE = '''"""The pictures of each dataset, counted."""

from __future__ import annotations

import altair as alt
import pandas as pd

from rapporteur.figures.figure import Chart
from rapporteur.figures.numbers import Numbers
from rapporteur.study.tables import Study


def pictures(study: Study, numbers: Numbers) -> Chart | None:
    """A bar a dataset."""
    rows = pd.DataFrame([{"dataset": name, "count": len(study.images(name))} for name in study.datasets])
    bars = alt.Chart(rows).mark_bar().encode(x="count:Q", y="dataset:N")
    return Chart("pictures", bars, "Les images.", "Nombre d’images de chaque jeu.", "artifacts/images")


CHARTS = (pictures,)
'''
DRAWN = """
from pathlib import Path

from rapporteur.figures.figure import write
from rapporteur.figures.numbers import Numbers
from rapporteur.figures import charts
from rapporteur.study.tables import Study
from tests.builders import Builder

Builder(Path.cwd()).write()
(draw,) = [one for one in charts() if one.__module__.endswith('counted')]
chart = draw(Study(["shapes"], {"shapes": "formes"}, Path("artifacts")), Numbers({}, Path()))
entry = write(chart, Path("figures"))
print(chart.name, entry["kind"], Path("figures", entry["file"]).is_file())
"""


def test_another_figure_is_one_module(tmp_path: Path) -> None:
    source = Path(shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__")))
    (source / "rapporteur/figures/counted.py").write_text(FIGURE, encoding="utf-8")
    shutil.copytree(ROOT / "report/_brand/fonts", tmp_path / "report/_brand/fonts")
    assert run(DRAWN, tmp_path) == ["pictures", "chart", "True"]


def test_another_topic_is_found_without_a_list(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "src/rapporteur/findings/moon.py").write_text(
        "from rapporteur.findings.finding import count\n"
        "from rapporteur.findings.topic import Topic\n"
        "TOPIC = Topic(findings=lambda given: [count('moon.phases', 8, 'the sky')])\n",
        encoding="utf-8",
    )
    program = (
        "from rapporteur.findings import topics\n"
        "mine = [one for one in topics() if one.findings.__module__.endswith('moon')]\n"
        "print(len(topics()), mine[0].findings(None)[0].name)"
    )
    from rapporteur.findings import topics

    assert run(program, tmp_path) == [f"{len(topics()) + 1}", "moon.phases"]


def run(program: str, folder: Path) -> list[str]:
    """The words that a program prints, run with the sources of a folder."""
    paths = os.pathsep.join([str(folder / "src"), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, check=False, timeout=300, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": paths},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def insert(path: Path, after: str, text: str) -> None:
    content = path.read_text(encoding="utf-8")
    assert content.count(after) == 1, "the test follows the code"
    path.write_text(content.replace(after, after + text), encoding="utf-8")


@pytest.mark.parametrize("path", sorted((house.PACKAGE / "stages").glob("*.py")), ids=lambda path: path.stem)
def test_a_stage_is_at_most_a_hundred_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 100, "what it computes belongs in a topic package"


def test_no_packages_import_each_other_in_a_circle() -> None:
    assert house.circles() == []


def test_a_circle_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house, "edges", lambda: {"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}})
    assert house.circles() == [{"b", "c"}]


def test_the_core_imports_nothing_above_it() -> None:
    assert house.edges()["core"] == set()


def test_only_the_command_line_and_the_flow_know_the_stages() -> None:
    assert {name for name, near in house.edges().items() if "stages" in near} == set()


@pytest.mark.parametrize("package", ["drawn_world", "qmdpress"])
def test_what_stands_beside_imports_nothing_of_rapporteur(package: str) -> None:
    for path in house.modules(house.SOURCE / package):
        assert not [name for name in house.imported(path) if name.partition(".")[0] == "rapporteur"], path
