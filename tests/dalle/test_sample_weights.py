"""The committed sample weights, on few pictures; `models/sample/measure.py` measures them on many."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from drawn_world import sample_world
from rapporteur.clip.model import load_clip, text_features
from rapporteur.colour import obedience
from rapporteur.dalle.generator import DalleMini, load_vqgan
from rapporteur.dalle.sampling import SamplerSettings
from rapporteur.dalle.vqgan_training import psnr

SEED = 987_654  # of no training set and of no study


@pytest.fixture
def sample(repository: Path) -> Path:
    return repository / "models" / "sample"


@pytest.mark.parametrize("kind", ["shapes", "landscapes"])
def test_pictures_come_back_from_their_tokens(sample: Path, kind: str) -> None:
    network = load_vqgan(sample / "vqgan")
    pictures = np.stack([picture for picture, _ in sample_world(SEED, 6, network.resolution, kind, kind == "shapes")])
    back = network.decode(network.encode(list(pictures)))
    assert psnr(back / 255, pictures / 255).mean() >= 24


def test_what_is_drawn_has_the_named_colour(sample: Path) -> None:
    settings = SamplerSettings(**json.loads((sample / "measure.json").read_text())["sampler"])
    captions = [texts[0] for _, texts in sample_world(SEED, 24, 8, "shapes", held_out=True)]
    model = DalleMini.load(sample / "dalle", sample / "vqgan", settings, batch=24)
    pictures = model.draw(captions, [0] * len(captions))
    obeyed = [bool(obedience(picture, text).obeyed) for picture, text in zip(pictures, captions, strict=True)]
    assert np.mean(obeyed) >= 0.7, "at 0.9, fewer than 17 of 24 come once in 600 tries"


def test_the_sample_clip_has_its_own_light_vocabulary(sample: Path) -> None:
    network, _, tokenizer, _ = load_clip(str(sample / "clip"))
    assert tokenizer.vocab_size < 2000
    red, same, blue = text_features(network, tokenizer, ["a red star", "A red star", "a blue star"], 3)
    assert red @ same == pytest.approx(1, abs=1e-5)
    assert red @ blue < 0.9


def test_the_measures_that_the_model_card_states_reach_what_is_wanted(sample: Path) -> None:
    found = json.loads((sample / "measure.json").read_text())
    assert min(found["shapes_psnr_db"], found["landscapes_psnr_db"]) >= 24
    assert found["drawn"] >= 200 and found["colour_obeyed"] >= 0.9
    assert found["shapes_clip_first_of_20"] >= 0.6


def test_the_weights_are_light_enough_for_git(sample: Path) -> None:
    files = [file for folder in ("vqgan", "dalle", "clip") for file in (sample / folder).iterdir()]
    assert sum(file.stat().st_size for file in files) <= 40 * 1024 * 1024
