"""What the renderer's package refuses, said as this package's own error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import qmdpress.errors
from rapporteur.core.errors import BadInput


@contextmanager
def as_bad_input() -> Iterator[None]:
    """Around a call, or as a decorator: `qmdpress.errors.BadInput` becomes `rapporteur.core.errors.BadInput`."""
    try:
        yield
    except qmdpress.errors.BadInput as error:
        raise BadInput(str(error)) from None
