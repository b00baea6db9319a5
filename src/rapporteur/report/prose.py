"""Sentences that depend on the results: what the documents say once per dataset, or only where a fact exists.

    each(lambda ds: f"{fact('images.pictures.' + ds)} pictures")    one bullet per dataset, under its label
    verdict("clip.gold_minus_generated.coco", "higher", "lower", "not told apart")

A document so reads right for any datasets, and states no direction that an interval doesn't support.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from rapporteur.core.errors import BadInput
from rapporteur.report.artifacts import FIGURES
from rapporteur.report.cited import CITED
from rapporteur.report.fact import Markdown, fact, fact_value, has_fact, numbers_table, table, table_frame, tested_by
from rapporteur.report.figure import Figure, figure, has_figure
from rapporteur.report.language import Numerals, decimals_set, spoken
from rapporteur.report.markdown import attribute

LABEL = "study.dataset."
DRAWN = "study.drawn_world."


def _numerals() -> Numerals:
    return spoken().numerals


def datasets() -> list[str]:
    """The keys of the study's datasets, in the order of its parameters."""
    return [str(key) for key in table_frame("corpus")["key"]]


def label(dataset: str) -> str:
    """What the documents call a dataset."""
    return fact(LABEL + dataset)


def labels(keys: Iterable[str] | None = None) -> str:
    """ "a, b et c": the names of these datasets, of all by default."""
    return _numerals().enumeration([label(key) for key in (datasets() if keys is None else keys)])


def drawn_world(keys: Iterable[str] | None = None) -> bool:
    """Whether some gold pictures were drawn by the `world` stage: then the study is the embedded default."""
    return any(
        has_fact(DRAWN + key) and bool(fact_value(DRAWN + key)) for key in (datasets() if keys is None else keys)
    )


def each(line: Callable[[str], str | None]) -> Markdown:
    """One bullet per dataset that `line` has something to say of; nothing at all when it has nothing."""
    said = [(label(key), line(key)) for key in datasets()]
    return Markdown("\n".join(f"- **{name}**{_numerals().COLON}{text}" for name, text in said if text))


def verdict(name: str, above: str, below: str, unclear: str) -> str:
    """`above` or `below` when the interval of a difference leaves zero out on that side, else `unclear`.

    Where the difference was tested too, its p-value, corrected for the tests beside it, must agree: an interval is not
    corrected. A value without an interval (too few captions) tells nothing apart. Raises BadInput for a fact without a
    value.
    """
    if not has_fact(name):
        raise BadInput(f'the fact "{name}" has no value to judge; ask has_fact("{name}") first')
    tested = tested_by(name)
    if tested and has_fact(tested) and fact_value(tested) > 1 - fact_value("study.confidence"):
        return unclear
    low, high = (fact_value(name, bound) for bound in ("low", "high"))
    if low is not None and low > 0:
        return above
    return below if high is not None and high < 0 else unclear


def estimate(name: str, digits: int | None = None, unit: bool = True) -> str:
    """A fact with its interval, where it has one: with few captions it has none."""
    return fact(name, digits, interval=fact_value(name, "low") is not None, unit=unit)


def setting(name: str) -> str:
    """A number as someone set it, without the zeros of a measurement: 0.8 gives "0,8"."""
    return CITED.note(name, _numerals().number(value := fact_value(name), decimals_set(value)))


def counted(name: str, singular: str, plural: str | None = None) -> str:
    """A counting fact and its noun: counted("ratings.raters", "juge") gives "1 juge" or "3 juges"."""
    return CITED.note(name, _numerals().counted(fact_value(name), singular, plural))


def given(name: str, text: Callable[[], str], otherwise: str = "") -> str:
    """`text()` where the fact `name` has a value, else `otherwise`."""
    return text() if has_fact(name) else otherwise


def if_drawn(name: str, width: str | None = None) -> Figure | None:
    """The figure `name` where the study has one: a labelled cell that ends with None shows nothing."""
    return figure(name, width) if has_figure(name) else None


def if_filled(name: str, columns: Sequence[str] | None = None) -> Markdown | None:
    """The table `name` where it has rows."""
    return None if table_frame(name).empty else table(name, columns)


def all_numbers(columns: Sequence[str], attributes: str) -> Markdown:
    """Every number of the study that could be computed: the common ones, then one table a dataset.

    attributes: Quarto's attributes of each table, such as tbl-colwidths="[60,40]"; they are @tbl-all-<dataset>.
    """
    texts = []
    for key in ("", *datasets()):
        caption = _numerals().capitalised(label(key)) if key else spoken().say("whole_study")
        numbers = numbers_table(columns, partial(operator.eq, key))
        texts.append(f"{numbers}\n\n: {caption} {{#tbl-all-{key or 'study'} {attributes}}}")
    return Markdown("\n\n".join(texts))


def stacked(pattern: str, prefix: str, caption: Callable[[str], str], most: int, room: int) -> Markdown:
    """`sheets` one below the other on a slide: each takes at most `most` percent of the width, all together `room`."""
    count = sum(has_figure(pattern.format(key)) for key in datasets())
    return sheets(pattern, prefix, caption, f"{min(most, room // max(1, count))}%")


def sheets(pattern: str, prefix: str, caption: Callable[[str], str], width: str = "100%") -> Markdown:
    """The contact sheet `pattern` of each dataset that has one, as the numbered figures @fig-<prefix>-<dataset>.

    pattern: the figure's name with "{}" where the dataset's key goes; caption: its text for a dataset;
    width: a share of the text's width.
    """
    found = [key for key in datasets() if has_figure(pattern.format(key))]
    images = [_sheet(pattern.format(key), f"fig-{prefix}-{key}", caption(key), width) for key in found]
    return Markdown("\n\n".join(images))


def _sheet(name: str, identifier: str, caption: str, width: str) -> str:
    shown = figure(name)
    shown.cite()
    alt = attribute(shown.alt)
    return f'![{caption}](/{FIGURES}/{name}/sheet.jpg){{#{identifier} fig-alt="{alt}" width="{width}"}}'


def sheet_references(pattern: str, prefix: str) -> Markdown:
    """References to what `sheets` made of the same pattern and prefix."""
    found = [f"@fig-{prefix}-{key}" for key in datasets() if has_figure(pattern.format(key))]
    return Markdown(_numerals().enumeration(found))
