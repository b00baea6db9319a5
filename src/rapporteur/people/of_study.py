"""What raters are asked about a study's pictures: one by one, or two of the same caption side by side.

Gold pictures are shown as the drawn ones are: their central part in the drawn pictures' shape and size, which is also
what DALL·E mini's VQGAN is given. Else their format would say which they are.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import pairwise

from PIL import Image, ImageOps

from rapporteur.people.order import chance, mix, spread, take_turns
from rapporteur.people.task import Load, Task
from rapporteur.study.pictures import GOLD_SOURCE, Corpus, StudyPicture

SIDE = 256  # pixels, of gold pictures where nothing was drawn to measure by

Size = tuple[int, int]
Shown = tuple[StudyPicture, str]  # a picture and the id of the caption beside it
Pair = tuple[Shown, Shown]


def rating_tasks(studies: dict[str, Corpus], gold_share: float) -> list[Task]:
    """Every drawn picture, and gold pictures with a drawn caption each, as one sample for all raters."""
    drawn = {name: spread(_drawn(study), lambda shown: shown[1], _key) for name, study in studies.items()}
    gold = {name: spread(_gold(study), lambda shown: shown[1], _key) for name, study in studies.items()}
    texts, sizes = _texts(studies), {name: _size(study) for name, study in studies.items()}
    order = mix(take_turns(drawn), take_turns(gold), gold_share)
    return [_rating(shown, texts, sizes[shown[0].dataset]) for shown in order]


def pair_tasks(studies: dict[str, Corpus], gold_share: float, rater: str) -> list[Task]:
    """Two draws of a caption, and gold against drawn; the rater's name throws which is on the left."""
    drawn = {name: spread(_rivals(study), _caption, _pair_key) for name, study in studies.items()}
    gold = {name: spread(_against_gold(study), _caption, _pair_key) for name, study in studies.items()}
    texts, sizes = _texts(studies), {name: _size(study) for name, study in studies.items()}
    order = mix(take_turns(drawn), take_turns(gold), gold_share)
    return [_comparison(_sides(pair, rater), texts, sizes[pair[0][0].dataset]) for pair in order]


def _key(shown: Shown) -> tuple[object, ...]:
    picture, caption = shown
    return (picture.dataset, picture.image_id, caption, picture.source, picture.seed)


def _pair_key(pair: Pair) -> tuple[object, ...]:
    return (*_key(pair[0]), *_key(pair[1]))


def _caption(pair: Pair) -> str:
    return pair[0][1]


def _drawn(study: Corpus) -> list[Shown]:
    return [(picture, picture.caption_id) for picture in study.pictures if picture.caption_id is not None]


def _gold(study: Corpus) -> list[Shown]:
    """Each gold picture with one of its captions that were drawn, chosen by chance."""
    asked = study.captions[(study.captions["draws"] > 0) & study.captions["original_id"].isna()]
    captions = asked.groupby("image_id")["caption_id"].agg(list).to_dict()
    gold = [picture for picture in study.pictures if picture.source == GOLD_SOURCE and picture.image_id in captions]
    return [(one, min(captions[one.image_id], key=lambda caption: chance("beside", caption))) for one in gold]


def _by_caption(shown: Iterable[Shown]) -> dict[str, list[Shown]]:
    found: dict[str, list[Shown]] = defaultdict(list)
    for one in sorted(shown, key=lambda one: chance("draw", _key(one))):
        found[one[1]].append(one)
    return found


def _rivals(study: Corpus) -> list[Pair]:
    """Draws of a caption in a random row, each beside the next."""
    return [pair for draws in _by_caption(_drawn(study)).values() for pair in pairwise(draws)]


def _against_gold(study: Corpus) -> list[Pair]:
    """Each gold picture beside one draw of the caption it is shown with."""
    draws = _by_caption(_drawn(study))
    return [(gold, draws[gold[1]][0]) for gold in _gold(study) if gold[1] in draws]


def _sides(pair: Pair, rater: str) -> Pair:
    left, right = pair
    return (left, right) if int(chance("side", rater, _pair_key(pair)), 16) % 2 else (right, left)


def _texts(studies: dict[str, Corpus]) -> dict[tuple[str, str], str]:
    tables = [study.captions[["dataset", "caption_id", "text"]] for study in studies.values()]
    rows = [row for table in tables for row in table.itertuples(index=False)]
    return {(str(row.dataset), str(row.caption_id)): str(row.text) for row in rows}


def _size(study: Corpus) -> Size:
    """The size of most of the first drawn pictures; to look at all would decode thousands."""
    drawn = [picture for picture, _ in _drawn(study)]
    sizes = Counter(picture.load().size for picture in drawn[:5])
    return sizes.most_common(1)[0][0] if sizes else (SIDE, SIDE)


def shown_as(load: Load, size: Size) -> Image.Image:
    """The picture's central part in this size; a picture of this size is left as it is."""
    picture = load()
    return picture if picture.size == size else ImageOps.fit(picture, size, Image.Resampling.LANCZOS)


def _seed(picture: StudyPicture) -> str:
    return "" if picture.seed is None else str(picture.seed)


def _task(shown: Sequence[Shown], texts: dict[tuple[str, str], str], size: Size, cells: dict[str, str]) -> Task:
    picture, caption = shown[0]
    place = {"dataset": picture.dataset, "image_id": picture.image_id, "caption_id": caption}
    loads = tuple(partial(shown_as, one.load, size) for one, _ in shown)
    return Task((texts[picture.dataset, caption],), loads, place | cells)


def _rating(shown: Shown, texts: dict[tuple[str, str], str], size: Size) -> Task:
    return _task([shown], texts, size, {"seed": _seed(shown[0]), "digest": shown[0].digest})


def _comparison(pair: Pair, texts: dict[tuple[str, str], str], size: Size) -> Task:
    cells: dict[str, str] = {}
    for side, (picture, _) in zip(("left", "right"), pair, strict=True):
        cells |= {f"{side}_source": picture.source, f"{side}_seed": _seed(picture), f"{side}_digest": picture.digest}
    return _task(pair, texts, size, cells)
