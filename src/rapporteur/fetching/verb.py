"""The verb `rapporteur fetch`: what it takes on the command line and what it says at the end."""

from __future__ import annotations

import argparse
import errno
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rapporteur.core.errors import BadInput
from rapporteur.fetching.manners import Manners

if TYPE_CHECKING:
    from rapporteur.fetching.client import Client
    from rapporteur.fetching.lock import Lock

LOCKS = Path("data")
REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.EISDIR)


def add_verb(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    verb = verbs.add_parser("fetch", help="bring published data and weights where the study looks for them")
    sets = verb.add_subparsers(dest="what", required=True)
    one = sets.add_parser("coco", help="MS-COCO: the captions file and the pictures that the study needs")
    one.add_argument("--dataset", default="coco", help="its name under `captions` in params.yaml; default: coco")
    which = one.add_mutually_exclusive_group()
    which.add_argument("--ids", type=Path, metavar="FILE", help="other pictures: ids, one a line or a CSV's image_id")
    which.add_argument("--all", action="store_true", help="every picture that has captions: 6 to 19 GB")
    one.add_argument("--all-landscapes", action="store_true", help="also the pictures that the landscape filter keeps")
    one.add_argument("--from-fiftyone", type=Path, metavar="FOLDER", help="a fiftyone export instead of the network")
    _common(one, "instead of the official server")
    one = sets.add_parser("flickr30k", help="Flickr30k: captions by their address, pictures from what you obtained")
    one.add_argument("--from", dest="source", type=Path, metavar="PATH", help="folder or archive of the pictures")
    one.add_argument("--dataset", default="flickr30k", help="its name under `captions`; default: flickr30k")
    one.add_argument("--all", action="store_true", help="all 31,014 pictures instead of the study's")
    _common(one, "another address of caption_datasets.zip")
    for name, what in (("dalle-mini", "DALL·E mini and its VQGAN, 2.1 GB"), ("clip", "CLIP ViT-B/32, 0.6 GB")):
        one = sets.add_parser(name, help=f"{what}, from the Hugging Face hub")
        one.add_argument("--revision", action="append", default=[], metavar="OWNER/NAME@COMMIT", help="another commit")
        _common(one, "instead of the hub's address")


def _common(verb: argparse.ArgumentParser, mirror: str) -> None:
    manners = Manners()
    verb.add_argument("--mirror", metavar="URL", help=mirror)
    verb.add_argument("--workers", type=_at_least_one, default=manners.workers, help="files at once; default: 8")
    verb.add_argument("--attempts", type=_at_least_one, default=manners.attempts, help="for each file; default: 6")


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("give 1 or more")
    return number


def fetch(chosen: argparse.Namespace) -> None:
    """Fetch, record, and say how to track it. Interrupted: status 130, and what came is kept."""
    from rapporteur.fetching.client import Client
    from rapporteur.fetching.lock import Lock

    client = Client(Manners(workers=chosen.workers, attempts=chosen.attempts))
    lock = Lock(LOCKS / f"{chosen.what}.lock.json")
    try:
        folders = _run(client, chosen, lock)
    except KeyboardInterrupt:
        print("interrupted: what came is kept; the same command again goes on from here", file=sys.stderr)
        sys.exit(130)
    except OSError as error:
        if error.errno not in REFUSED:
            raise
        raise BadInput(f"can't be written ({error.strerror})", error.filename) from None
    print(next_step(folders, lock.path))


def _run(client: Client, chosen: argparse.Namespace, lock: Lock) -> list[Path]:
    from rapporteur.fetching import coco, flickr30k, hub
    from rapporteur.fetching.member import Archive

    if chosen.what == "coco":
        server = (chosen.mirror or coco.SERVER).rstrip("/")
        choice = coco.Choice(
            chosen.dataset, chosen.ids, chosen.all_landscapes, chosen.all, chosen.from_fiftyone, server
        )
        return [coco.fetch_coco(client, choice, lock)]
    if chosen.what == "flickr30k":
        archive = Archive(chosen.mirror) if chosen.mirror else flickr30k.CAPTIONS
        return [flickr30k.fetch_flickr30k(client, chosen.source, chosen.dataset, chosen.all, archive, lock)]
    models = hub.with_revisions(hub.MODELS[chosen.what], chosen.revision)
    return hub.fetch_models(client, models, chosen.mirror, lock)


def next_step(folders: Sequence[Path], lock: Path) -> str:
    """The command that puts what was fetched under DVC, and what git then takes."""
    tracked = [folder.as_posix() for folder in folders]
    records = shlex.join([f"{folder}.dvc" for folder in tracked] + [lock.as_posix()])
    return f"next: uv run dvc add {shlex.join(tracked)}\nthen: git add {records}"
