"""JAX's persistent compilation cache, kept beside the items: a second run does not compile.

Compiled code fits one kind of processor, so each kind has its own folder. The environment variable
JAX_COMPILATION_CACHE_DIR, where it is set, decides instead.
"""

from __future__ import annotations

import hashlib
import os
import platform
from pathlib import Path

HOME = Path(".items/compiled")


def keep_compiled(home: Path = HOME) -> None:
    """From now on JAX reads and writes compiled functions under `home`; call it before the first computation."""
    import jax

    if not os.environ.get("JAX_COMPILATION_CACHE_DIR"):
        jax.config.update("jax_compilation_cache_dir", str((home / processor()).absolute()))  # type: ignore[no-untyped-call]
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)  # type: ignore[no-untyped-call]


def processor(description: Path = Path("/proc/cpuinfo")) -> str:
    """A name for this kind of processor: a digest of its model and instruction sets, or what Python knows of it."""
    if not description.exists():
        return hashlib.sha256(platform.processor().encode()).hexdigest()[:12]
    lines = description.read_text(encoding="utf-8").splitlines()
    telling = sorted({line for line in lines if line.split(":")[0].strip() in {"model name", "flags", "Features"}})
    return hashlib.sha256("\n".join(telling).encode()).hexdigest()[:12]
