"""Samples and real landscapes as CLIP sees them: scores, what each is nearest to, pictures that are nearly the same.

A sample that lies nearer to a picture of the training than pictures which the training never saw may be a copy of it. A
picture held out that has nearly its like in the training is no fair test: perceptual hashes tell them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import imagehash
import numpy as np
import numpy.typing as npt
import pandas as pd

from rapporteur.clip.model import Features
from rapporteur.clip.score import clipscore, cosine
from rapporteur.colour.fused import one_pass
from rapporteur.core.code import code_version
from rapporteur.core.keep import ItemStore, item_key, keep
from rapporteur.core.pictures import picture_array
from rapporteur.landscapes.kinds import Kinds
from rapporteur.study.pictures import StudyPicture
from rapporteur.vocabulary.judgement import AXES

BLOCK = 1024  # pictures compared at once with all those of the training
HASH_BITS = 64
DECIMALS = 6  # of a cosine and of a mean colour
Bits = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Closeness = npt.NDArray[Any]  # [a, b]: how near each picture of a part is to each that the training saw; more is nearer


def perceptual_hash(picture: StudyPicture) -> bytes:
    """The 64 bits of a picture's coarse shape (pHash, by ImageHash): the item."""
    return np.packbits(imagehash.phash(picture.load()).hash).tobytes()


def perceptual_hashes(pictures: Sequence[StudyPicture], store: ItemStore) -> Hashes:
    """The hash of each, kept by the picture's digest."""
    found = _kept(perceptual_hash, pictures, store, "hashes")
    return np.array([int.from_bytes(item, "big") for item in found], dtype=np.uint64)


def mean_colour(picture: StudyPicture) -> bytes:
    """The mean L*, a*, b* of a picture's pixels, three doubles: the item."""
    means = one_pass(picture_array(picture.load())).means[: len(AXES)]
    return np.asarray(means.round(DECIMALS) + 0.0, dtype="<f8").tobytes()


def mean_colours(pictures: Sequence[StudyPicture], store: ItemStore) -> list[dict[str, float]]:
    """The mean of each under the names of AXES, kept by the picture's digest; 1 ms a picture of 256x256 on one core."""
    found = _kept(mean_colour, pictures, store, "mean colours")
    return [dict(zip(AXES, np.frombuffer(item, dtype="<f8").tolist(), strict=True)) for item in found]


def _kept(
    make: Callable[[StudyPicture], bytes], pictures: Sequence[StudyPicture], store: ItemStore, label: str
) -> list[bytes]:
    """What `make` makes of each picture, kept by its digest."""
    code = code_version(make)
    keys = [item_key({"picture": one.digest, "code": code}) for one in pictures]
    keep(store, keys, pictures, lambda batch: [make(one) for one in batch], batch=64, label=label)
    return [store.get(key) for key in keys]


def nearest(count: int, seen: Sequence[int], closeness: Callable[[slice], Closeness]) -> tuple[Bits, Closeness]:
    """For each of `count` pictures, the place in `seen` of the nearest other one, and how near it is.

    seen: the places of those that the training saw; closeness: of a part of the pictures to all of these.
    """
    column = {place: number for number, place in enumerate(seen)}
    found, how = [], []
    for start in range(0, count, BLOCK):
        part = slice(start, min(start + BLOCK, count))
        near = closeness(part).round(DECIMALS)  # the order of a product's sums is its processor's
        for row in range(len(near)):
            if start + row in column:
                near[row, column[start + row]] = -HASH_BITS - 1  # itself
        best = near.argmax(axis=1)
        found.append(best)
        how.append(near[np.arange(len(near)), best])
    return np.concatenate(found), np.concatenate(how)


def real_rows(
    pictures: Sequence[StudyPicture], split: Sequence[str], vectors: Closeness, hashes: Hashes, alike: int
) -> Iterator[dict[str, Any]]:
    """A row of REAL_LANDSCAPES for each picture, without its key; at least two of `split` are "train".

    vectors: float64 [pictures, width].
    """
    seen = [place for place, part in enumerate(split) if part == "train"]
    of_trained = vectors[seen]
    by_vector, cosines = nearest(len(pictures), seen, lambda part: vectors[part] @ of_trained.T)
    of_seen = hashes[seen]
    _, bits = nearest(
        len(pictures),
        seen,
        lambda part: -np.bitwise_count(hashes[part, None] ^ of_seen[None]).astype(np.int64),
    )
    for place, picture in enumerate(pictures):
        near = {"nearest": pictures[seen[by_vector[place]]].image_id, "nearest_cosine": float(cosines[place])}
        differing = {"bits": -int(bits[place]), "alike": bool(-bits[place] <= alike)}
        yield {"dataset": picture.dataset, "image_id": picture.image_id, "split": split[place]} | near | differing


def sample_rows(
    samples: Sequence[StudyPicture],
    texts: Mapping[str, str],
    vectors: Mapping[str, Features],
    seen: Sequence[tuple[str, Features]],
) -> Iterator[dict[str, Any]]:
    """A row of JUDGED_SAMPLES for each sample, without its key.

    texts: each prompt by its id; vectors: by picture digest and by text; seen: name and vector of each picture that the
    training saw.
    """
    trained = np.stack([vector for _, vector in seen]).astype(np.float64)
    mine = np.stack([vectors[one.digest] for one in samples]).astype(np.float64)
    found, cosines = nearest(len(samples), (), lambda part: mine[part] @ trained.T)
    for place, one in enumerate(samples):
        text = texts[str(one.caption_id)]
        value = float(cosine(vectors[one.digest], vectors[text][None])[0])
        who = {"source": one.source, "caption_id": one.caption_id, "text": text, "seed": one.seed}
        near = {"nearest": seen[found[place]][0], "nearest_cosine": float(cosines[place])}
        yield who | {"cosine": value, "clipscore": clipscore(value)} | near


def seen_rows(
    pictures: Sequence[StudyPicture],
    captions: Sequence[Sequence[str]],
    keys: Mapping[str, str],
    kinds: Kinds,
    colours: Sequence[Mapping[str, float]],
) -> Iterator[dict[str, Any]]:
    """For each picture the key of its vector, its kind of landscape and its mean colour."""
    for picture, mine, colour in zip(pictures, captions, colours, strict=True):
        yield {"key": keys[picture.digest], "kind": kinds.of(mine), **colour}


def prompts_of(samples: pd.DataFrame) -> pd.DataFrame:
    """The prompts once each, as captions that a study draws: caption_id, text."""
    return samples[["caption_id", "text"]].drop_duplicates("caption_id", ignore_index=True)
