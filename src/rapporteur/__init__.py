"""Reproducible reports for studies of text-to-image models."""
