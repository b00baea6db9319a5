"""The landscape model's loss curve."""

from __future__ import annotations

import altair as alt
import pandas as pd

from rapporteur.figures import theme
from rapporteur.figures.figure import Chart
from rapporteur.figures.numbers import Numbers
from rapporteur.report.language import Language
from rapporteur.study.tables import Study

LOG = "model/log.parquet"
SPLITS = ("train", "held_out")
POINTS = 300  # training readings that the curve shows at most
SMOOTH = 15  # readings in the running mean


def loss(study: Study, numbers: Numbers) -> Chart | None:
    """Training loss (every reading, and its running mean) and held-out loss by step; dashes: a uniform draw."""
    log = study.table(LOG)
    if log.empty:
        return None
    words = numbers.words
    train = log[log["split"] == "train"].sort_values("step")
    smooth = train["loss"].rolling(min(SMOOTH, max(1, len(train) // 10)), min_periods=1).mean()
    thinned = train.assign(smooth=smooth).iloc[:: max(1, len(train) // POINTS)]
    held = log[log["split"] == "held_out"].sort_values("step")
    rows = pd.concat(
        [
            pd.DataFrame(
                {"step": thinned["step"], "loss": thinned["smooth"], "raw": thinned["loss"], "split": "train"}
            ),
            pd.DataFrame({"step": held["step"], "loss": held["loss"], "raw": held["loss"], "split": "held_out"}),
        ]
    ).round(4)
    return Chart(
        "loss",
        theme.fitted(_layers(rows, numbers), theme.HALF_MM, 60),
        words.say("loss.alt", train=_ends(train, words), held_out=_ends(held, words)),
        words.say("loss.caption"),
        study.source(LOG),
    )


def _ends(rows: pd.DataFrame, words: Language) -> str:
    if rows.empty:
        return words.say("loss.not_measured")
    first, last = (words.numerals.number(rows["loss"].iloc[place], 2) for place in (0, -1))
    return words.say("loss.ends", first=first, last=last)


def _layers(rows: pd.DataFrame, numbers: Numbers) -> alt.LayerChart:
    words = numbers.words
    names = [words.word("split", split) for split in SPLITS]
    rows = rows.assign(kind=[words.word("split", split) for split in rows["split"]])
    scale = alt.Scale(domain=names, range=[theme.BLUE, theme.ORANGE])
    title = words.say("axis.loss")
    base = alt.Chart(rows).encode(
        x=alt.X("step:Q", title=words.say("axis.steps")), color=alt.Color("kind:N", scale=scale)
    )
    y = alt.Y("loss:Q", title=title, scale=alt.Scale(zero=False))
    loss = alt.Tooltip("loss:Q", title=words.say("axis.loss_short"), format=".3f")
    tooltip = ["kind:N", alt.Tooltip("step:Q", title=words.say("axis.step")), loss]
    held = base.transform_filter(alt.datum.split == "held_out")
    train = base.transform_filter(alt.datum.split == "train")
    layers = [
        train.mark_line(strokeWidth=0.6, opacity=0.35).encode(y=alt.Y("raw:Q", title=title)),
        *theme.lines(base, "kind", names, y),
        held.mark_point(filled=True, size=24, opacity=1).encode(y=y, tooltip=tooltip),
    ]
    if numbers.has("model.loss_uniform"):
        uniform = pd.DataFrame({"loss": [numbers.row("model.loss_uniform")["value"]]})
        layers.insert(0, alt.Chart(uniform).mark_rule(strokeDash=[2, 3], color="#666666").encode(y=y))
    return alt.layer(*layers)


CHARTS = (loss,)
