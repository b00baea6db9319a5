"""Numbers and tables for the prose, from `artifacts/findings` alone.

    The gold pictures score `{python} fact("clip.gold.landscapes", interval=True)`.

An unknown name, or a fact that has no value yet, is an error: it stops the render. To import this module in a
document also makes its inline code print strings as they read, and marks its numbers (report/cited.py).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from qmdpress.pdf import typst_string
from rapporteur.core.errors import BadInput
from rapporteur.core.tables import read_frame
from rapporteur.report.artifacts import FINDINGS, nearest, project_root, read_json
from rapporteur.report.cited import CITED, Shown
from rapporteur.report.language import Numerals, decimals_set, spoken
from rapporteur.report.markdown import literal
from rapporteur.vocabulary.findings import read_names, read_records

# Units of findings.json whose number stands alone in a sentence.
PLAIN_UNITS = {"1", "", "name", "cosine", "ΔE2000", "CIELAB", "score", "count"}
FIELDS = ("value", "low", "high", "n")


def fact(
    name: str,
    digits: int | None = None,
    *,
    interval: bool = False,
    field: str = "value",
    sign: bool = False,
    unit: bool = True,
) -> str:
    """The fact `name` in the language spoken, ready for a sentence.

    digits: decimals; by default three figures (one decimal for a percentage).
    interval: the value, then its bounds, "0,23 [0,12 ; 0,34]".
    field: "value", "low", "high" or "n" (the number of observations).
    sign: write the plus of a difference.
    unit: False leaves the unit out, for a sentence that says it itself.
    Raises BadInput for a name, a field or an interval that findings.json does not have.
    """
    record = _finding(name)
    value = _field(name, record, field)
    if isinstance(value, str):
        return _joined(value) if record["unit"] == "codes" else proper(value)
    kind = "count" if field == "n" else str(record["unit"])
    bounds = [_field(name, record, bound) for bound in ("low", "high")] if interval else []
    if kind == "p":
        return CITED.note(name, _numerals().p_value(float(value), at_most=bool(record.get("at_most"))))
    text = _written(float(value), [float(bound) for bound in bounds], kind, digits, sign=sign, unit=unit)
    return CITED.note(name, text)


def fact_value(name: str, field: str = "value") -> Any:
    """The bare value (None where there is none yet), for a condition such as `if fact_value("ratings.n") == 0`."""
    record = _finding(name)
    if field not in FIELDS:
        raise BadInput(f'a fact has no field "{field}"; {nearest(field, FIELDS)}')
    return record.get(field)


def has_fact(name: str) -> bool:
    """Whether the fact `name` exists and has a value."""
    return _findings().get(name, {}).get("value") is not None


def tested_by(name: str) -> str | None:
    """The name of the p-value that tests a fact, corrected for the tests beside it; None where it was not tested."""
    found: str | None = _finding(name).get("p")
    return found


def facts(prefix: str) -> list[str]:
    """The names that start with `prefix`, sorted."""
    return sorted(name for name in _findings() if name.startswith(prefix))


def proper(name: str) -> str:
    """What a name that the study gave (a dataset, a model) is called in the language spoken."""
    return read_names(project_root() / FINDINGS).get(spoken().name, {}).get(name, name)


def _joined(codes: str) -> str:
    """Codes in the order of findings.json, in words."""
    language = spoken()
    return language.word("joint", "codes").join(language.say(code) for code in codes.split())


def _numerals() -> Numerals:
    return spoken().numerals


def _written(value: float, bounds: list[float], kind: str, digits: int | None, *, sign: bool, unit: bool) -> str:
    scale = 100 if kind == "share" else 1
    numbers = [scale * part for part in (value, *bounds)]
    places = _decimals(numbers, kind) if digits is None else digits
    numerals = _numerals()
    text = numerals.signed(numbers[0], places) if sign else numerals.number(numbers[0], places)
    if unit:
        text += _suffix(kind)
    if bounds:
        text += numerals.NBSP + numerals.interval(numbers[1], numbers[2], places)
    return text


def _decimals(numbers: Sequence[float], kind: str) -> int:
    if kind == "count":
        return 0 if float(numbers[0]).is_integer() else 1
    if kind in ("share", "%"):
        return 1
    # The bounds follow the value's own precision: "0,231 [0,120 ; 0,342]".
    return _numerals().decimals_for(numbers[0])


def _suffix(kind: str) -> str:
    if kind in ("share", "%"):
        return _numerals().PERCENT
    if kind in PLAIN_UNITS:
        return ""
    return _numerals().NBSP + spoken().word("unit_after_a_number", kind)


def _finding(name: str) -> Mapping[str, Any]:
    known = _findings()
    if name not in known:
        raise BadInput(f'no fact is called "{name}"; {nearest(name, known)}', FINDINGS / "findings.json")
    return known[name]


def _field(name: str, record: Mapping[str, Any], field: str) -> Any:
    if field not in FIELDS:
        raise BadInput(f'a fact has no field "{field}"; {nearest(field, FIELDS)}')
    value = record.get(field)
    if value is None:
        why = f" ({spoken().say(record['method'])})" if field == "value" and record.get("method") else ""
        raise BadInput(
            f'the fact "{name}" has no {field}{why}; ask has_fact("{name}") first', FINDINGS / "findings.json"
        )
    return value


def _findings() -> Mapping[str, Mapping[str, Any]]:
    return read_records(project_root() / FINDINGS / "findings.json")


# What prints nothing: of an inline expression whose result is the empty string, Quarto prints the code.
NOTHING = "<!-- -->"


class Markdown:
    """A text that a document takes as Markdown: from a cell, or from inline code if it is one paragraph."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/markdown": CITED.marked(self.text, literal) or NOTHING, "text/plain": self.text}


@dataclass(frozen=True)
class _Printed:
    """How a column is printed: tables/index.json, with what the call changes."""

    name: str
    heading: str
    unit: str
    digits: int | None
    words: str


def table(
    name: str,
    columns: Sequence[str] | Mapping[str, str] | None = None,
    *,
    digits: Mapping[str, int] | None = None,
    units: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    rows: Callable[[pd.DataFrame], pd.Series] | None = None,
) -> Markdown:
    """The table `name` of the findings, in the language spoken; units and digits are those of tables/index.json.

    columns: the columns to print, in this order, or {column: heading}; by default those of the index.
    digits, units: {column: decimals}, {column: unit}, over the index's.
    labels: {text in the table: text to print}.
    rows: which rows to keep, as in `lambda frame: frame["key"] == "shapes"`.
    Raises BadInput for an unknown table or column, and for a table without rows.
    """
    frame = table_frame(name)
    frame = frame if rows is None else frame[rows(frame)]
    if frame.empty:
        raise BadInput(f'the table "{name}" has no row to print; ask table_frame("{name}") first', FINDINGS / "tables")
    printed = _printed(name, frame, columns, digits or {}, units or {})
    file, source = FINDINGS / "tables" / f"{name}.parquet", _index().get(name, {}).get("source", "")
    CITED.tables[name] = Shown(file.as_posix(), source, "findings", heads=[column.heading for column in printed])
    return _table(frame, printed, labels)


def numbers_table(columns: Sequence[str], wanted: Callable[[str], bool]) -> Markdown:
    """The numbers that could be computed, of the datasets that are wanted ("": of the whole study), one a line.

    columns: among name, label, value, low, high, n, unit and method. Raises BadInput for another, and where no
    number is wanted.
    """
    known = ("name", "label", "value", "low", "high", "n", "unit", "method")
    for column in set(columns) - set(known):
        raise BadInput(f'a number has no column "{column}"; {nearest(column, known)}')
    frame = _numbers(wanted)
    printed = [_column("all_findings", {"name": column} | _COUNTED.get(column, {})) for column in columns]
    return _table(frame, printed, None)


def _numbers(wanted: Callable[[str], bool]) -> pd.DataFrame:
    """The numbers that could be computed, of the datasets that are wanted, in words; raises BadInput for none."""
    language = spoken()
    rows = [
        dict(record) | {"name": name, "label": language.label(record), "method": language.say(record["method"]),
                  "unit": language.word("unit", record["unit"])}
        for name, record in _findings().items()
        if isinstance(record["value"], int | float) and wanted(record["dataset"])
    ]  # fmt: skip
    if not rows:
        raise BadInput("there is no number to print", FINDINGS / "findings.json")
    return pd.DataFrame(rows).astype(dict.fromkeys(("value", "low", "high"), "float64"))


def attached_numbers(file_name: str) -> Markdown:
    """Every number of the study, with its interval, unit, method and source, as a CSV in the PDF; nothing in a page.

    file_name: what a reader of the PDF finds among its attachments.
    """
    columns = ["name", "label", "dataset", "value", "low", "high", "n", "unit", "method", "source"]
    return _attached(file_name, _numbers(lambda _: True)[columns], spoken().say("numbers_attached"))


def attached_table(name: str, file_name: str, what: str) -> Markdown:
    """A table of the findings, every column of its index and every digit, as a CSV in the PDF; nothing in a page.

    what: what a reader of the PDF is told that the file holds. A table without rows attaches nothing. Raises BadInput
    for an unknown table.
    """
    frame = table_frame(name)
    if frame.empty:
        return Markdown("")
    columns = [_column(name, told) for told in _index().get(name, {}).get("columns", [])]
    said = {
        column.name: frame[column.name].map(lambda code, words=column.words: _word(code, words))
        if not pd.api.types.is_numeric_dtype(frame[column.name])
        else frame[column.name]
        for column in columns
    }
    bounds = {"at_most": frame["at_most"]} if "at_most" in frame else {}
    return _attached(file_name, pd.DataFrame(said | bounds), what)


def _attached(file_name: str, frame: pd.DataFrame, what: str) -> Markdown:
    attach = '(if "attach" in dictionary(pdf) { pdf.attach } else { pdf.embed })'  # its name in Quarto 1.8's Typst
    about = f'relationship: "data", mime-type: "text/csv", description: {typst_string(what)}'
    data = f"bytes({typst_string(frame.to_csv(index=False, lineterminator=chr(10)))})"
    return Markdown(f"```{{=typst}}\n#{attach}({typst_string(file_name)}, {data}, {about})\n```")


_COUNTED = {"n": {"unit": "count", "digits": 0}}


def _table(frame: pd.DataFrame, printed: Sequence[_Printed], labels: Mapping[str, str] | None) -> Markdown:
    bounds = frame["at_most"].tolist() if "at_most" in frame else [False] * len(frame)
    cells = [
        [
            _cell(value, column, labels or {}, at_most=bound is True)
            for value, bound in zip(frame[column.name], bounds, strict=True)
        ]
        for column in printed
    ]
    numeric = [pd.api.types.is_numeric_dtype(frame[column.name]) for column in printed]
    return Markdown(_pipe_table([_escaped(column.heading) for column in printed], cells, numeric))


def table_frame(name: str) -> pd.DataFrame:
    """The rows of a table of the findings, as they were written. Raises BadInput for an unknown table."""
    folder = project_root() / FINDINGS / "tables"
    path = folder / f"{name}.parquet"
    if not path.is_file():
        known = [other.stem for other in folder.glob("*.parquet")]
        raise BadInput(f'no table is called "{name}"; {nearest(name, known)}', FINDINGS / "tables")
    return read_frame(path, name)


def _index() -> Mapping[str, Any]:
    """How the tables are printed, and what each was read from."""
    index: Mapping[str, Any] = read_json(project_root() / FINDINGS / "tables" / "index.json", "findings")
    return index


def _printed(
    name: str,
    frame: pd.DataFrame,
    columns: Sequence[str] | Mapping[str, str] | None,
    digits: Mapping[str, int],
    units: Mapping[str, str],
) -> list[_Printed]:
    known = {column["name"]: column for column in _index().get(name, {}).get("columns", [])}
    chosen = list(known if columns is None else columns)
    for column in [*chosen, *digits, *units]:
        if column not in frame.columns:
            raise BadInput(f'the table "{name}" has no column "{column}"; {nearest(column, frame.columns)}')
    headings = columns if isinstance(columns, Mapping) else {}
    printed = [_column(name, known.get(column, {"name": column})) for column in chosen]
    return [
        replace(
            column,
            heading=headings.get(column.name, column.heading),
            unit=units.get(column.name, column.unit),
            digits=digits.get(column.name, column.digits),
        )
        for column in printed
    ]


def _column(table: str, told: Mapping[str, Any]) -> _Printed:
    """A column as tables/index.json tells of it."""
    heading = spoken().heading(table, told["name"], told.get("about", {}))
    return _Printed(told["name"], heading, told.get("unit", "1"), told.get("digits"), told.get("words", ""))


def _word(code: str, words: str) -> str:
    """What a code of a table is called."""
    match words:
        case "":
            return proper(code)
        case "finding":
            return spoken().label(_finding(code))
        case "value":
            return _as_set(code)
    return spoken().word(words, code)


def _as_set(name: str) -> str:
    """A fact as someone set it, without the zeros of a measurement; why there is none."""
    record = _finding(name)
    value = record["value"]
    if value is None:
        return f"– ({spoken().say(record['method'])})"
    if isinstance(value, str):
        return fact(name)
    return _numerals().number(value, decimals_set(value)) + _suffix(record["unit"])


def _cell(value: Any, column: _Printed, labels: Mapping[str, str], *, at_most: bool = False) -> str:
    if hasattr(value, "tolist") and getattr(value, "ndim", 0) > 0:
        return _numerals().enumeration([_cell(part, column, labels) for part in value.tolist()])
    if pd.isna(value):
        return "–"
    if isinstance(value, str):
        return _escaped(labels.get(value, _word(value, column.words)))
    if isinstance(value, bool) or str(getattr(value, "dtype", "")) == "bool":
        return spoken().word("truth", "yes" if value else "no")
    if column.unit == "p":
        space = _numerals().NBSP
        return _numerals().p_value(float(value), at_most=at_most).removeprefix(f"p{space}").removeprefix(f"={space}")
    return _written(float(value), [], column.unit, column.digits, sign=False, unit=column.unit in ("share", "%"))


def _escaped(text: str) -> str:
    return literal(" ".join(text.split()))


def _pipe_table(headings: list[str], columns: list[list[str]], numeric: list[bool]) -> str:
    # Pandoc turns the dashes into relative widths once a line is longer than 72 signs, so they follow the text;
    # three more for the space between columns, which weighs most on narrow ones.
    widths = [max(map(len, (heading, *cells))) for heading, cells in zip(headings, columns, strict=True)]
    rule = ["-" * (min(width, 48) + 3) + (":" if right else "-") for width, right in zip(widths, numeric, strict=True)]
    rows = [headings, rule, *map(list, zip(*columns, strict=True))]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _print_strings_as_they_read() -> None:
    """In a kernel, give strings a Markdown form, for inline code, and mark the numbers of what is shown.

    Quarto takes a bare string by its `repr`, which writes a no-break space as "\\xa0".
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None:
        shell.display_formatter.formatters["text/markdown"].for_type(str, _as_it_reads)
        CITED.noting = True


def _as_it_reads(text: str) -> str:
    return CITED.marked(literal(text), literal) or NOTHING


_print_strings_as_they_read()
