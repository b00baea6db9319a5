"""Blocks of open_clip's transformers made fast without changing what they compute, rounding apart.

Attention multiplies contiguous matrices, where PyTorch's own module copies its weights for every row of a masked
batch; the quick GELU is one pass instead of three; a picture tower's last block is computed for the one place that is
read. Importing this module imports torch and open_clip (3 s).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from open_clip.transformer import QuickGELU, ResidualAttentionBlock, VisionTransformer
from torch.nn import functional

QUICK = 1.702  # Hendrycks and Gimpel (2016), "Gaussian Error Linear Units"


def quicken(network: Any) -> None:
    """Replace what can be replaced; towers and blocks of another make stay as they are."""
    for block in _blocks(network):
        if not hasattr(block, "ln_1_kv") and block.attn.batch_first and block.attn.in_proj_bias is not None:
            block.attn = Attention(block.attn)
        if type(block.mlp.gelu) is QuickGELU:
            _fold(block.mlp)
    tower: Any = getattr(network, "visual", None)
    if type(tower) is VisionTransformer and _reads_first_place(tower):
        tower.transformer.resblocks[-1] = FirstPlace(tower.transformer.resblocks[-1])


def _blocks(network: Any) -> Iterator[Any]:
    yield from (part for part in list(network.modules()) if type(part) is ResidualAttentionBlock)


def _reads_first_place(tower: Any) -> bool:
    last = tower.transformer.resblocks[-1]
    plain = type(last) is ResidualAttentionBlock and isinstance(last.attn, Attention)
    return plain and tower.attn_pool is None and tower.pool_type == "tok" and not tower.output_tokens


def _fold(mlp: Any) -> None:
    """Compute x σ(1.702 x) as silu(1.702 x) / 1.702, the factors multiplied into the layers before and after.

    In bfloat16 three passes over the widest values of a block would take a third of the time.
    """
    with torch.no_grad():
        mlp.c_fc.weight *= QUICK
        mlp.c_fc.bias *= QUICK
        mlp.c_proj.weight /= QUICK
    mlp.gelu = torch.nn.SiLU(inplace=True)


class Attention(torch.nn.Module):  # type: ignore[misc]
    """Self-attention with the weights, the names and the call of the torch.nn.MultiheadAttention that it replaces."""

    def __init__(self, original: torch.nn.MultiheadAttention) -> None:
        super().__init__()
        self.heads, self.out_proj = original.num_heads, original.out_proj
        self.in_proj_weight, self.in_proj_bias = original.in_proj_weight, original.in_proj_bias

    def forward(self, x: Any, *_: Any, attn_mask: Any = None, need_weights: bool = False) -> tuple[Any, None]:
        query, key, value = self._project(x, 0, 3)
        return self._mix(query, key, value, attn_mask), None

    def at_first_place(self, x: Any) -> Any:
        """What `forward` gives for the first place of each row alone: [rows, 1, width]."""
        (query,), (key, value) = self._project(x[:, :1], 0, 1), self._project(x, 1, 3)
        return self._mix(query, key, value, None)

    def _project(self, x: Any, start: int, stop: int) -> Any:
        """Query, key and value, or those from `start` on: [parts, rows, heads, length, width of a head]."""
        rows, length, width = x.shape
        part = slice(start * width, stop * width)
        values = functional.linear(x.reshape(rows * length, width), self.in_proj_weight[part], self.in_proj_bias[part])
        return values.view(rows, length, stop - start, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)

    def _mix(self, query: Any, key: Any, value: Any, mask: Any) -> Any:
        rows, heads, length, width = query.shape
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask).transpose(1, 2)
        return self.out_proj(mixed.reshape(rows * length, heads * width)).view(rows, length, heads * width)


class FirstPlace(torch.nn.Module):  # type: ignore[misc]
    """The last block of a tower that reads its first place alone: computed there alone, from all the places before."""

    def __init__(self, block: Any) -> None:
        super().__init__()
        self.block = block

    def forward(self, x: Any, attn_mask: None = None) -> Any:
        block = self.block
        here = x[:, :1] + block.ls_1(block.attn.at_first_place(block.ln_1(x)))
        return here + block.ls_2(block.mlp(block.ln_2(here)))
