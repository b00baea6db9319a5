"""What captions ask: the form that each names, and whether the picture has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from rapporteur.form.overlap import Form, named_form
from rapporteur.vocabulary.forms import FORMS


def asked_forms(captions: pd.DataFrame) -> dict[str, str | None]:
    """The form that each caption names, by caption id; and, by image id after "gold:", that a picture's captions do."""
    asked: dict[str, str | None] = {}
    for row in captions.sort_values("draws", ascending=False, kind="stable").itertuples():
        form = asked[str(row.caption_id)] = named_form(str(row.text))
        asked[f"gold:{row.image_id}"] = asked.get(f"gold:{row.image_id}") or form
    return asked


def form_seen(overlapping: Sequence[float], named: str | None) -> dict[str, Any]:
    """The columns on form; no overlaps where the picture has no subject, or where no caption names a form."""
    form = Form(named, dict(zip(FORMS, overlapping, strict=bool(overlapping))))
    return {
        "form_overlaps": list(overlapping), "seen_form": form.seen, "named_form": named, "form_obeyed": form.obeyed,
    }  # fmt: skip
