"""What every reader yields: a picture with its captions, and the checks that all layouts share."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rapporteur.core.errors import BadInput


@dataclass(frozen=True, slots=True)
class Caption:
    """One caption; `caption_id` is unique within the dataset."""

    caption_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """One gold picture as its dataset describes it; `file_name` is relative to the folder of pictures.

    A prompt of one's own is a picture without a file (`file_name` ""), of the kind "prompt".
    """

    image_id: str
    file_name: str
    split: str
    licence: str = ""
    captions: list[Caption] = field(default_factory=list)
    licence_url: str = ""
    source_url: str = ""  # where the picture was published, for its attribution
    kind: str = "original"  # of its captions: original | prompt
    attributes: Mapping[str, str] | None = None  # what a prompt tries and expects (datasets/prompts.py)


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a plain or gzipped file. Raises BadInput with the line of a syntax error."""
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8")
        content = json.loads(text)
    except FileNotFoundError:
        raise BadInput("the caption file is missing; check `annotations` in params.yaml", path) from None
    except json.JSONDecodeError as error:
        raise BadInput(f"not JSON ({error.msg}, column {error.colno})", path, error.lineno) from None
    except RecursionError:
        raise BadInput("its JSON is nested too deep", path) from None
    except (UnicodeDecodeError, OSError, EOFError, zlib.error) as error:
        raise BadInput(f"not a JSON text in UTF-8 ({error})", path) from None
    if not isinstance(content, dict):
        raise BadInput("expected a JSON object at the top level", path)
    return content


def records(content: dict[str, Any], name: str, path: Path) -> list[dict[str, Any]]:
    """The list of objects under `name`."""
    found = content.get(name)
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise BadInput(f'expected a list of objects under "{name}"', path)
    return found


def member(record: Mapping[str, Any], name: str, place: str, path: Path) -> Any:
    """A member that the layout requires. `place` names the record, e.g. "images[12] (id 397133)"."""
    if record.get(name) is None:
        raise BadInput(f'{place} has no "{name}"; write it in or take the record out', path)
    return record[name]


def caption_text(raw: Any, place: str, path: Path) -> str:
    """A caption trimmed of its blanks. Raises BadInput for an empty one, and for half a character."""
    if not isinstance(raw, str) or not raw.strip():
        raise BadInput(f"{place} has an empty caption; write one or take the record out", path)
    return _whole(raw.strip(), f"{place}: the caption", path)


def label(record: Mapping[str, Any], name: str, place: str, path: Path) -> str:
    """An identifier or a file name that the layout requires. Raises BadInput for what is neither text nor number."""
    return scalar(member(record, name, place, path), f'{place}: "{name}"', path)


def scalar(value: Any, what: str, path: Path) -> str:
    """A text or a number as text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BadInput(f"{what} is neither a text nor a number; write one", path)
    return _whole(str(value), what, path)


def _whole(text: str, what: str, path: Path) -> str:
    """The text. A lone surrogate is half a character: what is left where a text was cut in UTF-16."""
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise BadInput(f"{what} has half a character (of an emoji, say); write it whole or take it out", path)
    return text


def refuse_duplicates(names: Iterable[str], what: str, path: Path) -> None:
    """Raise BadInput for the first identifier that comes twice."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise BadInput(f"the {what} {name} comes twice; keep one of the two records", path)
        seen.add(name)
