"""What every Embedder promises. Subclass it and give it an `embedder` fixture."""

from __future__ import annotations

import anyio
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.ports.embedder import Embedder
from promptuary.testing.contract import Contract
from promptuary.testing.trying import trying

TEXTS = ("Please refund my order.", "What is the weather in Paris?", "Translate this into French:")
BLANK = ("", " ", "\n\t \u3000")
ODD = ("\0", "\ud800", "a\udfffb", "\u200b", "🗝", "שלום", "日本語", "e\u0301", "x" * 1_000_000)


@pytest.mark.anyio
class EmbedderContract(Contract):
    """Real models and fakes alike."""

    async def test_there_is_a_row_a_text_of_the_right_shape(self, embedder: Embedder) -> None:
        rows = await embedder.embed(TEXTS)
        assert rows.shape == (len(TEXTS), embedder.space.dimensions)
        assert rows.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)

    async def test_no_texts_give_no_rows(self, embedder: Embedder) -> None:
        assert (await embedder.embed([])).shape == (0, embedder.space.dimensions)

    async def test_white_space_means_nothing(self, embedder: Embedder) -> None:
        rows = await embedder.embed([TEXTS[0], *BLANK])
        assert rows[0].any()
        assert not rows[1:].any()

    async def test_odd_texts_give_unit_or_zero_rows(self, embedder: Embedder) -> None:
        lengths = np.linalg.norm(await embedder.embed(ODD), axis=1)
        assert all(length == 0 or abs(length - 1) < 1e-5 for length in lengths)

    @trying(50)
    @given(texts=st.lists(st.text(st.characters()), min_size=1, max_size=4))
    async def test_no_text_gives_nan(self, embedder: Embedder, texts: list[str]) -> None:
        rows = await embedder.embed(texts)
        assert np.isfinite(rows).all()
        assert rows.shape[0] == len(texts)

    async def test_a_row_depends_on_its_text_alone(self, embedder: Embedder) -> None:
        together = await embedder.embed([*TEXTS, *ODD, *TEXTS])
        alone = [(await embedder.embed([text]))[0] for text in TEXTS]
        np.testing.assert_array_equal(together[: len(TEXTS)], together[-len(TEXTS) :])
        np.testing.assert_allclose(together[: len(TEXTS)], alone, atol=1e-6)

    async def test_queries_live_in_the_same_space(self, embedder: Embedder) -> None:
        before = embedder.space
        rows = await embedder.embed(TEXTS, purpose="query")
        documents = await embedder.embed(TEXTS)
        assert ((rows @ documents.T).argmax(axis=1) == range(len(TEXTS))).all()
        assert embedder.space == before

    async def test_several_tasks_may_embed_at_once(self, embedder: Embedder) -> None:
        expected = await embedder.embed(TEXTS)

        async def embed() -> None:
            np.testing.assert_array_equal(await embedder.embed(TEXTS), expected)

        async with anyio.create_task_group() as group:
            for _ in range(8):
                group.start_soon(embed)

    async def test_closing_twice_is_harmless(self, embedder: Embedder) -> None:
        await embedder.aclose()
        await embedder.aclose()
