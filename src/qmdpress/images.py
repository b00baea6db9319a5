"""Pictures of a document: those that its cells made and those that it names by a path."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from qmdpress import pandoc
from qmdpress.page import Page
from qmdpress.pandoc import Node, pairs_of
from qmdpress.qmd import Line

MIME = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
LIGHTER = ".webp"  # beside a JPEG of the same name: what a page, which holds its pictures, shows in its place
_LENGTH = re.compile(r"(\d+(?:\.\d+)?)(%|px|mm|cm|in|pt|em)?")


@dataclass(frozen=True)
class Picture:
    """A picture as a page shows it: bytes, suffix with the dot, alternative text, and lengths as (number, unit)."""

    data: bytes
    suffix: str
    alt: str
    width: tuple[float, str] | None
    height: tuple[float, str] | None

    @property
    def data_uri(self) -> str:
        return f"data:{MIME[self.suffix]};base64,{base64.b64encode(self.data).decode()}"

    @property
    def file_name(self) -> str:
        return f"{hashlib.sha256(self.data).hexdigest()[:16]}{self.suffix}"


def picture(image: Node, page: Page, *, lighter: bool = False) -> Picture:
    """The picture of an Image element.

    lighter: of a JPEG with a WebP of the same name beside it, take that one.

    Raises BadInput, with the line, for a file that is missing, remote or of an unknown kind, for an
    odd length, and for a picture without a text that says what it shows.
    """
    attr, caption, (target, _) = image["c"]
    pairs = pairs_of(attr)
    made = page.pictures.made.get(target)
    line = page.document.find(target) if made is None else page.document.find()
    if lighter and made is None and _place(_lighter(target), page).is_file():
        target = _lighter(target)
    data = _read(target, page, line) if made is None else made
    alt = pairs.get("fig-alt") or pairs.get("alt") or pandoc.plain_text(caption)
    if not alt.strip():
        raise line.error(f'the picture {target} has no text for who can\'t see it; write a caption or fig-alt="..."')
    width, height = (_length(pairs.get(side), line) for side in ("width", "height"))
    return Picture(data, Path(target).suffix.lower(), alt, width, height)


def _read(target: str, page: Page, line: Line) -> bytes:
    """The file that a document names: from its own folder, or from the project's root after a slash."""
    if re.match(r"[a-z]+:", target):
        raise line.error(f"the picture {target} is not a file of the project; a report must hold all it shows")
    if Path(target).suffix.lower() not in MIME:
        raise line.error(f"the picture {target} is not of a known kind: {', '.join(MIME)}")
    path = _place(target, page)
    if not path.is_file():
        raise line.error(f"the picture {target} is missing")
    if not path.resolve().is_relative_to(page.root.resolve()):
        raise line.error(f"the picture {target} lies outside the project")
    return path.read_bytes()


def _place(target: str, page: Page) -> Path:
    return page.root / (target.lstrip("/") if target.startswith("/") else page.document.path.parent / target)


def _lighter(target: str) -> str:
    """The name of the WebP beside a JPEG; another picture's own name."""
    is_jpeg = MIME.get(Path(target).suffix.lower()) == "image/jpeg"
    return f"{target.removesuffix(Path(target).suffix)}{LIGHTER}" if is_jpeg else target


def _length(text: str | None, line: Line) -> tuple[float, str] | None:
    if text is None:
        return None
    found = _LENGTH.fullmatch(text.strip())
    if not found:
        raise line.error(f'the length "{text}" is not of the form 80%, 12cm or 300px')
    return float(found[1]), found[2] or "px"
