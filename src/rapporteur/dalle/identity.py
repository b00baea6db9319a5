"""What a training of the landscape model is known by: another parameter, input or code is another training."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from rapporteur.core.code import code_version
from rapporteur.core.keep import item_key
from rapporteur.core.provenance import file_digest, folder_digest
from rapporteur.core.stage import artifact
from rapporteur.dalle.landscape import ModelParams, learn

TOKENS_FILE = artifact("tokens") / "tokens.parquet"


def training_key(params: ModelParams) -> str:
    """Of this very training, on the study's tokens: where its checkpoints lie."""
    parts = {
        "params": asdict(params),  # type: ignore[call-overload]
        "start": folder_digest(Path(params.start)),
        "tokens": file_digest(TOKENS_FILE),
        "code": code_version(learn),
    }
    return item_key(parts)
