"""Making confidence true for one collection, from questions whose answers are known there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from promptuary.answering.confidence import Calibration, calibrate, logit
from promptuary.answering.evaluating.scoring import Gold, calibration_of, holds
from promptuary.domain.answers import Refusal
from promptuary.domain.errors import Misconfigured
from promptuary.domain.judgements import CollectionCalibration
from promptuary.knowledge.asking import Asked, Asking, ask
from promptuary.ports.unit_of_work import UnitOfWork

FILE = "calibrations.json"
"""Where earlier versions kept them."""


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


async def keep(record: UnitOfWork, found: Calibrated) -> None:
    """Note it, for every later question to the collection."""
    async with record.begin() as tx:
        own = CollectionCalibration(found.collection, found.slope, found.shift)
        await tx.judgements.calibrate(own)


async def calibration_for(
    record: UnitOfWork, shipped: Calibration, collection: str | None
) -> Calibration:
    """That of the collection, where it has one."""
    if collection is None:
        return shipped
    async with record.read() as tx:
        own = await tx.judgements.calibration(collection)
    return shipped if own is None else replace(shipped, slope=own.slope, shift=own.shift)


async def carry_over(home: Path, record: UnitOfWork) -> None:
    """Take what an earlier version kept in a file of the home into the record, once; what the
    record has already wins. Raises Misconfigured for a damaged file."""
    file = home / FILE
    if not file.is_file():
        return
    found = _read(file)
    async with record.begin() as tx:
        for each in found:
            if await tx.judgements.calibration(each.collection) is None:
                await tx.judgements.calibrate(each)
    file.unlink()


def _read(file: Path) -> list[CollectionCalibration]:
    try:
        found = json.loads(file.read_text("utf-8"))
        return [
            CollectionCalibration(str(name), float(one["slope"]), float(one["shift"]))
            for name, one in found.items()
        ]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Misconfigured(f"{file} is damaged: remove it and calibrate again") from error
