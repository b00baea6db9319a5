"""The verb `rapporteur export`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_verb(verbs: Any) -> None:
    verb: argparse.ArgumentParser = verbs.add_parser(
        "export", help="write the study as an RO-Crate: a folder ready for an archive that gives it a DOI"
    )
    verb.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="one that is not there yet, or empty")
    verb.add_argument("--name", required=True, help="the study's title")
    verb.add_argument("--description", required=True, help="a sentence or two on it")
    verb.add_argument("--licence", required=True, help="under which you give it: CC-BY-4.0 and its like, or an address")
    author = 'repeat it: "Name" or "Name <https://orcid.org/0000-...>"'
    verb.add_argument("--author", action="append", default=[], metavar="PERSON", help=author)
    verb.add_argument("--pictures", action="store_true", help="the drawn pictures and the gallery too")


def export(chosen: argparse.Namespace) -> None:
    """Write the crate and say what is in it."""
    from rapporteur.archive.crate import About, export

    about = About(chosen.name, chosen.description, chosen.licence, tuple(chosen.author))
    count = export(Path(), chosen.to, about, pictures=chosen.pictures)
    left = "" if chosen.pictures else "; drawn pictures left out (--pictures takes them)"
    print(f"{chosen.to}: {count} files and ro-crate-metadata.json; gold pictures left out, see attribution.json{left}")
