"""Belief in the words around quotations."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from promptuary.canon.discovery.corpus import lay_out
from promptuary.canon.discovery.quotations import believe_quotations

QUOTED = ("the sea is calm", "nobody came", "two old friends met again")


def _belief(texts: list[str]) -> list[list[float]]:
    corpus = lay_out(texts)
    belief = believe_quotations(corpus, np.full(len(corpus.flat), 0.4, dtype=np.float32))
    rounded = [round(value, 1) for value in belief.tolist()]
    return [rounded[a:b] for a, b in pairwise(corpus.starts.tolist())]


@pytest.mark.parametrize("marks", ['"{}"', "“{}”", "«{}»", "„{}“", "「{}」"])
def test_words_around_quotations_are_template_text_where_several_prompts_share_them(
    marks: str,
) -> None:
    tongues = ("Dutch", "Greek", "Hindi")
    texts = [
        f"How is {marks.format(quoted)} said in {tongue}?"
        for quoted, tongue in zip(QUOTED, tongues, strict=True)
    ]

    assert _belief(texts) == [
        [0.9, 0.9, *[0.1] * len(quoted.split()), 0.9, 0.9, 0.4] for quoted in QUOTED
    ]


def test_two_prompts_alone_say_nothing() -> None:
    texts = [f'How is "{quoted}" said in Dutch?' for quoted in QUOTED[:2]]

    assert {value for row in _belief(texts) for value in row} == {0.4}


def test_prompts_that_quote_in_words_of_their_own_keep_their_belief() -> None:
    texts = [
        f'Who said "{QUOTED[0]}" to you?',
        f'They wrote "{QUOTED[1]}" on walls.',
        f'Sing "{QUOTED[2]}" with me now!',
        "No mark stands in this one.",
        '"Only a quotation."',
    ]

    assert {value for row in _belief(texts) for value in row} == {0.4}
