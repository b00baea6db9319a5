"""benchmarks/gpu.py at toy sizes on a CPU: that every part of it runs here; its figures come from a GPU alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import gpu
from rapporteur.dalle.dalle import DalleConfig


def test_the_machine_s_rates_are_measured() -> None:
    found = gpu.machine(tiny=True)
    assert min(found[name] for name in found if name.endswith("_per_s")) > 1e6


@pytest.mark.parametrize("precision", gpu.PRECISIONS)
def test_pictures_are_drawn_and_timed(precision: str, tmp_path: Path) -> None:
    gpu.write_models(tmp_path, tiny=True)
    found = gpu.draw(str(tmp_path), precision, "4")
    assert found["pictures"] == 4 and found["seconds"] > 0 and found["decoding_ms_a_picture"] > 0
    assert "pictures" not in gpu.draw(str(tmp_path), precision, "0"), "the first call alone"


def test_a_study_s_requests_have_as_many_draws_of_each_caption() -> None:
    texts, seeds = gpu.requests(6000, 1000)
    assert len(texts) == 6000 and len(set(texts)) == 1000 and max(seeds) == 5
    assert len(set(zip(texts, seeds, strict=True))) == 6000


@pytest.mark.parametrize("precision", gpu.PRECISIONS)
def test_training_steps_are_run_and_counted(precision: str) -> None:
    found = gpu.train(precision, "4", "True", tiny=True)
    assert found["flop_per_s"] > 0 and 5 < found["loss"] < 7, "ln 512 = 6.2 nats before anything is learnt"


def test_the_operations_of_a_step_are_six_for_each_weight_and_token_and_the_attention() -> None:
    """Against a count by hand for one layer each, without the odd head."""
    config = DalleConfig(
        d_model=8, encoder_layers=1, decoder_layers=1, encoder_ffn_dim=16, decoder_ffn_dim=16, max_text_length=2,
        image_length=4, image_vocab_size=9,
    )  # fmt: skip
    text = 4 * 64 + 3 * 8 * 16 + 2 * 64 + 2 * 2 * 8  # own attention's and the GLU's kernels, the decoder's, attention
    image = 6 * 64 + 3 * 8 * 16 + 2 * (4 + 2) * 8 + 8 * 10
    assert gpu.step_flop(config, 5) == 6 * 5 * (2 * text + 4 * image)
