"""What happened to the wording of a strand: where it changed, and what kind of change it was.

    prompts in time -> the cut with the most evidence -> what kind of change is it?
                    -> the same again on either side, until no cut is a change

A word sequence that came or went altogether is a change of wording, or of slots where the number
of gaps between the fixed words differs. Sequences that half of the prompts have, and the others
have not, say that one wording became two, or two became one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise, product
from statistics import fmean
from typing import Literal, TypeAlias

from promptuary.canon.evolution.sightings import BEGIN, END, Gram, Sighting, grams
from promptuary.canon.evolution.steps import LEAST, Step, steps, strongest

Kind: TypeAlias = Literal[
    "CREATED", "UPDATED", "SLOT_ADDED", "SLOT_REMOVED", "DRIFT_DETECTED", "SPLIT", "MERGED",
    "RETIRED",
]  # fmt: skip

TYPOS = 0.08
"""Share of prompts in which fixed words may be missing, or a passing value may look like them."""
STRAY = 0.03
"""Share of prompts whose values may look like the fixed text to come, besides one."""
MOSTLY = 0.6
"""Share of prompts that show a new sequence even where others put polite words beside it."""
HALF_A_GAP = 0.5
"""A slot more makes about one gap more between the fixed words."""
TWICE = 2
"""Sequences that show a change at least."""
FIXED = 0.8
"""Share of prompts from which on a sequence is fixed text."""
PART = (0.15, 0.85)
"""Between these shares, some prompts have a wording and others do not."""
BESIDE = 6
"""Prompts around a split or merger in which its wordings come up one by one."""
COVERED = 0.85
"""Two wordings explain at least so many of the prompts."""
KEPT = 0.8
"""A wording that is used at this share of its earlier rate goes on: another came beside it."""
LIKELIEST = 16
"""Sequences among which two wordings are looked for."""
NEAREST = 60
"""Prompts on either side of a cut that its kind is decided by."""
TRIES = 4
"""Cuts of a row that are looked at before it counts as unchanged."""
CREEPING = timedelta(days=16)
"""Changes of wording that follow one another so closely are one drift."""


@dataclass(frozen=True, slots=True)
class Change:
    """From prompt number `cut` on the strand is worded otherwise; `steps` more cuts belong to it.

    `came` and `went` are words that tell, `shown` and `left` numbers of prompts with and without
    them. `ratio` is the evidence in nats.
    """

    kind: Kind
    cut: int
    ratio: float
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()
    steps: int = 1
    gaps: tuple[float, float] = (0.0, 0.0)


def changes(sightings: Sequence[Sighting]) -> list[Change]:
    """Of prompts in time, in time."""
    words = [each.words for each in sightings]
    rows = [frozenset(grams(each)) for each in words]
    work = _Row(sightings, words, rows)
    found = sorted(_found(work, 0, len(rows)), key=lambda each: each.cut)
    return _crept(sightings, [each for each in found if not _part_of_another(each, found)])


def _part_of_another(change: Change, found: Sequence[Change]) -> bool:
    """Whether it is but one wording of a split or merger coming up before the other."""
    if change.kind in {"SPLIT", "MERGED"}:
        return False
    parting = (each.cut for each in found if each.kind in {"SPLIT", "MERGED"})
    return any(abs(cut - change.cut) <= BESIDE for cut in parting)


@dataclass(frozen=True, slots=True)
class _Row:
    sightings: Sequence[Sighting]
    words: Sequence[Sequence[str]]
    rows: Sequence[frozenset[Gram]]


def _found(work: _Row, start: int, end: int, outer: Sequence[Step] = ()) -> list[Change]:
    """The changes of a part of the row. Steps that were seen in a longer part hold in it too."""
    own = [replace(s, cut=s.cut + start) for s in steps(work.rows[start:end])]
    known = {step.gram for step in own}
    inside = range(start + LEAST, end - LEAST + 1)
    found = own + [s for s in outer if s.gram not in known and s.cut in inside]
    open_ = {step.cut for step in found}
    for _ in range(TRIES):
        telling = strongest(found, sorted(open_))
        if not telling:
            break
        weights: Counter[int] = Counter()
        for step in telling:
            weights[step.cut] += round(1000 * step.ratio)
        cut = max(weights, key=lambda at: (weights[at], -at))
        change = _kind(work, (start, cut, end), telling)
        if change is not None:
            left, right = _found(work, start, cut, found), _found(work, cut, end, found)
            return [*left, change, *right]
        open_ -= {step.cut for step in telling}
    return []


def _kind(work: _Row, at: tuple[int, int, int], telling: Sequence[Step]) -> Change | None:
    start, cut, end = at
    came = [s for s in telling if _is_rare(s.before, cut - start) and s.after >= MOSTLY]
    went = [s for s in telling if _is_rare(s.after, end - cut) and s.before >= MOSTLY]
    whole_came = [s for s in came if s.after >= 1 - TYPOS - 1 / (end - cut)]
    whole_went = [s for s in went if s.before >= 1 - TYPOS - 1 / (cut - start)]
    ratio = sum(sorted((step.ratio for step in telling), reverse=True)[:2])
    if not any(step.gram[1] for step in whole_came):
        parted = _parted(work.rows[cut:end], telling, forward=True)
        if parted:
            kind = _split_or_created(work, at, parted)
            begun = min(step.cut for step in parted)
            return Change(kind, begun, ratio, _words(parted[:1]), _words(parted[1:]))
    if not any(step.gram[1] for step in whole_went):
        parted = _parted(work.rows[start:cut], telling, forward=False)
        if parted:
            kind = _merged_or_retired(work, at, parted)
            over = max(step.cut for step in parted)
            return Change(kind, over, ratio, _words(parted[1:]), _words(parted[:1]))
    changed = [*came, *went]
    if not (whole_came or whole_went) or len(changed) < TWICE:
        return None
    if not any(step.gram[1] for step in changed):
        return None
    gaps = _gaps_around(work, at, came, went)
    kind = "UPDATED"
    if gaps[1] > gaps[0] + HALF_A_GAP and not _alone(whole_went):
        kind = "SLOT_ADDED"
    elif gaps[1] < gaps[0] - HALF_A_GAP and not _alone(whole_came):
        kind = "SLOT_REMOVED"
    return Change(kind, cut, ratio, _words(came), _words(went), gaps=gaps)


def _is_rare(share: float, of: int) -> bool:
    """Whether a sequence was never used but by chance."""
    return share * of <= max(1.01, STRAY * of)


def _alone(telling: Sequence[Step]) -> bool:
    """Whether there are words among them, not only pairs of words that met otherwise."""
    return any(not step.gram[1] for step in telling)


def _parted(
    rows: Sequence[frozenset[Gram]], telling: Sequence[Step], *, forward: bool
) -> list[Step]:
    """Two sequences that part the prompts between them: one that is new (or gone, backwards), and
    another like it or one of the wording that was there alone; empty if there are none."""
    sides = [(s, s.after, s.before) if forward else (s, s.before, s.after) for s in telling]
    some = [(s, other) for s, share, other in sides if PART[0] <= share <= PART[1]]
    ranked = sorted(some, key=lambda each: (-each[0].ratio, each[0].gram))
    fresh = [step for step, other in ranked if other <= TYPOS][:LIKELIEST]
    kept = [step for step, other in ranked if other >= FIXED][:LIKELIEST]
    for first, second in product(fresh, [*fresh, *kept]):
        either = sum(first.gram in row or second.gram in row for row in rows)
        both = sum(first.gram in row and second.gram in row for row in rows)
        if either >= COVERED * len(rows) and both <= TYPOS * len(rows):
            return [first, second]
    return []


def _split_or_created(work: _Row, at: tuple[int, int, int], parted: Sequence[Step]) -> Kind:
    """Whether the second wording took from the first, or came beside it."""
    start, cut, end = at
    if parted[1].before <= TYPOS:
        return "SPLIT"
    kept = [n for n in range(cut, end) if parted[1].gram in work.rows[n]]
    return "CREATED" if _rate(work, kept) >= KEPT * _rate(work, range(start, cut)) else "SPLIT"


def _merged_or_retired(work: _Row, at: tuple[int, int, int], parted: Sequence[Step]) -> Kind:
    """Whether the wording that stays took over what the other was used for."""
    start, cut, end = at
    if parted[1].after <= TYPOS:
        return "MERGED"
    kept = [n for n in range(start, cut) if parted[1].gram in work.rows[n]]
    return "RETIRED" if _rate(work, kept) >= KEPT * _rate(work, range(cut, end)) else "MERGED"


def _rate(work: _Row, numbers: Sequence[int]) -> float:
    """Prompts a second over the time of these."""
    if len(numbers) < LEAST:
        return 0.0
    span = work.sightings[numbers[-1]].at - work.sightings[numbers[0]].at
    return (len(numbers) - 1) / max(1.0, span.total_seconds())


def _gaps_around(
    work: _Row, at: tuple[int, int, int], came: Sequence[Step], went: Sequence[Step]
) -> tuple[float, float]:
    """How many gaps the fixed text has before and after, on average."""
    start, cut, end = at
    common = _common(work, cut)
    before = _gaps(work, range(max(start, cut - NEAREST), cut), common | _grams(went))
    after = _gaps(work, range(cut, min(end, cut + NEAREST)), common | _grams(came))
    return round(before, 2), round(after, 2)


def _common(work: _Row, cut: int) -> frozenset[Gram]:
    """What is fixed text on both sides of the cut, whatever else changes around it."""
    sides = work.rows[max(0, cut - NEAREST) : cut], work.rows[cut : cut + NEAREST]
    seen = [Counter(gram for row in rows for gram in row) for rows in sides]
    return frozenset(
        gram
        for gram, count in seen[0].items()
        if count >= FIXED * len(sides[0]) and seen[1][gram] >= FIXED * len(sides[1])
    )


def _grams(telling: Sequence[Step]) -> frozenset[Gram]:
    return frozenset(step.gram for step in telling)


def _gaps(work: _Row, numbers: range, fixed: frozenset[Gram]) -> float:
    counts = []
    for at in numbers:
        marks = _fixed(work.words[at], fixed)
        counts.append(sum(a and not b for a, b in pairwise(marks)))
    return fmean(counts)


def _fixed(words: Sequence[str], fixed: frozenset[Gram]) -> list[bool]:
    """Which words are fixed text; a pair is wherever it stands, a word in its order only."""
    marks = [word in {BEGIN, END} for word in words]
    pairs = {gram[:2] for gram in fixed if gram[1]}
    single = {gram for gram in fixed if not gram[1]}
    seen: Counter[str] = Counter()
    for at, (word, successor) in enumerate(pairwise(words)):
        seen[word] += 1
        if (word, "", seen[word]) in single:
            marks[at] = True
        if (word, successor) in pairs:
            marks[at] = marks[at + 1] = True
    return marks


def _loose(words: Sequence[str], fixed: frozenset[Gram]) -> str:
    marks = _fixed(words, fixed)
    return " ".join(word for word, mark in zip(words, marks, strict=True) if not mark)


def loose_words(sightings: Sequence[Sighting]) -> list[str]:
    """Of each prompt the words that are not fixed text of all of them, joined by blanks."""
    words = [each.words for each in sightings]
    seen = Counter(gram for own in words for gram in grams(own))
    fixed = frozenset(gram for gram, count in seen.items() if count >= FIXED * len(words))
    return [_loose(own, fixed) for own in words]


def _words(telling: Sequence[Step]) -> tuple[str, ...]:
    """The words of the sequences, the surest first, none twice."""
    ranked = sorted(telling, key=lambda step: (-step.ratio, step.gram))
    words = dict.fromkeys(w for s in ranked for w in s.gram[:2] if w and w not in {BEGIN, END})
    return tuple(words)[:12]


def _crept(sightings: Sequence[Sighting], found: Sequence[Change]) -> list[Change]:
    """Changes of wording that follow one another closely, as one drift."""
    told: list[Change] = []
    last: Change | None = None
    for change in found:
        close = last is not None and _close(sightings, last, change)
        last = change if change.kind == "UPDATED" else None
        if not close:
            told.append(change)
            continue
        first = told[-1]
        told[-1] = Change(
            "DRIFT_DETECTED",
            first.cut,
            first.ratio + change.ratio,
            tuple(dict.fromkeys((*first.came, *change.came))),
            tuple(dict.fromkeys((*first.went, *change.went))),
            first.steps + 1,
        )
    return told


def _close(sightings: Sequence[Sighting], one: Change, other: Change) -> bool:
    if one.kind != "UPDATED" or other.kind != "UPDATED":
        return False
    return sightings[other.cut].at - sightings[one.cut].at <= CREEPING
