"""What a chat model is given to read."""

from __future__ import annotations

from itertools import pairwise

import pytest

from answering.shelf import BRIDGE, FERRY, found, passage
from promptuary.answering.prompting import CHARACTERS_A_TOKEN, messages, packed

QUESTION = "Who was the architect of the Velmora bridge?"
FOUND = found(passage("bridge", BRIDGE), passage("ferry", FERRY))


def test_passages_are_given_whole_where_they_fit() -> None:
    assert packed(QUESTION, FOUND, [], 4_000) == [BRIDGE, FERRY]
    assert packed(QUESTION, FOUND, [], 4_000, 5_000) == [BRIDGE, FERRY]


@pytest.mark.parametrize("characters", [50, 80, len(FERRY)])
def test_no_passage_is_given_with_more_characters_than_is_wished(characters: int) -> None:
    texts = packed(QUESTION, FOUND, [], 4_000, characters)
    assert len(texts) == 2
    for text, whole in zip(texts, (BRIDGE, FERRY), strict=True):
        assert text in whole
        assert min(characters, len(whole)) - 2 <= len(text) <= characters


def test_less_of_each_passage_leaves_room_for_more_of_them() -> None:
    many = found(*(passage(f"bridge{n}", BRIDGE) for n in range(20)))
    counts = [len(packed(QUESTION, many, [], 600, each)) for each in (50, 100, None)]
    assert all(more > fewer for more, fewer in pairwise(counts))


@pytest.mark.parametrize("characters", [None, 50, 120])
def test_all_messages_together_keep_to_the_budget(characters: int | None) -> None:
    many = found(*(passage(f"bridge{n}", BRIDGE) for n in range(20)))
    texts = packed(QUESTION, many, [], 600, characters)
    said = sum(len(each.content) for each in messages(QUESTION, texts))
    assert said <= 600 * CHARACTERS_A_TOKEN
