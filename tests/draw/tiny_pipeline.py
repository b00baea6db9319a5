"""A text-to-image pipeline of random weights, small enough to draw in a tenth of a second, in diffusers' own files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def tiny_pipeline(folder: Path, seed: int = 0) -> Path:
    """Stable Diffusion's shape: CLIP text encoder, UNet and VAE of a few channels; 16-pixel pictures."""
    import torch
    from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel

    torch.manual_seed(seed)
    blocks = {"block_out_channels": (8, 16), "norm_num_groups": 4}
    unet = UNet2DConditionModel(
        sample_size=8, in_channels=4, out_channels=4, layers_per_block=1, cross_attention_dim=16, attention_head_dim=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        **blocks,
    )  # fmt: skip
    vae = AutoencoderKL(
        down_block_types=["DownEncoderBlock2D"] * 2, up_block_types=["UpDecoderBlock2D"] * 2, latent_channels=4,
        sample_size=16, **blocks,
    )  # fmt: skip
    text = CLIPTextConfig(
        vocab_size=300, hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2,
        max_position_embeddings=16, bos_token_id=298, eos_token_id=299, pad_token_id=299,
    )  # fmt: skip
    whole = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    StableDiffusionPipeline(
        vae=vae, text_encoder=CLIPTextModel(text), tokenizer=_tokenizer(folder), unet=unet,
        scheduler=DDIMScheduler(clip_sample=False, steps_offset=1), **whole,
    ).save_pretrained(folder, safe_serialization=True)  # fmt: skip
    return folder


def _tokenizer(folder: Path) -> Any:
    """CLIP's tokenizer over single letters."""
    from transformers import CLIPTokenizer

    letters = [chr(code) for code in range(97, 123)]
    words = [*letters, *(f"{letter}</w>" for letter in letters)]
    vocabulary = {word: place for place, word in enumerate(words)}
    folder.mkdir(parents=True)
    (folder / "vocab.json").write_text(json.dumps(vocabulary | {"<|startoftext|>": 298, "<|endoftext|>": 299}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    tokenizer = CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=16)
    for name in ("vocab.json", "merges.txt"):
        (folder / name).unlink()
    return tokenizer
