from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import pytest

from rapporteur.cli import main
from rapporteur.core.pictures import load_picture, png_bytes
from rapporteur.core.shards import write_shards
from rapporteur.core.tables import table_of, write_table
from rapporteur.vocabulary.images import IMAGES


def _drawn(folder: Path) -> None:
    import numpy as np

    members = [(f"1-{seed}.png", png_bytes(np.full((8, 8, 3), seed, np.uint8))) for seed in range(3)]
    shards = write_shards(folder, members, per_shard=2)
    rows = (
        {"dataset": "shapes", "image_id": "1", "caption_id": "1", "text": "a star", "seed": seed, "key": f"{seed}" * 64}
        | {"shard": shard, "member": name, "model": "m", "engine": "own", "width": 8, "height": 8}
        | {"digest": hashlib.sha256(data).hexdigest()}
        for seed, (shard, (name, data)) in enumerate(zip(shards, members, strict=True))
    )
    write_table(table_of(rows, IMAGES), folder / "index.parquet", IMAGES)


def test_browse_unpacks_every_picture_with_its_caption(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _drawn(Path("artifacts/images/shapes"))
    main(["browse", "shapes", "--to", "pictures"])
    assert load_picture(Path("pictures/1-2.png")).getpixel((0, 0)) == (2, 2, 2)
    index = pd.read_csv("pictures/index.csv")
    assert index[["member", "text", "seed"]].to_numpy().tolist()[0] == ["1-0.png", "a star", 0]
    assert capsys.readouterr().out == "3 pictures and index.csv in pictures\n"


def test_browsing_what_was_not_drawn_says_what_to_run(work: Path) -> None:
    with pytest.raises(SystemExit, match=r"artifacts/images/shapes/index.parquet: .*run `dvc repro`"):
        main(["browse", "shapes", "--to", "pictures"])


def test_a_verb_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([])
    assert stop.value.code == 2
    assert "browse" in capsys.readouterr().err


@pytest.mark.parametrize("member", ["../outside.png", "{work}/outside.png", "a/../../outside.png"])
def test_browse_writes_nowhere_but_into_its_folder(work: Path, member: str) -> None:
    _drawn(folder := Path("artifacts/images/shapes"))
    member = member.format(work=work)
    index = pd.read_parquet(folder / "index.parquet").head(1)
    write_shards(folder, [(member, b"evil")])
    evil = index.assign(member=member, shard="shard-0000.zip").to_dict("records")
    write_table(table_of(evil, IMAGES), folder / "index.parquet", IMAGES)
    with pytest.raises(SystemExit, match="leaves the folder"):
        main(["browse", "shapes", "--to", "pictures"])
    assert not Path("outside.png").exists()
