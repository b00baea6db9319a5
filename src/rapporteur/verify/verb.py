"""`rapporteur verify`: asks for the certificate, writes it, and ends with its verdict."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from rapporteur.verify.certificate import CLASSES, certify, summary, write


def add_verb(verbs: Any) -> None:
    """Add `verify` to the command's verbs."""
    verb: argparse.ArgumentParser = verbs.add_parser(
        "verify", help="hold a rebuild against what was committed: identical, equal within rounding, or different"
    )
    verb.add_argument("--against", default="HEAD", metavar="COMMIT", help="whose dvc.lock; default: HEAD")
    verb.add_argument("--to", type=Path, default=Path("report/_out"), metavar="FOLDER", help="default: report/_out")


def verify(chosen: argparse.Namespace) -> None:
    """Write certificate.json and certificate.html; the exit code is 0 identical, 1 rounding, 2 unknown, 3 different."""
    certificate = certify(Path(), chosen.against)
    page = write(certificate, chosen.to)
    print(summary(certificate))
    print(f"certificate: {page}")
    sys.exit(CLASSES.index(certificate.worst))
