from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

from rapporteur.core.errors import BadInput
from rapporteur.dalle.checkpoint import flatten, unflatten
from rapporteur.dalle.optimise import CHECKPOINT, Schedule, TrainState, run_steps, saved_step
from rapporteur.dalle.tokenizer import CaptionTokenizer
from rapporteur.dalle.training import (
    ENCODER,
    DalleTraining,
    Examples,
    in_precision,
    initial_parameters,
    loss,
    make_step,
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


def largest_difference(one, other) -> float:
    one, other = flatten(one), flatten(other)
    return max(float(np.abs(np.asarray(one[name]) - np.asarray(other[name])).max()) for name in one)


@pytest.mark.parametrize("more", [{"remat": True}, {"accumulate": 4}])
def test_less_memory_gives_the_same_training(examples: Examples, more: dict) -> None:
    (wanted, log), (found, other) = run(examples, settings()), run(examples, settings(**more))
    assert largest_difference(wanted, found) < 1e-4
    assert other[-1]["loss"] == pytest.approx(log[-1]["loss"], abs=1e-4)


def test_products_in_bfloat16_keep_float32_weights_and_stay_near(examples: Examples) -> None:
    (_, log), (found, half) = run(examples, settings(40)), run(examples, settings(40, precision="bfloat16"))
    assert {str(leaf.dtype) for leaf in flatten(found).values()} == {"float32"}
    assert half[-1]["loss"] < 0.7 * half[0]["loss"]
    assert half[0]["loss"] == pytest.approx(log[0]["loss"], rel=0.02)
    assert half[0]["loss"] != log[0]["loss"], "nothing was computed in bfloat16"


def test_sides_that_are_filled_up_change_no_loss(examples: Examples) -> None:
    """Filled with zeros in float32, the loss is the same; the ids added to the head are never counted."""
    params, batch = initial_parameters(CONFIG, 1), examples.batch(0, 0, 8, 0.1)
    half = in_precision(flatten(params), "bfloat16")
    filled = unflatten({name: np.asarray(leaf, np.float32) for name, leaf in half.items()})
    shapes = {name: leaf.shape for name, leaf in flatten(filled).items()}
    assert shapes["lm_head.kernel"][1] > CONFIG.image_vocab_size + 1
    cast = unflatten({name: _cut(leaf, flatten(params)[name].shape) for name, leaf in flatten(filled).items()})
    assert float(loss(filled, CONFIG, *batch)) == pytest.approx(float(loss(cast, CONFIG, *batch)), abs=1e-5)


def _cut(leaf: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    return leaf[tuple(slice(size) for size in shape)]


def test_the_mean_of_the_weights_is_what_is_given_back(examples: Examples) -> None:
    """Against a mean by hand over the steps' weights."""
    import optax

    training = settings(3, average=0.5)
    found, _ = run(examples, training)
    step, weights = make_step(CONFIG, settings(3)), flatten(initial_parameters(CONFIG, 1))
    optimiser = training.schedule.optimiser()
    arrays, mean = {"weights": weights, "moments": optimiser.init(weights)}, weights
    for number in range(3):
        batch = examples.batch(0, number, 8, training.blank_caption_prob)
        arrays, _ = step(jax.tree.map(np.array, arrays), {}, batch, np.int32(number))
        mean = optax.incremental_update(jax.device_get(arrays["weights"]), mean, 0.5)
    assert largest_difference(unflatten(mean), found) < 1e-6


@pytest.mark.parametrize("wrong", [{"accumulate": 3}, {"accumulate": 0}, {"average": 1.0}])
def test_settings_of_a_training_without_a_meaning_are_refused(wrong: dict) -> None:
    with pytest.raises(BadInput, match=r"equal parts|in \(0, 1\)"):
        settings(**wrong)


def test_weights_in_float64_are_the_same_from_any_instruction_set_and_number_of_devices(
    tmp_path: Path, repository: Path
) -> None:
    """As they are kept, in float16. In float32 the sample model's differ after 120 steps (57 weights of AVX2's)."""
    program = (
        "import hashlib, sys, numpy as np\n"
        "from rapporteur.dalle.optimise import Schedule, use_cpu_devices\n"
        "use_cpu_devices(int(sys.argv[1]))\n"
        "from rapporteur.dalle.checkpoint import flatten\n"
        "from rapporteur.dalle.tokenizer import CaptionTokenizer\n"
        "from rapporteur.dalle.training import DalleTraining, Examples, initial_parameters, train_text_to_image\n"
        "from tests.dalle.test_training import CAPTIONS, CONFIG\n"
        "tokens = np.random.default_rng(0).integers(0, 10, (12, 9)).astype(np.int32)\n"
        "tokenizer = CaptionTokenizer.train(['red blue green one again'] * 9, 300, CONFIG.max_text_length)\n"
        "examples = Examples.of(tokens, CAPTIONS, tokenizer)\n"
        "how = DalleTraining(Schedule(12, 0.01, warmup=3), batch=8, log_every=4, precision='float64')\n"
        "made, log = train_text_to_image(CONFIG, how, initial_parameters(CONFIG, 1), examples)\n"
        "kept = {name: np.asarray(leaf).astype(np.float16) for name, leaf in flatten(made).items()}\n"
        "told = [f'{row[name]:.9g}' for row in log for name in sorted(row)]\n"
        "print(hashlib.sha256(b''.join(kept[name].tobytes() for name in sorted(kept))).hexdigest(), told)\n"
    )

    def trained(isa: str, devices: int) -> str:
        environment = os.environ | {
            "XLA_FLAGS": f"--xla_cpu_max_isa={isa}", "JAX_COMPILATION_CACHE_DIR": str(tmp_path / f"{isa}{devices}"),
        }  # fmt: skip
        command = [sys.executable, "-c", program, str(devices)]
        run = subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, check=True)
        return run.stdout

    assert len({trained(isa, devices) for isa, devices in (("AVX512", 2), ("SSE4_2", 1))}) == 1


def test_weights_split_over_eight_devices_give_the_curve_of_one(tmp_path: Path, repository: Path) -> None:
    program = (
        "import dataclasses, json, sys, jax, numpy as np\n"
        "from rapporteur.dalle.optimise import Schedule, split_over_devices, use_cpu_devices\n"
        "use_cpu_devices(int(sys.argv[1]))\n"
        "from rapporteur.dalle import training\n"
        "from rapporteur.dalle.tokenizer import CaptionTokenizer\n"
        "from tests.dalle.test_training import CAPTIONS, CONFIG\n"
        "CONFIG = dataclasses.replace(CONFIG, d_model=16, encoder_attention_heads=4, decoder_attention_heads=4,\n"
        "    encoder_ffn_dim=24, decoder_ffn_dim=32)  # sides that eight divides, as a real model's\n"
        "tokens = np.random.default_rng(0).integers(0, 10, (16, 9)).astype(np.int32)\n"
        "tokenizer = CaptionTokenizer.train(['red blue green one again'] * 9, 300, CONFIG.max_text_length)\n"
        "examples = training.Examples.of(tokens, CAPTIONS + CAPTIONS[:4], tokenizer)\n"
        "how = training.DalleTraining(training.Schedule(20, 0.01, warmup=3), batch=16, log_every=5, average=0.9,\n"
        "    shard=sys.argv[1] != '1')\n"
        "held, of = [], training.result\n"
        "def watched(arrays):\n"
        "    on = [x.addressable_shards[0].data.nbytes for x in jax.tree.leaves(arrays)]\n"
        "    held.append(sum(on) / sum(x.nbytes for x in jax.tree.leaves(arrays)))\n"
        "    return of(arrays)\n"
        "training.result = watched\n"
        "weights = training.initial_parameters(CONFIG, 1)\n"
        "made, log = training.train_text_to_image(CONFIG, how, weights, examples, examples)\n"
        "print(json.dumps({'log': [[row['loss'], row['held_out_loss']] for row in log], 'held': held}))\n"
    )

    def trained(devices: int) -> Any:
        environment = os.environ | {"JAX_COMPILATION_CACHE_DIR": str(tmp_path / str(devices))}
        command = [sys.executable, "-c", program, str(devices)]
        run = subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, check=True)
        return json.loads(run.stdout)

    one, eight = trained(1), trained(8)
    assert np.abs(np.array(one["log"]) - np.array(eight["log"])).max() < 1e-4
    assert one["log"][-1][1] < one["log"][0][1], "nothing was learnt"
    assert set(one["held"]) == {1.0}
    assert max(eight["held"]) < 0.3, "a device holds more than its share of weights, moments and means"


TWO_PROCESSES = """
import contextlib, hashlib, json, os, sys, numpy as np
from pathlib import Path
from rapporteur.dalle.optimise import Schedule, join_hosts, use_cpu_devices
number, count, address, folder, until = int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:5], int(sys.argv[5])
shard = bool(int(sys.argv[6]))
use_cpu_devices(2)
with join_hosts(number, count, address, 2) if count > 1 else contextlib.nullcontext():
    from rapporteur.dalle import training
    from rapporteur.dalle.checkpoint import flatten
    from rapporteur.dalle.tokenizer import CaptionTokenizer
    from tests.dalle.test_training import CAPTIONS, CONFIG
    tokens = np.random.default_rng(0).integers(0, 10, (12, 9)).astype(np.int32)
    tokenizer = CaptionTokenizer.train(["red blue green one again"] * 9, 300, CONFIG.max_text_length)
    examples = training.Examples.of(tokens, CAPTIONS, tokenizer)
    how = training.DalleTraining(Schedule(12, 0.01, warmup=3), batch=8, log_every=4, precision="float64", average=0.9,
        patience=9, shard=shard)

    def killed(count):
        killed.steps += count
        if killed.steps == until:
            os._exit(9)
    killed.steps = 0
    weights, into = training.initial_parameters(CONFIG, 1), Path(folder)
    made, log = training.train_text_to_image(CONFIG, how, weights, examples, examples, checkpoints=into, advance=killed)
    kept = b"".join(np.asarray(leaf).astype(np.float16).tobytes() for _, leaf in sorted(flatten(made).items()))
    rows = [[float(f"{value:.9g}") for _, value in sorted(row.items())] for row in log]
    print(json.dumps([hashlib.sha256(kept).hexdigest(), rows, killed.steps]))
"""


def test_two_processes_train_one_model_and_go_on_after_a_kill(tmp_path: Path, repository: Path) -> None:
    """As two hosts of two devices each do, against one of two: weights in float16 and losses to nine digits."""

    def trained(count: int, folder: str, until: int = 0, shard: bool = False) -> list[Any]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{free.getsockname()[1]}"
        given = [str(count), address, str(tmp_path / folder), str(until), str(int(shard))]
        with ExitStack() as stack:
            runs = [
                stack.enter_context(
                    subprocess.Popen(
                        [sys.executable, "-c", TWO_PROCESSES, str(number), *given], cwd=repository,
                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                    )
                )
                for number in range(count)
            ]  # fmt: skip
            ended = [(run.communicate(timeout=300), run.returncode) for run in runs]
        codes = {code for _, code in ended}
        if until:
            assert 0 not in codes, ended  # 9, or what a host's end does to the other
            return []
        assert codes == {0}, ended
        return [json.loads(out.splitlines()[-1]) for (out, _), _ in ended]

    [alone] = trained(1, "one")
    trained(2, "two", until=6)
    first, second = trained(2, "two")
    assert first == second
    assert first[2] == 8, "the checkpoint of step 4 was not gone on from"
    assert first[:2] == alone[:2]
    for split in trained(2, "split", shard=True):
        assert split[:2] == alone[:2]


def test_a_loss_that_is_no_number_stops_with_its_step_and_its_pictures(examples: Examples, tmp_path: Path) -> None:
    examples = replace(examples, names=tuple(f"picture {place}" for place in range(len(examples.tokens))))

    def one_step(arrays: Any, step: int) -> tuple[Any, dict[str, float]]:
        return arrays, {"loss": float("nan") if step == 6 else 1.0}

    start, told = TrainState(0, {"w": np.zeros(1)}), lambda step: examples.told(3, step, 12)
    said = r"`loss` was nan in step 7 \(pictures picture \d+(, picture \d+){7} and 4 more\); the state after step 5 is"
    with pytest.raises(BadInput, match=said) as stopped:
        run_steps(start, 20, one_step, every=5, save_to=tmp_path, told=told)
    assert saved_step(tmp_path) == 5
    batch = examples.batch(3, 6, 12, 0.0)[2]  # those are the pictures of that very batch
    named = [int(number) for number in re.findall(r"picture (\d+)", str(stopped.value))]
    assert [examples.tokens[place].tolist() for place in named] == batch[:8].tolist()


def _rising(examples: Examples) -> Examples:
    """Held-out pictures that a training on `examples` foresees ever worse: theirs with the captions changed about."""
    return replace(examples, tokens=np.roll(examples.tokens, 1, axis=0))


def test_a_training_that_gets_no_better_stops_and_gives_its_best_weights(examples: Examples, tmp_path: Path) -> None:
    how = DalleTraining(Schedule(200, 0.02, warmup=2), batch=8, log_every=2, patience=3)
    found, log = run(examples, how, held_out=_rising(examples), checkpoints=tmp_path)
    losses = [row["held_out_loss"] for row in log]
    best = int(np.argmin(losses))
    assert len(log) == best + 4 and log[-1]["step"] < 200 and log[-1]["stopped"] == 1
    rest = replace(how, schedule=Schedule(200, 0.02, warmup=2), patience=1000)
    _, longer = run(examples, rest, held_out=_rising(examples))
    assert [row["held_out_loss"] for row in longer[: len(log)]] == losses  # looking changes nothing
    batches = _rising(examples).fixed(8)
    assert np.mean([float(loss(found, CONFIG, *one)) for one in batches]) == pytest.approx(min(losses), rel=1e-5)
    again, same = run(
        examples, how, held_out=_rising(examples), checkpoints=tmp_path
    )  # it knows that it was at its end
    assert same == log and _equal(again, found)


def test_a_stopping_run_that_was_cut_goes_on_to_the_same_weights(examples: Examples, tmp_path: Path) -> None:
    how = DalleTraining(Schedule(200, 0.02, warmup=2), batch=8, log_every=2, patience=3)
    whole, log = run(examples, how, held_out=_rising(examples))

    def stop(steps: int) -> None:
        if saved_step(tmp_path) >= log[-3]["step"]:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(examples, how, held_out=_rising(examples), checkpoints=tmp_path, advance=stop)
    assert 0 < saved_step(tmp_path) < log[-1]["step"]
    gone_on, rest = run(examples, how, held_out=_rising(examples), checkpoints=tmp_path)
    assert rest == log and _equal(gone_on, whole)


def _equal(one: Any, other: Any) -> bool:
    first, second = flatten(one), flatten(other)
    return first.keys() == second.keys() and all(np.array_equal(first[name], second[name]) for name in first)


def test_patience_needs_pictures_to_look_at(examples: Examples) -> None:
    with pytest.raises(BadInput, match="patience needs held-out pictures"):
        run(examples, settings(patience=2))
    with pytest.raises(BadInput, match="from 1; it is 0"):
        settings(patience=0)
