from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from rapporteur.core.errors import BadInput
from rapporteur.core.pictures import load_picture, picture_array, picture_size, png_bytes, safe_join, square_array


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


def test_a_link_may_lead_anywhere_but_a_name_may_not(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store/1.png").write_bytes(png_bytes(np.zeros((4, 4, 3), np.uint8)))
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures/1.png").symlink_to(tmp_path / "store/1.png")
    assert load_picture(safe_join(tmp_path / "pictures", "1.png")).size == (4, 4)
    for name in ("../store/1.png", "/etc/passwd", "a/../../b", "C:/x", "", "a\0b", "vue " * 100):
        with pytest.raises(BadInput, match="leaves the folder|longer than any disk"):
            safe_join(tmp_path / "pictures", name)


def test_a_plain_name_is_joined(tmp_path: Path) -> None:
    assert safe_join(tmp_path, "val2014/a.jpg") == tmp_path / "val2014/a.jpg"


def test_the_central_square_is_kept() -> None:
    pixels = np.zeros((10, 30, 3), np.uint8)
    pixels[:, 10:20] = 255
    assert (square_array(Image.fromarray(pixels), 10) == 255).all()


# --- what a picture shows -------------------------------------------------------------------------------

QUARTERS = np.zeros((6, 8, 3), np.uint8)  # each quarter another colour, and wider than high
QUARTERS[:3, :4], QUARTERS[:3, 4:], QUARTERS[3:, :4], QUARTERS[3:, 4:] = (
    (250, 0, 0),
    (0, 250, 0),
    (0, 0, 250),
    (9, 9, 9),
)


def saved(picture: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["PNG", "TIFF", "WEBP"])
def test_a_picture_is_turned_as_its_exif_says(orientation: int, form: str) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    upright = Image.fromarray(QUARTERS)
    as_kept = upright.transpose(undo[orientation]) if orientation in undo else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(as_kept, form, exif=exif, **({"lossless": True} if form == "WEBP" else {}))
    assert np.array_equal(picture_array(load_picture(data)), QUARTERS)


def test_the_size_of_a_turned_picture_is_the_shown_one(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    (tmp_path / "a.jpg").write_bytes(saved(Image.fromarray(QUARTERS), "JPEG", exif=exif))
    assert picture_size(tmp_path / "a.jpg") == load_picture(tmp_path / "a.jpg").size == (6, 8)


def clear(mode: str) -> Image.Image:
    """A red square on nothing, whose hidden colour is green."""
    picture = Image.new("RGBA", (8, 8), (0, 255, 0, 0))
    picture.paste((200, 0, 0, 255), (2, 2, 6, 6))
    if mode == "P":
        indexed = Image.new("P", (8, 8), 0)
        indexed.putpalette([0, 255, 0, 200, 0, 0])
        indexed.paste(1, (2, 2, 6, 6))
        indexed.info["transparency"] = 0
        return indexed
    return picture.convert(mode)


@pytest.mark.parametrize(
    ("mode", "form"), [("RGBA", "PNG"), ("RGBA", "WEBP"), ("RGBA", "TIFF"), ("LA", "PNG"), ("P", "PNG"), ("P", "GIF")]
)
def test_what_is_transparent_is_white(mode: str, form: str) -> None:
    picture = clear(mode)
    options = {"transparency": 0} if mode == "P" else {"lossless": True} if form == "WEBP" else {}
    shown = picture_array(load_picture(saved(picture, form, **options)))
    assert (shown[0, 0] == 255).all() and (shown[-1] == 255).all()
    middle = shown[4, 4].astype(int)
    assert middle.tolist() == ([200, 0, 0] if mode != "LA" else [60, 60, 60])


def test_half_transparent_is_half_white() -> None:
    shown = load_picture(saved(Image.new("RGBA", (2, 2), (0, 0, 0, 128)), "PNG"))
    assert shown.getpixel((0, 0)) == (127, 127, 127)


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_and_not_cut(form: str) -> None:
    levels = np.array([[0, 128 * 257, 65_535]], np.uint16)
    shown = picture_array(load_picture(saved(Image.fromarray(levels), form)))
    assert shown[0].tolist() == [[0, 0, 0], [128, 128, 128], [255, 255, 255]]


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr", "LAB", "RGB"])
def test_every_kind_of_pixels_is_shown_as_it_was_meant(mode: str) -> None:
    white = Image.new("RGB", (4, 4), (255, 255, 255))
    picture = Image.new("LAB", (4, 4), (255, 128, 128)) if mode == "LAB" else white.convert(mode)
    shown = load_picture(saved(picture, "JPEG" if mode == "YCbCr" else "TIFF"))
    assert picture_array(shown).min() >= 254  # LittleCMS rounds CIELAB's white by one


def test_colours_are_brought_to_srgb_by_the_own_profile_as_littlecms_does(shared_data: Path) -> None:
    found = 0
    for path in sorted((shared_data / "coco/val2017").glob("*.jpg")):
        with Image.open(path) as picture:
            profile = picture.info.get("icc_profile")
            if not profile or "srgb" in ImageCms.getProfileDescription(io.BytesIO(profile)).lower():
                continue
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            wanted = ImageCms.profileToProfile(picture, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
            plain = np.asarray(picture.convert("RGB"), dtype=int)
        shown = picture_array(load_picture(path))
        assert wanted is not None and np.array_equal(shown, np.asarray(wanted))
        found += bool(np.abs(shown - plain).max() > 3)
    assert found > 10, "these profiles change colours that can be seen"


def test_a_damaged_profile_is_said_and_the_picture_shown(capsys: pytest.CaptureFixture[str]) -> None:
    data = saved(Image.fromarray(QUARTERS), "PNG", icc_profile=b"no profile")
    assert np.array_equal(picture_array(load_picture(data, "a.png")), QUARTERS)
    assert "a.png: its colour profile can't be used" in capsys.readouterr().err


def test_of_an_animation_the_first_frame_counts_and_that_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    frames = [Image.new("RGB", (4, 4), colour) for colour in ((255, 255, 255), (0, 0, 0))]
    shown = load_picture(saved(frames[0], "GIF", save_all=True, append_images=frames[1:]), "a.gif")
    assert shown.getpixel((0, 0)) == (255, 255, 255)
    assert "a.gif: an animation or several pages: the first one counts" in capsys.readouterr().err


def test_a_picture_too_large_is_named_before_it_is_decoded(tmp_path: Path) -> None:
    (tmp_path / "wide.png").write_bytes(saved(Image.new("1", (20_000, 10_000)), "PNG"))
    for read in (load_picture, picture_size):
        with pytest.raises(BadInput, match=r"wide\.png: the picture is too large \(20000 × 10000 pixels\)"):
            read(tmp_path / "wide.png")


def test_damaged_pictures_of_every_format_are_refused_with_one_message() -> None:
    random, refused = np.random.default_rng(0), 0
    for form in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "JPEG2000", "PPM", "TGA", "ICO", "QOI", "DDS", "AVIF"):
        whole = bytearray(saved(Image.fromarray(np.kron(QUARTERS, np.ones((8, 8, 1), np.uint8))), form))
        for _ in range(40):
            data = bytearray(whole[: random.integers(4, len(whole) + 1)])
            for place in random.integers(0, len(data), 6):
                data[place] = random.integers(0, 256)
            try:
                assert load_picture(bytes(data), "x").mode == "RGB"
            except BadInput as error:
                refused += str(error).startswith("x: ")
    assert refused > 100
