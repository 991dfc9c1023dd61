"""Polite words that only finished templates show."""

from __future__ import annotations

import numpy as np

from canon.laying import tables_of
from canon.traffic import DEEDS, PLACES
from promptuary.canon.discovery.affixes import cut_affixes
from promptuary.canon.discovery.tables import Table, gaps

ORDERS = ("paint the wall", "count the cups", "close the gate")
FIXED = "what does this say"


def _orders(polite: str) -> dict[str, list[str]]:
    return {
        order: [f"{order} {place}" for place in PLACES] + [f"{polite} {order} Rome"]
        for order in ORDERS
    }


def _first_values(tables: list[Table]) -> list[str]:
    table = tables[-1]
    return [
        " ".join(table.corpus.words[n] for n in table.words(row, begin, end))
        for row, begin, end in gaps(table).of(0)
    ]


def _cut(polite: str, asked: list[str]) -> list[str]:
    corpus, tables = tables_of({**_orders(polite), FIXED: asked})
    belief = np.full(len(corpus.flat), 0.5, dtype=np.float32)
    trimmed, kept = cut_affixes(corpus, belief, tables)
    assert len(kept) == len(trimmed.flat)
    return _first_values(tables)


def test_a_residual_of_several_templates_is_none_of_a_value() -> None:
    asked = [f"{deed} What does this say" for deed in DEEDS]

    values = _cut("kindly", [*asked, f"kindly {PLACES[0]} What does this say"])

    assert values[-1] == PLACES[0].casefold()


def test_words_that_most_values_begin_with_stay() -> None:
    asked = [f"kindly {deed} What does this say" for deed in DEEDS]

    values = _cut("kindly", asked)

    assert all(value.startswith("kindly") for value in values)


def test_what_is_cut_becomes_the_residual() -> None:
    asked = [*(f"{deed} What does this say" for deed in DEEDS), "kindly Rome What does this say"]
    corpus, tables = tables_of({**_orders("kindly"), FIXED: asked})

    trimmed, _ = cut_affixes(corpus, np.zeros(len(corpus.flat), dtype=np.float32), tables)

    assert trimmed.residuals[-1][0].strip() == "kindly"
