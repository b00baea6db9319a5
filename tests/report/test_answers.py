"""The answers of the abstract follow the numbers: each branch, on invented results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from rapporteur.report.language.en.sentences import checks as checks_en
from rapporteur.report.language.fr.sentences import abstract as said
from rapporteur.report.language.fr.sentences import checks as checks_fr
from rapporteur.report.language.fr.sentences import landscapes

Bounds = tuple[float | None, float | None]


def record(value: Any, bounds: Bounds = (None, None), unit: str = "share", **more: Any) -> dict[str, Any]:
    return {"quantity": "", "dataset": "", "value": value, "low": bounds[0], "high": bounds[1], "n": 40, "unit": unit,
            "method": {"code": "reading"}, "source": ""} | more  # fmt: skip


@pytest.fixture
def findings(work: Path) -> dict[str, Any]:
    """A study of one dataset, to be changed and written by `write`."""
    (work / "dvc.yaml").touch()
    tables = work / "artifacts/findings/tables"
    tables.mkdir(parents=True)
    pd.DataFrame({"key": ["coco"], "dataset": ["MS-COCO"]}).to_parquet(tables / "corpus.parquet")
    return {
        "study.dataset.coco": record("MS-COCO", unit="name"),
        "study.confidence": record(0.95),
        "clip.candidates.coco": record(20, unit="count"),
        "clip.first_of_20.coco": record(0.7, (0.6, 0.8)),
    }


def write(findings: dict[str, Any]) -> None:
    Path("artifacts/findings/findings.json").write_text(json.dumps(findings), encoding="utf-8")


@pytest.mark.parametrize(
    ("bounds", "answer"),
    [
        ((0.92, 0.99), "oui, presque toujours"),
        ((0.6, 0.8), "oui, le plus souvent"),
        ((0.08, 0.3), "en partie, plus souvent qu’au hasard"),
        ((0.01, 0.2), "non, pas plus qu’au hasard"),
        ((0.0, 0.02), "non, moins qu’au hasard"),
        ((None, None), "trop peu de légendes pour le dire"),
    ],
)
def test_whether_pictures_answer_is_told_by_the_interval(findings: dict[str, Any], bounds: Bounds, answer: str) -> None:
    write(findings | {"clip.first_of_20.coco": record(0.5, bounds)})
    assert f"*MS-COCO* : {answer} ; parmi 20\u00a0légendes" in str(said.does_it_answer("coco"))


@pytest.mark.parametrize(
    ("excess", "words"),
    [
        ((0.2, 0.6), "la couleur nommée y est dans"),
        ((-0.1, 0.1), "n’y est pas plus qu’ailleurs"),
        ((-0.6, -0.2), "moins"),
    ],
)
def test_a_colour_is_obeyed_or_not_against_other_captions(findings: dict[str, Any], excess: Bounds, words: str) -> None:
    colour = {"colour.obeyed.coco": record(0.5, (0.4, 0.6)), "colour.obeyed_minus_base.coco": record(0.1, excess)}
    write(findings | colour)
    assert words in str(said.does_it_answer("coco"))


def test_a_colour_without_an_interval_is_no_answer(findings: dict[str, Any]) -> None:
    write(findings | {"colour.obeyed.coco": record(0.0)})
    assert "couleur" not in str(said.does_it_answer("coco"))


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        ((0.01, 0.05), "CLIP note encore mieux les références"),
        ((-0.05, -0.01), "CLIP note mieux les images tirées"),
        ((-0.02, 0.02), "CLIP ne les distingue pas"),
    ],
)
def test_gold_pictures_are_told_apart_or_not(findings: dict[str, Any], gap: Bounds, words: str) -> None:
    write(findings | {"clip.gold_minus_generated.coco": record(0.01, gap, "CLIPScore")})
    assert words in str(said.does_it_answer("coco"))


def test_a_gap_that_its_corrected_test_does_not_confirm_is_not_affirmed(findings: dict[str, Any]) -> None:
    gap = {
        "clip.gold_minus_generated.coco": record(0.03, (0.01, 0.05), "CLIPScore", p="clip.gold_minus_generated_p.coco"),
        "clip.gold_minus_generated_p.coco": record(0.2, unit="p"),
    }
    write(findings | gap)
    assert "ne les distingue pas" in str(said.does_it_answer("coco"))


@pytest.mark.parametrize(
    ("cost", "words"),
    [((0.01, 0.05), "fait perdre"), ((-0.05, -0.01), "fait gagner"), ((-0.02, 0.02), "ne change rien de visible")],
)
def test_what_the_visual_vocabulary_costs_is_told(findings: dict[str, Any], cost: Bounds, words: str) -> None:
    write(findings | {"clip.gold_minus_reconstructed.coco": record(0.01, cost, "CLIPScore")})
    assert words in said.how_it_draws()


LOSSES = {
    "model.held_out_first": record(2.0, unit="nats/token"),
    "model.held_out_last": record(1.9, unit="nats/token"),
    "model.nats_start_model": record(2.0, (1.9, 2.1), "nats/token"),
    "model.judged": record(52, unit="count"),
}


@pytest.mark.parametrize(
    ("gain", "bounds", "words"),
    [
        (0.3, (0.2, 0.4), "Il aide : sur 52\u00a0images à l’écart de l’entraînement, un jeton coûte 0,300"),
        (0.01, (0.005, 0.015), "Il aide, mais à peine : "),
        (0.01, (-0.01, 0.03), "On ne peut pas dire s’il aide : "),
        (-0.1, (-0.2, -0.05), "Il nuit : "),
        (0.3, (None, None), "Trop peu d’images à l’écart"),
    ],
)
def test_what_training_gave_is_told_by_its_paired_gain(
    findings: dict[str, Any], gain: float, bounds: Bounds, words: str
) -> None:
    write(findings | LOSSES | {"model.gain": record(gain, bounds, "nats/token")})
    told = said.what_landscapes_gave()
    assert told.startswith(words) and said.with_model()
    assert "CLIP" not in told  # no sample was judged
    assert str(said.answers()).count("\n- ") == 2


@pytest.mark.parametrize(
    ("over", "learnt", "words"),
    [
        ((0.01, 0.03), (-0.01, 0.01), "laissaient donc quelque chose à gagner. "),
        ((-0.03, -0.01), (0.01, 0.02), "font mieux. "),
        ((-0.01, 0.03), (-0.02, -0.01), "rien ne les en distingue. "),
        ((-1e-6, 1e-6), (-0.02, -0.01), "sont ceux de l’étude : ils gagnent 0,020"),
    ],
)
def test_other_settings_are_held_against_the_study_s(
    findings: dict[str, Any], over: Bounds, learnt: Bounds, words: str
) -> None:
    write(findings)
    assert str(landscapes.swept()) == ""
    gains = {"best": (0.01, 0.03), "best_over_study": over, "learnt": (0.06, 0.08), "learnt_held_out": learnt}
    settings = {"best_learning_rate": (2e-05, "1"), "best_steps": (60, "count"), "best_batch": (1, "count")}
    swept = {name: record(sum(bounds) / 2, bounds, "nats/token") for name, bounds in gains.items()}  # type: ignore[arg-type]
    swept |= {name: record(value, unit=unit) for name, (value, unit) in settings.items()}
    swept |= {"runs": record(12, unit="count"), "shown": record(12, unit="count")}
    write(findings | {f"model.sweep_{name}": one for name, one in swept.items()})
    told = str(landscapes.swept())
    assert "Le tableau en montre" not in told
    write(findings | {f"model.sweep_{name}": one for name, one in (swept | {"runs": record(18, unit="count")}).items()})
    assert (
        str(landscapes.swept()) == told.replace("avec 12", "avec 18") + " Le tableau en montre les 12\u00a0meilleurs."
    )
    assert words in told and "60\u00a0pas de 1\u00a0image au pas d’apprentissage 0,00002" in told
    assert ("par cœur" in told) == (learnt[1] < 0)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("bounds", "clip", "kid", "copied"),
    [
        ((0.01, 0.03), "CLIP note mieux", "elles sont plus près", "moins que le modèle de départ"),
        ((-0.03, -0.01), "CLIP note moins bien", "elles s’éloignent", "il recopie"),
        ((-0.01, 0.03), "CLIP ne distingue pas", "rien ne dit", "sans que l’écart"),
        ((None, None), "CLIP ne distingue pas", "rien ne dit", "sans que l’écart"),
    ],
)
def test_what_its_pictures_are_worth_is_told_by_the_intervals(
    findings: dict[str, Any], bounds: Bounds, clip: str, kid: str, copied: str
) -> None:
    middle = 0.02 if bounds[0] is None else sum(bounds) / 2  # type: ignore[arg-type]
    gains = {f"judgement.{name}_gain": record(middle, bounds, "1") for name in ("clip", "kid", "copies", "colour")}
    shares = {f"judgement.copies_{name}_model": record(0.1, (0.05, 0.2)) for name in ("start", "landscape")}
    write(findings | LOSSES | {"model.gain": record(0.3, (0.2, 0.4), "nats/token")} | gains | shares)
    told = said.what_landscapes_gave()
    assert clip in told and kid in told
    assert copied in landscapes.copies()
    colour = {"CLIP note mieux": "se rapproche de", "CLIP note moins bien": "s’éloigne de"}
    assert colour.get(clip, "ne se rapproche pas de façon établie") in landscapes.samples_by_colour()


@pytest.mark.parametrize(
    ("kinds", "helped", "harmed", "p", "words"),
    [
        (0, 0, 0, None, "Trop peu d’images à l’écart de chaque genre"),
        (5, 0, 0, 0.3, "aucun des 5\u00a0genres assez présents n’a de gain établi. Le test donne"),
        (5, 3, 0, 0.001, "le gain est établi sur 3 des 5\u00a0genres assez présents. Le test donne"),
        (5, 1, 2, None, "le gain est établi sur 1 des 5\u00a0genres assez présents\u202f; la perte monte sur 2."),
    ],
)
def test_the_gain_is_told_kind_by_kind(
    findings: dict[str, Any], kinds: int, helped: int, harmed: int, p: float | None, words: str
) -> None:
    counts = {"kinds": kinds, "kinds_helped": helped, "kinds_harmed": harmed}
    known = {f"judgement.{name}": record(value, unit="count") for name, value in counts.items()}
    test = {} if p is None else {"judgement.kinds_p": record(p, unit="p")}
    write(findings | known | test)
    told = str(landscapes.kinds_of_landscape()).replace(" ;", "\u202f;")
    assert words in told
    assert ("dépend donc" in told) == (p == 0.001) and ("rien ne dit" in told) == (p == 0.3)


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "aucune image à l’écart n’a presque son"),
        (1, "une image à l’écart a presque"),
        (3, "3 images à l’écart ont"),
    ],
)
def test_pictures_held_out_that_have_their_double_are_told(findings: dict[str, Any], count: int, words: str) -> None:
    write(findings | {"judgement.near_duplicates": record(count, unit="count")})
    assert words in landscapes.near_duplicates()


def test_a_study_without_a_landscape_model_has_two_answers(findings: dict[str, Any]) -> None:
    write(findings)
    told = str(said.answers())
    assert told.count("**") == 4 and "paysages" not in told


@pytest.mark.parametrize(
    ("gap", "french", "english"),
    [
        (
            (0.1, 0.5),
            ("répond mieux à la demande (écart", "et paraît plus réel"),
            ("fits the prompt better (difference", "and looks more real"),
        ),
        (
            (-0.5, -0.1),
            ("répond moins bien", "et paraît moins réel"),
            ("fits the prompt less well", "and looks less real"),
        ),
        ((-0.1, 0.4), ("ne répond ni mieux", "ne paraît ni plus"), ("fits the prompt neither", "looks neither more")),
    ],
)
def test_what_people_say_of_real_pictures_follows_the_intervals(
    findings: dict[str, Any], gap: Bounds, french: tuple[str, str], english: tuple[str, str]
) -> None:
    write(findings)
    assert checks_fr.rated_check() == checks_en.rated_check() == checks_fr.form_check() == checks_en.form_check() == ""
    counts = {f"check.rated_{name}": record(27, unit="count") for name in ("raters", "pictures", "prompts")}
    gaps = {f"check.rated_dalle2_{name}": record(0.2, gap, "score") for name in ("fit", "real")}
    fit = {"check.rated_fit": record(3.8, (3.5, 4.1), "score")}
    for real, lacks in (((2.0, 2.4), True), ((3.2, 3.9), False)):
        write(findings | counts | gaps | fit | {"check.rated_real": record(sum(real) / 2, real, "score")})
        told, said_in_english = checks_fr.rated_check(), checks_en.rated_check()
        assert all(words in told for words in french) and all(words in said_in_english for words in english)
        assert ("la facture de l’image" in told) == ("the making of the picture" in said_in_english) == lacks
    assert "deux à deux" not in told and "rater by rater" not in said_in_english
    duels = {f"check.rated_dalle2_wins_{name}": record(0.6, (0.5, 0.7)) for name in ("fit", "real")}
    duels |= {f"check.rated_dalle2_strength_{name}": record(0.4, (0.1, 0.7), "1") for name in ("fit", "real")}
    real = {"check.rated_real": record(3.5, (3.2, 3.9), "score")}
    write(findings | counts | gaps | fit | real | duels)
    assert "l’écart de force est de 0,40\u00a0[0,10\u202f;\u00a00,70]" in checks_fr.rated_check()
    assert "of the duels on fit" in checks_en.rated_check()


def test_forms_that_lack_are_told_from_the_measure_s_faults(findings: dict[str, Any]) -> None:
    shares = {"check.form_drawn": record(0.78, (0.73, 0.82)), "check.form_gold": record(0.997, (0.98, 0.999))}
    write(findings | shares)
    assert "dans 78,0\u00a0%\u00a0[73,0\u202f;\u00a082,0] des cas" in checks_fr.form_check()
    assert "The form asked for is seen in 78" in checks_en.form_check()
