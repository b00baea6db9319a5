from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rapporteur.clip.model import load_clip
from rapporteur.core.errors import BadInput
from rapporteur.fetching.client import Client
from rapporteur.fetching.hub import MODELS, HubModel, fetch_models, with_revisions
from rapporteur.fetching.lock import Lock
from tests.fetching import server
from tests.fetching.conftest import HURRIED
from tests.fetching.server import Site

LOCK = Path("models.lock.json")
LARGE = ("flax_model.msgpack", "open_clip_model.safetensors", "enwiki-words-frequency.txt")


@pytest.fixture(autouse=True)
def alone(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No token and no cache of the user's."""
    monkeypatch.setenv("HF_HOME", str(work / "home"))
    monkeypatch.delenv("HF_TOKEN", raising=False)


def publish(site: Site, model: HubModel, contents: dict[str, bytes], licence: str | None = "apache-2.0") -> None:
    """A repository as the hub shows it: a listing for each commit, small files by git, large ones from elsewhere."""
    files = [_listed(name, content) for name, content in contents.items()]
    listing: dict[str, Any] = {"id": model.repository, "sha": model.revision, "siblings": files}
    if licence:
        listing["cardData"] = {"license": licence}
    site.files[f"api/models/{model.repository}/revision/{model.revision}"] = json.dumps(listing).encode()
    for name, content in contents.items():
        path = f"{model.repository}/resolve/{model.revision}/{name}"
        site.files[path] = content
        if name in LARGE:
            store = f"store/{hashlib.sha256(content).hexdigest()}"
            site.files[store] = content
            site.faults[path] = [server.status(302, Location=f"/{store}")] * 20


def _listed(name: str, content: bytes) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "rfilename": name,
        "size": len(content),
        "blobId": hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest(),
    }
    if name in LARGE:
        entry["lfs"] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "pointerSize": 130}
    return entry


def contents(model: HubModel, seed: int = 0) -> dict[str, bytes]:
    draw = np.random.default_rng(seed)
    return {name: draw.bytes(5000 if name in LARGE else 300) for name in (*model.files, "README.md")}


def fetch(site: Site, models: tuple[HubModel, ...]) -> list[Path]:
    return fetch_models(Client(HURRIED), models, site.address, Lock(LOCK))


def test_a_models_files_come_at_their_revision_and_nothing_else(site: Site) -> None:
    models = MODELS["dalle-mini"]
    for place, model in enumerate(models):
        publish(site, model, contents(model, place))
    assert fetch(site, models) == [Path("models/dalle-mini"), Path("models/vqgan-f16-16384")]
    for place, model in enumerate(models):
        there = {path.name: path.read_bytes() for path in model.folder.iterdir()}
        assert there == {name: contents(model, place)[name] for name in model.files}
    files = json.loads(LOCK.read_text())["files"]
    entry = files["models/dalle-mini/flax_model.msgpack"]
    assert (entry["repository"], entry["revision"]) == (models[0].repository, models[0].revision)
    assert entry["licence"] == "apache-2.0"
    assert entry["sha256"] == hashlib.sha256(contents(models[0])["flax_model.msgpack"]).hexdigest()


@pytest.mark.parametrize("name", ["config.json", "flax_model.msgpack"])
def test_bytes_that_differ_from_what_the_hub_states_are_refused(name: str, site: Site) -> None:
    model = MODELS["dalle-mini"][1]
    publish(site, model, contents(model))
    path = f"{model.repository}/resolve/{model.revision}/{name}"
    site.faults[path] = [server.wrong] * 5
    with pytest.raises(BadInput, match=f"1 of 2 files are missing:\n  .*{name}: what came is wrong: its"):
        fetch(site, (model,))
    assert not (model.folder / name).exists()
    site.faults[path].clear()
    fetch(site, (model,))
    assert (model.folder / name).read_bytes() == contents(model)[name]


def test_a_cut_weight_file_goes_on_where_it_was_cut(site: Site) -> None:
    model = MODELS["dalle-mini"][1]
    publish(site, model, contents(model))
    weights = contents(model)["flax_model.msgpack"]
    store = f"store/{hashlib.sha256(weights).hexdigest()}"
    site.faults[store] = [server.cut_after(1234)]
    fetch(site, (model,))
    assert site.ranges_of(store) == [None, "bytes=1234-"]
    assert (model.folder / "flax_model.msgpack").read_bytes() == weights


def test_a_model_that_cannot_be_had_does_not_hold_up_the_other(site: Site) -> None:
    first, second = MODELS["dalle-mini"]
    publish(site, second, contents(second))
    with pytest.raises(BadInput, match=r"8 of 10 files are missing:\n.*dalle-mini: the hub answers 404"):
        fetch(site, (first, second))
    assert (second.folder / "config.json").exists()


def test_a_revision_without_a_file_says_so(site: Site) -> None:
    (model,) = MODELS["clip"]
    publish(site, model, {"open_clip_config.json": b"{}"})
    with pytest.raises(BadInput, match=f"revision {model.revision} has no open_clip_model.safetensors; name another"):
        fetch(site, (model,))


def test_a_busy_hub_is_asked_again(site: Site) -> None:
    (model,) = MODELS["clip"]
    publish(site, model, contents(model))
    site.faults[f"api/models/{model.repository}/revision/{model.revision}"] = [server.status(503), server.status(429)]
    fetch(site, (model,))
    assert (model.folder / "open_clip_model.safetensors").exists()


def test_the_users_token_goes_to_the_hub_and_not_to_its_store(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    (model,) = MODELS["clip"]
    publish(site, model, contents(model))
    with server.serving(Site()) as store:
        weights = contents(model)["open_clip_model.safetensors"]
        store.files["weights"] = weights
        path = f"{model.repository}/resolve/{model.revision}/open_clip_model.safetensors"
        elsewhere = store.url("weights").replace("127.0.0.1", "localhost")
        site.faults[path] = [server.status(302, Location=elsewhere)]
        fetch(site, (model,))
        assert all("authorization" not in headers for headers in store.headers)
        assert len(store.headers) == 1
    sent = [headers.get("authorization") for (asked, _), headers in zip(site.asked, site.headers, strict=True)]
    assert sent == ["Bearer hf_secret"] * len(sent)
    assert "hf_secret" not in LOCK.read_text()


def test_a_commit_stands_for_itself_where_a_branch_was_asked_for(site: Site) -> None:
    (model,) = MODELS["clip"]
    publish(site, model, contents(model), licence=None)
    listing = f"api/models/{model.repository}/revision/"
    site.files[f"{listing}main"] = site.files[listing + model.revision]
    fetch(site, tuple(with_revisions([model], [f"{model.repository}@main"])))
    entry = json.loads(LOCK.read_text())["files"]["models/clip-vit-b-32/open_clip_config.json"]
    assert entry["revision"] == model.revision
    assert f"/resolve/{model.revision}/" in entry["source"]
    assert entry["licence"] == "not stated by the repository"


def test_another_commit_can_be_named_and_an_unknown_repository_not() -> None:
    models = with_revisions(MODELS["dalle-mini"], ["dalle-mini/dalle-mini@abc"])
    assert [model.revision for model in models] == ["abc", MODELS["dalle-mini"][1].revision]
    for text in ("openai/clip@abc", "dalle-mini/dalle-mini", "dalle-mini/dalle-mini@"):
        with pytest.raises(BadInput, match=r"give OWNER/NAME@COMMIT with one of dalle-mini/dalle-mini, "):
            with_revisions(MODELS["dalle-mini"], [text])


def test_every_model_of_the_study_is_pinned_to_a_commit() -> None:
    assert all(len(model.revision) == 40 for models in MODELS.values() for model in models)


def test_a_fetched_clip_model_is_one_that_the_study_can_load(site: Site, repository: Path) -> None:
    sample = repository / "models/sample/clip"
    model = replace(MODELS["clip"][0], folder=Path("models/clip"))
    publish(site, model, {name: (sample / name).read_bytes() for name in model.files})
    fetch(site, (model,))
    fetched, original = load_clip("models/clip")[0], load_clip(str(sample))[0]
    for one, other in zip(fetched.parameters(), original.parameters(), strict=True):
        assert bool((one == other).all())
