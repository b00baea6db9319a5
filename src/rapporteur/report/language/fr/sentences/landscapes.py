"""The landscape filter and the landscape model."""

from __future__ import annotations

from rapporteur.report.asked import counted_by_reason, goes_on_from_weights, loss_course
from rapporteur.report.fact import fact
from rapporteur.report.language.fr.numbers import enumeration
from rapporteur.report.prose import counted, drawn_world, estimate, given


def landscape_truth() -> str:
    """The filter's precision and recall, where images are labelled, and by whom."""
    by = given(
        "landscapes.label_raters",
        lambda: f", tirées au hasard de part et d’autre et étiquetées par {fact('landscapes.label_raters')}",
    )
    return given(
        "landscapes.precision",
        lambda: (
            f"Sur {counted('landscapes.labelled', 'image dont la vérité est connue', 'images dont la vérité est connue')}"
            f"{by}, sa précision est de {estimate('landscapes.precision')}"
            + given("landscapes.recall", lambda: f" et son rappel de {estimate('landscapes.recall')}")
            + "."
            + (" C’est flatteur : ces légendes et ce filtre ont été écrits ensemble." if drawn_world() else "")
        ),
        "Sa précision reste à mesurer sur un échantillon étiqueté à la main.",
    )


def landscape_sample() -> str:
    """On what the precision rests, and how far those who labelled agree."""
    weighted = given(
        "landscapes.label_raters",
        lambda: (
            f" ({counted('landscapes.labelled_kept', 'retenue', 'retenues')}, "
            f"{counted('landscapes.labelled_refused', 'refusée', 'refusées')} ; "
            f"{counted('landscapes.doubtful', 'image douteuse', 'images douteuses')} de côté)"
        ),
    )
    recall = given(
        "landscapes.label_raters",
        lambda: " ; dans le rappel, chaque étiquette pèse autant d’images qu’elle en représente",
    )
    agreement = given(
        "landscapes.label_alpha",
        lambda: (
            f" L’accord sur les étiquettes, par l’alpha de Krippendorff, est de {estimate('landscapes.label_alpha')}."
        ),
    )
    reasons = {"absent": "d’images non examinées", "redrawn": "d’images remplacées depuis"}
    apart = counted_by_reason("landscapes.labels", "étiquette", "étiquettes", reasons)
    aside = f" Mises de côté : {enumeration(apart)}." if apart else ""
    return given(
        "landscapes.precision",
        lambda: (
            "Précision et rappel y portent sur "
            f"{counted('landscapes.labelled', 'image étiquetée', 'images étiquetées')}{weighted} ; l’intervalle de la "
            f"précision est celui de Wilson{recall}.{agreement}{aside}"
        ),
        "Aucune image n’est étiquetée : précision et rappel manquent.",
    )


def uniform_loss() -> str:
    """What a loss is to be compared with."""
    return given(
        "model.loss_uniform",
        lambda: f"Un tirage au hasard parmi les codes donnerait {fact('model.loss_uniform')}.",
    )


def loss_path() -> str:
    """The loss on pictures that no step saw, from the first row of the log to the last."""
    return f"{fact('model.held_out_first', 3, unit=False)} à {fact('model.held_out_last', 3)}"


def learning() -> str:
    """What the landscape model learnt, on pictures that it never saw."""
    course = loss_course()
    if course == "rises":
        return "Elle monte : le modèle retient ses images par cœur."
    if course == "stays":
        known = ", qui a déjà vu ce monde," if drawn_world() else ""
        return f"Elle ne bouge guère : le modèle de départ{known} n’avait presque rien à y apprendre."
    return ""


def decoder_start() -> str:
    """Where the decoder's weights came from, as its first loss tells: of random ones it is that of a uniform draw."""
    return "à partir de ses poids" if goes_on_from_weights() else "à partir de poids tirés au hasard"
