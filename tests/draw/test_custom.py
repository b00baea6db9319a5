from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from rapporteur.core.errors import BadInput
from rapporteur.core.tables import read_table
from rapporteur.draw.engines.custom import open_own
from rapporteur.stages import images as stage
from rapporteur.vocabulary.images import IMAGES
from tests.draw.given import settings, write_captions
from tests.stages.study import declare
from tests.stages.test_images import PARAMS

GREY = """
import numpy as np

class Grey:
    name = "grey"
    digest = "1"

    def __init__(self, settings):
        self.side = settings.size or 4

    def draw(self, captions, seeds):
        return [np.full((self.side, self.side, 3), seed, np.uint8) for seed in seeds]

load = Grey
"""


def _write(folder: Path, text: str) -> Path:
    (folder / "generator.py").write_text(text, encoding="utf-8")
    return folder


def test_a_generator_of_one_file_draws(tmp_path: Path) -> None:
    own = open_own(settings(_write(tmp_path, GREY), size=6))
    drawn = own.draw(["a lake", "a dune"], [3, 5])
    assert [(picture.shape, int(picture[0, 0, 0])) for picture in drawn] == [((6, 6, 3), 3), ((6, 6, 3), 5)]
    assert (own.name, own.batch) == ("grey", 2)


def test_its_digest_follows_the_file_its_folder_and_what_it_says(tmp_path: Path) -> None:
    given = settings(tmp_path)
    digests = [open_own(settings(_write(tmp_path, GREY))).digest]
    assert open_own(given).digest == digests[0], "opening it must not change it"
    assert [path.name for path in tmp_path.iterdir()] == ["generator.py"], "nothing is left in the folder"
    _write(tmp_path, GREY + "# more\n")
    digests.append(open_own(given).digest)
    (tmp_path / "weights.bin").write_bytes(b"1")
    digests.append(open_own(given).digest)
    said = "import datetime, os\n" + GREY.replace('digest = "1"', "digest = os.environ['REMOTE']")
    with pytest.MonkeyPatch.context() as patch:
        for version in ("a", "b"):
            patch.setenv("REMOTE", version)
            digests.append(open_own(settings(_write(tmp_path, said))).digest)
    assert len(set(digests)) == len(digests)


def test_it_may_be_a_dataclass_with_a_batch_and_an_end(tmp_path: Path) -> None:
    text = """
from __future__ import annotations
from dataclasses import dataclass, field

@dataclass
class Own:
    name: str = "own"
    digest: str = "1"
    batch: int = 7
    ended: list[int] = field(default_factory=list)

    def draw(self, captions, seeds):
        return []

    def close(self):
        self.ended.append(1)

def load(settings):
    return Own()
"""
    own = open_own(settings(_write(tmp_path, text)))
    own.close()
    assert own.batch == 7 and own.own.ended == [1]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("load = Grey", "", r"generator.py: defines no `load\(settings\)`"),
        ("load = Grey", "load = 3", r"generator.py: defines no `load\(settings\)`"),
        ("load = Grey", "def load(settings):\n    pass", r"generator.py: `load` gave a NoneType without `draw"),
        ("class Grey:", "class Grey", r"generator.py:4: not Python that can be read"),
        ("import numpy as np", "import no_such_module", r"generator.py:2: the file stopped with ModuleNotFoundError"),
        ("settings.size or 4", "settings.pixels", r"generator.py:9: `load\(settings\)` stopped with AttributeError"),
        (
            "def draw(self, captions, seeds)",
            "def draw(self, captions)",
            r"`Grey.draw` can't be called as `draw\(captions",
        ),
        ('name = "grey"', "name = None", r"`Grey.name` must be a text \(what tables call it\), not None"),
        ('name = "grey"', "", r"`Grey.name` must be a text"),
        ('digest = "1"', "digest = 1", r"`Grey.digest` must be a text \(changed whenever its pictures change\), not 1"),
        ('digest = "1"', 'digest = "1"; batch = 0', r"`Grey.batch` must be a number of pictures, 1 or more, not 0"),
    ],
)
def test_what_a_file_lacks_is_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GREY
    with pytest.raises(BadInput, match=message):
        open_own(settings(_write(tmp_path, GREY.replace(old, new))))


def _readme_example(repository: Path) -> str:
    """The Python block of the README's section on one's own model."""
    section = (repository / "README.md").read_text(encoding="utf-8").partition("### Your own model")[2]
    found = re.search(r"```python\n(.*?)```", section.partition("\n## ")[0], re.DOTALL)
    assert found, "README.md shows no generator under `### Your own model`"
    return found[1]


def test_the_readme_s_generator_draws_a_study(repository: Path, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    example = _readme_example(repository)
    (work / "models/mine").mkdir(parents=True)
    _write(work / "models/mine", example)
    write_captions(["a red star", "a calm lake"])
    declare("images", {"images": PARAMS | {"model": "models/mine"}}, ["images"])
    monkeypatch.setattr(sys, "argv", ["images", "shapes"])
    stage.main()
    index = read_table(Path("artifacts/images/shapes/index.parquet"), IMAGES)
    assert set(index["engine"]) == {"own"} and len(index) == 4
    assert index["key"].is_unique
    own = open_own(settings(Path("models/mine")))
    assert set(index["model"]) == {f"{own.name}@{own.digest[:12]}"}
    one, other = own.draw(["a red star"], [0]), own.draw(["a calm lake", "a red star"], [1, 0])
    assert np.array_equal(one[0], other[1]), "a picture must not depend on its neighbours"
    assert not np.array_equal(other[0], other[1])
