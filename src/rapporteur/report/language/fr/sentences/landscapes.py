"""The landscape filter and the landscape model."""

from __future__ import annotations

from rapporteur.report.asked import (
    counted_by_reason,
    gained,
    goes_on_from_weights,
    is_own,
    trainings_are_cut,
    what_kinds_do,
    what_training_did,
)
from rapporteur.report.fact import Markdown, fact, fact_value, has_fact
from rapporteur.report.language.fr.numbers import enumeration
from rapporteur.report.prose import counted, drawn_world, estimate, given, setting, verdict


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
    did = what_training_did()
    if did == "harms":
        return "Elle monte : le modèle retient ses images par cœur."
    if did in ("helps_little", "unclear"):
        known = ", qui a déjà vu ce monde," if drawn_world() else ""
        return f"Elle ne bouge guère : le modèle de départ{known} n’avait presque rien à y apprendre."
    return ""


def decoder_start() -> str:
    """Where the decoder's weights came from, as its first loss tells: of random ones it is that of a uniform draw."""
    return "à partir de ses poids" if goes_on_from_weights() else "à partir de poids tirés au hasard"


def near_duplicates() -> str:
    """How many pictures held out are no fair test: the training has nearly the same."""
    name = "judgement.near_duplicates"

    def told() -> str:
        if fact_value(name) < 2:
            who = "aucune image à l’écart n’a" if fact_value(name) == 0 else "une image à l’écart a"
            return f"{who} presque son double"
        return f"{fact(name)} images à l’écart ont presque leur double"

    return given(name, lambda: f"Par leur empreinte perceptuelle, {told()} parmi les images apprises.")


def swept() -> Markdown:
    """What the training gains with other settings: the best of them, and those that learn most by heart."""
    if not has_fact("model.sweep_best"):
        return Markdown("")
    steps, batch = counted("model.sweep_best_steps", "pas", "pas"), counted("model.sweep_best_batch", "image")
    best = f"{steps} de {batch} au pas d’apprentissage {setting('model.sweep_best_learning_rate')}"
    gain = f"{estimate('model.sweep_best', 3)} sur les images à l’écart"
    judged = verdict(
        "model.sweep_best_over_study",
        "ceux de l’étude laissaient donc quelque chose à gagner",
        "ceux de l’étude font mieux",
        "rien ne les en distingue",
    )
    over = f"{estimate('model.sweep_best_over_study', 3, unit=False)} de plus que ceux de l’étude : {judged}"
    by_heart = verdict("model.sweep_learnt_held_out", "", " : ils apprennent leurs images par cœur", "")
    cut = f" Le tableau en montre les {counted('model.sweep_shown', 'meilleur', 'meilleurs')}."
    return Markdown(
        f"L’entraînement a été refait avec {counted('model.sweep_runs', 'jeu de réglages', 'jeux de réglages')} "
        f"(@tbl-sweep). Les meilleurs, {best}, "
        + (f"sont ceux de l’étude : ils gagnent {gain}" if is_own() else f"gagnent {gain}, soit {over}")
        + ". Choisis sur les images mêmes qui les mesurent, ils sont flattés. Ceux qui gagnent le plus sur les images "
        f"apprises, {estimate('model.sweep_learnt', 3)}, donnent "
        f"{estimate('model.sweep_learnt_held_out', 3, unit=False)} sur les autres{by_heart}."
        + (cut if trainings_are_cut() else "")
    )


def samples_by_clip() -> str:
    """Whether CLIP finds the landscape model's samples better than those of its start."""
    return gained(
        "judgement.clip_gain",
        "CLIP n’a rien à comparer",
        "CLIP note mieux les images du modèle de paysages que celles du modèle de départ, de {}",
        "CLIP note moins bien les images du modèle de paysages que celles du modèle de départ (gain de {})",
        "CLIP ne distingue pas les images du modèle de paysages de celles du modèle de départ (gain de {})",
    )


def samples_by_kid() -> str:
    """Whether these samples lie nearer to real landscapes."""
    return gained(
        "judgement.kid_gain",
        "trop peu d’images pour le dire",
        "prises ensemble, elles sont plus près des vrais paysages (gain de KID : {})",
        "prises ensemble, elles s’éloignent des vrais paysages (gain de KID : {})",
        "rien ne dit que, prises ensemble, elles se rapprochent des vrais paysages (gain de KID : {})",
    )


def samples_by_colour() -> str:
    """Whether the landscape model's samples come nearer to the colours of real landscapes of their kind."""
    return gained(
        "judgement.colour_gain",
        "la couleur n’a rien à comparer",
        "la couleur moyenne des images se rapproche de celle des vrais paysages du même genre (gain : {} ΔE2000)",
        "la couleur moyenne des images s’éloigne de celle des vrais paysages du même genre (gain : {} ΔE2000)",
        "la couleur moyenne des images ne se rapproche pas de façon établie de celle des vrais paysages du même genre "
        "(gain : {} ΔE2000)",
    )


def kinds_of_landscape() -> Markdown:
    """On which kinds of landscape the training helps, and whether kinds differ at all."""
    if not fact_value("judgement.kinds"):
        return Markdown("Trop peu d’images à l’écart de chaque genre : rien ne se dit genre par genre.")
    of = f"{counted('judgement.kinds', 'genre')} assez présents"
    if fact_value("judgement.kinds_helped"):
        helped = f"le gain est établi sur {fact('judgement.kinds_helped')} des {of}"
    else:
        helped = f"aucun des {of} n’a de gain établi"
    harmed = f" ; la perte monte sur {fact('judgement.kinds_harmed')}" if fact_value("judgement.kinds_harmed") else ""
    differ = {"yes": "le gain dépend donc du genre", "no": "rien ne dit que le gain dépende du genre"}
    kinds_differ = what_kinds_do()
    test = f" Le test donne {fact('judgement.kinds_p')} : {differ[kinds_differ]}." if kinds_differ else ""
    return Markdown(f"Genre par genre (@fig-kinds), {helped}{harmed}.{test}")


def copies() -> str:
    """Whether the landscape model copies what it learnt from."""
    ours, start = "judgement.copies_landscape_model", "judgement.copies_start_model"
    if not has_fact(ours) or not has_fact("judgement.copies_gain"):
        return ""
    judged = verdict(
        "judgement.copies_gain",
        "moins que le modèle de départ",
        "plus que le modèle de départ : il recopie",
        "sans que l’écart au modèle de départ soit établi",
    )
    return f"C’est le cas de {estimate(ours)} des images du modèle de paysages, contre {estimate(start)} : {judged}."
