"""The same project as for the reports' tests."""

from __future__ import annotations

from tests.report.conftest import project

__all__ = ["project"]
