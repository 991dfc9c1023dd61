"""What a request costs the record, in statements: it must not grow with what the record holds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from promptuary import IncomingPrompt, Promptuary
from promptuary.canon import catching_up

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

_COUNTED: ContextVar[list[str] | None] = ContextVar("counted", default=None)
"""Of this task only: the task that follows the record beside it has a context of its own."""


def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
    if (counted := _COUNTED.get()) is not None:
        counted.append(statement)


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement that is run inside, but for what begins and ends transactions that read."""
    counted: list[str] = []
    token = _COUNTED.set(counted)
    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield counted
    finally:
        event.remove(Engine, "before_cursor_execute", note)
        _COUNTED.reset(token)
        counted[:] = [each for each in counted if each != "BEGIN"]


def greeting(number: int, name: str) -> str:
    return f"Write greeting card number {number} for {name}, warm and not longer than a line."


def recipe(number: int, dish: str) -> str:
    return f"As a careful cook, list what recipe {number} for {dish} needs from the market."


@pytest.fixture
async def promptuary(tmp_path: Path) -> AsyncIterator[Promptuary]:
    async with await Promptuary.open(tmp_path / "home") as opened:
        await opened.ingest([greeting(number, name) for number, name in enumerate("abcdefgh")])
        await opened.submit(IncomingPrompt(greeting(9, "i")))
        yield opened


async def test_a_prompt_is_saved_and_placed_in_one_transaction_that_writes(
    promptuary: Promptuary,
) -> None:
    with statements() as counted:
        placed = await promptuary.submit(IncomingPrompt(greeting(10, "j")))
    assert placed.placement is not None
    assert counted.count("BEGIN IMMEDIATE") == 1
    assert len(counted) <= 14


async def test_a_prompt_costs_no_more_statements_when_the_record_holds_more(
    promptuary: Promptuary,
) -> None:
    await promptuary.ingest([recipe(number, name) for number, name in enumerate("klmnopqrst")])
    await promptuary.submit(IncomingPrompt(greeting(10, "j")))
    with statements() as counted:
        await promptuary.submit(IncomingPrompt(greeting(11, "k")))
    assert len(counted) <= 14


async def test_what_was_just_submitted_is_found_without_waiting_for_more_to_gather(
    promptuary: Promptuary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catching_up, "GATHER_SECONDS", 3600.0)
    for number, name in enumerate(("zebedee", "yolanda", "xaver")):
        placed = await promptuary.submit(IncomingPrompt(greeting(number, name)))
        found = await promptuary.search(name, mode="words", kinds=["prompt"])
        assert ([hit.id for hit in found.hits], found.partial) == ([placed.prompt.id], None)


async def test_a_page_of_families_costs_two_statements(promptuary: Promptuary) -> None:
    await promptuary.ingest([recipe(number, name) for number, name in enumerate("klmnopqrst")])
    with statements() as counted:
        page = await promptuary.families()
    assert page.total == 2
    assert len(counted) == 2


async def test_a_window_leaves_the_matcher_for_single_prompts_renewed(
    promptuary: Promptuary,
) -> None:
    await promptuary.ingest([recipe(number, name) for number, name in enumerate("klmnopqrst")])
    with statements() as counted:
        placed = await promptuary.submit(IncomingPrompt(recipe(11, "u")))
    assert placed.placement is not None
    assert len(counted) <= 14
