"""What each number of the study is: quantities by their names (findings/), said in a table or a list."""

from __future__ import annotations

from rapporteur.report.language.fr.codes import (
    ATTRIBUTE,
    DISTANCE,
    FEATURE,
    JUDGED_BY,
    MEASURE,
    SEEN,
    VARIANT,
)

FINDINGS: dict[str, str] = {
    "p_value": "valeur p : {of}",
    "of_simulated": "{of} (notes simulées)",
    "generator": "modèle d'exemple : {name}",
    # --- study and captions
    "study.datasets": "jeux de données",
    "study.resamples": "tirages bootstrap",
    "study.confidence": "niveau des intervalles",
    "study.dataset": "jeu de données",
    "study.drawn_world": "monde dessiné par le programme (1 : oui)",
    "captions.images": "images de référence",
    "captions.captions": "légendes",
    "captions.drawn": "légendes illustrées",
    "captions.original": "légendes d'origine",
    "captions.alternative": "légendes variantes",
    "captions.foil": "légendes pièges",
    "captions.prompt": "demandes libres",
    "captions.train": "images de référence, partition train",
    "captions.val": "images de référence, partition val",
    "captions.test": "images de référence, partition test",
    "captions.no_derivatives": "images de référence dont la licence interdit les modifications",
    "captions.words": "longueur d'une légende",
    "captions.gold_width": "largeur des images de référence",
    # --- pictures drawn
    "images.pictures": "images générées",
    "images.captions": "légendes illustrées",
    "images.per_caption": "images par légende",
    "images.engine": "moteur du tirage",
    "images.model": "modèle générateur",
    "images.model_digest": "empreinte du modèle",
    "images.size": "côté d'une image générée",
    "images.condition_scale": "échelle de guidage par la légende",
    "images.temperature": "température",
    "images.top_k": "jetons les plus probables retenus (top-k)",
    "images.top_p": "masse de probabilité retenue (top-p)",
    "images.steps": "étapes de débruitage",
    "images.parameters": "paramètres du modèle générateur",
    "images.tokens_per_image": "jetons par image",
    # --- CLIP
    "clip.model": "modèle CLIP",
    "clip.model_digest": "empreinte du modèle CLIP",
    "clip.context": "longueur du contexte de CLIP, en jetons",
    "clip.gold": "score CLIP, image de référence, sa légende",
    "clip.generated": "score CLIP, image générée, sa légende",
    "clip.gold_mismatched": "score CLIP, image de référence, autre légende",
    "clip.generated_mismatched": "score CLIP, image générée, autre légende",
    "clip.reconstructed": "score CLIP, image de référence passée par le VQGAN, sa légende",
    "clip.superiority_over_mismatch": "probabilité de supériorité de la bonne légende, images générées",
    "clip.gold_superiority_over_mismatch": "probabilité de supériorité de la bonne légende, images de référence",
    "clip.first_of_20": "bonne légende classée première parmi au plus 20, images générées",
    "clip.gold_first_of_20": "bonne légende classée première parmi au plus 20, images de référence",
    "clip.median_rank": "rang médian de la bonne légende, générées",
    "clip.candidates": "légendes candidates du classement, images générées",
    "clip.tokens_cut": "légendes coupées au contexte de CLIP",
    "clip.best_of_k": "score CLIP du meilleur tirage",
    "clip.best_of_k_gain": "gain du meilleur tirage sur un tirage",
    "clip.best_of_k_size": "tirages comparés par légende",
    "clip.gold_minus_generated": "score CLIP : référence − générée, par légende",
    "clip.generated_minus_mismatch": "score CLIP : bonne − mauvaise légende, images générées",
    "clip.gold_minus_reconstructed": "score CLIP : référence − référence passée par le VQGAN, par légende",
    "clip.reconstructed_minus_generated": "score CLIP : référence passée par le VQGAN − générée, par légende",
    "clip.gold_minus_generated_d": "différence réduite (d), référence − générée, par légende",
    "clip.generated_minus_mismatch_d": "différence réduite (d), bonne − mauvaise légende, images générées",
    "clip.variance_caption": "part de la variance du score due à la légende",
    "clip.share_of_dataset": "part de la variance du score CLIP, tous jeux, due au jeu de données",
    "clip.share_of_caption": "part de la variance du score CLIP, tous jeux, due à la légende",
    "clip.share_of_draw": "part de la variance du score CLIP, tous jeux, due au tirage",
    "clip.share_of_caption_reml": "part de la variance du score CLIP, tous jeux, due à la légende, modèle mixte",
    "clip.planned_half_width": "demi-largeur d’intervalle visée",
    "clip.draws_tolerance": "élargissement toléré, face à des tirages sans fin",
    "clip.sd_caption": "écart type du score CLIP entre légendes",
    "clip.sd_draw": "écart type du score CLIP entre tirages d’une légende",
    "clip.captions_needed": "légendes à illustrer pour la demi-largeur visée, aux tirages de l’étude ({draws})",
    "clip.captions_needed_one_draw": "légendes à illustrer pour la demi-largeur visée, un tirage par légende",
    "clip.draws_enough": "tirages par légende au-delà desquels l’intervalle ne se resserre plus guère",
    "clip.score_by_length": "corrélation de Spearman entre la longueur de la légende et le score CLIP",
    "clip.gap_by_length": "corrélation de Spearman entre la longueur de la légende et l’écart à la référence",
    # --- form
    "form.obeyed": "forme nommée, celle du sujet, images générées",
    "form.obeyed_gold": "forme nommée, celle du sujet, images de référence",
    "form.obeyed_base": "forme nommée, celle du sujet : taux de base",
    "form.obeyed_minus_base": "forme nommée, celle du sujet : part − taux de base",
    # --- ratings
    "ratings.raters": "juges",
    "ratings.rated": "notes",
    "ratings.pictures": "images notées",
    "ratings.simulated": "notes simulées",
    "ratings.rated_absent": "notes mises de côté : l'étude n'a pas cette image",
    "ratings.rated_redrawn": "notes mises de côté : l'image a été refaite depuis",
    "ratings.rated_unverified": "notes non vérifiées : sans empreinte de l'image",
    "ratings.comparisons": "comparaisons",
    "ratings.comparisons_simulated": "comparaisons simulées",
    "ratings.comparisons_absent": "comparaisons mises de côté : l'étude n'a pas cette image",
    "ratings.comparisons_redrawn": "comparaisons mises de côté : l'image a été refaite depuis",
    "ratings.comparisons_unverified": "comparaisons non vérifiées : sans empreinte de l'image",
    "ratings.comparison_raters": "juges qui ont comparé",
    "ratings.gold_preferred": "référence préférée à l'image générée",
    "ratings.gold_strength": "force de la référence − force de l'image générée",
    "ratings.comparison_equal": "comparaisons déclarées égales",
    "ratings.left_preferred": "image de gauche préférée, hors égalités",
    "ratings.comparison_alpha": "alpha de Krippendorff, comparaisons",
    "mean_rating": "note moyenne, {attribute}, {pictures}",
    "mean_rating_of_prompts": "note moyenne, {attribute}, {pictures}, demandes de {prompt}",
    # --- landscapes
    "landscapes.examined": "images examinées",
    "landscapes.kept": "images retenues",
    "landscapes.refused": "images refusées",
    "landscapes.share_kept": "part des images retenue",
    "landscapes.captions": "légendes des images retenues",
    "landscapes.lowest_kept": "plus faible score retenu",
    "landscapes.precision": "précision du filtre",
    "landscapes.recall": "rappel du filtre",
    "landscapes.labelled": "images dont la vérité est connue",
    "landscapes.labelled_kept": "images étiquetées parmi les retenues",
    "landscapes.labelled_refused": "images étiquetées parmi les refusées",
    "landscapes.doubtful": "images étiquetées douteuses, laissées de côté",
    "landscapes.raters": "personnes qui ont étiqueté",
    "landscapes.labelled_twice": "images étiquetées par plusieurs personnes",
    "landscapes.disagreed": "images dont les étiquettes diffèrent",
    "landscapes.labels_absent": "étiquettes mises de côté : image que le filtre n'a pas examinée",
    "landscapes.labels_redrawn": "étiquettes mises de côté : l'image a été remplacée depuis",
    "landscapes.labels_unverified": "étiquettes non vérifiées : sans empreinte de l'image",
    "landscapes.label_raters": "noms de ceux qui ont étiqueté",
    "landscapes.label_alpha": "accord de ceux qui ont étiqueté les paysages",
    # --- tokens, landscape model, samples
    "tokens.images": "images en jetons",
    "tokens.train": "images en jetons, partition train",
    "tokens.val": "images en jetons, partition val",
    "tokens.test": "images en jetons, partition test",
    "tokens.codes": "taille du dictionnaire",
    "tokens.per_image": "jetons par image",
    "tokens.codes_used": "codes distincts employés",
    "tokens.code_perplexity": "perplexité de l'emploi des codes",
    "model.steps": "pas d'apprentissage",
    "model.images": "images vues, répétitions comprises",
    "model.learning_rate": "taux d'apprentissage maximal",
    "model.parameters": "paramètres du modèle de paysages",
    "model.loss_first": "perte d'apprentissage, premier relevé",
    "model.loss_last": "perte d'apprentissage, dernier relevé",
    "model.held_out_first": "perte, images tenues à l'écart, premier relevé",
    "model.held_out_last": "perte, images tenues à l'écart, dernier relevé",
    "model.held_out_best": "perte, images tenues à l'écart, meilleur relevé",
    "model.perplexity_first": "perplexité au départ",
    "model.perplexity": "perplexité à la fin",
    "model.loss_uniform": "perte d'un tirage uniforme",
    "model.judged": "images tenues à l'écart, prévues une à une",
    "model.nats_unigram": "perte, images tenues à l'écart, codes par leur fréquence",
    "model.nats_bigram": "perte, images tenues à l'écart, codes d'après le précédent",
    "model.nats_start_model": "perte, images tenues à l'écart, modèle de départ",
    "model.nats_landscape_model": "perte, images tenues à l'écart, modèle de paysages",
    "model.gain": "perte gagnée par l'entraînement, images tenues à l'écart",
    "model.gain_train": "perte gagnée par l'entraînement, images apprises",
    "model.sweep_runs": "entraînements avec d'autres réglages",
    "model.sweep_shown": "entraînements montrés, les meilleurs",
    "model.sweep_set_aside": "entraînements avec d'autres réglages, mis à part : autre départ que celui de l'étude",
    "model.sweep_best": "perte gagnée par le meilleur des réglages essayés, images tenues à l'écart",
    "model.sweep_best_over_study": "perte gagnée sur les réglages de l'étude par le meilleur, images tenues à l'écart",
    "model.sweep_best_learning_rate": "pas d'apprentissage du meilleur des réglages essayés",
    "model.sweep_best_steps": "pas d'entraînement du meilleur des réglages essayés",
    "model.sweep_best_batch": "images par lot du meilleur des réglages essayés",
    "model.sweep_learnt": "perte gagnée par les réglages qui apprennent le plus, images apprises",
    "model.sweep_learnt_held_out": "perte gagnée par les réglages qui apprennent le plus, images tenues à l'écart",
    "judgement.real": "vrais paysages comparés aux images tirées",
    "judgement.near_duplicates": "images tenues à l'écart qui ont presque leur double parmi les images apprises",
    "judgement.clip_start_model": "CLIPScore moyen, images du modèle de départ",
    "judgement.clip_landscape_model": "CLIPScore moyen, images du modèle de paysages",
    "judgement.clip_gain": "CLIPScore gagné par l'entraînement, mêmes demandes et mêmes germes",
    "judgement.best_gain": "CLIPScore gagné par l'entraînement, meilleure image de chaque demande",
    "judgement.kid_start_model": "KID aux vrais paysages, modèle de départ",
    "judgement.kid_landscape_model": "KID aux vrais paysages, modèle de paysages",
    "judgement.kid_gain": "KID gagné par l'entraînement",
    "judgement.colour_start_model": "distance de couleur aux vrais paysages du même genre, modèle de départ",
    "judgement.colour_landscape_model": "distance de couleur aux vrais paysages du même genre, modèle de paysages",
    "judgement.colour_gain": "distance de couleur gagnée par l'entraînement",
    "judgement.kinds": "genres de paysages assez présents parmi les images à l'écart pour un intervalle",
    "judgement.kinds_helped": "genres de paysages que l'entraînement aide à prévoir",
    "judgement.kinds_harmed": "genres de paysages que l'entraînement dessert",
    "judgement.kinds_p": "valeur p : le gain dépend-il du genre de paysage ?",
    "judgement.far_share": "part des images à l'écart plus loin des images apprises qu'une copie",
    "judgement.far": "cosinus à l'image apprise la plus proche, au-delà duquel une image passe pour une copie",
    "judgement.copies_start_model": "copies possibles, images du modèle de départ",
    "judgement.copies_landscape_model": "copies possibles, images du modèle de paysages",
    "judgement.copies_gain": "copies possibles évitées par l'entraînement",
    "samples.pictures": "images comparées",
    "samples.prompts": "demandes de paysages",
    "samples.landscape_model": "images du modèle de paysages",
    "samples.start_model": "images du modèle de départ",
    "samples.per_prompt": "images par demande et par modèle",
    # --- what the measures are worth
    "check.shapes_pictures": "images de formes demandées à DALL·E mini",
    "check.tifa_pictures": "images de TIFA, notées par deux personnes",
    "check.shapes_subject": "couleur demandée présente sur le sujet",
    "check.shapes_background": "couleur demandée présente sur le fond",
    "check.eye_subject": "même nom de couleur que la lecture d’un modèle de langue, sujet",
    "check.eye_background": "même nom de couleur que la lecture d’un modèle de langue, fond",
    "check.tifa_kendall": "corrélation CLIPScore–notes de TIFA (Kendall)",
    "check.tifa_alpha": "alpha de Krippendorff entre les deux personnes de TIFA",
    "check.rated_pictures": "images notées par le public d’une autre étude",
    "check.rated_prompts": "demandes de ces images",
    "check.rated_raters": "personnes qui les ont notées",
    "check.form_gold": "forme vue juste, formes connues",
    "check.form_drawn": "forme demandée vue, images de DALL·E mini",
    "check.rated_fit": "accord avec la demande, Craiyon (1 à 5)",
    "check.rated_real": "réalisme, Craiyon (1 à 5)",
    "check.rated_dalle2_fit": "accord avec la demande : DALL·E 2 − Craiyon, par demande",
    "check.rated_dalle2_real": "réalisme : DALL·E 2 − Craiyon, par demande",
    "check.rated_dalle2_wins_fit": "DALL·E 2 préféré à Craiyon, accord avec la demande",
    "check.rated_dalle2_wins_real": "DALL·E 2 préféré à Craiyon, réalisme",
    "check.rated_dalle2_strength_fit": "force de DALL·E 2 − force de Craiyon, accord avec la demande",
    "check.rated_dalle2_strength_real": "force de DALL·E 2 − force de Craiyon, réalisme",
}

for _part, _words in {"": "sujet", "background_": "fond"}.items():
    _named = f"couleur nommée présente sur le {_words}"
    FINDINGS |= {
        f"colour.{_part}obeyed": f"{_named}, images générées",
        f"colour.{_part}obeyed_bootstrap": f"{_named} (bootstrap)",
        f"colour.{_part}obeyed_gold": f"{_named}, images de référence",
        f"colour.{_part}obeyed_base": f"{_named} : taux de base",
        f"colour.{_part}obeyed_minus_base": f"{_named} : part − taux de base",
    }
for _measure, _words in MEASURE.items():
    FINDINGS |= {f"colour.{_measure}_{_kind}": f"{_words}, {SEEN[_kind]}" for _kind in ("gold", "generated")}
    FINDINGS[f"colour.{_measure}_gold_minus_generated"] = f"{_words} : référence − générée, par légende"
for _distance, _words in DISTANCE.items():
    FINDINGS[f"colour.{_distance}"] = f"{_words}, référence et générées, même légende"
    FINDINGS[f"colour.{_distance}_mismatched"] = f"{_words}, référence et générées, autres légendes"
    FINDINGS[f"colour.{_distance}_mismatched_minus_matched"] = f"{_words} : autres légendes − même légende"
for _feature, _words in FEATURE.items():
    if _feature != "length":
        _named = f"légendes qui nomment {_words} − les autres"
        FINDINGS[f"clip.score_by_{_feature}"] = f"score CLIP, {_named}"
        FINDINGS[f"clip.delta_by_{_feature}"] = f"delta de Cliff du score CLIP, {_named}"
        FINDINGS[f"clip.gap_by_{_feature}"] = f"écart à la référence, {_named}"
for _kind in ("gold", "generated"):
    for _variant, _words in VARIANT.items():
        FINDINGS[f"clip.{_kind}_over_{_variant}"] = (
            f"préférence de CLIP pour la légende d’origine, {SEEN[_kind]}, face à : {_words}"
        )
        FINDINGS[f"clip.{_kind}_minus_{_variant}"] = f"score CLIP : légende d’origine − {_words}, {SEEN[_kind]}"
    for _direction, _words in {"image_to_text": "image → légende", "text_to_image": "légende → image"}.items():
        _said = f"{_words}, {SEEN[_kind]}"
        FINDINGS[f"clip.{_kind}_{_direction}_candidates"] = f"candidats par requête, {_said}"
        for _k in (1, 5, 10):
            FINDINGS[f"clip.{_kind}_{_direction}_r{_k}"] = f"R@{_k}, {_said}"
            FINDINGS[f"clip.{_kind}_{_direction}_chance{_k}"] = f"hasard : R@{_k}, {_said}"
for _attribute, _words in ATTRIBUTE.items():
    FINDINGS[f"ratings.mean.{_attribute}"] = f"note moyenne, {_words}"
    FINDINGS[f"ratings.alpha.{_attribute}"] = f"alpha de Krippendorff, {_words}"
    FINDINGS[f"ratings.gold_minus_generated_{_attribute}"] = f"note, {_words} : référence − générée, par légende"
    for _measure, _said in JUDGED_BY.items():
        _short = {"clipscore": "clip"}.get(_measure, _measure)
        for _name, _author in {"kendall": "Kendall", "spearman": "Spearman"}.items():
            FINDINGS[f"ratings.{_short}_{_name}.{_attribute}"] = f"corrélation {_said}–note ({_author}), {_words}"
