"""What was published of DALL·E and DALL·E mini: the sizes that a study's own model is read beside.

DALL·E: Ramesh et al., “Zero-Shot Text-to-Image Generation”, 2021 (section 2 and the appendix). DALL·E mini: the
configuration of dalle-mini/dalle-mini, its parameters counted by the shapes of its weights; its pairs, and the CLIP
that ranked its pictures (ViT-B/32), from its authors' report of 2021.
"""

from __future__ import annotations

from collections.abc import Mapping

# By quantity, in the order of the table: DALL·E, DALL·E mini; None where a model has no such thing or nobody said.
INSTRUMENTS: Mapping[str, tuple[int | None, int | None]] = {
    "picture_side": (256, 256),
    "image_tokens": (1_024, 256),
    "codes": (8_192, 16_384),
    "text_tokens": (256, 64),
    "encoder_layers": (None, 12),
    "decoder_layers": (64, 12),
    "parameters": (12_000_000_000, 437_833_712),
    "training_pairs": (250_000_000, 15_000_000),
    "clip_parameters": (None, 151_277_313),
}
