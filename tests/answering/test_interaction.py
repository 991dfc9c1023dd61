"""What a model that reads words in their context adds to what is quoted, and never breaks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import pytest

from promptuary.answering.answer import Answering, answer
from promptuary.answering.evidence import FEATURES, Evidence, shipped, weigh
from promptuary.answering.interaction import AFTER, BEFORE, LATE, MOST_CHARACTERS
from promptuary.answering.question import read
from promptuary.domain.answers import Answer
from promptuary.domain.documents import Passage
from promptuary.domain.errors import Unavailable
from promptuary.domain.vectors import TokenStates

from .shelf import BRIDGE, BRIDGE_AND_FERRY, FERRY, found, passage, thesaurus

pytestmark = pytest.mark.anyio


class FakeReader:
    """A fake: words of one meaning, by its list, have one state, and no others are alike.

    `asked` holds every text it was given, in order.
    """

    def __init__(self, **means: str) -> None:
        self._means = means
        self.asked: list[str] = []

    def token_states(self, texts: Sequence[str], *, purpose: str = "document") -> list[TokenStates]:
        self.asked += [f"{purpose}: {text}" for text in texts]
        return [self._states(text) for text in texts]

    def _states(self, text: str) -> TokenStates:
        said = list(re.finditer(r"\w+|[^\w\s]", text))
        rows = np.zeros((len(said), 4_096), dtype=np.float32)
        for row, word in zip(rows, said, strict=True):
            row[_place(self._means.get(word[0].lower(), word[0].lower()))] = 1
        spans = np.array([word.span() for word in said], dtype=np.int64).reshape(-1, 2)
        return TokenStates(rows, spans)


class _Away(FakeReader):
    def token_states(self, texts: Sequence[str], *, purpose: str = "document") -> list[TokenStates]:
        raise Unavailable(f"{len(texts)} {purpose}")


class _Short(FakeReader):
    def token_states(self, texts: Sequence[str], *, purpose: str = "document") -> list[TokenStates]:
        return super().token_states(texts[1:], purpose=purpose)


class _Nan(FakeReader):
    def _states(self, text: str) -> TokenStates:
        states = super()._states(text)
        return TokenStates(states.rows * np.float32("nan"), states.spans)


def _place(word: str) -> int:
    return int.from_bytes(blake2b(word.encode(), digest_size=4).digest(), "little") % 4_096


def _weighed(question: str, *passages: Passage, reader: FakeReader) -> list[Evidence]:
    """In the order of the text."""
    rarity = {"keeper": 3.0, "lamp": 1.0}
    every = weigh(read(question), found(*passages), thesaurus(), rarity, reader)
    return sorted(every, key=lambda each: (each.rank, each.piece.start))


def test_words_that_count_weigh_by_how_rare_they_are_and_neighbours_less() -> None:
    text = "The keeper paints. The lamp shines. Nobody came."
    first, second, third = _weighed("keeper lamp", passage("a", text), reader=FakeReader())
    assert first.features["late"] == pytest.approx((3 + AFTER) / 4)
    assert second.features["late"] == pytest.approx((1 + 3 * BEFORE) / 4)
    assert third.features["late"] == pytest.approx(BEFORE / 4)
    assert {each.features["late_passage"] for each in (first, second, third)} == {1.0}


def test_words_that_ask_and_words_that_join_are_told_apart() -> None:
    reader = FakeReader(oda="who")
    text = "Oda paints here. The lamp is late."
    first, second = _weighed("Who is the keeper?", passage("a", text), reader=reader)
    assert (first.features["late_asking"], second.features["late_asking"]) == (1, 0)
    assert first.features["late_asked"] == pytest.approx(1 / 4)
    assert (first.features["late_plain"], second.features["late_plain"]) == (0, 1)


def test_a_passage_is_read_whole_below_its_title_and_headings() -> None:
    reader = FakeReader()
    text = "The keeper paints. The lamp shines."
    one, other = _weighed("lamp", passage("a", text, headings=("Lamp",)), reader=reader)
    assert reader.asked == ["query: lamp", f"document: A Lamp\n{text}"]
    assert other.features["late"] == 1
    assert one.features["late"] == pytest.approx(AFTER)


def test_what_only_the_model_knows_to_be_alike_is_quoted() -> None:
    question = read("What was the tariff of the ferry?")
    shelf = found(passage("ferry", FERRY), passage("bridge", BRIDGE))
    plain = {each.quote: each.score for each in weigh(question, shelf, thesaurus())}
    reader = FakeReader(tariff="price", cost="price", what="four")
    seen = {e.quote: e.score for e in weigh(question, shelf, thesaurus(), None, reader)}
    right = "A crossing by ferry took 25 minutes and cost four crowns."
    assert seen[right] > 1.5 * plain[right]
    assert max(seen, key=seen.__getitem__) == right


def test_every_figure_has_a_weight() -> None:
    reader = FakeReader()
    every = weigh(read("When did it stop?"), BRIDGE_AND_FERRY, thesaurus(), None, reader)
    names = {*FEATURES, *LATE}
    assert all(set(each.features) == names for each in every)
    assert set(shipped(contextual=True)) == names
    assert sum(each.score for each in every) == pytest.approx(1)


@pytest.mark.parametrize("reader", [_Away(), _Short(), _Nan()])
async def test_a_model_that_fails_changes_nothing(reader: FakeReader) -> None:
    question = "Who was the architect of the bridge?"
    as_ever = weigh(read(question), BRIDGE_AND_FERRY, thesaurus())
    assert weigh(read(question), BRIDGE_AND_FERRY, thesaurus(), None, reader) == as_ever
    plain = await answer(Answering(thesaurus()), question, BRIDGE_AND_FERRY)
    parts = Answering(thesaurus(), contextual=reader)
    assert await answer(parts, question, BRIDGE_AND_FERRY) == plain


def test_more_than_can_be_read_in_time_is_not_read() -> None:
    reader = FakeReader()
    text = "The keeper paints the lamp. " * (MOST_CHARACTERS // 28)
    over = found(passage("a", text), passage("b", FERRY))
    as_ever = weigh(read("Who paints?"), over, thesaurus())
    assert weigh(read("Who paints?"), over, thesaurus(), None, reader) == as_ever
    assert reader.asked == []


async def test_the_model_has_its_say_in_an_answer() -> None:
    reader = FakeReader()
    parts = Answering(thesaurus(), contextual=reader)
    said = await answer(parts, "Who was the architect of the bridge?", BRIDGE_AND_FERRY)
    assert isinstance(said, Answer)
    assert "Oda Rennick" in said.text
    assert len(reader.asked) == 3


def test_a_passage_without_a_piece_is_left_out() -> None:
    one, *_ = _weighed("lamp", passage("a", " \n "), passage("b", "A lamp."), reader=FakeReader())
    assert one.quote == "A lamp."
    assert one.features["late"] == 1
