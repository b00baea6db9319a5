"""What the measures are worth: the tracked results of benchmarks on public pictures and ratings, as findings.

They say nothing of the study; they say how far its colour measure agrees with the eye, its measure of form with what is
known, and CLIP with people; and what people say of pictures that DALL·E mini and others drew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rapporteur.core.errors import BadInput
from rapporteur.findings.finding import Column, Finding, Table, absent, bounds, count, table_of_rows
from rapporteur.findings.topic import Topic
from rapporteur.vocabulary.phrase import Phrase, phrase_of

RESULTS = Path("benchmarks/results")
SHAPES, FORMS, TIFA, RATED = "shapes_obedience", "forms", "tifa", "rated"
COUNTS = {
    "check.shapes_pictures": (SHAPES, "pictures"),
    "check.tifa_pictures": (TIFA, "pictures"),
    "check.rated_pictures": (RATED, "pictures"),
    "check.rated_prompts": (RATED, "prompts"),
    "check.rated_raters": (RATED, "raters"),
}
ESTIMATES = {
    "check.shapes_subject": ("share", SHAPES, "subject.all"),
    "check.shapes_background": ("share", SHAPES, "background.all"),
    "check.eye_subject": ("share", SHAPES, "eye.subject.same_name"),
    "check.eye_background": ("share", SHAPES, "eye.background.same_name"),
    "check.tifa_kendall": ("1", TIFA, "kendall"),
    "check.tifa_alpha": ("1", TIFA, "alpha"),
    "check.form_gold": ("share", FORMS, "gold"),
    "check.form_drawn": ("share", FORMS, "dalle_mini"),
    "check.rated_fit": ("score", RATED, "models.craiyon.prompt_match"),
    "check.rated_real": ("score", RATED, "models.craiyon.realism"),
    "check.rated_dalle2_fit": ("score", RATED, "difference_to_craiyon.prompt_match.dall-e"),
    "check.rated_dalle2_real": ("score", RATED, "difference_to_craiyon.realism.dall-e"),
    "check.rated_dalle2_wins_fit": ("share", RATED, "duels_with_craiyon.prompt_match.dall-e.wins"),
    "check.rated_dalle2_wins_real": ("share", RATED, "duels_with_craiyon.realism.dall-e.wins"),
    "check.rated_dalle2_strength_fit": ("1", RATED, "duels_with_craiyon.prompt_match.dall-e.strength"),
    "check.rated_dalle2_strength_real": ("1", RATED, "duels_with_craiyon.realism.dall-e.strength"),
}
ASKED = ("prompt_match", "realism", "appeal")  # of people, on each rated picture


def findings(folder: Path = RESULTS) -> list[Finding]:
    """Each check, absent where its benchmark was not run. Raises BadInput for a file that is not what it writes."""
    found = {benchmark: _read(folder / f"{benchmark}.json") for benchmark in (SHAPES, FORMS, TIFA, RATED)}
    counts = [
        _check(name, "count", found[benchmark], key, folder / f"{benchmark}.json")
        for name, (benchmark, key) in COUNTS.items()
    ]
    return counts + [
        _check(name, unit, found[benchmark], key, folder / f"{benchmark}.json")
        for name, (unit, benchmark, key) in ESTIMATES.items()
    ]


def tables(folder: Path = RESULTS) -> list[Table]:
    """What people say of each model's pictures; no row where that benchmark was not run."""
    path = folder / f"{RATED}.json"
    content, rows = _read(path), list[dict[str, Any]]()
    for model in _part(content, "models", path) if content is not None else ():
        for question in ASKED:
            part = _part(content, f"models.{model}.{question}", path)
            told = {"mean": part["value"], "low": part["low"], "high": part["high"], "n": part["n"]}
            duels = _part(content, f"strengths.{question}.{model}", path)
            told |= {"strength": duels["value"], "strength_low": duels["low"], "strength_high": duels["high"]}
            rows.append({"model": model, "question": question} | told)
    codes = Column("model", words="rated_model"), Column("question", words="question")
    numbers = Column("n", "count", 0), Column("mean", "score", 2), *bounds("score", 2)
    strengths = [Column(name, "1", 2) for name in ("strength", "strength_low", "strength_high")]
    return [table_of_rows("check_rated", path.as_posix(), rows, *codes, *numbers, *strengths)]


def _read(path: Path) -> Any:
    """What a benchmark wrote; None where it was not run."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise BadInput(f"not JSON ({error}); run python -m benchmarks.{path.stem}", path) from None


def _check(name: str, unit: str, content: Any, key: str, path: Path) -> Finding:
    source = path.as_posix()
    if content is None:
        return absent(name, unit, source, Phrase("check_not_made", {"command": f"python -m benchmarks.{path.stem}"}))
    part = _part(content, key, path)
    if unit == "count":
        return count(name, part, source)
    return Finding(name, part["value"], unit, part["n"], _method(part, path), source, part["low"], part["high"])


def _method(part: Mapping[str, Any], path: Path) -> Phrase:
    """How a benchmark's number was computed, as it wrote it; shares of prompts by default."""
    told = part.get("method", {"code": "wilson_by_prompt"})
    if not isinstance(told, Mapping) or "code" not in told:
        raise BadInput(f"a `method` in it is no phrase; run python -m benchmarks.{path.stem}", path)
    return phrase_of(told)


def _part(content: Any, key: str, path: Path) -> Any:
    """What a result holds under a dotted key."""
    for name in key.split("."):
        if not isinstance(content, Mapping) or name not in content:
            raise BadInput(f"there is no `{key}` in it; run python -m benchmarks.{path.stem}", path)
        content = content[name]
    return content


TOPIC = Topic(
    findings=lambda given: findings(),
    tables=lambda given, known, tests: tables(),
)
