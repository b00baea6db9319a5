"""What the findings say, for intervals on charts and numbers in alternative texts."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from rapporteur.core.tables import read_frame
from rapporteur.report.language import DEFAULT, Language, language
from rapporteur.vocabulary.findings import read_names, read_records


@dataclass(frozen=True)
class Numbers:
    """findings.json, and the tables beside it."""

    records: dict[str, dict[str, Any]]
    folder: Path
    words: Language = field(default_factory=language)

    @classmethod
    def read(cls, folder: Path, name: str = DEFAULT) -> Numbers:
        """In the language `name`. Raises BadInput where the findings are missing or not what they must be."""
        return cls(read_records(folder / "findings.json"), folder, language(name))

    @property
    def _called(self) -> dict[str, str]:
        return read_names(self.folder).get(self.words.name, {})

    def table(self, name: str) -> pd.DataFrame:
        """A table of the findings, its datasets called as the language calls them."""
        frame, called = read_frame(self.folder / "tables" / f"{name}.parquet", name), self._called
        return frame.assign(dataset=frame["dataset"].replace(called)) if called and "dataset" in frame else frame

    def labels(self) -> dict[str, str]:
        """Name of each dataset, in the study's order."""
        corpus = self.table("corpus")
        return dict(zip(corpus["key"], corpus["dataset"], strict=True))

    def has(self, name: str) -> bool:
        return self.records.get(name, {}).get("value") is not None

    def row(self, name: str) -> dict[str, Any]:
        """value, low and high of a finding."""
        return {part: self.records[name][part] for part in ("value", "low", "high")}

    def said(self, name: str, digits: int = 2) -> str:
        """The finding with its interval: in French "0,71 [0,68 ; 0,74]", "non mesuré" where it has no value."""
        if not self.has(name):
            return self.words.say("not_measured")
        record = self.records[name]
        scale = 100 if record["unit"] == "share" else 1
        write = self.words.numerals
        value = write.percent(record["value"], 0) if scale == 100 else write.number(record["value"], digits)
        if record["low"] is None:
            return value
        places = 0 if scale == 100 else digits
        return f"{value} {write.interval(scale * record['low'], scale * record['high'], places)}"
