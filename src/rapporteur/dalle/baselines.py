"""How well a picture's tokens are foreseen without a caption and without a network: what a trained model has to beat.

All are fitted on the pictures that a training saw, and give nats per token of each picture that is judged.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def uniform(seen: Ids, judged: Ids, codes: int) -> Floats:
    """Every code as likely as any other: ln(codes) for each of `judged` [n, length]."""
    return np.full(len(judged), np.log(codes))


def unigram(seen: Ids, judged: Ids, codes: int) -> Floats:
    """Each code by its frequency in `seen` [m, length], with one more of each (Laplace): [n]."""
    return _nats(_frequencies(seen, codes)[judged])


def bigram(seen: Ids, judged: Ids, codes: int) -> Floats:
    """Each code by the one before it in raster order, the first by its frequency: [n].

    Pairs that were seldom or never seen lean on frequencies by the rule of Witten and Bell (The Zero-Frequency Problem,
    IEEE Transactions on Information Theory 37(4), 1991, method C): a code that had T different followers in N places
    gives N / (N + T) to what followed it and the rest to any.
    """
    alone = _frequencies(seen, codes)
    pairs, times = np.unique(seen[:, :-1].astype(np.int64) * codes + seen[:, 1:], return_counts=True)
    places = np.bincount(pairs // codes, weights=times, minlength=codes)
    followers = np.bincount(pairs // codes, minlength=codes)
    before, after = judged[:, :-1].astype(np.int64), judged[:, 1:]
    asked = before * codes + after
    found = np.searchsorted(pairs, asked).clip(max=len(pairs) - 1)
    seen_times = np.where(pairs[found] == asked, times[found], 0)
    known = np.maximum(places[before] + followers[before], 1)
    both = (seen_times + followers[before] * alone[after]) / known
    chances = np.where(places[before] > 0, both, alone[after])
    return _nats(np.concatenate([alone[judged[:, :1]], chances], axis=1))


def _frequencies(seen: Ids, codes: int) -> Floats:
    return (np.bincount(seen.ravel(), minlength=codes) + 1) / (seen.size + codes)


def _nats(chances: Floats) -> Floats:
    nats: Floats = -np.log(chances).mean(axis=1)
    return nats


BASELINES = {"uniform": uniform, "unigram": unigram, "bigram": bigram}
