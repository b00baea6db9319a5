"""The pictures of a study, by name: gold ones from their files, drawn ones from their shards."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from PIL import Image

from rapporteur.core.shards import ShardReader
from rapporteur.study.pictures import load_gold, load_member
from rapporteur.study.tables import Study


@dataclass(frozen=True)
class Album:
    """Decodes pictures when they are asked for: 1 to 3 ms each."""

    study: Study
    _readers: dict[str, ShardReader] = field(default_factory=dict, repr=False)
    _gold: dict[str, dict[Hashable, tuple[str, str]]] = field(default_factory=dict, repr=False)
    _keys: dict[str, dict[Hashable, Any]] = field(default_factory=dict, repr=False)

    def gold(self, dataset: str, image_id: str) -> Image.Image:
        """The gold picture. Raises BadInput for a missing, damaged or changed file."""
        return load_gold(*self._files(dataset)[image_id])

    def has_gold(self, dataset: str, image_id: str) -> bool:
        """Whether the dataset came with this picture: captions may be there without theirs (`absent: leave_out`)."""
        return image_id in self._files(dataset)

    def _files(self, dataset: str) -> dict[Hashable, tuple[str, str]]:
        """File and digest of each gold picture."""
        if dataset not in self._gold:
            table = self.study.gold(dataset)
            self._gold[dataset] = dict(
                zip(table["image_id"], zip(table["file"], table["digest"], strict=True), strict=True)
            )
        return self._gold[dataset]

    def drawn(self, folder: str, row: Any) -> Image.Image:
        """The picture of a row of an index; `folder` is images/<dataset> or samples."""
        if folder not in self._readers:
            self._readers[folder] = ShardReader(self.study.root / folder)
        return load_member(self._readers[folder], row.shard, row.member, row.digest)

    def draws(self, dataset: str, caption_id: str, most: int) -> list[Image.Image]:
        """The first pictures drawn for a caption, by seed."""
        index = self.study.images(dataset)
        rows = index[index["caption_id"] == caption_id].sort_values("seed").head(most)
        return [self.drawn(f"images/{dataset}", row) for row in rows.itertuples()]

    def by_key(self, dataset: str, key: str) -> Image.Image:
        """The picture drawn under a key: the SHA-256 of all that decides it."""
        if dataset not in self._keys:
            rows = self.study.images(dataset).itertuples()
            self._keys[dataset] = {row.key: row for row in rows}
        return self.drawn(f"images/{dataset}", self._keys[dataset][key])


def table_rows(frame: pd.DataFrame) -> Iterator[Any]:
    """Rows whose columns are attributes of any type."""
    return iter(frame.itertuples())


def drawn_captions(study: Study, dataset: str) -> pd.DataFrame:
    """Captions with pictures, one of each text: caption_id, image_id and text."""
    return study.images(dataset)[["caption_id", "image_id", "text"]].drop_duplicates("text", ignore_index=True)
