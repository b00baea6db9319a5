from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rapporteur.core.errors import BadInput
from rapporteur.dalle import model_config
from rapporteur.dalle.dalle import DalleConfig
from rapporteur.dalle.model_config import read_dalle_config, read_vqgan_config
from rapporteur.dalle.vqgan import VqganConfig


def write(folder: Path, config: DalleConfig | VqganConfig, change: dict[str, Any] | None = None) -> None:
    stored = json.loads(model_config.config_bytes(config)) | (change or {})
    kept = {name: value for name, value in stored.items() if value != "left out"}
    (folder / "config.json").write_text(json.dumps(kept))


MEGA = replace(
    DalleConfig(),
    d_model=2048, encoder_layers=24, decoder_layers=24, encoder_attention_heads=32, decoder_attention_heads=32,
    encoder_ffn_dim=4096, decoder_ffn_dim=4096, encoder_vocab_size=50272, image_vocab_size=16415, init_std=0.01,
    decoder_start_token_id=16384,
)  # fmt: skip


@pytest.mark.parametrize("config", [DalleConfig(), MEGA, replace(MEGA, decoder_start_token_id=16415)])
def test_the_published_sizes_are_read(tmp_path: Path, config: DalleConfig) -> None:
    write(tmp_path, config)
    assert read_dalle_config(tmp_path) == config


def test_a_vqgan_s_sizes_are_read(tmp_path: Path) -> None:
    write(tmp_path, VqganConfig(), {"norm_groups": "left out", "dropout": 0.0, "model_type": "vqgan"})
    assert read_vqgan_config(tmp_path) == VqganConfig()


def test_the_start_token_is_the_one_after_the_vocabulary_unless_stated(tmp_path: Path) -> None:
    write(tmp_path, MEGA, {"decoder_start_token_id": "left out"})
    assert read_dalle_config(tmp_path).decoder_start_token_id == 16415


def test_captions_are_normalised_only_where_it_is_stated(tmp_path: Path) -> None:
    write(tmp_path, MEGA, {"normalize_text": "left out"})
    assert not read_dalle_config(tmp_path).normalize_text


def test_fields_of_the_hub_s_configuration_that_say_nothing_here_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, MEGA, {"architectures": ["DalleBart"], "dropout": 0.0, "use_scan": False, "init_std": 1})
    assert read_dalle_config(tmp_path) == replace(MEGA, init_std=1.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ln_type": "rmsnorm"}, "ln_type is 'rmsnorm'; only 'layernorm' is computed here"),
        ({"use_bias": True}, "use_bias is True"),
        ({"d_model": "12"}, "d_model must be of type int, not '12'"),
        ({"d_model": True}, "d_model must be of type int, not True"),
        ({"d_model": -8}, "d_model must be made of whole numbers from 1"),
        ({"decoder_layers": 10**9}, "decoder_layers must be made of whole numbers from 1 to 1000"),
        ({"d_model": "left out", "image_length": "left out"}, "does not state d_model, image_length"),
        ({"encoder_attention_heads": 5}, "d_model 2048 can't be shared by encoder_attention_heads 5"),
        ({"decoder_start_token_id": 16416}, "decoder_start_token_id 16416 is beyond image_vocab_size 16415"),
    ],
)
def test_a_configuration_of_another_network_is_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    write(tmp_path, MEGA, change)
    with pytest.raises(BadInput, match=f"config.json: {message}"):
        read_dalle_config(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"double_z": True}, "double_z is True"),
        ({"attn_resolutions": 16}, "attn_resolutions must be of type list, not 16"),
        ({"ch_mult": [1, "2"]}, "ch_mult must be made of whole numbers"),
        ({"ch_mult": []}, "resolution 256 can't be halved"),
        ({"ch_mult": [1] * 10}, r"resolution 256 can't be halved 9 times \(ch_mult\)"),
        ({"ch": 48}, r"48 channels \(ch, ch_mult\) don't form 32 groups"),
        ({"num_res_blocks": 10**9}, "num_res_blocks must be made of whole numbers from 1 to 1000"),
    ],
)
def test_another_vqgan_is_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    write(tmp_path, VqganConfig(), change)
    with pytest.raises(BadInput, match=f"config.json: {message}"):
        read_vqgan_config(tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", "7", "\udcff", "[" * 100_000])
def test_what_is_no_json_object_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "config.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(BadInput, match=r"config\.json: (can't be read as a model's configuration|must hold one JSON)"):
        read_dalle_config(tmp_path)


def test_a_folder_tells_which_of_the_two_models_it_holds(tmp_path: Path) -> None:
    write(tmp_path, VqganConfig())
    assert model_config.is_vqgan(tmp_path)
    write(tmp_path, MEGA)
    assert not model_config.is_vqgan(tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "bart"}')
    with pytest.raises(BadInput, match="neither image_vocab_size .* nor n_embed"):
        model_config.is_vqgan(tmp_path)
