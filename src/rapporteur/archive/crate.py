"""The study as a Research Object Crate: its documents, numbers, figures and settings, with how each was made.

Format: RO-Crate 1.1 (https://w3id.org/ro/crate/1.1) by the library ro-crate-py. Each stage of dvc.lock is a
CreateAction whose objects and results carry the MD5 that DVC knows them by. Gold pictures are never copied: their
licences are not ours to give; artifacts/figures/attribution.json says where each comes from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rocrate.model.contextentity import ContextEntity
from rocrate.model.person import Person
from rocrate.rocrate import ROCrate

from rapporteur.core.errors import BadInput
from rapporteur.core.files import is_junk, new_folder, refuse_filled
from rapporteur.core.params import PARAMS_FILE, PIPELINE_FILE, read_yaml
from rapporteur.core.provenance import LOCK_FILE
from rapporteur.core.repository import git

SETTINGS = (PARAMS_FILE, PIPELINE_FILE, LOCK_FILE, "_quarto.yml", "metrics.json", "README.md", "LICENSE")
RESULTS = ("report/_out", "artifacts/findings", "artifacts/figures")
PICTURES = ("artifacts/images", "artifacts/samples", "artifacts/gallery")
SOURCES = ("report", "data/prompts", "data/studies", "data/ratings", "data/comparisons", "data/landscapes")
LEFT_OUT = re.compile(r"(^|/)(_out|_brand|\.)")  # beside junk: what is made, the look, what is hidden
ORCID = re.compile(r"^(?P<name>.+?)\s*<(?P<id>https://orcid\.org/[\dX-]{19})>$")
SPDX = "https://spdx.org/licenses/"


@dataclass(frozen=True)
class About:
    """What a person says of the study: it is in none of its files."""

    name: str
    description: str
    licence: str  # an SPDX identifier or an address
    authors: Sequence[str] = ()  # "Name" or "Name <https://orcid.org/...>"


def export(root: Path, folder: Path, about: About, *, pictures: bool = False) -> int:
    """Write the crate of the study in `root` into a new `folder`; how many files it holds.

    pictures: the drawn pictures and the gallery too. Raises BadInput where the study was not rebuilt or the folder is
    not empty.
    """
    if not (root / LOCK_FILE).is_file():
        raise BadInput("nothing was rebuilt here; run `dvc repro`", LOCK_FILE)
    missing = [path for path in RESULTS if not (root / path).exists()]
    if missing:
        raise BadInput("missing; run `dvc repro` or `dvc pull`", missing[0])
    refuse_filled(folder)
    crate = ROCrate(version="1.1")
    _describe(crate, about, root)
    files = _files(root, (*RESULTS, *(PICTURES if pictures else ())))
    copied = {path.as_posix(): crate.add_file(root / path, path.as_posix()) for path in files}
    _record(crate, read_yaml(root / LOCK_FILE).get("stages") or {}, copied, root)
    with new_folder(folder) as building:
        crate.write(building)
    return len(files)


def _describe(crate: ROCrate, about: About, root: Path) -> None:
    licence = about.licence if about.licence.startswith(("http://", "https://")) else f"{SPDX}{about.licence}"
    crate.add(ContextEntity(crate, licence, {"@type": "CreativeWork", "name": about.licence}))
    crate.name, crate.description = about.name, about.description
    crate.license = {"@id": licence}
    when = git(root, "log", "-1", "--format=%cI")
    crate.datePublished = when or "1980-01-01"  # of the commit: the same study is the same crate
    people = []
    for author in about.authors:
        known = ORCID.match(author)
        identifier = known["id"] if known else f"#{quote(author)}"
        people.append(crate.add(Person(crate, identifier, {"name": known["name"] if known else author})))
    if people:
        crate.creator = people


def _files(root: Path, results: Sequence[str]) -> list[Path]:
    """What is copied, from the study's root, sorted: results, settings, and what people wrote."""
    found = {Path(name) for name in SETTINGS if (root / name).is_file()}
    for name in results:
        found |= set(_inside(root, name))
    for name in SOURCES:
        found |= {path for path in _inside(root, name) if not LEFT_OUT.search(path.as_posix())}
    return sorted(found)


def _inside(root: Path, name: str) -> Iterator[Path]:
    """The files of a folder, from the root."""
    found = (path.relative_to(root) for path in (root / name).rglob("*") if path.is_file())
    return (path for path in found if not is_junk(path))


def _record(crate: ROCrate, stages: Mapping[str, Any], copied: Mapping[str, Any], root: Path) -> None:
    """One CreateAction a stage, by the program at its commit; what it read and wrote, with digests."""
    commit = git(root, "rev-parse", "HEAD")
    told = {"@type": "SoftwareApplication", "name": "rapporteur", "softwareVersion": version("rapporteur")}
    program = crate.add(ContextEntity(crate, "#rapporteur", told | ({"identifier": commit} if commit else {})))
    known: dict[str, Any] = {}

    def data(entry: Mapping[str, Any]) -> Any:
        """A file of the crate, or a place that it does not hold, with its digest."""
        path = str(entry["path"])
        if path not in known:
            told = {"@type": "CreativeWork", "name": path, "identifier": f"md5:{entry.get('md5', '')}"}
            if path in copied:
                known[path] = copied[path]
                known[path]["identifier"] = told["identifier"]
            else:
                known[path] = crate.add(ContextEntity(crate, f"#{quote(path)}", told))
        return known[path]

    for name, entry in stages.items():
        settings = {
            f"{file}:{key}": value
            for file, block in (entry.get("params") or {}).items()
            for key, value in block.items()
        }
        action = crate.add(ContextEntity(crate, f"#stage-{quote(name)}", {
            "@type": "CreateAction", "name": name, "description": str(entry.get("cmd", "")),
        }))  # fmt: skip
        action["instrument"] = program
        action["object"] = [data(one) for one in entry.get("deps") or ()]
        action["result"] = [data(one) for one in entry.get("outs") or ()]
        if settings:
            action["additionalProperty"] = [
                crate.add(ContextEntity(crate, f"#stage-{quote(name)}-{quote(key)}", {
                    "@type": "PropertyValue", "name": key, "value": str(value),
                })) for key, value in sorted(settings.items())
            ]  # fmt: skip
    crate.mainEntity = copied.get("report/_out/rapport.html", copied[LOCK_FILE])
