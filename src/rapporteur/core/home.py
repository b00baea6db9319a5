"""Where what comes with the package lies: documents, profiles, small data and the sample weights."""

from __future__ import annotations

from pathlib import Path

from rapporteur.core.errors import BadInput

PACKAGE = Path(__file__).resolve().parents[1]
CHECKOUT = PACKAGE.parents[1]
PLACES = (PACKAGE / "home", CHECKOUT)  # of an installed package, of a checkout


def material(path: str) -> Path:
    """Something that comes with the package, whether it is there or not."""
    return next((folder / path for folder in PLACES if (folder / path).exists()), CHECKOUT / path)


def home() -> Path:
    """The repository of a checkout, or the folder that an installed package brings along.

    Raises BadInput where neither is there.
    """
    for folder in PLACES:
        if (folder / "profiles").is_dir():
            return folder
    raise BadInput("the package came without its documents; install it again", PACKAGE)
