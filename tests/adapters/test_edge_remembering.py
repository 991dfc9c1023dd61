"""What the embedded index remembers of its entries is always what stands in it."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from promptuary.adapters.indexes.edge import remembering
from promptuary.adapters.indexes.edge.engine import Engine
from promptuary.adapters.indexes.edge.remembering import Remembered
from promptuary.domain.found import Entry
from promptuary.domain.vectors import Space
from promptuary.plugins import open_index
from promptuary.ports.index import Index

pytestmark = pytest.mark.anyio

SPACE = Space("two", 2, "two/1")


def entry(key: str, said: str) -> Entry:
    vector = np.array([len(said), 1], dtype=np.float32)
    return Entry(key, {"text": said}, {"said": said}, vector / np.linalg.norm(vector))


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[Index]:
    index = await open_index(f"edge:{tmp_path / 'index'}", space=SPACE)
    yield index
    await index.aclose()


async def test_what_is_given_back_is_what_was_put_last_whatever_was_read_before(
    index: Index,
) -> None:
    chosen, keys = random.Random(3), [*"abcde"]
    standing: dict[str, str] = {}
    for step in range(120):
        some = chosen.sample(keys, chosen.randint(1, 4))
        match chosen.choice(["put", "put", "remove", "get", "get", "get", "clear"]):
            case "put":
                await index.put([entry(key, f"{key} {step}") for key in some])
                standing |= {key: f"{key} {step}" for key in some}
            case "remove":
                await index.remove(some)
                standing = {key: said for key, said in standing.items() if key not in some}
            case "clear":
                await index.clear()
                standing = {}
        found = await index.get(some)
        assert [(one.id, one.texts["text"], one.payload["said"]) for one in found] == [
            (key, standing[key], standing[key]) for key in some if key in standing
        ]
        for one in found:
            assert one.vector is not None
            np.testing.assert_allclose(one.vector, entry("", one.texts["text"]).vector, atol=1e-3)


async def test_an_entry_is_read_from_the_engine_once(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    await index.put([entry("a", "one"), entry("b", "two")])
    first = await index.get(["a", "b"])

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("the engine was asked again")

    monkeypatch.setattr(Engine, "retrieve", refused)
    assert await index.get(["b", "a"]) == first[::-1]


async def test_the_vector_of_an_entry_cannot_be_written_to(index: Index) -> None:
    await index.put([entry("a", "one")])
    (one,) = await index.get(["a"])
    assert one.vector is not None
    with pytest.raises(ValueError, match="read-only"):
        one.vector[0] = 0


def test_what_was_not_asked_for_longest_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembering, "ROOM", 3 * 2_100)
    known = Remembered()
    known.keep([entry(key, "word") for key in "abc"])
    known.find(["a"])
    known.keep([entry("d", "word")])
    assert list(known.find("abcd")) == ["a", "c", "d"]
