"""How a loaded CLIP model encodes pictures and texts: in full batches, each text cropped to its own tokens.

A causal text tower gives the same answer for a text's own tokens as for all 77 positions, and pixels are scaled
batch by batch to the same bits; `benchmarks/clip.py` measures what that and clip/blocks.py save. Importing this
module imports torch and open_clip (3 s).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import open_clip
import torch
from open_clip.transform import MaybeToTensor
from open_clip.transformer import TextTransformer, text_global_pool
from PIL import Image
from torch.nn import functional
from torchvision.transforms import Normalize
from torchvision.transforms.functional import normalize

from rapporteur.clip.model import Features, Given

T = TypeVar("T")
R = TypeVar("R")
DIGITS = 7  # decimals that are kept of what float64 computes: two orders of summing differ by 3e-16
BUCKET = 8  # texts are cropped to the next multiple, so that a text's width follows from itself alone


@dataclass(frozen=True)
class CausalTower:
    """A text tower in which no position sees a later one, so that what follows a text's end can be left out."""

    tower: Any
    pool: str  # open_clip's name: "argmax", the end has the greatest id, or "eos"
    eos: int | None

    def widths(self, ids: Any) -> list[int]:
        """The positions that each text needs, in whole buckets."""
        ends = ids.argmax(dim=-1) if self.pool == "argmax" else (ids == self.eos).int().argmax(dim=-1)
        return [min(ids.shape[1], -(-(int(end) + 1) // BUCKET) * BUCKET) for end in ends]

    def rows(self, width: int, batch: int) -> int:
        """Texts encoded at once: the wider, the fewer, so that filling up the last batch of a width costs little."""
        return max(1, batch * BUCKET // width)

    def encode(self, ids: Any) -> Any:
        """What open_clip's encode_text computes, for ids cropped to `widths`."""
        tower, width = self.tower, ids.shape[1]
        dtype = tower.transformer.get_cast_dtype()
        x = tower.token_embedding(ids).to(dtype) + tower.positional_embedding[:width].to(dtype)
        x = tower.ln_final(tower.transformer(x, attn_mask=tower.attn_mask[:width, :width]))
        x = text_global_pool(x, ids, self.pool, eos_token_id=self.eos)
        project = tower.text_projection
        if project is None:
            return x
        return project(x) if isinstance(project, torch.nn.Linear) else x @ project


@dataclass(frozen=True)
class WholeTower:
    """Any other text tower (SigLIP's sees both ways, Hugging Face's are its own): it gets every position."""

    network: Any

    def widths(self, ids: Any) -> list[int]:
        return [ids.shape[1]] * len(ids)

    def rows(self, width: int, batch: int) -> int:
        return batch

    def encode(self, ids: Any) -> Any:
        return self.network.encode_text(ids)


def text_tower(network: Any) -> CausalTower | WholeTower:
    """The network's text tower, cropped where that is exact."""
    tower: Any
    if type(network) is open_clip.CLIP:
        tower, pool, eos = network, network.text_pool_type, network.text_eos_id
    elif type(tower := getattr(network, "text", None)) is TextTransformer and tower.cls_emb is None:
        pool, eos = tower.pool_type, tower.eos_id
    else:
        return WholeTower(network)
    causal = tower.attn_mask is not None and not getattr(tower, "use_pad_mask", False)
    return CausalTower(tower, pool, eos) if causal and pool in ("argmax", "eos") else WholeTower(network)


def in_threads(function: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """The function of each item, in order, on as many threads as torch computes with."""
    if torch.get_num_threads() == 1 or len(items) < 2:
        return [function(item) for item in items]
    with ThreadPoolExecutor(torch.get_num_threads()) as pool:
        return list(pool.map(function, items))


def _loaded(given: Given) -> Image.Image:
    """A picture, read now where it is given by its loading: as many large ones are in memory as there are threads."""
    return given if isinstance(given, Image.Image) else given()


def pixels(preprocess: Any, pictures: Sequence[Given]) -> Any:
    """float32 [pictures, 3, height, width]: what `preprocess` gives for each, to the last bit.

    open_clip ends its preprocessing with a scaling of one picture; it is done for all of them at once here.
    """
    *shaping, scaling, normalising = getattr(preprocess, "transforms", (None, None))
    if not (isinstance(scaling, MaybeToTensor) and isinstance(normalising, Normalize)):
        return torch.stack(in_threads(lambda picture: preprocess(_loaded(picture)), pictures))

    def shaped(given: Given) -> npt.NDArray[np.uint8]:
        picture = _loaded(given)
        for step in shaping:
            picture = step(picture)
        return np.asarray(picture)

    stack = torch.from_numpy(np.stack(in_threads(shaped, pictures))).permute(0, 3, 1, 2)
    values = stack.to(torch.float32, memory_format=torch.contiguous_format).div_(255)
    return normalize(values, normalising.mean, normalising.std, inplace=True)


def encode_pictures(network: Any, preprocess: Any, pictures: Sequence[Given], batch: int) -> Features:
    """float32 [pictures, width]: unit vectors."""
    dtype = next(network.parameters()).dtype
    parts = [pictures[start : start + batch] for start in range(0, len(pictures), batch)]
    ready = (pixels(preprocess, part).to(dtype) for part in parts)
    return np.concatenate([_unit(network, network.encode_image, part, batch) for part in ready])


def encode_texts(network: Any, tokenizer: Any, texts: Sequence[str], batch: int) -> Features:
    """float32 [texts, width]: unit vectors; texts of the same width share a batch."""
    ids, tower = tokenizer(list(texts)), text_tower(network)
    widths = np.array(tower.widths(ids))
    found: dict[int, Features] = {}
    for width in np.unique(widths).tolist():
        places, rows = np.flatnonzero(widths == width), tower.rows(width, batch)
        for start in range(0, len(places), rows):
            part = places[start : start + rows]
            vectors = _unit(network, tower.encode, ids[torch.from_numpy(part), :width], rows)
            found |= dict(zip(part.tolist(), vectors, strict=True))
    return np.stack([found[place] for place in range(len(texts))])


def _unit(network: Any, encode: Callable[[Any], Any], rows: Any, batch: int) -> Features:
    """Unit vectors of at most `batch` rows: rounded where they are computed in float64. Elsewhere the batch is filled
    up, for another size rounds its sums otherwise.
    """
    first = next(network.parameters())
    exact, count = first.dtype == torch.float64, len(rows)
    if count < batch and not exact:
        rows = torch.cat([rows, rows[-1:].expand(batch - count, *rows.shape[1:])])
    with torch.inference_mode():
        found = encode(rows.to(first.device))
        vectors = functional.normalize(found if exact else found.float(), dim=-1)[:count].cpu().numpy()
    return np.asarray(vectors.round(DIGITS) if exact else vectors, dtype=np.float32)
