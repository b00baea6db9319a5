from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from rapporteur.dalle.baselines import bigram, uniform, unigram

CODES = 6


def tokens(pictures: int, seed: int) -> np.ndarray:
    """Chains in which a code is mostly followed by the next one."""
    random = np.random.default_rng(seed)
    steps = random.choice([1, 2, 3], size=(pictures, 30), p=[0.8, 0.1, 0.1])
    return (random.integers(0, CODES, (pictures, 1)) + np.cumsum(steps, axis=1)) % CODES


def witten_bell(seen: np.ndarray, one: np.ndarray) -> float:
    """The rule written out, a token at a time."""
    total = Counter(seen.ravel().tolist())
    alone = {code: (total[code] + 1) / (seen.size + CODES) for code in range(CODES)}
    pairs = Counter((a, b) for row in seen.tolist() for a, b in pairwise(row))
    nats = [-np.log(alone[int(one[0])])]
    for before, after in pairwise(one.tolist()):
        places = sum(count for (a, _), count in pairs.items() if a == before)
        followers = sum(a == before for a, _ in pairs)
        chance = (pairs[before, after] + followers * alone[after]) / (places + followers) if places else alone[after]
        nats.append(-np.log(chance))
    return float(np.mean(nats))


def test_each_picture_is_foreseen_by_the_rule_written_out() -> None:
    seen, judged = tokens(8, 1), tokens(5, 2)
    seen[seen == 4] = 5  # a code that was never seen
    assert bigram(seen, judged, CODES).tolist() == pytest.approx([witten_bell(seen, one) for one in judged])


def test_the_chances_of_what_may_follow_add_up_to_one() -> None:
    seen = tokens(8, 3)
    every = np.array([[before, after] for before in range(CODES) for after in range(CODES)])
    first = unigram(seen, every[:, :1], CODES)
    both = np.exp(-(2 * bigram(seen, every, CODES) - first)).reshape(CODES, CODES)
    assert both.sum(axis=1).tolist() == pytest.approx([1.0] * CODES)


def test_what_sees_more_foresees_better() -> None:
    seen, judged = tokens(300, 4), tokens(50, 5)
    levels = [one(seen, judged, CODES).mean() for one in (uniform, unigram, bigram)]
    assert levels[0] == pytest.approx(np.log(CODES)) and levels[1] == pytest.approx(levels[0], abs=0.01)
    assert levels[2] < 0.8  # the chain's own entropy is 0.64 nats


def test_as_many_codes_as_a_published_vqgan_has_need_no_square_table() -> None:
    random = np.random.default_rng(6)
    seen, judged = (random.integers(0, 16384, (20, 256)) for _ in range(2))
    assert np.isfinite(bigram(seen, judged, 16384)).all()
