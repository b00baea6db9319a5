"""Compiled functions: numba's, kept beside the source where that folder can be written, else for this process alone."""

from __future__ import annotations

from typing import Any

import numba


def compiled(function: Any) -> Any:
    """The function compiled at its first call; numba can keep it in no folder of a read-only machine."""
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError:  # "no locator available"
        return numba.njit(**options)(function)
