"""Retrieval: at which rank a picture finds its text among others, and a text its picture.

Everything is a product of unit vectors, block by block: 1,000 pictures among 5,000 captions of 512 numbers take a
tenth of a second and some 40 MB on one core, whatever the number of queries.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

Vectors = npt.NDArray[np.float32]
Whole = npt.NDArray[np.int64]
CELLS = 4_000_000  # cosines held at once: 32 MB
TIE = 1e-9  # cosines nearer than this are equal; two orders of summing differ by less


class Found(NamedTuple):
    """For each query the rank of its best right candidate, how many were compared, and how many of these are wrong."""

    rank: Whole
    candidates: Whole
    wrong: Whole


def shared(queries: Sequence[Collection[str]], candidates: Sequence[Collection[str]]) -> sparse.csr_matrix:
    """bool [queries, candidates]: which have a label in common."""
    places = {label: place for place, label in enumerate(dict.fromkeys(name for part in candidates for name in part))}
    return (_incidence(queries, places) @ _incidence(candidates, places).T).astype(bool).tocsr()


def _incidence(owners: Sequence[Collection[str]], places: Mapping[str, int]) -> sparse.csr_matrix:
    """int [owners, labels]; labels that have no place are no one else's and count for nothing."""
    known = [[places[label] for label in set(labels) if label in places] for labels in owners]
    ends = np.cumsum([0, *map(len, known)])
    columns = np.array([place for part in known for place in sorted(part)], dtype=np.int64)
    return sparse.csr_matrix((np.ones(len(columns), np.int64), columns, ends), shape=(len(owners), len(places)))


def ranks(queries: Vectors, candidates: Vectors, right: sparse.csr_matrix, spared: sparse.csr_matrix) -> Found:
    """Where each query finds what is right for it.

    queries [q, width] and candidates [c, width] are unit vectors; `right` and `spared` are bool [q, c]. The rank is 1
    plus the number of wrong candidates that score strictly higher: a tie, as between two equal pictures, does not
    count against. What is spared is not wrong; of it, only what is right is compared.
    """
    rank, wrong = np.empty((2, len(queries)), np.int64)
    step = max(1, CELLS // max(1, len(candidates)))
    targets = candidates.astype(np.float64).T
    for start in range(0, len(queries), step):
        part = slice(start, start + step)
        cosines = queries[part].astype(np.float64) @ targets
        mine = right[part].toarray()
        best = np.where(mine, cosines, -np.inf).max(axis=1, initial=-np.inf)
        others = ~(spared[part].toarray() | mine)
        rank[part] = 1 + ((cosines > best[:, None] + TIE) & others).sum(axis=1)
        wrong[part] = others.sum(axis=1)
    return Found(rank, wrong + np.asarray(right.sum(axis=1), dtype=np.int64).ravel(), wrong)


def gold_rows(
    captions: pd.DataFrame, pictures: Mapping[str, Vectors], texts: Mapping[str, Vectors]
) -> Iterator[dict[str, Any]]:
    """Gold pictures among the captions, then captions among the gold pictures.

    captions: rows `image_id`, `caption_id`, `text`; pictures: vectors by image_id; texts: vectors by text. A picture
    may find any of its captions, or the same words under another picture; a caption must find its own picture, but
    pictures of which it is also a caption are not wrong.
    """
    captions = captions[captions["image_id"].isin(list(pictures))]
    if captions.empty:
        return
    images = [image for image in pictures if image in set(captions["image_id"])]
    words = captions["text"].tolist()
    own = {str(image): set(part["text"]) for image, part in captions.groupby("image_id", sort=False)}
    said, seen = _stack(texts, words), _stack(pictures, images)
    alike = shared([own[image] for image in images], [[word] for word in words])
    yield from _rows(
        [{"image_id": image} for image in images], "gold", "image_to_text", ranks(seen, said, alike, alike)
    )
    mine = shared([[image] for image in captions["image_id"]], [[image] for image in images])
    places = captions[["image_id", "caption_id"]].to_dict("records")
    yield from _rows(places, "gold", "text_to_image", ranks(said, seen, mine, alike.T.tocsr()))


def generated_rows(
    drawn: pd.DataFrame, pictures: Mapping[str, Vectors], texts: Mapping[str, Vectors]
) -> Iterator[dict[str, Any]]:
    """Drawn pictures among the drawn texts, then, seed by seed, drawn captions among the pictures of that seed.

    drawn: rows `image_id`, `caption_id`, `seed`, `text`, `digest`; pictures: vectors by digest. A picture must find
    the text that it was drawn for; that of another caption of the same gold picture is not wrong, nor is, the other
    way round, a picture drawn for one or for the same words.
    """
    if drawn.empty:
        return
    words = list(dict.fromkeys(drawn["text"]))
    owners = [list(part) for _, part in drawn.groupby("text", sort=False)["image_id"]]
    seen = _stack(pictures, drawn["digest"].tolist())
    right = shared([[text] for text in drawn["text"]], [[word] for word in words])
    related = shared([[image] for image in drawn["image_id"]], owners)
    places = drawn[["image_id", "caption_id", "seed"]].to_dict("records")
    found = ranks(seen, _stack(texts, words), right, related)
    yield from _rows(places, "generated", "image_to_text", found)
    for _, part in drawn.groupby("seed", sort=True):
        yield from _of_one_seed(part, pictures, texts)


def _of_one_seed(
    drawn: pd.DataFrame, pictures: Mapping[str, Vectors], texts: Mapping[str, Vectors]
) -> Iterator[dict[str, Any]]:
    said, seen = _stack(texts, drawn["text"].tolist()), _stack(pictures, drawn["digest"].tolist())
    labels = [(f"image {image}", f"text {text}") for image, text in zip(drawn["image_id"], drawn["text"], strict=True)]
    own = sparse.identity(len(drawn), dtype=bool, format="csr")
    places = drawn[["image_id", "caption_id", "seed"]].to_dict("records")
    yield from _rows(places, "generated", "text_to_image", ranks(said, seen, own, shared(labels, labels)))


def _stack(vectors: Mapping[str, Vectors], names: Sequence[str]) -> Vectors:
    return np.stack([vectors[name] for name in names])


def _rows(places: Iterable[Mapping[Any, Any]], pictures: str, direction: str, found: Found) -> Iterator[dict[str, Any]]:
    """A row a query; one that nothing wrong could win against is left out, for it tells nothing."""
    for place, rank, candidates, wrong in zip(places, *found, strict=True):
        if wrong:
            query = {"caption_id": None, "seed": None} | {str(name): value for name, value in place.items()}
            yield {"pictures": pictures, "direction": direction} | query | {"rank": rank, "candidates": candidates}
