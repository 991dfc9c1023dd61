"""The manager over endpoints: other ways to the same space, budgets, single callers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import anyio
import numpy as np
import pytest

from embeddings import small_models
from promptuary import Embeddings
from promptuary.domain.errors import BudgetSpent, SpaceMismatch, Unavailable
from promptuary.resilience.budget import Budget
from promptuary.testing.fakes.upstream import FakeUpstream

pytestmark = pytest.mark.slow


NOBODY = "http://127.0.0.1:1/v1?model=small&dim=16"


@pytest.fixture
def upstream() -> Iterator[FakeUpstream]:
    with FakeUpstream() as fake:
        yield fake


def test_the_blocking_face_reaches_an_endpoint_and_tries_again(upstream: FakeUpstream) -> None:
    upstream.faults.append("500")
    with Embeddings.open(f"{upstream.url}?model=small&dim=16") as embeddings:
        rows = embeddings.embed(["one", "two"])
        np.testing.assert_array_equal(embeddings.embed(["two"])[0], rows[1])
    assert len(upstream.received) == 2


def test_another_way_to_the_same_space_is_taken(upstream: FakeUpstream) -> None:
    way = f"{upstream.url}?model=small&dim=16"
    with Embeddings.open(NOBODY, otherwise=[way]) as embeddings:
        assert embeddings.embed("one").shape == (16,)


def test_another_space_never_stands_in() -> None:
    with pytest.raises(SpaceMismatch, match="cannot stand in"):
        Embeddings.open(NOBODY, otherwise=["static"])


def test_without_another_way_the_error_is_told() -> None:
    with Embeddings.open(NOBODY) as embeddings, pytest.raises(Unavailable):
        embeddings.embed("one")


def test_a_budget_stops_what_would_cost_more(upstream: FakeUpstream) -> None:
    spec = f"{upstream.url}?model=small&dim=16"
    opened = Embeddings.open(spec, budget=Budget(tokens=5))
    with opened as embeddings, pytest.raises(BudgetSpent):
        embeddings.embed("a text of more than five tokens")
    assert upstream.received == []


def test_two_engines_of_one_model_are_ways_to_one_space(tmp_path: Path) -> None:
    folder = small_models.bert(tmp_path / "bert")
    with Embeddings.open(f"onnx:{folder}", otherwise=[f"numpy:{folder}"]) as embeddings:
        assert embeddings.embed("red").shape == (32,)


@pytest.mark.anyio
async def test_single_callers_of_an_endpoint_share_requests(upstream: FakeUpstream) -> None:
    spec = f"{upstream.url}?model=small&dim=16"
    async with await Embeddings.aopen(spec) as embeddings:
        async with anyio.create_task_group() as group:
            for n in range(40):
                group.start_soon(embeddings.aembed, f"text {n}")
        await embeddings.aembed("text 7")
    assert len(upstream.received) == 1
