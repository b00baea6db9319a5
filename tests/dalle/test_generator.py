from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rapporteur.core.errors import BadInput
from rapporteur.dalle import generator
from rapporteur.dalle.checkpoint import save_model
from rapporteur.dalle.dalle import DalleConfig
from rapporteur.dalle.generator import DalleMini, load_vqgan, picture_key
from rapporteur.dalle.sampling import SamplerSettings
from rapporteur.dalle.tokenizer import CaptionTokenizer
from rapporteur.dalle.training import initial_parameters
from tests.dalle import test_dalle, test_vqgan

CAPTIONS = ["a red star", "a blue circle", "a red star", "", "a green cross on a white background", "a heart", "x", "y"]
SEEDS = [0, 0, 1, 2, 3, 0, 0, 0]
SETTINGS = SamplerSettings(3.0, 1.0)


def write_models(folder: Path, **changes: object) -> tuple[Path, Path]:
    """A small text-to-image model and its VQGAN, random weights, in `folder`/dalle and `folder`/vqgan."""
    tokenizer = CaptionTokenizer.train(CAPTIONS, 300, 12)
    sizes = test_dalle.CONFIG.__dict__ | {
        "d_model": 48, "encoder_ffn_dim": 40, "decoder_ffn_dim": 40, "max_text_length": 12, "image_length": 64,
        "image_vocab_size": 12, "decoder_start_token_id": 12, "encoder_vocab_size": tokenizer.words, "init_std": 0.3,
    }  # fmt: skip
    config = DalleConfig(**(sizes | changes))
    save_model(folder / "dalle", config, initial_parameters(config, 0))
    tokenizer.save(folder / "dalle")
    save_model(folder / "vqgan", test_vqgan.CONFIG, test_vqgan.random_params())
    return folder / "dalle", folder / "vqgan"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_models(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def model(folders: tuple[Path, Path]) -> DalleMini:
    return DalleMini.load(*folders, SETTINGS, batch=3)


@pytest.fixture(scope="module")
def pictures(model: DalleMini) -> np.ndarray:
    return model.draw(CAPTIONS, SEEDS)


def test_one_picture_per_caption_and_seed(pictures: np.ndarray) -> None:
    assert pictures.shape == (8, 16, 16, 3) and pictures.dtype == np.uint8
    assert not np.array_equal(pictures[0], pictures[1]), "another caption, another picture"
    assert not np.array_equal(pictures[0], pictures[2]), "another seed, another picture"


def test_order_and_neighbours_change_nothing(model: DalleMini, pictures: np.ndarray) -> None:
    order = [5, 0, 7, 2, 1]
    again = model.draw([CAPTIONS[i] for i in order], [SEEDS[i] for i in order])
    np.testing.assert_array_equal(again, pictures[order])
    np.testing.assert_array_equal(model.draw(CAPTIONS[4:5], SEEDS[4:5])[0], pictures[4])


@pytest.mark.parametrize("batch", [1, 8])
def test_the_batch_size_changes_nothing(folders: tuple[Path, Path], pictures: np.ndarray, batch: int) -> None:
    again = DalleMini.load(*folders, SETTINGS, batch=batch).draw(CAPTIONS, SEEDS)
    np.testing.assert_array_equal(again, pictures)


def test_pictures_drawn_again_in_float64_are_those_of_float32_where_it_was_sure(
    folders: tuple[Path, Path], pictures: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every picture in doubt: all are drawn again, in another precision and batch, and come out the same."""
    monkeypatch.setattr(SamplerSettings, "doubt", np.inf)
    again = DalleMini.load(*folders, SETTINGS, batch=5)
    np.testing.assert_array_equal(again.draw(CAPTIONS, SEEDS), pictures)
    assert again.settled == len(CAPTIONS)


def test_a_draw_that_float32_takes_wrongly_is_settled(
    folders: tuple[Path, Path], pictures: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rounding is made coarse enough to change draws: within its doubt the pictures stay what they are."""
    from rapporteur.dalle import decoding

    plain = decoding.step

    def coarse(weights, cache, **named):  # type: ignore[no-untyped-def]
        scores, cache = plain(weights, cache, **named)
        return (scores if scores.dtype == np.float64 else np.float32(0.25) * (scores * 4).round()), cache

    monkeypatch.setattr(decoding, "step", coarse)
    loose = DalleMini.load(*folders, SETTINGS, batch=3, precision="float32").draw(CAPTIONS, SEEDS)
    assert not np.array_equal(loose, pictures), "the test looks in vain"
    monkeypatch.setattr("rapporteur.dalle.sampling.ROUNDING", 0.126)
    settled = DalleMini.load(*folders, SETTINGS, batch=3)
    np.testing.assert_array_equal(settled.draw(CAPTIONS, SEEDS), pictures)
    assert settled.settled > 0


def test_no_caption_no_picture(model: DalleMini) -> None:
    assert model.draw([], []).shape == (0, 16, 16, 3)


def test_a_key_depends_on_caption_seed_and_model() -> None:
    keys = {str(picture_key(*at)) for at in [("a", 0, "m"), ("b", 0, "m"), ("a", 1, "m"), ("a", 0, "n")]}
    assert len(keys) == 4
    assert str(picture_key("a", 0, "m")) in keys


def test_a_picture_goes_through_tokens_one_at_a_time_or_many(folders: tuple[Path, Path]) -> None:
    network = load_vqgan(folders[1])
    pictures = list(np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3)).astype(np.uint8))
    ids = network.encode(pictures)
    assert ids.shape == (3, 64)
    np.testing.assert_array_equal(network.encode(pictures[1:2])[0], ids[1])
    assert network.decode(ids).shape == (3, 16, 16, 3)
    with pytest.raises(BadInput, match="16 x 16 x 3"):
        network.encode([np.zeros((8, 8, 3), np.uint8)])


def test_models_that_do_not_fit_each_other_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="draws 36 tokens of 12, but the VQGAN decodes 64 of 12"):
        DalleMini.load(*write_models(tmp_path, image_length=36), SETTINGS)


def wants_normalised(folder: Path) -> tuple[Path, Path]:
    model, network = write_models(folder)
    config = json.loads((model / "config.json").read_text())
    (model / "config.json").write_text(json.dumps(config | {"normalize_text": True}))
    return model, network


def test_a_model_that_normalises_says_which_file_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"enwiki-words-frequency\.txt"):
        DalleMini.load(*wants_normalised(tmp_path), SETTINGS)


def test_a_model_that_normalises_draws_the_same_for_captions_with_one_normal_form(tmp_path: Path) -> None:
    model, network = wants_normalised(tmp_path)
    (model / "enwiki-words-frequency.txt").write_text("a 100\nred 20\nstar 10\n")
    loaded = DalleMini.load(model, network, SETTINGS, batch=2)
    plain, shouted = (loaded.replicas[0].encode(caption) for caption in ("a red star", "A  RED   star"))
    np.testing.assert_array_equal(plain[0], shouted[0])
    assert loaded.replicas[0]._blank[1].tolist() == [1, 1], "the empty caption has two words, its padding left away"


def test_kept_encodings_are_bounded_and_change_nothing(
    model: DalleMini, pictures: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generator, "KEPT_ENCODINGS", 2)
    np.testing.assert_array_equal(model.draw(CAPTIONS, SEEDS), pictures)
    replica = model.replicas[0]
    replica.encode("one more")
    assert len(replica._encodings) <= max(2, len(set(CAPTIONS)))
    assert "one more" in replica._encodings


def test_the_official_order_of_draws_does_not_depend_on_the_batch(folders: tuple[Path, Path]) -> None:
    settings = SamplerSettings(3.0, 1.0, official_rng=True)
    three, one = (DalleMini.load(*folders, settings, batch=batch).draw(CAPTIONS, SEEDS) for batch in (3, 1))
    np.testing.assert_array_equal(three, one)


def test_a_second_process_does_not_compile_again(folders: tuple[Path, Path], tmp_path: Path) -> None:
    program = (
        "import sys, jax\n"
        "from pathlib import Path\n"
        "from rapporteur.dalle.generator import DalleMini\n"
        "from rapporteur.dalle.sampling import SamplerSettings\n"
        "hits = []\n"
        "jax.monitoring.register_event_listener(lambda name, **_: hits.append(name))\n"
        "DalleMini.load(*map(Path, sys.argv[1:]), SamplerSettings(3.0), batch=2).draw(['a'], [0])\n"
        "print(hits.count('/jax/compilation_cache/cache_hits'))\n"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JAX_")}
    hits = [
        int(
            subprocess.run(
                [sys.executable, "-c", program, *map(str, folders)],
                cwd=tmp_path, env=environment, capture_output=True, text=True, check=True,
            ).stdout
        )
        for _ in range(2)
    ]  # fmt: skip
    assert hits[0] == 0 and hits[1] >= 1
    assert list((tmp_path / ".items/compiled").glob("*/*sample_tokens*"))


def test_four_devices_draw_what_one_draws(folders: tuple[Path, Path], pictures: np.ndarray, tmp_path: Path) -> None:
    program = (
        "import sys, json, jax, numpy\n"
        "from pathlib import Path\n"
        "jax.config.update('jax_num_cpu_devices', 4)\n"
        "from rapporteur.dalle.generator import DalleMini\n"
        "from rapporteur.dalle.sampling import SamplerSettings\n"
        "model = DalleMini.load(Path(sys.argv[1]), Path(sys.argv[2]), SamplerSettings(3.0, 1.0), batch=3)\n"
        "assert len(model.replicas) == 4\n"
        "numpy.save(sys.argv[3], model.draw(*json.loads(sys.argv[4])))\n"
    )
    arguments = [*map(str, folders), "drawn.npy", json.dumps([CAPTIONS, SEEDS])]
    subprocess.run([sys.executable, "-c", program, *arguments], cwd=tmp_path, check=True)
    np.testing.assert_array_equal(np.load(tmp_path / "drawn.npy"), pictures)


def test_pixels_in_float64_are_the_same_from_any_instruction_set(tmp_path: Path, repository: Path) -> None:
    """The sample's VQGAN in processes that may use less and less of the processor; float32 shows that it matters."""
    program = (
        "import hashlib, sys, numpy\n"
        "from pathlib import Path\n"
        "from rapporteur.dalle.generator import load_vqgan\n"
        "network = load_vqgan(Path(sys.argv[1]), sys.argv[2])\n"
        "ids = numpy.random.default_rng(0).integers(0, network.config.n_embed, (4, network.config.tokens))\n"
        "print(hashlib.sha256(network.decode(ids.astype(numpy.int32)).tobytes()).hexdigest())\n"
    )

    def decoded(precision: str, isa: str, threads: str) -> str:
        flags = f"--xla_cpu_max_isa={isa} --xla_cpu_multi_thread_eigen={'true' if threads == '2' else 'false'}"
        environment = os.environ | {"XLA_FLAGS": flags, "JAX_COMPILATION_CACHE_DIR": str(tmp_path / isa)}
        command = [sys.executable, "-c", program, str(repository / "models/sample/vqgan"), precision]
        run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
        return run.stdout

    exact = {decoded("float64", isa, threads) for isa, threads in (("AVX512", "2"), ("AVX2", "1"), ("SSE4_2", "2"))}
    assert len(exact) == 1
    if platform.machine() == "x86_64":
        assert len({decoded("float32", isa, "2") for isa in ("AVX512", "SSE4_2")}) == 2, "nothing shows the difference"
