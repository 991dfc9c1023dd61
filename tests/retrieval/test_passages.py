from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.adapters.indexes.memory import MemoryIndex
from promptuary.domain.documents import Passage
from promptuary.domain.filters import Eq
from promptuary.domain.found import Entry
from promptuary.retrieval.passages import passage_entry, passage_of, retrieve, wording
from promptuary.testing.fakes.embedder import FakeEmbedder

pytestmark = pytest.mark.anyio

PASSAGE = Passage(
    id="p1", document_id="d1", collection="docs", source="a.md", title="Cards", seq=3,
    text="A lost card is blocked at once.", start=10, end=41, headings=("Help", "Lost"),
    line=7, page=2, metadata={"tag": "bank", "year": 2024},
)  # fmt: skip


@pytest.fixture
async def index() -> MemoryIndex:
    embedder = FakeEmbedder()
    index = MemoryIndex(embedder.space)
    passages = [
        PASSAGE,
        replace(PASSAGE, id="p2", text="A new card costs nothing.", headings=()),
        replace(PASSAGE, id="p3", text="The weather is fine.", title="News", headings=()),
    ]
    rows = await embedder.embed([wording(each) for each in passages])
    entries = [passage_entry(p, row) for p, row in zip(passages, rows, strict=True)]
    await index.put([*entries, Entry("prompt", {"text": "lost card"}, {"kind": "prompt"})])
    return index


@given(line=st.none() | st.integers(1, 9), page=st.none() | st.integers(1, 9), text=st.text())
async def test_the_index_gives_back_the_passage_that_was_put(
    line: int | None, page: int | None, text: str
) -> None:
    passage = replace(PASSAGE, line=line, page=page, text=text)
    assert passage_of(passage_entry(passage, None)) == passage


async def test_a_question_finds_passages_and_says_why(index: MemoryIndex) -> None:
    best, *rest = await retrieve(index, FakeEmbedder(), "what about a lost card?")
    assert best.passage == PASSAGE
    assert best.features["exact"] > rest[0].features["exact"] > 0
    assert {"words", "meaning", "soft", "passage"} <= best.features.keys()
    assert best.reasons[0].startswith("words: 'cards' for 'card', 'lost' in title")
    assert "prompt" not in [one.passage.id for one in rest]


async def test_a_filter_of_the_caller_holds_as_well(index: MemoryIndex) -> None:
    found = await retrieve(index, FakeEmbedder(), "card", where=Eq("name", "News"))
    assert {one.passage.id for one in found} <= {"p3"}


async def test_a_passage_is_embedded_with_its_title_and_headings() -> None:
    assert wording(PASSAGE) == "Cards > Help > Lost\nA lost card is blocked at once."
