"""Where a picture's randomness comes from: its caption, its seed and what draws, never its place in a batch."""

from __future__ import annotations

import hashlib
import json


def picture_bits(caption: str, seed: int, digest: str) -> bytes:
    """The first 64 bits of a SHA-256 over caption, seed and the drawing model's digest."""
    text = json.dumps([caption, int(seed), digest], ensure_ascii=False)
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()[:8]
