"""CLIP models through open_clip: by name and pretrained tag, from a weight file, or from a local folder.

Importing this module costs nothing; torch and open_clip (3 s) are imported when a model is loaded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from rapporteur.core.errors import BadInput
from rapporteur.core.provenance import file_digest, folder_digest

Features = npt.NDArray[np.float32]
Preprocess = Callable[[Image.Image], Any]


def local_digest(model: str, pretrained: str | None) -> str | None:
    """SHA-256 that stands for a model kept in local files, found without loading it; None for one of the hub's."""
    if Path(model).is_dir():
        return folder_digest(Path(model))
    if pretrained is not None and Path(pretrained).is_file():
        return hashlib.sha256(f"{model}\0{file_digest(Path(pretrained))}".encode()).hexdigest()
    return None


def load_clip(model: str, pretrained: str | None = None) -> tuple[Any, Preprocess, Any, str]:
    """The model, its preprocessing of a picture, its tokenizer, and the digest of its weights.

    `model` is a folder (open_clip_config.json beside safetensors), or one of open_clip's names with `pretrained` a
    tag ("openai") or a weight file, or "hf-hub:owner/name". Weights are read by safetensors or `weights_only`.
    Raises BadInput where they can't be found or don't fit.
    """
    import open_clip
    import torch
    from safetensors import SafetensorError

    device = "cuda" if torch.cuda.is_available() else "cpu"

    name = f"local-dir:{model}" if Path(model).is_dir() else model
    try:
        network, preprocess = open_clip.create_model_from_pretrained(name, pretrained, device=device)
        tokenizer = open_clip.get_tokenizer(name, **_own_merges(model))
    except (RuntimeError, ValueError, OSError, KeyError, AssertionError, UnpicklingError, SafetensorError) as error:
        raise BadInput(_explain(model, pretrained, error), "params.yaml") from None
    network.eval()
    digest = local_digest(model, pretrained) or weights_digest(network)
    return network, preprocess, tokenizer, digest


def _own_merges(folder: str) -> dict[str, str]:
    """The byte-pair merges which a folder brings along; open_clip would take its own 49,000 words otherwise."""
    merges = Path(folder) / "merges.txt.gz"
    return {"bpe_path": str(merges)} if merges.is_file() else {}


def _explain(model: str, pretrained: str | None, error: Exception) -> str:
    reason = " ".join(str(error).split())[:300] or type(error).__name__
    chosen = f"{model!r}" if pretrained is None else f"{model!r} with the weights {pretrained!r}"
    return (
        f"the CLIP model {chosen} can't be loaded ({reason}). Give `clip.model` a folder with open_clip_config.json "
        "and safetensors, or one of open_clip's names with `clip.pretrained` a tag or a weight file that fits it"
    )


def weights_digest(network: Any) -> str:
    """SHA-256 over the weights' names, shapes and values; 0.5 s for ViT-B/32."""
    digest = hashlib.sha256()
    for name, values in sorted(network.state_dict().items()):
        array = values.detach().cpu().contiguous()
        digest.update(f"{name} {array.dtype} {tuple(array.shape)}\n".encode())
        digest.update(array.view(-1).view(_byte()).numpy().tobytes() if array.numel() else b"")
    return digest.hexdigest()


def _byte() -> Any:
    import torch

    return torch.uint8


def image_features(network: Any, preprocess: Preprocess, pictures: Sequence[Image.Image], batch: int) -> Features:
    """float32 [pictures, width]: unit vectors.

    Every batch is filled to `batch` rows: the values of a row depend on the batch's size, for the matrix product's
    blocking does, but neither on its place nor on the other rows (verified on a CPU, one thread and two).
    """
    return _in_batches(network, network.encode_image, [preprocess(picture) for picture in pictures], batch)


def text_features(network: Any, tokenizer: Any, texts: Sequence[str], batch: int) -> Features:
    """float32 [texts, width]: unit vectors; a text beyond the context length is cut."""
    return _in_batches(network, network.encode_text, list(tokenizer(list(texts))), batch)


def _in_batches(network: Any, encode: Callable[[Any], Any], rows: list[Any], batch: int) -> Features:
    import torch

    device = next(network.parameters()).device
    found = []
    with torch.inference_mode():
        for start in range(0, len(rows), batch):
            part = rows[start : start + batch]
            full = part + [part[-1]] * (batch - len(part))
            vectors = torch.nn.functional.normalize(encode(torch.stack(full).to(device)).float(), dim=-1)
            found.append(vectors[: len(part)].cpu().numpy())
    return np.concatenate(found).astype(np.float32, copy=False)


def token_counts(tokenizer: Any, texts: Sequence[str]) -> list[int]:
    """Tokens of each text, uncut, with those of start and end."""
    if hasattr(tokenizer, "encode"):  # open_clip's own byte-pair encoder
        return [len(tokenizer.encode(text)) + 2 for text in texts]
    return [len(tokenizer.tokenizer(tokenizer.clean_fn(text)).input_ids) for text in texts]
