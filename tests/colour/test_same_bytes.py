"""A picture's measures are the same numbers on every processor: numpy's instruction sets switched off."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

MEASURE = """
import hashlib
import numpy as np
from rapporteur.colour.measures import shannon
from rapporteur.colour.statistics import kept

random, raw, told = np.random.default_rng(4), hashlib.sha256(), hashlib.sha256()
for _ in range(20_000):
    shares = random.random(36) ** 4
    entropy = shannon(shares / shares.sum())
    raw.update(repr(entropy).encode())
    told.update(repr(kept(entropy)).encode())
print(raw.hexdigest(), told.hexdigest())
"""
SWITCHED_OFF = ("", "X86_V4 AVX512_ICL AVX512_SPR", "X86_V3 X86_V4 AVX512_ICL AVX512_SPR")


@pytest.mark.skipif(platform.machine() != "x86_64", reason="numpy's instruction sets of other processors have one name")
def test_what_is_kept_of_a_measure_is_the_same_under_every_instruction_set() -> None:
    made = []
    for features in SWITCHED_OFF:
        environment = os.environ | {"NPY_DISABLE_CPU_FEATURES": features}
        run = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", MEASURE],
            check=False,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert run.returncode == 0, run.stderr
        made.append(run.stdout.split())
    assert len({told for _, told in made}) == 1
    if "avx512f" in Path("/proc/cpuinfo").read_text(encoding="utf-8"):
        assert len({raw for raw, _ in made}) > 1, "nothing shows the difference"
