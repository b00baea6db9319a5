"""Figures of the study: one function each, all in one theme, each with the text that stands for it."""
