from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rapporteur.core.errors import BadInput
from rapporteur.dalle.checkpoint import flatten
from rapporteur.dalle.optimise import CHECKPOINT, Schedule, saved_step
from rapporteur.dalle.tokenizer import CaptionTokenizer
from rapporteur.dalle.training import (
    ENCODER,
    DalleTraining,
    Examples,
    initial_parameters,
    train_text_to_image,
)
from tests.dalle.test_dalle import CONFIG

CAPTIONS = [["red", "a red one"], ["blue"], ["green", "a green one", "green again"]] * 4


@pytest.fixture
def examples() -> Examples:
    tokens = np.repeat(np.array([[1], [5], [9]]), 9, axis=1).astype(np.int32)
    tokens = np.tile(tokens, (4, 1))
    tokenizer = CaptionTokenizer.train(["red blue green one again"] * 9, 300, CONFIG.max_text_length)
    return Examples.of(tokens, CAPTIONS, tokenizer)


CONFIG = CONFIG.__class__(**(CONFIG.__dict__ | {"encoder_vocab_size": 310}))


def settings(steps: int = 12, **more) -> DalleTraining:
    return DalleTraining(Schedule(steps, 0.02, warmup=2), batch=8, log_every=4, **more)


def run(examples: Examples, training: DalleTraining, **more):
    return train_text_to_image(CONFIG, training, initial_parameters(CONFIG, 1), examples, **more)


def test_the_loss_falls_and_is_logged_with_the_held_out_loss(examples: Examples) -> None:
    _, log = run(examples, settings(60), held_out=examples)
    assert [row["step"] for row in log] == list(range(4, 61, 4))
    assert log[-1]["held_out_loss"] < 0.5 * log[0]["held_out_loss"]
    assert log[-1]["loss"] < 0.5 * log[0]["loss"]
    assert log[-1]["learning_rate"] < log[3]["learning_rate"] <= 0.02


def test_a_run_that_was_cut_goes_on_to_the_bytes_of_an_unbroken_one(examples: Examples, tmp_path: Path) -> None:
    whole, log = run(examples, settings(), held_out=examples)

    class CutError(Exception):
        """Stands for the power cut."""

    def cut(_: int) -> None:
        cut.steps += 1
        if cut.steps == 10:
            raise CutError

    cut.steps = 0
    with pytest.raises(CutError):
        run(examples, settings(), held_out=examples, checkpoints=tmp_path, advance=cut)
    done: list[int] = []
    again, again_log = run(examples, settings(), held_out=examples, checkpoints=tmp_path, advance=done.append)
    assert len(done) == 4, "it goes on from step 8, the last one saved"
    assert again_log == log
    wanted, found = flatten(whole), flatten(again)
    assert all(found[name].tobytes() == wanted[name].tobytes() for name in wanted)


def test_another_training_s_checkpoint_is_not_used(examples: Examples, tmp_path: Path) -> None:
    run(examples, settings(), checkpoints=tmp_path, identity={"tokens": "one"})
    done: list[int] = []
    run(examples, settings(), checkpoints=tmp_path, identity={"tokens": "two"}, advance=done.append)
    assert len(done) == 12


@pytest.mark.parametrize("damage", ["cut", "zeroed", "one byte", "its log"])
def test_an_altered_checkpoint_is_not_gone_on_from(examples: Examples, tmp_path: Path, damage: str) -> None:
    whole, _ = run(examples, settings(), checkpoints=tmp_path)
    kept = bytearray((tmp_path / CHECKPOINT).read_bytes())
    if damage == "cut":
        kept = kept[: len(kept) // 2]
    elif damage == "zeroed":
        kept = bytearray(len(kept))
    elif damage == "one byte":
        kept[-3] ^= 1
    else:
        kept = kept.replace(b'step\\": 4', b'step\\": 5')
    assert saved_step(tmp_path) == 12
    (tmp_path / CHECKPOINT).write_bytes(kept)
    assert saved_step(tmp_path) == 0
    done: list[int] = []
    again, _ = run(examples, settings(), checkpoints=tmp_path, advance=done.append)
    assert len(done) == 12
    wanted, found = flatten(whole), flatten(again)
    assert all(found[name].tobytes() == wanted[name].tobytes() for name in wanted)


def test_a_frozen_text_encoder_stays_and_the_rest_moves(examples: Examples) -> None:
    before = flatten(initial_parameters(CONFIG, 1))
    after = flatten(run(examples, settings(freeze_text_encoder=True))[0])
    for name, value in before.items():
        assert np.array_equal(value, after[name]) == name.startswith(ENCODER), name


def test_the_given_weights_are_not_modified(examples: Examples) -> None:
    params = initial_parameters(CONFIG, 1)
    train_text_to_image(CONFIG, settings(4), params, examples)
    wanted = flatten(initial_parameters(CONFIG, 1))
    assert all(np.array_equal(value, wanted[name]) for name, value in flatten(params).items())


def test_a_batch_is_a_function_of_seed_and_step(examples: Examples) -> None:
    one, same, other = (examples.batch(seed, step, 8, 0.5) for seed, step in ((1, 2), (1, 2), (1, 3)))
    assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_captions_go_with_their_pictures_and_some_are_blank(examples: Examples) -> None:
    ids, mask, tokens = examples.batch(0, 0, 4000, 0.25)
    blank = mask.sum(1) == 2
    assert abs(blank.mean() - 0.25) < 0.04
    for kind, texts in {1: CAPTIONS[0], 5: CAPTIONS[1], 9: CAPTIONS[2]}.items():
        own = {tuple(row) for row in ids[(tokens[:, 0] == kind) & ~blank]}
        assert len(own) == len(texts)


@pytest.mark.parametrize("captions", [[], [["a"]] * 11, [["a"]] * 11 + [[]]])
def test_pictures_without_captions_are_refused(captions: list) -> None:
    tokenizer = CaptionTokenizer.train(["a"], 262, 6)
    with pytest.raises(BadInput, match="caption"):
        Examples.of(np.zeros((12, 9), np.int32), captions, tokenizer)
