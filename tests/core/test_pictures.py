from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from rapporteur.core.errors import BadInput
from rapporteur.core.pictures import load_picture, picture_array, png_bytes, safe_join, square_array


def _jpeg(size: tuple[int, int] = (64, 48)) -> bytes:
    out = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(noise).save(out, format="JPEG")
    return out.getvalue()


def test_a_picture_survives_png_unchanged() -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (5, 7, 3), dtype=np.uint8)
    assert (picture_array(load_picture(png_bytes(pixels))) == pixels).all()


def test_grey_and_transparent_pictures_become_rgb(tmp_path: Path) -> None:
    for mode in ("L", "RGBA", "CMYK"):
        Image.new(mode, (4, 4)).save(path := tmp_path / f"{mode}.tiff")
        assert load_picture(path).mode == "RGB"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (_jpeg()[:-200], "the picture is damaged.*truncated"),
        (b"<html>404</html>", "not a picture"),
        (b"", "not a picture"),
        (None, "the picture is missing"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "000000397133.jpg"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadInput, match=f"000000397133.jpg: {message}"):
        load_picture(path)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a/../../b", "C:\\x.jpg", "..\\x.jpg", ""])
def test_a_file_name_that_leaves_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="leaves the folder"):
        safe_join(tmp_path, name)


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.jpg").write_bytes(_jpeg())
    (tmp_path / "in/link.jpg").symlink_to(tmp_path / "secret.jpg")
    with pytest.raises(BadInput, match="through a link"):
        safe_join(tmp_path / "in", "link.jpg")


def test_a_plain_name_is_joined(tmp_path: Path) -> None:
    assert safe_join(tmp_path, "val2014/a.jpg") == tmp_path / "val2014/a.jpg"


def test_the_central_square_is_kept() -> None:
    pixels = np.zeros((10, 30, 3), np.uint8)
    pixels[:, 10:20] = 255
    assert (square_array(Image.fromarray(pixels), 10) == 255).all()
