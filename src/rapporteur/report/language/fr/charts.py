"""What charts and contact sheets say: captions, texts for who can't see them, titles of axes, and what documents print
around results. {said} lists the figure's own numbers.
"""

from __future__ import annotations

_INTERVAL = "intervalle à 95 %"

CHARTS: dict[str, str] = {
    # --- everywhere
    "not_measured": "non mesuré",
    "in_dataset": "{dataset} : {said}",
    "in_group": "{dataset}, {group} : {said}",
    "in_two_groups": "{dataset}, {group}, {other} : {said}",
    "axis.score": "CLIPScore",
    "axis.captions": "Légendes",
    "axis.caption": "Légende",
    "axis.draws": "Tirages",
    "axis.image": "Image",
    "axis.images": "Images",
    "axis.pairs": "Paires",
    "axis.mean": "Moyenne",
    "axis.share": "Part",
    "axis.share_of_images": "Part des images",
    "axis.share_of_queries": "Part des requêtes",
    "axis.chance": "Hasard",
    "axis.queries": "Requêtes",
    "axis.against": "Face à",
    "axis.preference": "Préférence",
    "axis.preference_for_own": "Préférence pour l'origine",
    "axis.comparisons": "Comparaisons",
    "axis.drawn_per_caption": "Images tirées par légende",
    "axis.best_score": "CLIPScore de la meilleure",
    "axis.gold_score": "CLIPScore, image de référence",
    "axis.generated_score": "CLIPScore, images générées",
    "axis.mean_score": "CLIPScore moyen",
    "axis.gold": "Référence",
    "axis.generated": "Générées",
    "axis.half_width": "Demi-largeur",
    "axis.effect": "Effet",
    "axis.effect_size": "Taille d'effet (à droite : mieux notées)",
    "axis.captions_that_name": "Légendes qui nomment",
    "axis.with": "Avec",
    "axis.without": "Sans",
    "axis.p_holm": "p (Holm)",
    "axis.words": "Mots",
    "axis.words_of_the_caption": "Mots de la légende",
    "axis.a": "a* (du vert au rouge)",
    "axis.b": "b* (du bleu au jaune)",
    "axis.colour": "Couleur",
    "axis.base_rate": "Taux de base",
    "axis.hue": "Teinte",
    "axis.share_of_chroma": "Part du chroma",
    "axis.from_degrees": "À partir de (degrés)",
    "axis.filter_score": "Score du filtre",
    "axis.loss": "Perte (nats par jeton)",
    "axis.loss_short": "Perte",
    "axis.steps": "Pas d’apprentissage",
    "axis.step": "Pas",
    "axis.rating": "Note (1 à 5)",
    "axis.kendall_tau": "Tau de Kendall",
    "axis.row": "Ligne",
    "axis.value": "Valeur",
    "axis.low": "Borne basse",
    "axis.high": "Borne haute",
    "axis.n": "Effectif",
    # --- CLIP
    "clip_distributions.alt": "Distributions des scores CLIP. {said}",
    "clip_distributions.said": "{dataset} : {means}.",
    "clip_distributions.caption": (
        "Scores CLIP des images de référence, des images générées et des images générées confrontées à une autre "
        f"légende ; le trait sous chaque courbe donne la moyenne et son {_INTERVAL}."
    ),
    "clip_best_of_k.alt": "Score CLIP de la meilleure de k images, k de 1 à {most}. {said}.",
    "clip_best_of_k.said": "{dataset} : gain {gain}",
    "clip_best_of_k.caption": (
        f"Score CLIP de la meilleure de k images tirées pour une légende ; bande : {_INTERVAL}."
    ),
    "clip_captions.alt": (
        "Score CLIP moyen des images générées contre score de l'image de référence, un point par légende. "
        "Les images générées dépassent la référence pour : {said}."
    ),
    "clip_captions.said": "{dataset} : {above} légendes sur {all}",
    "clip_captions.caption": (
        "Score CLIP des images générées (moyenne par légende) et de l'image de référence ; sur la diagonale, égalité."
    ),
    "clip_foils.alt": (
        "Part des images que CLIP accorde mieux à leur légende qu'à une autre, avec intervalle, par sorte d'autre "
        "légende. {said}."
    ),
    "clip_foils.caption": (
        f"Préférence de CLIP pour la légende d'origine, dans la même image, avec {_INTERVAL} ; tirets : hasard."
    ),
    "clip_retrieval.alt": (
        "Part des requêtes dont la bonne réponse est parmi les k premières, avec intervalle. R@1 : {said}."
    ),
    "clip_retrieval.said": "{dataset}, {direction}, {pictures} : {recall} (hasard {chance})",
    "clip_retrieval.caption": (
        "Recherche par CLIP dans toute l'étude : part des requêtes dont la bonne réponse est parmi les k premières, "
        f"avec {_INTERVAL} ; traits gris : ordre au hasard."
    ),
    "clip_planning.alt": (
        "Demi-largeur de l'intervalle du score moyen selon le nombre de légendes, pour un tirage, ceux de l'étude et "
        "des tirages sans fin. L'étude : {said}."
    ),
    "clip_planning.said": "{dataset} : ± {width} avec {captions} légendes de {draws} tirages",
    "clip_planning.caption": (
        "Demi-largeur attendue de l'intervalle à 95 % du score CLIP moyen selon le nombre de légendes et de tirages "
        "par légende ; croix : l'étude. Échelles logarithmiques."
    ),
    "clip_planning.endless": "sans fin",
    "clip_planning.legend": "Tirages :",
    "clip_failures.alt": (
        "Taille d'effet de ce que nomme la légende sur le score CLIP des images tirées, avec intervalle. {said}."
    ),
    "clip_failures.length": "longueur, en mots",
    "clip_failures.caption": (
        "Score CLIP des légendes qui nomment une chose, face aux autres : delta de Cliff, et rho de Spearman pour la "
        f"longueur, avec {_INTERVAL}."
    ),
    "clip_lengths.alt": (
        "Score CLIP moyen des images tirées selon la longueur de la légende, un point par légende. "
        "Corrélation de Spearman : {said}."
    ),
    "clip_lengths.caption": "Score CLIP des images générées (moyenne par légende) selon la longueur de la légende.",
    "clip_ceiling.alt": (
        "Score CLIP moyen, avec intervalle : références, mêmes images passées par le VQGAN, images tirées. {said}."
    ),
    "clip_ceiling.caption": f"Ce que le VQGAN laisse passer : score CLIP moyen avec {_INTERVAL}.",
    # --- colour
    "colour_ab.alt": (
        "Couleur moyenne des images dans le plan a*, b* de CIELAB, références en losanges, générées en ronds. {said}."
    ),
    "colour_ab.said": "{dataset} : ΔE2000 moyen {own} par légende, {others} entre légendes différentes",
    "colour_ab.caption": (
        "Couleur moyenne des images dans le plan a*, b* de CIELAB, chaque point peint de cette couleur."
    ),
    "colour_differences.alt": "Différences appariées de couleur, références moins images tirées : {said}.",
    "colour_differences.caption": (
        "Mesures de couleur, références moins images tirées : différences appariées par "
        "légende et intervalles ; à droite de zéro, les références en ont plus."
    ),
    "colour_measures.alt": (
        "Moyennes des mesures de couleur des références et des images générées ; référence moins générées, {said}."
    ),
    "colour_measures.said": "{measure}, {dataset} : différence {difference}",
    "colour_measures.caption": (
        "Mesures de couleur des images de référence et des images générées : moyennes et intervalles à 95 %."
    ),
    "colour_obedience.alt": (
        "Part des images générées qui montrent la couleur nommée, couleur par couleur, avec intervalle. En tout, "
        "{said}."
    ),
    "colour_obedience.title": "Couleur du {part}",
    "colour_obedience.title_of_several": "Couleur du {part}, {dataset}",
    "colour_obedience.caption": (
        f"Part des images générées qui montrent la couleur que nomme leur légende, avec {_INTERVAL} ; tirets : taux de "
        "base, le même mot cherché sur les images d'autres légendes ; barres grises : ce taux, mot par mot."
    ),
    "palettes.alt": (
        "Palettes de cinq couleurs de l'image de référence et d'une image générée, pour les légendes : {captions}."
    ),
    "palettes.gold": "R",
    "palettes.generated": "G",
    "palettes.caption": (
        "Palettes pondérées de cinq couleurs, pour des légendes choisies au hasard : en haut l'image de référence (R), "
        "en bas la première image générée (G)."
    ),
    "colour_hues.alt": "Répartition du chroma selon la teinte, par dix degrés de CIELAB ; {said}.",
    "colour_hues.said": ("{dataset} : surtout {gold} pour les références, {generated} pour les images générées"),
    "colour_hues.degrees": "{start} à {end} degrés",
    "colour_hues.caption": (
        "Part du chroma portée par chaque teinte, en degrés de CIELAB : barres pour les images générées, ligne "
        "pour les références."
    ),
    "colour_distances.alt": (
        "Distances de couleur à la référence, images de la même légende contre images d’autres légendes. {said}."
    ),
    "colour_distances.said": "{distance}, {dataset} : {own} contre {others}",
    "colour_distances.caption": (
        "Distances de couleur entre une référence et les images générées pour sa légende ou pour d’autres : moyennes "
        "et intervalles à 95 %."
    ),
    # --- landscapes
    "landscape_scores.alt": (
        "Histogramme du score du filtre des paysages : {kept} images retenues, {refused} refusées ; précision "
        "{precision}, rappel {recall}."
    ),
    "landscape_scores.caption": "Score du filtre des paysages, images retenues et refusées.",
    "loss.alt": (
        "Perte du modèle de paysages au fil de l'apprentissage : {train} sur les lots d'apprentissage, {held_out} sur "
        "les images tenues à l'écart, en nats par jeton."
    ),
    "loss.ends": "de {first} à {last}",
    "loss.not_measured": "non mesurée",
    "loss.caption": (
        "Perte par jeton au fil de l'apprentissage du modèle de paysages (moyenne mobile sur les lots ; en clair, "
        "chaque lot) ; tirets : tirage uniforme des codes."
    ),
    "samples_clip.alt": (
        "CLIPScore moyen des images de chaque demande, par les deux modèles : {start} pour le modèle de départ, "
        "{landscape} pour le modèle de paysages, soit un gain de {gain}."
    ),
    "samples_clip.caption": (
        "CLIPScore moyen de chaque demande, mêmes germes : modèle de départ et modèle de paysages, le plus grand gain "
        "en haut."
    ),
    "axis.gain": "Gain de l’entraînement",
    "landscape_kinds.said": "{kind} {gain}",
    "landscape_kinds.alt": (
        "Gain de l'entraînement par genre de paysage, en perte, en couleur et en KID, avec intervalle ; en perte : "
        "{said}."
    ),
    "landscape_kinds.caption": (
        "Ce que gagne l'entraînement par genre de paysage (positif : le modèle de paysages fait mieux), avec "
        "intervalle à partir de cinq images ou demandes ; intervalles non corrigés pour leur nombre."
    ),
    # --- ratings
    "ratings.mark": " Notes SIMULÉES.",
    "ratings.title": "Notes simulées",
    "ratings.alt": "Note moyenne des images générées par critère : {said}.",
    "ratings.caption": "Évaluation humaine des images générées : moyennes et intervalles à 95 %.",
    "ratings.plan": "Aucune note saisie : {pictures} images à noter",
    "ratings.plan.alt": (
        "Plan de l'évaluation humaine : quatre critères notés de 1 à 5 ; aucune note n'a été saisie, {pictures} images "
        "restent à noter."
    ),
    "ratings.plan.caption": ("Plan de l'évaluation humaine : critères et échelle ; aucune note n'a encore été saisie."),
    "ratings_groups.alt": (
        "Notes moyennes, un panneau par critère, une ligne par jeu de données ou par sorte de demande. Les plus basses "
        "et les plus hautes : {said}."
    ),
    "ratings_groups.caption": ("Notes moyennes et intervalles à 95 %, par jeu de données et par sorte de demande."),
    "ratings_groups.group": "{dataset} : {prompt}",
    "ratings_groups.extremes": "{kind}, {ends}",
    "ratings_groups.end": "{mean} ({group}, {attribute})",
    "ratings_correlations.alt": (
        "Corrélation de rang (Kendall) entre mesures automatiques et notes humaines : {said}."
    ),
    "ratings_correlations.said": "{attribute}, {measure} {tau}",
    "ratings_correlations.caption": ("Mesures automatiques et notes humaines : tau de Kendall et intervalles à 95 %."),
    "check_rated.alt": "Notes moyennes de 1 à 5 données par des personnes à chaque modèle. {said}.",
    "check_rated.said": "{question} : {models}",
    "check_rated.caption": "Ce que des personnes disent d’images publiées : moyennes et intervalles à 95 %.",
    # --- contact sheets
    "sheet.model": "le modèle {name}",
    "sheet.caption_head": "Légende",
    "sheet.gold_head": "Référence",
    "sheet.generated_head": "Images générées",
    "sheet.prompt_head": "Demande",
    "sheet.start_model": "Modèle de départ",
    "sheet.landscape_model": "Modèle de paysages",
    "sheet.compact.alt": "Images générées par {model} pour les légendes : {captions}.",
    "sheet.compact_gold.alt": ("Image de référence et images générées par {model} pour les légendes : {captions}."),
    "sheet.compact.caption": "Images générées ({dataset}) pour des légendes choisies au hasard.",
    "sheet.compact_gold.caption": (
        "Images générées ({dataset}) pour des légendes choisies au hasard ; encadrée, l'image de référence."
    ),
    "sheet.full.alt": "{most} images générées par {model} pour chacune des légendes : {captions}.",
    "sheet.full_gold.alt": (
        "Image de référence et {most} images générées par {model} pour chacune des légendes : {captions}."
    ),
    "sheet.full.caption": "Images générées ({dataset}), légendes choisies au hasard.",
    "sheet.gold.alt": "Images de référence avec une de leurs légendes : {captions}.",
    "sheet.gold.caption": "Images de référence ({dataset}) et une de leurs légendes, choisies au hasard.",
    "sheet.extremes.best": "Les mieux notées par CLIP",
    "sheet.extremes.worst": "Les moins bien notées",
    "sheet.extremes.alt": (
        "Images générées par {model} au plus haut score CLIP, pour : {best} ; et au plus bas, pour : {worst}."
    ),
    "sheet.extremes.caption": (
        "Images générées ({dataset}) aux scores CLIP les plus hauts et les plus bas, une par légende."
    ),
    "sheet.extremes_gold.caption": (
        "Images générées ({dataset}) aux scores CLIP les plus hauts et les plus bas, une par légende, à droite de leur "
        "image de référence (encadrée)."
    ),
    "sheet.landscapes.kept": "Retenues (au hasard)",
    "sheet.landscapes.refused": "Refusées (les plus proches du seuil)",
    "sheet.landscapes.reason": "{score} : {reasons}",
    "sheet.landscapes.alt": "Images retenues par le filtre des paysages : {kept} ; refusées : {refused}.",
    "sheet.landscapes.caption": (
        "Images retenues et refusées par le filtre des paysages, avec leur score, la règle et une légende."
    ),
    "sheet.samples.alt": (
        "Images tirées du modèle de départ (à gauche) et du modèle de paysages (à droite) pour les demandes : "
        "{captions}."
    ),
    "sheet.samples.caption": "Mêmes demandes, mêmes germes : modèle de départ et modèle de paysages.",
    "sheet.nearest.drawn": "Image tirée",
    "sheet.nearest.real": "Image apprise la plus proche",
    "sheet.nearest.alt": (
        "Images du modèle de paysages les plus proches d’une image apprise, au-dessus de celle-ci, pour les demandes : "
        "{captions}."
    ),
    "sheet.nearest.caption": (
        "Images du modèle de paysages les plus proches d’une image apprise, une par demande, au-dessus de celle-ci ; "
        "cosinus de CLIP."
    ),
    # --- around results
    "numbers_attached": "Chaque nombre de l’étude, avec son intervalle, son unité, sa méthode et sa source",
    # --- where a number of a page comes from
    "cited.value": "Valeur",
    "cited.n": "Effectif",
    "cited.method": "Méthode",
    "cited.test": "Test",
    "cited.source": "Source",
    "cited.stage": "Étape",
    "cited.settings": "réglages : bloc du même nom de {params}",
    "cited.again": "Recalculer",
    "cited.chain": "Toute la chaîne",
    "cited.file": "Fichier",
    "cited.title": "D’où vient ce nombre",
    "cited.figure": "D’où vient cette figure",
    "cited.table": "D’où vient ce tableau",
    "cited.close": "Fermer",
    # --- around results
    "whole_study": "Ensemble de l’étude",
    "no_gold_picture_shown": "Aucune image de référence n’est montrée.",
    "gold_licences": "Licences des images de référence : {list} ; leurs sources sont en annexe du rapport.",
    "gold_pictures_shown_one": "image de référence montrée",
    "gold_pictures_shown_many": "images de référence montrées",
    "pictures_by_the_program": "**{dataset}** : {pictures}, dessinées par le programme ({licences}).",
    "pictures_of_a_dataset": "**{dataset}** : {pictures}.",
    "pictures_of_a_licence": "- {licence} : {pictures}.",
    "licence_not_stated": "licence non précisée",
}
