from __future__ import annotations

from collections.abc import Iterator

import pytest

from rapporteur.fetching.client import Client
from rapporteur.fetching.manners import Manners
from tests.fetching.server import Site, serving

# A thousand times as hurried as the real ones.
HURRIED = Manners(
    workers=4, per_second=1000, attempts=3, base=0.001, longest=0.01, connect=1, silence=0.2, worth_resuming=1
)


@pytest.fixture
def site() -> Iterator[Site]:
    with serving(Site()) as one:
        yield one


@pytest.fixture
def client() -> Client:
    return Client(HURRIED)
