"""Making confidence true for one collection, from questions whose answers are known there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from promptuary.answering.confidence import Calibration, calibrate, logit
from promptuary.answering.evaluating.scoring import Gold, calibration_of, holds
from promptuary.domain.answers import Refusal
from promptuary.domain.errors import Misconfigured
from promptuary.knowledge.asking import Asked, Asking, ask

FILE = "calibrations.json"


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What labels of a collection made of its confidence: `error` is the expected calibration
    error on the same labels, before and after."""

    collection: str
    labels: int
    right: int
    slope: float
    shift: float
    error_before: float
    error_after: float


async def fit(parts: Asking, gold: Sequence[Gold], collection: str) -> Calibrated:
    """Ask every question of the collection and fit its calibration to which answers are right.

    Raises InvalidInput where too few are right, or wrong, to learn from.
    """
    shipped = replace(parts.answering.calibration, slope=1.0, shift=0.0)
    plain = replace(parts, answering=replace(parts.answering, calibration=shipped, chat=None))
    labels = [await _label(plain, each, collection) for each in gold]
    fitted = calibrate(shipped, [(logit(sure), right) for sure, right in labels])
    after = [(fitted.again(sure), right) for sure, right in labels]
    return Calibrated(
        collection=collection,
        labels=len(labels),
        right=sum(right for _, right in labels),
        slope=fitted.slope,
        shift=fitted.shift,
        error_before=calibration_of(labels),
        error_after=calibration_of(after),
    )


async def _label(parts: Asking, gold: Gold, collection: str) -> tuple[float, bool]:
    wish = replace(Asked(gold.question).wish, min_confidence=0.0)
    said = await ask(parts, Asked(gold.question, collection, wish=wish))
    if isinstance(said, Refusal):
        return said.confidence, False
    return said.confidence, not gold.unanswerable and holds(said.text, gold.answers)


def keep(home: Path, found: Calibrated) -> None:
    """Note it in the home, for every later question to the collection."""
    known = _read(home)
    known[found.collection] = {"slope": found.slope, "shift": found.shift}
    path = home / FILE
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    draft.replace(path)


def calibration_for(home: Path, shipped: Calibration, collection: str | None) -> Calibration:
    """That of the collection, where it has one. Raises Misconfigured for a damaged file."""
    own = _read(home).get(collection or "")
    return shipped if own is None else replace(shipped, slope=own["slope"], shift=own["shift"])


def _read(home: Path) -> dict[str, dict[str, float]]:
    text = "{}"
    with suppress(FileNotFoundError):
        text = (home / FILE).read_text("utf-8")
    try:
        found = json.loads(text)
        return {
            str(name): {"slope": float(one["slope"]), "shift": float(one["shift"])}
            for name, one in found.items()
        }
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Misconfigured(f"{home / FILE} is damaged: remove it and calibrate again") from error
