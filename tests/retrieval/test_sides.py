"""Two spaces side by side: which is asked, and that no vector is ever looked up in the other's."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from promptuary.adapters.indexes.memory import MemoryIndex
from promptuary.domain.errors import SpaceMismatch, Unavailable
from promptuary.domain.found import Entry, Found
from promptuary.domain.vectors import Vectors
from promptuary.ports.embedder import Purpose
from promptuary.retrieval.hybrid import Mode, SearchRequest, search
from promptuary.retrieval.sides import Looked, Side, Sides, look
from promptuary.testing.fakes.embedder import FakeEmbedder

pytestmark = pytest.mark.anyio


class Shaky(FakeEmbedder):
    """A fake: away when told so."""

    away = False

    async def embed(self, texts: Sequence[str], *, purpose: Purpose = "document") -> Vectors:
        if self.away:
            raise Unavailable("nobody answers")
        return await super().embed(texts, purpose=purpose)


class World:
    """The same two entries on both sides, and a search that goes through them."""

    def __init__(self) -> None:
        self.models = (Shaky(16), Shaky(8))
        self.indexes = tuple(MemoryIndex(model.space) for model in self.models)
        first, second = (Side(*pair) for pair in zip(self.indexes, self.models, strict=True))
        self.sides = Sides(first, second)

    async def write(self, at: int, position: int) -> None:
        texts = {"a": "how to bake bread", "b": "how to mend a bicycle"}
        vectors = await self.models[at].embed(list(texts.values()))
        rows = zip(texts.items(), vectors, strict=True)
        entries = [Entry(key, {"text": text}, {}, row) for (key, text), row in rows]
        await self.indexes[at].put(entries)
        await self.indexes[at].set_watermark(position)

    async def search(
        self, sides: Sides | None = None, mode: Mode = "hybrid"
    ) -> Looked[list[Found]]:
        async def ask(side: Side, mode: Mode) -> list[Found]:
            return await search(side.index, side.embedder, SearchRequest("bake bread", mode=mode))

        return await look(sides or self.sides, mode, ask)


@pytest.fixture
async def world() -> World:
    world = World()
    await world.write(0, 5)
    await world.write(1, 5)
    return world


async def test_while_the_first_is_there_the_second_is_not_asked(world: World) -> None:
    asked = len(world.models[1].asked)
    looked = await world.search()
    assert (looked.side, looked.caveat) == (world.sides.first, None)
    assert looked.found[0].id == "a"
    assert len(world.models[1].asked) == asked


async def test_while_it_is_away_the_second_answers_in_its_own_space_and_says_so(
    world: World,
) -> None:
    world.models[0].away = True
    looked = await world.search(mode="meaning")
    assert looked.side is world.sides.second
    assert looked.found[0].id == "a"
    assert "is away: nobody answers" in str(looked.caveat)
    world.models[0].away = False
    assert (await world.search()).caveat is None, "it is back"


async def test_what_only_the_second_was_given_is_found_there(world: World) -> None:
    await world.indexes[1].set_watermark(6)
    looked = await world.search()
    assert looked.side is world.sides.second
    assert "has not been given everything" in str(looked.caveat)


async def test_an_incomplete_first_still_answers_while_the_second_is_away(world: World) -> None:
    await world.indexes[1].set_watermark(6)
    world.models[1].away = True
    assert (await world.search()).side is world.sides.first


async def test_with_both_away_the_first_ones_error_is_told(world: World) -> None:
    for model in world.models:
        model.away = True
    with pytest.raises(Unavailable, match="nobody answers"):
        await world.search()


async def test_without_a_second_words_stand_in_for_a_hybrid_search_alone(world: World) -> None:
    world.models[0].away = True
    alone = Sides(world.sides.first, lexical=True)
    assert "words alone" in str((await world.search(alone)).caveat)
    with pytest.raises(Unavailable):
        await world.search(alone, mode="meaning")
    with pytest.raises(Unavailable):
        await world.search(Sides(world.sides.first))


async def test_a_vector_of_one_side_is_refused_on_the_other(world: World) -> None:
    vectors = await world.models[0].embed(["bread"])
    with pytest.raises(SpaceMismatch):
        await world.indexes[1].search_vectors(vectors, limit=3)
