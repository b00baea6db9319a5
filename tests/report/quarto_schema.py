"""Quarto's published schemas (all-schema-definitions.json of its sources), and a value held against one.

The file is Quarto's own dialect of JSON Schema, with types such as `anyOf` and `ref`. What is checked here is what
`quarto render` checks before it runs anything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Schemas = dict[str, Any]


def load(folder: Path) -> Schemas:
    schemas: Schemas = json.loads((folder / "all-schema-definitions.json").read_text(encoding="utf-8"))
    return schemas


def faults(value: Any, schema: Any, schemas: Schemas) -> list[str]:
    """What of `value` the schema refuses, each with its place ("format: html: theme")."""
    return [f"{place}: {message}" for place, message in _faults(value, schema, schemas, "")]


Fault = tuple[str, str]  # place, message


def _faults(value: Any, schema: Any, schemas: Schemas, place: str) -> Iterator[Fault]:
    if isinstance(schema, bool):
        yield from () if schema else ((place, "nothing is allowed here"),)
        return
    kind = schema.get("type", "any")
    if kind in COMPOUND:
        yield from COMPOUND[kind](value, schema, schemas, place)
    elif not _plain(value, kind, schema):
        yield place, f"{value!r} must {schema.get('description', f'be {kind}')}"


def _ref(value: Any, schema: Any, schemas: Schemas, place: str) -> Iterator[Fault]:
    yield from _faults(value, schemas[schema["$ref"]], schemas, place)


def _any_of(value: Any, schema: Any, schemas: Schemas, place: str) -> Iterator[Fault]:
    """The fault that lies deepest: of the alternative that was most likely meant."""
    found = [list(_faults(value, one, schemas, place)) for one in schema["anyOf"]]
    if all(found):
        yield max((those[0] for those in found), key=lambda fault: len(fault[0]))


def _all_of(value: Any, schema: Any, schemas: Schemas, place: str) -> Iterator[Fault]:
    for one in schema["allOf"]:
        yield from _faults(value, one, schemas, place)


def _array(value: Any, schema: Any, schemas: Schemas, place: str) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield place, f"{value!r} is no list"
        return
    for number, one in enumerate(value):
        yield from _faults(one, schema.get("items", True), schemas, f"{place}[{number}]")


def _plain(value: Any, kind: str, schema: Any) -> bool:
    if kind == "enum":
        return any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in schema["enum"])
    if kind == "string":
        return isinstance(value, str) and re.search(schema.get("pattern", ""), value) is not None
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "null":
        return value is None
    assert kind in ("any", "not"), f"a schema of the unknown type {kind}"
    return True


def _object(value: Any, schema: Any, schemas: Schemas, place: str) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield place, f"{value!r} is no mapping"
        return
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for name in schema.get("required", []):
        if name not in value:
            yield place, f"lacks {name}"
    for name in value:
        yield from _faults(
            str(name), schema.get("propertyNames", True), schemas, f"{place}: {name}" if place else str(name)
        )
    for name, held in value.items():
        where = f"{place}: {name}" if place else str(name)
        matching = [known[name]] if name in known else [s for p, s in patterns.items() if re.search(p, str(name))]
        if not matching and schema.get("closed"):
            yield where, "is no option"
        elif not matching and "additionalProperties" in schema:
            matching = [schema["additionalProperties"]]
        for one in matching:
            yield from _faults(held, one, schemas, where)


COMPOUND = {"ref": _ref, "anyOf": _any_of, "allOf": _all_of, "object": _object, "array": _array}
