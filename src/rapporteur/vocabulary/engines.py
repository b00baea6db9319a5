"""The engines that can draw, and which settings of the block `images` each obeys.

Imported by tables and findings too, so it loads no model.
"""

from __future__ import annotations

JAX, OFFICIAL, DIFFUSERS, PICTURES, OWN = "jax", "dalle-mini", "diffusers", "pictures", "own"

_SAMPLER = ("condition_scale", "temperature", "top_k", "top_p")
# A setting that an engine obeys is part of its pictures' keys; one that it ignores redraws nothing.
OBEYS: dict[str, tuple[str, ...]] = {
    JAX: (*_SAMPLER, "official_rng", "precision"),
    OFFICIAL: _SAMPLER,
    DIFFUSERS: ("condition_scale", "steps", "size"),
    PICTURES: (),
    OWN: (*_SAMPLER, "steps", "size"),
}
