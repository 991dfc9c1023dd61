"""Judging how much of a template is in a prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from promptuary.canon.matching.affixes import Affixes
from promptuary.canon.matching.known import Known
from promptuary.canon.matching.locating import Place, Reading, locate

GLUED = 0.5  # of a fixed word, that a foreign word outside the template costs
APART = 0.2  # the same for a word that punctuation or a line break sets apart
MARK = 0.5  # of a fixed word, that punctuation in its place is worth as evidence

_STOPS = frozenset(".!?:;,\n\u3002\uff01\uff1f\uff0c\uff1a\u060c\u061f\u0964")


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a template fits: where its chunks are and what that is worth.

    `similarity` is the weighted share of its fixed words that are there, foreign words counted
    against it; `evidence` counts the fixed words found, and punctuation and edges that agree;
    `explained` weighs what was found against what was not.
    """

    known: Known
    places: tuple[Place | None, ...]
    similarity: float
    evidence: float
    explained: float

    @property
    def missing(self) -> tuple[str, ...]:
        """Fixed words that were not found."""
        return tuple(
            coded.chunk.words[at]
            for coded, place in zip(self.known.chunks, self.places, strict=True)
            for at in (range(len(coded.code)) if place is None else place.missing)
        )


def judged(known: Known, reading: Reading, affixes: Affixes) -> Verdict:
    """The verdict on one template and one prompt."""
    places = locate(known.chunks, reading, closes=known.pattern.closes)
    found, words, foreign = 0.0, 0, 0.0
    for place, weights in zip(places, known.weights, strict=True):
        if place:
            found += sum(weights) - sum(weights[at] for at in place.missing)
            words += len(weights) - len(place.missing)
            foreign += place.extra
    before, behind = outside(known, places, reading)
    outer = _foreign(reading, before, behind, affixes)
    foreign += sum(outer)
    against = known.unit * foreign
    similarity = found / (known.total + against) if known.total else 0.0
    explained = found - 0.5 * (known.total - found) - 0.5 * against
    edges = (known.pattern.opens and not outer[0]) + (known.pattern.closes and not outer[1])
    evidence = words + edges + _marks(known, places, reading)
    return Verdict(known, tuple(places), min(1.0, similarity), evidence, explained)


def outside(known: Known, places: Sequence[Place | None], reading: Reading) -> tuple[int, int]:
    """How many words before the first and behind the last chunk no hole takes."""
    there = [place for place in places if place]
    before = there[0].start if there and known.pattern.opens else 0
    behind = len(reading.code) - there[-1].end if there and known.pattern.closes else 0
    return before, behind


def _foreign(reading: Reading, before: int, behind: int, affixes: Affixes) -> tuple[float, float]:
    """What the words outside at the beginning and the end cost; affixes cost nothing."""
    words, spans, text = reading.tokens.words, reading.tokens.spans, reading.text
    leading = trailing = 0.0
    if before and words[:before] not in affixes.leading:
        gap = text[spans[before - 1][1] : spans[before][0]]
        leading = before * (GLUED if _STOPS.isdisjoint(gap) else APART)
    if behind and words[-behind:] not in affixes.trailing:
        gap = text[spans[-behind - 1][1] : spans[-behind][0]]
        trailing = behind * (GLUED if _STOPS.isdisjoint(gap) else APART)
    return leading, trailing


def _marks(known: Known, places: Sequence[Place | None], reading: Reading) -> float:
    """Evidence of punctuation that stands beside the fixed words as in the template."""
    spans, text = reading.tokens.spans, reading.text
    agree = 0
    for coded, place in zip(known.chunks, places, strict=True):
        if place:
            first, last = spans[place.start][0], spans[place.end - 1][1]
            before, after = coded.chunk.before.strip(), coded.chunk.after.strip()
            agree += bool(after) and text[last : last + 8].lstrip().startswith(after[0])
            agree += bool(before) and text[max(0, first - 8) : first].rstrip().endswith(before[-1])
    return MARK * agree
