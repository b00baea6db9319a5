"""What a writer needs of one document in one format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qmdpress import pandoc
from qmdpress.metadata import Metadata
from qmdpress.outputs import Pictures
from qmdpress.pandoc import Blocks, Node
from qmdpress.qmd import Qmd

BRAND = Path("report/_brand")
LUA = ("french.lua", "brand.lua")

# How a writer lowers one of our own elements (structure.py), given its content.
Lowering = Callable[[Any, Metadata], Any]


@dataclass(frozen=True)
class Page:
    """A shaped document: its tree, its settings, the pictures that its cells made, the project's root."""

    document: Qmd
    blocks: Blocks
    metadata: Metadata
    pictures: Pictures
    root: Path

    def brand(self, name: str) -> Path:
        """A file of the look, which Quarto uses as well."""
        return (self.root / BRAND / name).resolve()

    def arguments(self) -> list[str]:
        """Pandoc's filters and bibliography, the same for every format."""
        filters = [f"--lua-filter={self.brand(name)}" for name in LUA]
        if not self.metadata.get("bibliography"):
            return filters
        files = [f"--bibliography={path.resolve()}" for path in self.metadata.get("bibliography")]
        style = [f"--csl={path.resolve()}" for path in self.metadata.get("csl", [])[:1]]
        return [*filters, "--citeproc", *files, *style]

    def variables(self, *names: str) -> dict[str, Any]:
        """The metadata for a template: what both formats print, and `names`."""
        common = ("title", "subtitle", "supervisor", "date", "abstract", "lang", "keywords", "link-citations", "nocite")
        chosen = {name: self.metadata.get(name) for name in (*common, "reference-section-title", *names)}
        return {name: value for name, value in chosen.items() if value is not None} | {
            "by-author": self.metadata.authors(),
            "toc-title": self.metadata.get("toc-title", self.metadata.language["toc-title-document"]),
            "abstract-title": self.metadata.language["section-title-abstract"],
        }


def caption_inlines(content: dict[str, Any], metadata: Metadata) -> list[Node]:
    """ "Figure 1 : caption"; "(a) caption" under a part; the bare caption without an identifier."""
    if not content["number"]:
        return list(content["caption"])
    if content["sub"]:
        return [pandoc.string(content["number"]), pandoc.node("Space"), *content["caption"]]
    title = (
        f"{metadata.crossref[content['kind'] + '-title']}\u00a0{content['number']}{metadata.crossref['title-delim']}"
    )
    label = pandoc.node("Span", [pandoc.attributes("", ["float-label"]), [pandoc.string(title)]])
    return [label, pandoc.node("Space"), *content["caption"]]
