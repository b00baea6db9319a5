"""Estimates with intervals and tests, for rows that come in clusters (pictures of one caption)."""
