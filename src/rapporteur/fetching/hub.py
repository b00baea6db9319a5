"""Model weights from the Hugging Face hub, by revision, into plain folders.

huggingface_hub says what a revision holds and speaks for the user (token, own endpoint); the files come by
download.py, for the hub's own downloader checks no digest and leaves a folder of its own beside the weights, which
would enter the models' digests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rapporteur.core.errors import BadInput
from rapporteur.fetching.checks import has_git_id, has_sha256
from rapporteur.fetching.client import Client, NotFetched, TryAgain
from rapporteur.fetching.download import Wanted
from rapporteur.fetching.lock import Lock
from rapporteur.fetching.many import Missing, fetch_all, refuse_missing


@dataclass(frozen=True)
class HubModel:
    """A model of the hub at one commit, the files taken of it and the folder where the study looks for them."""

    repository: str
    revision: str
    files: tuple[str, ...]
    folder: Path


# The commits of the study. Those of DALL·E mini and CLIP are listed by the hub with exactly these files; that of the
# VQGAN is the one which DALL·E mini's own notebook names. Each file's digest is in the lock once it is fetched.
MODELS = {
    "dalle-mini": (
        HubModel(
            "dalle-mini/dalle-mini",
            "bad05d391acb8c5a48f8b25e6f38613d92b60ee6",
            (
                "config.json",
                "enwiki-words-frequency.txt",
                "flax_model.msgpack",
                "merges.txt",
                "special_tokens_map.json",
                "tokenizer.json",
                "tokenizer_config.json",
                "vocab.json",
            ),
            Path("models/dalle-mini"),
        ),
        HubModel(
            "dalle-mini/vqgan_imagenet_f16_16384",
            "e93a26e7707683d349bf5d5c41c5b0ef69b677a9",
            ("config.json", "flax_model.msgpack"),
            Path("models/vqgan-f16-16384"),
        ),
    ),
    "clip": (
        HubModel(
            "timm/vit_base_patch32_clip_224.openai",
            "ab5b8ef490e86faa07d3523926b842c765de1de5",
            ("open_clip_config.json", "open_clip_model.safetensors"),
            Path("models/clip-vit-b-32"),
        ),
    ),
}


def with_revisions(models: Sequence[HubModel], revisions: Sequence[str]) -> list[HubModel]:
    """The models at other commits, given as `owner/name@commit`. Raises BadInput for an unknown repository."""
    known = {model.repository: model for model in models}
    for text in revisions:
        repository, _, revision = text.partition("@")
        if repository not in known or not revision:
            raise BadInput(f"--revision {text}: give OWNER/NAME@COMMIT with one of {', '.join(known)}")
        known[repository] = replace(known[repository], revision=revision)
    return list(known.values())


def fetch_models(client: Client, models: Sequence[HubModel], endpoint: str | None, lock: Lock) -> list[Path]:
    """Fetch what is missing of each model and return their folders. BadInput lists what could not be had."""
    wanted: list[Wanted] = []
    missing: list[Missing] = []
    for model in models:
        try:
            wanted += wanted_files(client, model, endpoint)
        except NotFetched as error:
            missing += [Missing(model.folder / name, f"{model.repository}: {error}") for name in model.files]
    missing += fetch_all(client, wanted, lock, "weights")
    refuse_missing(missing, sum(len(model.files) for model in models))
    return [model.folder for model in models]


def wanted_files(client: Client, model: HubModel, endpoint: str | None) -> list[Wanted]:
    """The model's files with their addresses, sizes and digests, as the hub states them for the commit."""
    from huggingface_hub import get_token, hf_hub_url

    info = client.persist(lambda: _listing(client, model, endpoint))
    there = {file.rfilename: file for file in info.siblings or []}
    if absent := [name for name in model.files if name not in there]:
        raise NotFetched(f"revision {model.revision} has no {', '.join(absent)}; name another")
    licence = str(getattr(info.card_data, "license", None) or "not stated by the repository")
    headers = {"Authorization": f"Bearer {token}"} if (token := get_token()) else {}
    notes = {"repository": model.repository, "revision": str(info.sha)}
    found = []
    for name in model.files:
        # By the commit that the listing is of, even where a branch was asked for.
        url = hf_hub_url(model.repository, name, revision=info.sha, endpoint=endpoint)
        file = there[name]
        check = has_sha256(file.lfs.sha256) if file.lfs else has_git_id(str(file.blob_id))
        found.append(Wanted(url, model.folder / name, check, file.size, headers, licence, notes))
    return found


def _listing(client: Client, model: HubModel, endpoint: str | None) -> Any:
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    timeout = client.manners.silence
    try:
        return HfApi(endpoint=endpoint).model_info(
            model.repository, revision=model.revision, timeout=timeout, files_metadata=True
        )
    except OfflineModeIsEnabled:
        raise NotFetched("the hub is switched off here (HF_HUB_OFFLINE)") from None
    except HfHubHTTPError as error:
        status = getattr(error.response, "status_code", 0)
        reason = f"the hub answers {status}"
        raise (TryAgain if status in (408, 429) or status >= 500 else NotFetched)(reason) from None
