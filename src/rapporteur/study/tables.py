"""The study's artifacts, each table read once through its schema: what findings and figures work from.

Reading costs a few milliseconds a table; no model and no picture is loaded here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from rapporteur.colour.table import COLOUR
from rapporteur.core.params import PIPELINE_FILE, read_yaml
from rapporteur.core.tables import read_table, table_of
from rapporteur.vocabulary.captions import CAPTIONS, GOLD
from rapporteur.vocabulary.clip import FEATURES, RETRIEVAL, SCORES
from rapporteur.vocabulary.images import IMAGES, SAMPLES
from rapporteur.vocabulary.judgement import JUDGED_SAMPLES, REAL_LANDSCAPES
from rapporteur.vocabulary.landscapes import LANDSCAPES
from rapporteur.vocabulary.log import LOG
from rapporteur.vocabulary.losses import LOSSES
from rapporteur.vocabulary.ratings import COMPARISONS, RATINGS
from rapporteur.vocabulary.tokens import TOKENS

SCHEMAS: dict[str, pa.DataFrameSchema] = {
    "captions/{}/captions.parquet": CAPTIONS,
    "captions/{}/gold.parquet": GOLD,
    "images/{}/index.parquet": IMAGES,
    "clip/{}/scores.parquet": SCORES,
    "clip/{}/retrieval.parquet": RETRIEVAL,
    "colour/{}/colour.parquet": COLOUR,
    "ratings/ratings.parquet": RATINGS,
    "ratings/comparisons.parquet": COMPARISONS,
    "landscapes/landscapes.parquet": LANDSCAPES,
    "tokens/tokens.parquet": TOKENS,
    "model/log.parquet": LOG,
    "model/losses.parquet": LOSSES,
    "samples/index.parquet": SAMPLES,
    "judgement/samples.parquet": JUDGED_SAMPLES,
    "judgement/landscapes.parquet": REAL_LANDSCAPES,
    "judgement/features.parquet": FEATURES,
}


@dataclass(frozen=True)
class Study:
    """The artifacts under `root`, for the datasets named."""

    datasets: Sequence[str]
    labels: dict[str, str] = field(default_factory=dict)
    root: Path = Path("artifacts")
    _read: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False)

    def label(self, dataset: str) -> str:
        """The dataset's French name, its key where none is given."""
        return self.labels.get(dataset, dataset)

    def path(self, table: str, dataset: str = "") -> Path:
        """Where a table lies; `table` is a key of SCHEMAS."""
        return self.root / table.format(dataset)

    def source(self, table: str, dataset: str = "") -> str:
        """The table's path as findings name it."""
        return self.path(table, dataset).as_posix()

    def table(self, table: str, dataset: str = "") -> pd.DataFrame:
        """The table, read at the first call; an empty one of a stage that the study does without.

        Raises BadInput for a missing or invalid one.
        """
        path = self.source(table, dataset)
        if path not in self._read:
            left_out = not Path(path).exists() and not self.plans(table.partition("/")[0])
            self._read[path] = table_of([], SCHEMAS[table]) if left_out else read_table(Path(path), SCHEMAS[table])
        return self._read[path]

    def plans(self, stage: str) -> bool:
        """Whether the study has a stage; where no dvc.yaml says which it has, it has all."""
        flow = self.root.parent / PIPELINE_FILE
        return not flow.is_file() or stage in read_yaml(flow)["stages"]

    def captions(self, dataset: str) -> pd.DataFrame:
        return self.table("captions/{}/captions.parquet", dataset)

    def gold(self, dataset: str) -> pd.DataFrame:
        return self.table("captions/{}/gold.parquet", dataset)

    def images(self, dataset: str) -> pd.DataFrame:
        return self.table("images/{}/index.parquet", dataset)

    def scores(self, dataset: str, pair: str | None = None) -> pd.DataFrame:
        """CLIP scores, of one kind of pair if `pair` is given."""
        frame = self.table("clip/{}/scores.parquet", dataset)
        return frame if pair is None else frame[frame["pair"] == pair]

    def retrieval(self, dataset: str) -> pd.DataFrame:
        """Ranks of the right texts and pictures in the whole study."""
        return self.table("clip/{}/retrieval.parquet", dataset)

    def colour(self, dataset: str, source: str) -> pd.DataFrame:
        """Colour measures of the pictures of a source: gold or generated."""
        frame = self.table("colour/{}/colour.parquet", dataset)
        return frame[frame["source"] == source]
