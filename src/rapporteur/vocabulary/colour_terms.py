"""Berlin and Kay's eleven basic colour terms (Basic Color Terms, 1969), in their English.

Apart from the package `colour`, so that a reader of its table does not depend on the code that measures.
"""

from __future__ import annotations

BASIC_TERMS = ("black", "white", "grey", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown")
