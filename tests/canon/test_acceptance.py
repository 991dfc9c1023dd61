"""Which groups are templates, and which are prompts merely alike."""

from __future__ import annotations

from itertools import cycle

import numpy as np
import pytest

from canon.laying import tables_of
from canon.traffic import ALONE, DEEDS, PLACES, journeys, rewrites
from promptuary.canon.discovery.acceptance import are_templates
from promptuary.canon.discovery.context import separators
from promptuary.canon.discovery.discover import discover
from promptuary.canon.discovery.ngrams import passages
from promptuary.canon.discovery.portrait import (
    PASSAGE,
    PHRASE,
    Surroundings,
    portrait,
    surroundings_of,
)
from promptuary.canon.discovery.tables import Table

OPENINGS = (
    "You are a patient gardener. Tell me which herbs grow in shade and how often they want water.",
    "You are a poet from the coast, and every line you write has to mention a boat or a gull.",
    "You are a careful editor: list the errors first, then correct them, and never explain.",
    "You are a tour guide who hates museums. Persuade me to walk along the river instead.",
    "You are a chess engine. Answer with one move in short notation and nothing else at all.",
    "You are a translator of old sea songs; keep the rhymes even when the meaning suffers.",
)


def _laid(fixed: str, texts: list[str]) -> tuple[Table, Surroundings]:
    corpus, (table,) = tables_of({fixed: texts})
    words = {corpus.words.index(word) for word in fixed.split()}
    belief = np.array([0.98 if n in words else 0.03 for n in corpus.flat], dtype=np.float32)
    long, short = passages(corpus, PASSAGE), passages(corpus, PHRASE)
    return table, surroundings_of(corpus.sequences, belief, separators(corpus), long, short)


def _accepted(fixed: str, texts: list[str]) -> bool:
    table, around = _laid(fixed, texts)
    return are_templates([table], [table.rows], around)[0]


def test_prompts_that_only_begin_alike_are_no_template() -> None:
    assert not _accepted("you are a", list(OPENINGS))


def test_fixed_words_around_values_are_a_template() -> None:
    pairs = zip(cycle(PLACES), DEEDS, strict=False)
    texts = [
        f"Place: {place}\nNews: {deed}\nDid it happen there? yes or no" for place, deed in pairs
    ]

    assert _accepted("place news did it happen there yes or no", texts)


def test_one_offs_with_one_opening_stand_alone_beside_templates() -> None:
    texts = [*journeys(), *OPENINGS, *rewrites(), *ALONE]

    members = {member.index for found in discover(texts) for member in found.members}

    assert len(members) == 20
    assert not members & set(range(12, 18))


@pytest.mark.parametrize(("name", "expected"), [("static", 0.5), ("ends", 1.0), ("starts", 0.0)])
def test_a_portrait_tells_shares_of_the_table(name: str, expected: float) -> None:
    table, around = _laid("go to", [f"go to {place} now" for place in PLACES])

    assert portrait(table, table.rows, around)[name] == pytest.approx(expected)
