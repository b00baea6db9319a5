"""What people judge of a picture, and what a prompt tries."""

from __future__ import annotations

RATED = ("shape", "texture", "colour", "overall")
TRIED = ("shape", "texture", "colour", "composition")
FORMER = {"forme": "shape", "couleur": "colour", "ensemble": "overall"}  # as files from before these codes have them


def attribute_code(name: str) -> str:
    """The code of an attribute as a file names it; what is unknown stays as it is."""
    return FORMER.get(name, name)
