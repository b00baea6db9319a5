"""The stage: a page in each language, the data and the thumbnails, the same bytes each time."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from rapporteur.core.errors import BadInput
from rapporteur.core.pictures import load_picture
from rapporteur.gallery.cards import SAMPLES
from rapporteur.stages import findings, gallery
from tests.builders import Builder, truncated, write_pipeline

OUT = Path("artifacts/gallery")


@pytest.fixture
def study(work: Path) -> Path:
    Builder(Path(), shapes=5, scenes=3).write()
    write_pipeline(work)
    findings.main()
    return work


def data() -> dict[str, Any]:
    text = (OUT / "data.js").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text.removeprefix("window.GALLERY = ").rstrip().removesuffix(";"))
    return found


def files() -> dict[str, bytes]:
    return {path.relative_to(OUT).as_posix(): path.read_bytes() for path in OUT.rglob("*") if path.is_file()}


def test_every_picture_is_on_a_page_in_each_language(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gallery.main()
    told = data()
    count = sum(len(card[3]) for card in told["cards"])
    assert {card[0] for card in told["cards"]} == {"shapes", "landscapes", SAMPLES} and told["side"] == 96
    assert f"gallery: {count} pictures of {len(told['cards'])} captions" in capsys.readouterr().out
    made = files()
    sheets = sorted(name for name in made if name.startswith("sprites/"))
    assert set(made) == {"galerie.html", "gallery.html", "data.js", *sheets}
    assert max(picture[0] for card in told["cards"] for picture in card[3]) == len(sheets) - 1
    for sheet in sheets:
        assert load_picture(OUT / sheet).size == (6 * 96, 6 * 96)
    assert "formes dessinées et paysages dessinés" in made["galerie.html"].decode()
    assert '<html lang="en">' in made["gallery.html"].decode()
    gallery.main()
    assert files() == made


def test_a_study_without_ratings_has_a_gallery(study: Path) -> None:
    (study / "artifacts/ratings/ratings.parquet").unlink()
    flow = (study / "dvc.yaml").read_text(encoding="utf-8")
    assert "  ratings: " in flow
    (study / "dvc.yaml").write_text(flow.replace("  ratings: {cmd: x}\n", ""), encoding="utf-8")
    gallery.main()
    assert all(picture[8] is None for card in data()["cards"] for picture in card[3])


def test_a_study_without_a_landscape_model_has_a_gallery(study: Path) -> None:
    shutil.rmtree(study / "artifacts/samples")
    shutil.rmtree(study / "artifacts/judgement")
    flow = (study / "dvc.yaml").read_text(encoding="utf-8")
    for name in ("samples", "judgement"):
        flow = flow.replace(f"  {name}: {{cmd: x}}\n", "")
    (study / "dvc.yaml").write_text(flow, encoding="utf-8")
    gallery.main()
    assert {card[0] for card in data()["cards"]} == {"shapes", "landscapes"}


def test_a_damaged_picture_is_named_and_the_last_gallery_stays(study: Path) -> None:
    gallery.main()
    made = files()
    truncated(next((study / "artifacts/images/shapes").glob("*.zip")))
    with pytest.raises(BadInput, match=r"shard-0000\.zip"):
        gallery.main()
    assert files() == made


@pytest.mark.parametrize("side", ["0", "99999", "big"])
def test_a_side_that_is_none_is_refused(study: Path, side: str) -> None:
    params = (study / "params.yaml").read_text(encoding="utf-8")
    (study / "params.yaml").write_text(params.replace("side: 96", f"side: {side}"), encoding="utf-8")
    with pytest.raises(BadInput, match=r"params\.yaml.*gallery\.side"):
        gallery.main()
