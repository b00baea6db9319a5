"""Pictures in and out: decoded or refused whole, and encoded to the same bytes every time."""

from __future__ import annotations

import io
from pathlib import Path, PurePosixPath

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from rapporteur.core.errors import BadInput


def load_picture(source: Path | bytes, name: str | None = None) -> Image.Image:
    """An RGB picture, fully decoded. `name` stands for the file in messages when `source` is bytes.

    Raises BadInput for a file that is missing, truncated or not a picture.
    """
    label = name or (str(source) if isinstance(source, Path) else "picture")
    try:
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source) as picture:
            return picture.convert("RGB")
    except FileNotFoundError:
        raise BadInput("the picture is missing; put it back or take it out of the captions", label) from None
    except UnidentifiedImageError:
        raise BadInput("not a picture that can be read; replace the file", label) from None
    except (OSError, SyntaxError, ValueError) as error:
        raise BadInput(f"the picture is damaged ({error}); replace the file", label) from None


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
    """`folder / file_name`, refusing names that leave the folder (absolute, `..`, a drive, a link out)."""
    parts = PurePosixPath(file_name.replace("\\", "/"))
    if not file_name or parts.is_absolute() or ".." in parts.parts or ":" in parts.parts[0]:
        raise BadInput(f"the file name {file_name!r} leaves the folder {folder}; give a plain relative name")
    path = folder / parts
    if not path.resolve().is_relative_to(folder.resolve()):
        raise BadInput(f"the file name {file_name!r} leads out of the folder {folder} through a link")
    return path


def square_array(image: Image.Image, side: int) -> npt.NDArray[np.uint8]:
    """The picture's central square at `side` pixels (Lanczos): uint8 [side, side, 3].

    This is what DALL·E mini's VQGAN was given: the shorter edge scaled, the rest of the longer one cut.
    """
    edge = min(image.size)
    left, top = (image.width - edge) // 2, (image.height - edge) // 2
    box = (left, top, left + edge, top + edge)
    return picture_array(image.resize((side, side), Image.Resampling.LANCZOS, box=box))
