"""The drawn pictures are the same bytes on every processor: numpy's instruction sets are switched off one by one."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

DRAW = """
import hashlib
from drawn_world.album import album
from drawn_world.shapes import draw_shape, parse_shape_caption

drawn = hashlib.sha256()
for leaf in album(3, {"train": 40}, decoys=0.3, misled=0.1):
    drawn.update(leaf.draw(96).tobytes())
for colour in ("red", "grey", "orange"):
    for form in ("star", "heart", "ring", "crescent"):
        for texture in ("striped", "woven", "glossy"):
            shape = parse_shape_caption(f"a {texture} {colour} {form} on a white background")
            drawn.update(draw_shape(shape, 96, 7).tobytes())
print(drawn.hexdigest())
"""
SWITCHED_OFF = ("", "X86_V4 AVX512_ICL AVX512_SPR", "X86_V3 X86_V4 AVX512_ICL AVX512_SPR")


@pytest.mark.skipif(platform.machine() != "x86_64", reason="numpy's instruction sets of other processors have one name")
def test_instruction_sets_change_no_byte() -> None:
    made = set()
    for features in SWITCHED_OFF:
        environment = os.environ | {"NPY_DISABLE_CPU_FEATURES": features}
        run = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", DRAW], check=False, env=environment, capture_output=True, text=True
        )
        assert run.returncode == 0, run.stderr
        made.add(run.stdout)
    assert len(made) == 1
