"""`rapporteur verify`: the certificate, and its verdict as an exit code; `rapporteur diff`: the same for a reviewer."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from rapporteur.verify.certificate import CLASSES, certify, summary
from rapporteur.verify.page import write


def add_verb(verbs: Any) -> None:
    """Add `verify` to the command's verbs."""
    verb: argparse.ArgumentParser = verbs.add_parser(
        "verify", help="hold a rebuild against what was committed: identical, equal within rounding, or different"
    )
    verb.add_argument("--against", default="HEAD", metavar="COMMIT", help="whose dvc.lock; default: HEAD")
    verb.add_argument("--to", type=Path, default=Path("report/_out"), metavar="FOLDER", help="default: report/_out")


def add_diff(verbs: Any) -> None:
    """Add `diff` to the command's verbs."""
    verb: argparse.ArgumentParser = verbs.add_parser(
        "diff", help="what changed since a commit: numbers with their intervals, sentences, figures before and after"
    )
    verb.add_argument("revision", metavar="COMMIT", help="such as main~1")
    verb.add_argument("--to", type=Path, default=Path("report/_out"), metavar="FOLDER", help="default: report/_out")


def diff(chosen: argparse.Namespace) -> None:
    """Write diff.json and diff.html, for a reviewer: a change is no fault, so that the exit code is 0."""
    found = certify(Path(), chosen.revision)
    page = write(found, chosen.to, "diff")
    print(summary(found))
    print(f"page: {page}")


def verify(chosen: argparse.Namespace) -> None:
    """Write certificate.json and certificate.html; the exit code is 0 identical, 1 rounding, 2 unknown, 3 different."""
    certificate = certify(Path(), chosen.against)
    page = write(certificate, chosen.to)
    print(summary(certificate))
    print(f"certificate: {page}")
    sys.exit(CLASSES.index(certificate.worst))
