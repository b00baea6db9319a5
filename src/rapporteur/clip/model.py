"""CLIP models through open_clip: by name and pretrained tag, from a weight file, or from a local folder.

Importing this module costs nothing; torch and open_clip (3 s) are imported when a model is loaded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from rapporteur.core.errors import BadInput
from rapporteur.core.provenance import file_digest, folder_digest

Features = npt.NDArray[np.float32]
Given = Image.Image | Callable[[], Image.Image]  # a picture, or what loads it
Preprocess = Callable[[Image.Image], Any]
Precision = Literal["float64", "float32", "bfloat16"]
EXACT: Precision = "float64"  # its rounded vectors are the same in any batch, on any processor


def _name_digest(model: str, weights: str) -> str:
    return hashlib.sha256(f"{model}\0{weights}".encode()).hexdigest()


def local_digest(model: str, pretrained: str | None) -> str | None:
    """SHA-256 that stands for a model kept in local files, found without loading it; None for one of the hub's."""
    if Path(model).is_dir():
        return folder_digest(Path(model))
    if pretrained is not None and Path(pretrained).is_file():
        return _name_digest(model, file_digest(Path(pretrained)))
    return None


def load_clip(
    model: str, pretrained: str | None = None, precision: Precision = "float32"
) -> tuple[Any, Preprocess, Any, str]:
    """The model, its preprocessing of a picture, its tokenizer, and the digest of its weights.

    `model` is a folder (open_clip_config.json beside safetensors), or one of open_clip's names with `pretrained` a
    tag ("openai") or a weight file, or "hf-hub:owner/name". Weights are read by safetensors or `weights_only`.
    A weight file does not say its activation: OpenAI's own is of "ViT-B-32-quickgelu", LAION's of "ViT-B-32".
    The model is for encoding, not for saving: its blocks are rewritten (clip/blocks.py).
    Raises BadInput where they can't be found or don't fit.
    """
    import open_clip
    import torch
    from safetensors import SafetensorError

    device = "cuda" if torch.cuda.is_available() else "cpu"
    name = f"local-dir:{model}" if Path(model).is_dir() else model
    try:
        known = _published(model, pretrained)
        network, preprocess = open_clip.create_model_from_pretrained(name, pretrained, device=device, **known)
        tokenizer = open_clip.get_tokenizer(name, **_own_merges(model))
    except UnpicklingError:
        raise BadInput(_more_than_tensors(model, pretrained), "params.yaml") from None
    except (RuntimeError, ValueError, OSError, KeyError, AssertionError, SafetensorError) as error:
        raise BadInput(_explain(model, pretrained, error), "params.yaml") from None
    digest = local_digest(model, pretrained) or _name_digest(model, weights_digest(network))
    return _ready(network, precision), preprocess, tokenizer, digest


def _ready(network: Any, precision: Precision) -> Any:
    """The network as it encodes: in eval mode, its blocks made fast, its weights in `precision`."""
    import torch

    from rapporteur.clip.blocks import quicken

    quicken(network)
    return network.eval().to(getattr(torch, precision))


def _published(model: str, pretrained: str | None) -> dict[str, Any]:
    """What open_clip's list of weights knows about a named model, and does not apply itself.

    A tag's weights may want the quick GELU that the bare name lacks ("ViT-B-32", "openai"). To a weight file belongs
    the picture's preparation (mean, deviation, squeezing) that all tags of its name share, as SigLIP's do.
    """
    from open_clip.pretrained import get_pretrained_cfg, list_pretrained_tags_by_model

    name = model.replace("/", "-")
    if pretrained is not None and (told := get_pretrained_cfg(name, pretrained)):
        return {"force_quick_gelu": bool(told.get("quick_gelu"))}
    tags = [get_pretrained_cfg(name, tag) for tag in list_pretrained_tags_by_model(name)]
    fields = ("mean", "std", "interpolation", "resize_mode")
    shared = {field: {tag.get(field) for tag in tags} for field in fields}
    return {f"image_{field}": values.pop() for field, values in shared.items() if len(values) == 1}


def _own_merges(folder: str) -> dict[str, str]:
    """The byte-pair merges which a folder brings along; open_clip would take its own 49,000 words otherwise."""
    merges = Path(folder) / "merges.txt.gz"
    return {"bpe_path": str(merges)} if merges.is_file() else {}


def _more_than_tensors(model: str, pretrained: str | None) -> str:
    return (
        f"the weights of {pretrained or model!r} are a pickle that holds more than tensors, and is not opened, for it "
        "could run anything. Give a safetensors file: open_clip's `push_to_hf_hub` writes one, or "
        "`safetensors.torch.save_file(model.state_dict(), ...)` where you trust the pickle"
    )


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


def image_features(network: Any, preprocess: Preprocess, pictures: Sequence[Given], batch: int) -> Features:
    """float32 [pictures, width]: unit vectors of pictures, or of what loads them (then few are in memory at once).

    Of a network in float64 they are rounded to 1e-7, and each follows from its picture alone. In other precisions
    batches are filled to `batch` rows, for the matrix product rounds otherwise in another size.
    """
    from rapporteur.clip.encoding import encode_pictures

    return encode_pictures(network, preprocess, pictures, batch)


def text_features(network: Any, tokenizer: Any, texts: Sequence[str], batch: int) -> Features:
    """float32 [texts, width]: unit vectors; a text beyond the context length is cut. Batches as for pictures."""
    from rapporteur.clip.encoding import encode_texts

    return encode_texts(network, tokenizer, texts, batch)


def token_counts(tokenizer: Any, texts: Sequence[str]) -> list[int]:
    """Tokens of each text, uncut, with those of start and end."""
    if hasattr(tokenizer, "encode"):  # open_clip's own byte-pair encoder
        return [len(tokenizer.encode(text)) + 2 for text in texts]
    return [len(tokenizer.tokenizer(tokenizer.clean_fn(text)).input_ids) for text in texts]
