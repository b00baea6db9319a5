"""Tiny CLIP models of the makes that open_clip knows, as folders that it reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

VISION = {"image_size": 16, "layers": 2, "width": 32, "patch_size": 8, "head_width": 16}
TEXT = {"context_length": 24, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2}
SQUASHED = {"mean": [0.5] * 3, "std": [0.5] * 3, "interpolation": "bicubic", "resize_mode": "squash"}


def causal_clip(folder: Path, pool: str, custom: bool, quick: bool = False) -> Path:
    """Text read from left to right, as in OpenAI's model; `custom`: the text tower is a module of its own."""
    text = TEXT | {"pool_type": pool, "eos_id": 49407}
    config = {"embed_dim": 32, "vision_cfg": VISION, "text_cfg": text, "custom_text": custom, "quick_gelu": quick}
    return _write(folder, config, {})


def tiny_siglip(folder: Path) -> Path:
    """SigLIP's make: a timm picture tower, text that sees both ways, pooled at its last place, words of its own."""
    vision = {"image_size": 160, "timm_model_name": "test_vit", "timm_pool": "", "timm_proj": "linear"}
    text = TEXT | {
        "context_length": 12, "vocab_size": 8, "hf_tokenizer_name": "own", "no_causal_mask": True, "proj_bias": True,
        "pool_type": "last", "tokenizer_kwargs": {"clean": "canonicalize"},
    }  # fmt: skip
    config = {"embed_dim": 32, "vision_cfg": vision, "text_cfg": text, "custom_text": True, "init_logit_bias": -10}
    _write(folder, config, SQUASHED)
    _write_words(folder, ["<pad>", "</s>", "<unk>", "a", "red", "star", "dog", "blue"])
    return folder


def _write(folder: Path, config: dict[str, Any], preprocess: dict[str, Any]) -> Path:
    import open_clip
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(0)
    parts = {name: value for name, value in config.items() if name != "custom_text"}
    network = (open_clip.CustomTextCLIP if config["custom_text"] else open_clip.CLIP)(**parts)
    folder.mkdir(parents=True)
    whole = {"model_cfg": config, "preprocess_cfg": preprocess}
    (folder / "open_clip_config.json").write_text(json.dumps(whole), encoding="utf-8")
    save_file(network.state_dict(), folder / "open_clip_model.safetensors")
    return folder


def _write_words(folder: Path, words: list[str]) -> None:
    """A tokenizer of whole words that ends a text as T5's does."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.WordLevel({word: place for place, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    names = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(folder)
