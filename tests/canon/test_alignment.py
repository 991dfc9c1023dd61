"""Alignment of prompts with templates."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from promptuary.canon.discovery.alignment import Costs, Pattern, Sequel, matches, scores

COSTS = Costs(extra=2.0, missing=2.5, replaced=1.5)


def _sequel(words: list[int], skipped: list[int] | None = None) -> Sequel:
    count = np.array(skipped or [0] * (len(words) + 1), dtype=np.float32)
    return Sequel(np.array(words, dtype=np.int64), np.ones(len(words), dtype=np.float32), count)


def _score(prompt: Sequel, pattern: Pattern) -> float:
    """The textbook recurrence, cell by cell."""
    toll = [0.0 if slot else COSTS.extra for slot in pattern.slots]
    above = [-COSTS.missing * j - t * float(prompt.skipped[0]) for j, t in enumerate(toll)]
    above = _across(above)
    for i, word in enumerate(prompt.words.tolist()):
        here = [cell - t for cell, t in zip(above, toll, strict=True)]
        for j, column in enumerate(pattern.columns):
            taken = float(prompt.gains[i]) if column == word else -COSTS.replaced
            here[j + 1] = max(here[j + 1], above[j] + taken)
        skipped = float(prompt.skipped[i + 1])
        above = _across([cell - t * skipped for cell, t in zip(here, toll, strict=True)])
    return above[-1]


def _across(row: list[float]) -> list[float]:
    for j in range(1, len(row)):
        row[j] = max(row[j], row[j - 1] - COSTS.missing)
    return row


_words = st.lists(st.integers(0, 3), max_size=8)


@st.composite
def _pairs(draw: st.DrawFn) -> tuple[Sequel, Pattern]:
    words, columns = draw(_words), draw(st.lists(st.integers(0, 3), min_size=1, max_size=6))
    skipped = draw(st.lists(st.integers(0, 2), min_size=len(words) + 1, max_size=len(words) + 1))
    slots = draw(st.lists(st.booleans(), min_size=len(columns) + 1, max_size=len(columns) + 1))
    return _sequel(words, skipped), Pattern(tuple(columns), tuple(slots))


def _apart(
    pairs: list[tuple[Sequel, Pattern]],
) -> tuple[list[Sequel], list[Pattern], list[tuple[int, int]]]:
    return [a for a, _ in pairs], [b for _, b in pairs], [(n, n) for n in range(len(pairs))]


@given(st.lists(_pairs(), max_size=5))
def test_scores_of_many_pairs_are_those_of_the_textbook_recurrence(
    pairs: list[tuple[Sequel, Pattern]],
) -> None:
    found = scores(*_apart(pairs), COSTS)

    assert np.allclose(found, [_score(*pair) for pair in pairs], atol=1e-3)


@given(st.lists(_pairs(), max_size=5))
def test_matched_words_are_the_columns_words_in_order(pairs: list[tuple[Sequel, Pattern]]) -> None:
    for (prompt, pattern), place in zip(pairs, matches(*_apart(pairs), COSTS), strict=True):
        at = [p for p in place if p >= 0]
        assert at == sorted(set(at))
        assert all(
            prompt.words[p] == column
            for p, column in zip(place, pattern.columns, strict=True)
            if p >= 0
        )


def test_words_in_a_slot_cost_nothing_and_elsewhere_they_do() -> None:
    prompt = _sequel([1, 7, 7, 2])

    free = Pattern((1, 2), (False, True, False))
    fixed = Pattern((1, 2), (False, False, False))

    assert scores([prompt], [free, fixed], [(0, 0), (0, 1)], COSTS).tolist() == [2.0, -2.0]
