"""The landscape model's loss curve."""

from __future__ import annotations

import altair as alt
import pandas as pd

from rapporteur.figures import theme
from rapporteur.figures.figure import Chart
from rapporteur.figures.numbers import Numbers
from rapporteur.report.french import number
from rapporteur.study.tables import Study

LOG = "model/log.parquet"
NAMES = {"train": "Apprentissage", "held_out": "Images à l’écart"}
POINTS = 300  # training readings that the curve shows at most
SMOOTH = 15  # readings in the running mean


def loss(study: Study, numbers: Numbers) -> Chart | None:
    """Training loss (every reading, and its running mean) and held-out loss by step; dashes: a uniform draw."""
    log = study.table(LOG)
    if log.empty:
        return None
    train = log[log["split"] == "train"].sort_values("step")
    smooth = train["loss"].rolling(min(SMOOTH, max(1, len(train) // 10)), min_periods=1).mean()
    thinned = train.assign(smooth=smooth).iloc[:: max(1, len(train) // POINTS)]
    held = log[log["split"] == "held_out"].sort_values("step")
    rows = pd.concat(
        [
            pd.DataFrame(
                {"step": thinned["step"], "loss": thinned["smooth"], "raw": thinned["loss"], "kind": NAMES["train"]}
            ),
            pd.DataFrame({"step": held["step"], "loss": held["loss"], "raw": held["loss"], "kind": NAMES["held_out"]}),
        ]
    ).round(4)
    return Chart(
        "loss",
        theme.fitted(_layers(rows, numbers), theme.HALF_MM, 60),
        f"Perte du modèle de paysages au fil de l'apprentissage : {_ends(train)} sur les lots d'apprentissage, "
        f"{_ends(held)} sur les images tenues à l'écart, en nats par jeton.",
        "Perte par jeton au fil de l'apprentissage du modèle de paysages (moyenne mobile sur les lots ; en clair, "
        "chaque lot) ; tirets : tirage uniforme des codes.",
        study.source(LOG),
    )


def _ends(rows: pd.DataFrame) -> str:
    if rows.empty:
        return "non mesurée"
    return f"de {number(rows['loss'].iloc[0], 2)} à {number(rows['loss'].iloc[-1], 2)}"


def _layers(rows: pd.DataFrame, numbers: Numbers) -> alt.LayerChart:
    names = list(NAMES.values())
    scale = alt.Scale(domain=names, range=[theme.BLUE, theme.ORANGE])
    title = "Perte (nats par jeton)"
    base = alt.Chart(rows).encode(
        x=alt.X("step:Q", title="Pas d’apprentissage"), color=alt.Color("kind:N", scale=scale)
    )
    y = alt.Y("loss:Q", title=title, scale=alt.Scale(zero=False))
    tooltip = ["kind:N", alt.Tooltip("step:Q", title="Pas"), alt.Tooltip("loss:Q", title="Perte", format=".3f")]
    held = base.transform_filter(alt.datum.kind == NAMES["held_out"])
    train = base.transform_filter(alt.datum.kind == NAMES["train"])
    layers = [
        train.mark_line(strokeWidth=0.6, opacity=0.35).encode(y=alt.Y("raw:Q", title=title)),
        *theme.lines(base, "kind", names, y),
        held.mark_point(filled=True, size=24, opacity=1).encode(y=y, tooltip=tooltip),
    ]
    if numbers.has("model.loss_uniform"):
        uniform = pd.DataFrame({"loss": [numbers.row("model.loss_uniform")["value"]]})
        layers.insert(0, alt.Chart(uniform).mark_rule(strokeDash=[2, 3], color="#666666").encode(y=y))
    return alt.layer(*layers)
