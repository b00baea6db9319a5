"""How often the landscape filter is right, by images that people labelled, and how far these people agree.

Images drawn at random from each side of the filter, kept and refused, stand for different numbers of images, so recall
weighs them. With a share p of landscapes among the K kept images and m among the R refused ones (borderline images
count in the denominators alone),

    recall = K p / (K p + R m),

whose interval comes from Jeffreys' posteriors of p and m (L. Brown, T. Cai and A. DasGupta, Statistical Science 16,
2001), which stay sensible where no labelled refused image is a landscape.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import krippendorff
import numpy as np
import pandas as pd

from rapporteur.findings.finding import Finding, absent, count, measured, named
from rapporteur.landscapes.labels import DOUBTFUL, LABELS, majority
from rapporteur.statistics.agreement import coincidences
from rapporteur.statistics.bootstrap import Estimate, Floats, Resampling, Undefined, bootstrap
from rapporteur.statistics.proportions import share, wilson
from rapporteur.vocabulary.phrase import Phrase

UNKNOWN = "truth_unknown"
COUNTS = ("labelled", "labelled_kept", "labelled_refused", "doubtful", "raters", "labelled_twice", "disagreed")
ASIDE = ("absent", "redrawn", "unverified")
SCALE = sorted(set(LABELS.values()))  # nominal: their order says nothing


Digests = Mapping[tuple[str, str], str]  # of gold pictures, by dataset and image_id


@dataclass(frozen=True)
class Apart:
    """How many labels do not count, and why; and how many count though no digest says of which picture they are."""

    absent: int = 0  # the filter did not examine the image
    redrawn: int = 0  # the image's picture is another one now
    unverified: int = 0


def labelled(images: pd.DataFrame, truth: pd.DataFrame | None, gold: Digests | None = None) -> pd.DataFrame | None:
    """The examined images that have a label, with `doubtful`, `votes` and the `weight` of each; None without labels.

    gold: what pictures the study has; labels given to others are left out (`set_apart`).
    """
    if truth is None or truth.empty:
        return None
    if "votes" not in truth:
        return images.merge(truth, on="image_id").assign(doubtful=False, votes=None, weight=1.0)
    found = images.merge(_here(images, truth), on="image_id")
    columns = zip(found["votes"], found["digests"], found["dataset"], found["image_id"], strict=True)
    votes = [
        {rater: label for rater, label in said.items() if not _is_other(judged[rater], (gold or {}).get((name, image)))}
        for said, judged, name, image in columns
    ]
    found = found.assign(votes=pd.Series(votes, index=found.index, dtype=object))
    found = found[found["votes"].map(len) > 0].copy()
    verdicts = found["votes"].map(lambda votes: majority(votes.values()))
    found = found.assign(is_landscape=verdicts.eq("1"), doubtful=verdicts.eq(DOUBTFUL)).drop(columns="digests")
    sides = found["kept"].map(images["kept"].value_counts() / found["kept"].value_counts())
    return found.assign(weight=sides.astype("float64"))


def _here(images: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """The labels of these images' datasets, or of none that is named."""
    return truth[truth["dataset"].eq("") | truth["dataset"].isin(images["dataset"])].drop(columns="dataset")


def _is_other(judged: str, now: str | None) -> bool:
    return bool(judged and now) and judged != now


def set_apart(images: pd.DataFrame, truth: pd.DataFrame | None, gold: Digests) -> Apart:
    """What becomes of the labels in raters' files."""
    if truth is None or "votes" not in truth:
        return Apart()
    examined = {image: (name, image) for name, image in zip(images["dataset"], images["image_id"], strict=True)}
    counts = dict.fromkeys(("absent", "redrawn", "unverified"), 0)
    for dataset, image, digests in zip(truth["dataset"], truth["image_id"], truth["digests"], strict=True):
        place = examined.get(image)
        for judged in digests.values():
            if place is None or dataset not in ("", place[0]):
                counts["absent"] += 1
            elif _is_other(judged, gold.get(place)):
                counts["redrawn"] += 1
            elif not judged:
                counts["unverified"] += 1
    return Apart(**counts)


def findings(
    images: pd.DataFrame, truth: pd.DataFrame | None, source: str, plan: Resampling, gold: Digests | None = None
) -> list[Finding]:
    """Precision, recall, what they rest on, and the agreement of raters."""
    apart = set_apart(images, truth, gold or {})
    aside = [count(f"landscapes.labels_{name}", getattr(apart, name), source) for name in ASIDE]
    return [*aside, *_findings(images, labelled(images, truth, gold), source, plan)]


def _findings(images: pd.DataFrame, found: pd.DataFrame | None, source: str, plan: Resampling) -> list[Finding]:
    if found is None:
        missing = [absent(f"landscapes.{name}", "share", source, UNKNOWN) for name in ("precision", "recall")]
        counts = [absent(f"landscapes.{name}", "count", source, UNKNOWN) for name in COUNTS]
        return [*counts, *missing, _names([], source), _agreement(None, source, plan)]
    return [*_counts(found, source), *_rightness(images, found, source, plan), _agreement(found, source, plan)]


def _names(raters: Sequence[str], source: str) -> Finding:
    name = "landscapes.label_raters"
    return named(name, ", ".join(raters), source) if raters else absent(name, "name", source, "nameless_labels")


def _counts(found: pd.DataFrame, source: str) -> list[Finding]:
    known, votes = found[~found["doubtful"]], found["votes"].dropna()
    several, raters = votes[votes.map(len) > 1], sorted({rater for each in votes for rater in each})
    numbers = {
        "labelled": len(known),
        "labelled_kept": int(known["kept"].sum()),
        "labelled_refused": int((~known["kept"]).sum()),
        "doubtful": int(found["doubtful"].sum()),
        "raters": len(raters),
        "labelled_twice": len(several),
        "disagreed": sum(len(set(each.values())) > 1 for each in several),
    }
    counts = [count(f"landscapes.{name}", number, source) for name, number in numbers.items()]
    return [*counts, _names(raters, source)]


def _rightness(images: pd.DataFrame, found: pd.DataFrame, source: str, plan: Resampling) -> list[Finding]:
    known = found[~found["doubtful"]]
    kept, real = known[known["kept"]], known[known["is_landscape"]]
    precision = partial(share, kept["is_landscape"], kept["image_id"], plan, "landscapes_among_kept")
    recall = partial(share, real["kept"], real["image_id"], plan, "kept_among_landscapes")
    if found["votes"].notna().any():
        recall = partial(weighted_recall, found, int(images["kept"].sum()), int((~images["kept"]).sum()), plan)
    return [
        measured("landscapes.precision", "share", source, precision),
        measured("landscapes.recall", "share", source, recall),
    ]


def weighted_recall(found: pd.DataFrame, kept: int, refused: int, plan: Resampling) -> Estimate:
    """Recall from images drawn on both sides of the filter; `kept` and `refused` are the sizes of the sides."""
    real, side = found["is_landscape"] & ~found["doubtful"], found["kept"].astype(bool)
    right, drawn = int(real[side].sum()), int(side.sum())
    missed, left = int(real[~side].sum()), int((~side).sum())
    if refused and not left:
        raise Undefined("no_refused_image_labelled")
    if not right and not missed:
        raise Undefined("no_landscape_labelled")
    value = float(_recall(right / max(drawn, 1), missed / max(left, 1), kept, refused))
    random = np.random.default_rng(plan.seed)
    shares = random.beta(right + 0.5, drawn - right + 0.5, plan.resamples)
    misses = random.beta(missed + 0.5, left - missed + 0.5, plan.resamples)
    tail = (1 - plan.confidence) / 2
    bounds = np.quantile(_recall(shares, misses, kept, refused), [tail, 1 - tail])
    low, high = (float(bounds[0]) if right else 0.0), (float(bounds[1]) if missed else 1.0)
    how = Phrase("weighted_recall", {"kept": drawn, "refused": left})
    return Estimate(value, min(low, value), max(high, value), len(found), len(found), how)


def _recall(hits: Floats | float, misses: Floats | float, kept: int, refused: int) -> Floats:
    return np.asarray(kept * hits / (kept * hits + refused * misses))


def rightness(known: pd.DataFrame, threshold: float, plan: Resampling) -> dict[str, float]:
    """Precision with its bounds and recall at a threshold; nothing where there is nothing to divide by.

    Wilson's interval is at the effective size of weighted rows, (Σw)² / Σw² (L. Kish, Survey Sampling, 1965).
    """
    found: dict[str, float] = {}
    taken = known[known["score"] >= threshold]
    if len(taken):
        weights = taken["weight"]
        size = weights.sum() ** 2 / (weights**2).sum()
        precision = float(np.average(taken["is_landscape"], weights=weights))
        low, high = wilson(precision * size, size, plan.confidence)
        found |= {"precision": precision, "low": low, "high": high}
    real = known[known["is_landscape"]]
    if len(real):
        found["recall"] = float(np.average(real["score"] >= threshold, weights=real["weight"]))
    return found


def _agreement(found: pd.DataFrame | None, source: str, plan: Resampling) -> Finding:
    name = "landscapes.label_alpha"
    votes = [] if found is None else list(found["votes"].dropna())
    if not any(len(each) > 1 for each in votes):
        return absent(name, "1", source, "one_label_rater")
    raters = sorted({rater for each in votes for rater in each})
    codes = [[SCALE.index(each[rater]) if rater in each else np.nan for rater in raters] for each in votes]
    return measured(name, "1", source, partial(nominal_alpha, np.array(codes, dtype=np.float64), plan))


def nominal_alpha(ratings: Floats, plan: Resampling) -> Estimate:
    """Krippendorff's alpha for names [images, raters], NaN where a rater gave none; images are drawn again."""
    paired = ratings[(~np.isnan(ratings)).sum(axis=1) >= 2]
    if len(np.unique(paired[~np.isnan(paired)])) < 2:
        raise Undefined("alpha_needs_differing_labels")
    value = float(krippendorff.alpha(paired.T, level_of_measurement="nominal"))
    features = coincidences(paired, np.unique(paired[~np.isnan(paired)]))
    found = bootstrap(features, np.arange(len(paired)), _alpha, plan, "krippendorff_alpha_nominal")
    return Estimate(value, found.low, found.high, found.n, found.clusters, found.method)


def _alpha(totals: Floats) -> Floats:
    """Alpha of coincidence totals [resamples, levels²]: 1 - (n - 1) different pairs / pairs that chance makes."""
    levels = round(totals.shape[1] ** 0.5)
    observed = totals.reshape(-1, levels, levels)
    margins = observed.sum(axis=2)
    size = margins.sum(axis=1)
    different = size - np.trace(observed, axis1=1, axis2=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(1 - (size - 1) * different / (size**2 - (margins**2).sum(axis=1)))
