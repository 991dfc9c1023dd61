"""Fixed words at the edges of slots."""

from __future__ import annotations

import pytest

from canon.laying import tables_of
from canon.traffic import DEEDS
from promptuary.canon.discovery.context import separators
from promptuary.canon.discovery.edges import elsewhere, give_back_edges
from promptuary.canon.discovery.ngrams import passages

ASKED = ("judge this", "what follows from it", "tell me more", "shorten what you see")


@pytest.mark.parametrize(("bare", "kept"), [(False, False), (True, True)])
def test_a_heading_that_values_carry_in_every_template_is_theirs(bare: bool, kept: bool) -> None:
    texts = {
        f"{asked} choices": [f"{asked}\nChoices:\n{deed}" for deed in DEEDS[n : n + 5]]
        for n, asked in enumerate(ASKED)
    }
    if bare:
        texts["now look at"] = [f"now look at\n{deed}" for deed in DEEDS]
    corpus, tables = tables_of(texts)
    kinds = separators(corpus)

    give_back_edges(tables, elsewhere(corpus, passages(corpus, 3), tables, kinds))

    heading = corpus.words.index("choices")
    assert [heading in table.columns for table in tables[:4]] == [kept] * 4
