"""What the documents may cite: every number of the study with its interval, its method and its source."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired

import pandera.pandas as pa
import pydantic
from typing_extensions import TypedDict

from rapporteur.core.errors import BadInput
from rapporteur.core.tables import column, schema

# Units that a finding may have; report/language knows how each is written.
UNITS = (
    "count", "share", "p", "name", "1", "CLIPScore", "ΔE2000", "CIELAB", "pixels", "words", "nats/token", "bits",
    "dB", "score", "codes",
)  # fmt: skip

NAMES_FILE = "names.json"  # beside findings.json: by language, what a name of the study is called there
SOURCES_FILE = "sources.json"  # beside it: the digest that each file had that a number was read from
METRICS_FILE = "metrics.json"  # every number by name, which git tracks

FINDINGS = schema(
    "findings",
    {
        "name": column(str, "what documents cite: the quantity, and the dataset where it is of one", unique=True),
        "quantity": column(str, "<topic>.<what>, whose words report/language has"),
        "dataset": column(str, "name of the dataset in params.yaml; empty: of the whole study"),
        "value": column("float64", "the number; null for a name and for what can't be computed", nullable=True),
        "text": column(str, "the value of a name, or codes; else empty"),
        "low": column("float64", "lower bound of the interval, if there is one", nullable=True),
        "high": column("float64", "upper bound of the interval, if there is one", nullable=True),
        "n": column("int64", "rows that the value comes from", checks=pa.Check.ge(0)),
        "unit": column(str, "unit of the value and its bounds", checks=pa.Check.isin(UNITS)),
        "method": column(str, "code of how it was computed, or of why it was not, with its arguments"),
        "source": column(str, "artifact that it comes from, from the repository's root"),
    },
)

Number = Annotated[float, pydantic.Field(allow_inf_nan=False)]
Said = dict[str, Any]  # a phrase as JSON has it, see vocabulary/phrase.py


class Record(TypedDict):
    """A finding as findings.json has it, under its name."""

    __pydantic_config__ = pydantic.ConfigDict(strict=True)  # type: ignore[misc]

    quantity: str
    dataset: str
    value: Number | str | None
    low: Number | None
    high: Number | None
    n: Annotated[int, pydantic.Field(ge=0)]
    unit: Literal[UNITS]  # type: ignore[valid-type]
    method: Said
    source: str
    meaning: NotRequired[Said]
    p: NotRequired[str]
    at_most: NotRequired[bool]


Names = dict[str, dict[str, str]]  # by language and by the name that findings and tables have
NAMES = pydantic.TypeAdapter(Names)
RECORDS = pydantic.TypeAdapter(dict[str, Record])


def read_records(path: Path) -> dict[str, Any]:
    """What findings.json says, by name; read once as long as the file does not change.

    It may come from a teammate's remote. Raises BadInput naming the finding and the field where it is not as it must
    be, and the stage that writes it where it is missing.
    """
    if not path.is_file():
        raise BadInput("missing; run `dvc repro findings` (or `dvc pull`) first", path)
    return _read(path, path.stat().st_mtime_ns, RECORDS)


def read_names(folder: Path) -> Names:
    """What the names of a study are called in further languages; nothing where it does not say."""
    path = folder / NAMES_FILE
    return _read(path, path.stat().st_mtime_ns, NAMES) if path.is_file() else {}


@lru_cache(maxsize=8)
def _read(path: Path, modified: int, shape: pydantic.TypeAdapter[Any]) -> dict[str, Any]:
    mend = "remove it and run `dvc pull`, or `dvc repro -f findings`"
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        shape.validate_python(content)
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = " of ".join(f"`{part}`" for part in reversed(first["loc"][:2])) or "the file"
        raise BadInput(f"{place}: {first['msg']}; {mend}", path) from None
    except (ValueError, RecursionError) as error:
        raise BadInput(f"not JSON ({error}); {mend}", path) from None
    return content
