"""What is to be said in a language that is chosen later: a code, whose words report/language has, and what it is of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Phrase:
    """A code with its arguments: numbers, proper names, or phrases."""

    code: str
    about: Mapping[str, Any] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """As JSON has it: the arguments beside `code`."""
        said = {name: value.record() if isinstance(value, Phrase) else value for name, value in self.about.items()}
        return {"code": self.code, **said}

    def __str__(self) -> str:
        said = ", ".join(f"{name}={value}" for name, value in self.about.items())
        return f"{self.code}({said})" if said else self.code


def phrase_of(record: Mapping[str, Any]) -> Phrase:
    """The phrase that `record` made of."""
    about = {name: phrase_of(value) if isinstance(value, Mapping) else value for name, value in record.items()}
    code = about.pop("code")
    return Phrase(str(code), about)


def phrase(code: str | Phrase, **about: Any) -> Phrase:
    """The phrase of a code, or the phrase itself."""
    return Phrase(code, about) if isinstance(code, str) else code
