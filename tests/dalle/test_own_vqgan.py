"""`rapporteur vqgan`: an image tokenizer from one's own pictures, small, killed and gone on with."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from rapporteur.core.errors import BadInput
from rapporteur.dalle import own_vqgan, vqgan_training
from rapporteur.dalle.checkpoint import flatten, load_vqgan, save_model
from rapporteur.dalle.vqgan import VqganConfig
from rapporteur.dalle.vqgan_training import Perceptual, VqganTraining, initial_parameters, train_vqgan

CONFIG = VqganConfig(
    ch=8, ch_mult=(1, 2), num_res_blocks=1, attn_resolutions=(), resolution=16,
    z_channels=6, embed_dim=5, n_embed=12, norm_groups=4,
)  # fmt: skip
HOW = VqganTraining(steps=24, warm_steps=9, learning_rate=3e-3, batch=4, crop=8, crop_steps=12, log_every=4)


def _pixels(count: int, side: int = 16) -> np.ndarray:
    base = np.random.default_rng(4).integers(0, 256, (count, 2, 2, 3)).astype(np.uint8)
    return base.repeat(side // 2, axis=1).repeat(side // 2, axis=2)


@pytest.fixture
def pictures(work: Path) -> Path:
    """A folder of pictures of several sizes and kinds, a note, and the sizes of the VQGAN to train."""
    folder = work / "photos"
    (folder / "more").mkdir(parents=True)
    for place, pixels in enumerate(_pixels(30)):
        name = f"{place}.png" if place % 2 else f"more/{place}.jpg"
        Image.fromarray(pixels).resize((20 + place, 20)).save(folder / name)
    (folder / "notes.txt").write_text("no picture")
    save_model(work / "sizes", CONFIG, initial_parameters(CONFIG, 0))
    return folder


def _asked(under: Path, **changes: Any) -> argparse.Namespace:
    usual = {
        "folder": under, "to": Path("mine"), "like": Path("sizes"), "steps": 40, "batch": 4, "learning_rate": 3e-3,
        "perceptual": None, "seed": 0, "skip_damaged": False,
    }  # fmt: skip
    return argparse.Namespace(**usual | changes)


def test_the_model_its_card_and_what_its_tokens_keep_are_written(
    pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own_vqgan.train_own(_asked(pictures))
    said = capsys.readouterr().out
    assert "on 2 held-out pictures" in said
    assert "1 files of other kinds" in said
    weights, config = load_vqgan(Path("mine"))
    assert config == CONFIG
    assert weights["quantize"]["embedding"]["embedding"].shape == (12, 5)
    card = Path("mine/README.md").read_text()
    assert "28 pictures (left out: 1 files of other kinds; 2 held out" in card
    assert "model.fresh_decoder: true" in card
    with Image.open("mine/reconstructions.png") as sheet:
        assert sheet.size == (2 * 16 + 4, 2 * 16 + 4)
        original = np.asarray(sheet)[:16, :16]
    held_out = own_vqgan.squares(pictures, 16, False, Path(".items/vqgan")).held_out
    np.testing.assert_array_equal(original, held_out[0])
    assert len(Path("mine/log.csv").read_text().splitlines()) == 41


def test_a_second_run_with_the_same_pictures_trains_nothing(pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_vqgan.train_own(_asked(pictures))
    first = Path("mine/model.safetensors").read_bytes()

    def refuse(*_: Any) -> None:
        raise AssertionError("a step was made")

    monkeypatch.setattr(vqgan_training, "_losses", refuse)
    own_vqgan.train_own(_asked(pictures, to=Path("again")))
    assert Path("again/model.safetensors").read_bytes() == first


@pytest.mark.parametrize("at", [6, 17])  # before the codebook, and with it
def test_a_training_that_was_killed_ends_with_the_same_weights(tmp_path: Path, at: int) -> None:
    pixels = _pixels(16)
    whole, log = train_vqgan(CONFIG, HOW, pixels)

    class Killed(Exception):
        pass

    steps: list[int] = []

    def kill(_: int) -> None:
        steps.append(1)
        if len(steps) == at:
            raise Killed

    with pytest.raises(Killed):
        train_vqgan(CONFIG, HOW, pixels, checkpoints=tmp_path, advance=kill)
    made: list[int] = []
    back, again = train_vqgan(CONFIG, HOW, pixels, checkpoints=tmp_path, advance=made.append)
    assert made == [1] * (24 - at // 4 * 4)
    assert again == log
    one, other = flatten(whole), flatten(back)
    assert one.keys() == other.keys()
    assert [name for name in one if not np.array_equal(one[name], other[name])] == []


def test_another_setting_is_another_training(tmp_path: Path) -> None:
    pixels = _pixels(16)
    train_vqgan(CONFIG, HOW, pixels, checkpoints=tmp_path)
    made: list[int] = []
    train_vqgan(CONFIG, HOW, pixels, checkpoints=tmp_path, identity={"pictures": "others"}, advance=made.append)
    assert made == [1] * 24


@pytest.fixture
def vgg(tmp_path: Path) -> Path:
    """Weights of VGG-16's shape, random: no published ones are at hand."""
    from torchvision.models import vgg16

    torch.manual_seed(0)
    features = vgg16(weights=None).features.state_dict()
    torch.save({f"features.{name}": value for name, value in features.items()}, tmp_path / "vgg.pth")
    return tmp_path / "vgg.pth"


def test_the_perceptual_distance_is_nought_for_equal_pictures_and_grows_with_noise(vgg: Path) -> None:
    distance, random = Perceptual(vgg), torch.Generator().manual_seed(1)
    picture = torch.rand(2, 3, 32, 32, generator=random)
    noise = torch.randn(2, 3, 32, 32, generator=random)
    with torch.no_grad():
        near, far = (float(distance((picture + share * noise).clamp(0, 1), picture)) for share in (0.02, 0.3))
        assert float(distance(picture, picture)) == 0
    assert 0 < near < far


def test_a_training_follows_the_perceptual_distance(vgg: Path) -> None:
    how = VqganTraining(steps=2, warm_steps=1, batch=2, learning_rate=1e-3, log_every=1, perceptual=1.0)
    config = VqganConfig(
        ch=8, ch_mult=(1, 2), num_res_blocks=1, attn_resolutions=(), resolution=32,
        z_channels=6, embed_dim=5, n_embed=12, norm_groups=4,
    )  # fmt: skip
    with_it, log = train_vqgan(config, how, _pixels(4, 32), perceptual=Perceptual(vgg))
    without, plain = train_vqgan(config, how, _pixels(4, 32))
    assert log[0]["loss"] > plain[0]["loss"]
    assert not np.array_equal(with_it["decoder"]["conv_in"]["kernel"], without["decoder"]["conv_in"]["kernel"])


def _spoil(folder: Path) -> None:
    (folder / "3.png").write_bytes(b"no picture")


def _few(folder: Path) -> None:
    for path in list(folder.glob("*.png")):
        path.unlink()


@pytest.mark.parametrize(
    ("prepare", "changes", "said"),
    [
        (lambda folder: None, {"steps": 5}, "--steps is 5; give 10 or more"),
        (lambda folder: None, {"batch": 1}, "--batch is 1; give 2 or more"),
        (lambda folder: None, {"learning_rate": -1.0}, "--learning-rate is -1.0"),
        (lambda folder: None, {"folder": Path("nowhere")}, "nowhere: not a folder"),
        (lambda folder: None, {"like": Path("nowhere")}, "nowhere"),
        (lambda folder: None, {"perceptual": Path("sizes/config.json")}, "config.json: no weights of VGG-16"),
        (lambda folder: None, {"perceptual": Path("none.pth")}, "none.pth: can't be read"),
        (_spoil, {}, r"3\.png.*--skip-damaged"),
        (_few, {}, "15 pictures are too few"),
    ],
)
def test_what_can_not_be_trained_on_is_said(
    pictures: Path, prepare: Callable[[Path], None], changes: dict[str, Any], said: str
) -> None:
    prepare(pictures)
    with pytest.raises(BadInput, match=said):
        own_vqgan.train_own(_asked(pictures, **changes))
    assert not Path("mine").exists()


def test_damaged_pictures_are_left_out_and_counted_when_that_is_asked(
    pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _spoil(pictures)
    kept = own_vqgan.squares(pictures, 16, True, Path("store"))
    assert len(kept.learnt) + len(kept.held_out) == 29
    assert "1 damaged pictures" in kept.left
    assert "3.png" in capsys.readouterr().err
    with pytest.raises(BadInput, match="skip-damaged"):  # the kept squares do not hide it from who did not ask
        own_vqgan.squares(pictures, 16, False, Path("store"))
    assert json.loads(next(Path("store").glob("*.json")).read_text())["damaged"] == 1


def test_a_loss_that_is_no_number_stops_with_its_step() -> None:
    how = VqganTraining(steps=30, warm_steps=9, learning_rate=1e30, batch=4, log_every=4)
    with pytest.raises(BadInput, match=r"the loss was (nan|inf) in step \d+; lower the learning rate"):
        train_vqgan(CONFIG, how, _pixels(8))
