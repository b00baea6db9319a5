"""All findings of a study, from the topics that it has."""

from __future__ import annotations

from rapporteur.findings import topics
from rapporteur.findings.finding import Finding, Table
from rapporteur.findings.topic import Given


def gather(given: Given) -> tuple[list[Finding], list[Table]]:
    """All findings, sorted by name, and all tables."""
    every = [topic for topic in topics() if not topic.needs or given.study.plans(topic.needs)]
    tests = [test for topic in every for test in topic.tests(given)]
    found = [finding for topic in every for finding in topic.findings(given)]
    found = sorted([*found, *(one for test in tests for one in test.findings())], key=lambda finding: finding.name)
    known = {finding.name: finding for finding in found}
    tables = [table for topic in every for table in topic.tables(given, known, tests)]
    return found, tables
