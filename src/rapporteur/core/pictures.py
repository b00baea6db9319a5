"""Pictures in and out: what a picture shows, decoded or refused whole, and encoded to the same bytes every time.

What it shows is what a viewer shows: turned as its EXIF says, its colour profile brought to sRGB, what is transparent
on white, 16 bits scaled to 8, of an animation the first frame. Every stage, verb and page opens pictures here.
"""

from __future__ import annotations

import io
import sys
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from rapporteur.core.errors import BadInput

# What is opened: no format that another program decodes (EPS), none that is a drawing or a document.
_WANTED = (
    "JPEG", "MPO", "PNG", "WEBP", "GIF", "BMP", "DIB", "TIFF", "JPEG2000", "AVIF", "PPM", "TGA", "ICO", "QOI", "DDS",
    "PCX", "SGI",
)  # fmt: skip
ENDINGS = frozenset((
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".dib", ".tif", ".tiff", ".jp2", ".avif", ".ppm",
    ".pgm", ".pbm", ".tga", ".ico", ".qoi", ".dds", ".pcx", ".mpo",
))  # fmt: skip
MOST_PIXELS = 178_956_970  # Pillow's own bound: half a gigabyte as RGB
TURNED = (5, 6, 7, 8)  # orientations of EXIF that swap width and height
WHITE = (255, 255, 255)

Image.init()  # every decoder that this Pillow has
FORMATS = tuple(name for name in _WANTED if name in Image.OPEN)
Image.MAX_IMAGE_PIXELS = None  # the bound is held here, with the file's name, on threads too
_SRGB = ImageCms.createProfile("sRGB")


def load_picture(source: Path | bytes, name: str | None = None) -> Image.Image:
    """An RGB picture, fully decoded, as it is shown. `name` stands for the file in messages when `source` is bytes.

    Raises BadInput for a file that is missing, truncated, too large or not a picture.
    """
    label = name or (str(source) if isinstance(source, Path) else "picture")
    try:
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=FORMATS) as picture:
            _check_size(picture, label)
            return _shown(picture, label)
    except BadInput:
        raise
    except Exception as error:  # decoders raise anything on damaged bytes; each is the file's fault, and is named
        raise _refusal(error, label) from None


def picture_size(path: Path) -> tuple[int, int]:
    """Width and height as shown, from the file's head. Raises BadInput for what is not a picture."""
    try:
        with Image.open(path, formats=FORMATS) as picture:
            _check_size(picture, str(path))
            turned = picture.getexif().get(0x0112) in TURNED
            return (picture.height, picture.width) if turned else picture.size
    except BadInput:
        raise
    except Exception as error:
        raise _refusal(error, str(path)) from None


def _check_size(picture: Image.Image, label: str) -> None:
    if picture.width * picture.height > MOST_PIXELS:
        size = f"{picture.width} × {picture.height}"
        raise BadInput(f"the picture is too large ({size} pixels); reduce it, or take it out", label)


def _refusal(error: Exception, label: str) -> BadInput:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return BadInput("the picture is missing; put it back or take it out of the captions", label)
    if isinstance(error, UnidentifiedImageError):
        return BadInput("not a picture that can be read; replace the file", label)
    if isinstance(error, MemoryError):
        return BadInput("the picture does not fit in memory; reduce it, or take it out", label)
    said = " ".join(str(error).split())[:200] or type(error).__name__
    return BadInput(f"the picture is damaged ({said}); replace the file", label)


def _shown(picture: Image.Image, label: str) -> Image.Image:
    """The first frame as RGB, as a viewer shows it."""
    picture.load()
    if getattr(picture, "n_frames", 1) > 1 and picture.format != "MPO":
        _tell(label, "an animation or several pages: the first one counts")
    profile = picture.info.get("icc_profile")
    turned = ImageOps.exif_transpose(_eight_bits(picture, label))
    alpha = None
    if turned.has_transparency_data:
        turned = turned.convert("RGBA")
        alpha = turned.getchannel("A")
        turned = turned.convert("RGB")
    elif turned.mode in ("P", "1"):
        turned = turned.convert("RGB")
    shown = _in_srgb(turned, profile, label)
    if alpha is not None and alpha.getextrema() != (255, 255):
        ground = Image.new("RGB", shown.size, WHITE)
        ground.paste(shown, mask=alpha)
        return ground
    return shown


def _eight_bits(picture: Image.Image, label: str) -> Image.Image:
    """The picture with 8 bits a channel; 16 are scaled, where Pillow's own conversion would clip."""
    if picture.mode == "F":
        raise BadInput("its pixels are floating-point numbers, whose white nobody states; save it with 8 bits", label)
    if not picture.mode.startswith("I"):
        return picture
    levels = np.asarray(picture).astype(np.int64)
    if levels.min() < 0 or levels.max() > 65_535:
        raise BadInput("its pixels have more than 16 bits; save it with 8", label)
    scaled = Image.fromarray(((levels * 255 + 32_767) // 65_535).astype(np.uint8))
    scaled.info = {name: value for name, value in picture.info.items() if name != "transparency"}
    clear = picture.info.get("transparency")
    if isinstance(clear, int):
        scaled.putalpha(Image.fromarray(np.where(levels == clear, 0, 255).astype(np.uint8)))
    exif = picture.getexif()
    if exif.get(0x0112):
        scaled.info["exif"] = exif.tobytes()
    return scaled


def _in_srgb(picture: Image.Image, profile: bytes | None, label: str) -> Image.Image:
    """RGB in sRGB, by the picture's own colour profile where it has one that can be read."""
    if picture.mode == "LAB":
        return _converted(picture, ImageCms.createProfile("LAB"))
    if profile:
        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            space = own.profile.xcolor_space.strip()
            fitting = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}.get(space)
            if fitting == "L" and picture.mode == "RGB":
                picture = picture.convert("L")
            if fitting == picture.mode and not _is_srgb(own):
                return _converted(picture, own)
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as error:
            _tell(label, f"its colour profile can't be used ({error}); its colours count as sRGB")
    return picture.convert("RGB")


@lru_cache(maxsize=100_000)  # a picture is opened more than once, and this is said once
def _tell(label: str, what: str) -> None:
    print(f"{label}: {what}", file=sys.stderr)


def _is_srgb(profile: ImageCms.ImageCmsProfile) -> bool:
    return "srgb" in (profile.profile.profile_description or "").lower()


def _converted(picture: Image.Image, profile: Any) -> Image.Image:
    found = ImageCms.profileToProfile(picture, profile, _SRGB, outputMode="RGB")
    assert found is not None  # only in place it gives none
    return found


def png_bytes(picture: Image.Image | npt.NDArray[np.uint8]) -> bytes:
    """The picture as PNG, without metadata, at a fixed compression level."""
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    out = io.BytesIO()
    image.save(out, format="PNG", compress_level=6)
    return out.getvalue()


def picture_array(image: Image.Image) -> npt.NDArray[np.uint8]:
    """uint8 [height, width, 3], sRGB."""
    return np.asarray(image, dtype=np.uint8)


def safe_join(folder: Path, file_name: str) -> Path:
    """`folder / file_name`, refusing names that leave the folder: absolute, `..`, a drive.

    A link within the folder may lead anywhere: whoever made it (DVC does, with a cache of links) meant it.
    """
    parts = PurePosixPath(file_name.replace("\\", "/"))
    if not parts.parts or parts.is_absolute() or ".." in parts.parts or ":" in parts.parts[0] or "\0" in file_name:
        raise BadInput(f"the file name {file_name[:80]!r} leaves the folder {folder}; give a plain relative name")
    if any(len(part.encode(errors="surrogatepass")) > 255 for part in parts.parts):
        raise BadInput(f"the file name {file_name[:80]!r}… is longer than any disk takes; shorten it")
    return folder / parts


def square_array(image: Image.Image, side: int) -> npt.NDArray[np.uint8]:
    """The picture's central square at `side` pixels (Lanczos): uint8 [side, side, 3].

    This is what DALL·E mini's VQGAN was given: the shorter edge scaled, the rest of the longer one cut.
    """
    edge = min(image.size)
    left, top = (image.width - edge) // 2, (image.height - edge) // 2
    box = (left, top, left + edge, top + edge)
    return picture_array(image.resize((side, side), Image.Resampling.LANCZOS, box=box))
