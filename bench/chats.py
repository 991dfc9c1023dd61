"""What asking a chat model costs on top of the model: checks, retries, prices, budget.

The model is a fake in this process, and an endpoint on the loopback: neither is what is measured.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import quantiles

import httpx2

from bench.speed import Row, row
from promptuary.adapters.caches.sqlite import SqliteCache
from promptuary.adapters.chat_models import http
from promptuary.adapters.clocks.system import SystemClock
from promptuary.domain.chats import Message
from promptuary.ports.chat_model import ChatModel
from promptuary.resilience.chats.breaker import BreakingChatModel
from promptuary.resilience.chats.budget import BudgetedChatModel, ChatBudget
from promptuary.resilience.chats.falling_back import FallbackChatModel
from promptuary.resilience.chats.ledger import Ledger
from promptuary.resilience.chats.pricing import PricedChatModel, PriceTable
from promptuary.resilience.chats.reporting import ReportingChatModel
from promptuary.resilience.chats.retrying import RetryingChatModel
from promptuary.testing.fakes.chat_model import FakeChatModel
from promptuary.testing.fakes.chat_upstream import FakeChatUpstream

ASKED = [Message("system", "Be brief."), Message("user", "Say it in " + "many " * 50 + "words.")]
GOAL = "<= 1 ms"


def main(output: Path) -> None:
    """Measure on one core, and write the rows."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    output.write_text(json.dumps(asyncio.run(_rows()), indent=1) + "\n", "utf-8")


async def _rows() -> list[Row]:
    clock, prices, rows = SystemClock(), PriceTable.read(), []
    bare = await _middle(lambda: FakeChatModel(name="ollama/x").reply(ASKED))
    lasting = _lasting(FakeChatModel(name="ollama/x"), prices)
    rows += await _over("retries, breaker, prices, others to turn to", lasting, bare)
    with tempfile.TemporaryDirectory() as home:
        cache = SqliteCache(Path(home, "spending.db"))
        budget = ChatBudget(daily_tokens=10**12)
        budgeted = BudgetedChatModel(lasting, budget, Ledger(cache, clock), prices)
        rows += await _over("the same with a budget kept in SQLite", budgeted, bare)
        await cache.aclose()
    return [*rows, *await _wire()]


def _lasting(model: ChatModel, prices: PriceTable) -> ChatModel:
    clock = SystemClock()
    told = ReportingChatModel(PricedChatModel(model, prices), clock, lambda _: None)
    tried = BreakingChatModel(RetryingChatModel(told, clock), clock)
    return FallbackChatModel(clock, tried, tried)


async def _over(what: str, model: ChatModel, bare: float) -> list[Row]:
    taken = await _times(lambda: model.reply(ASKED))
    middle, late = sorted(taken)[len(taken) // 2], quantiles(taken, n=20)[-1]
    return [
        row(f"{what}, median", GOAL, (middle - bare) * 1e3, "ms", "", None),
        row(f"{what}, p95", GOAL, (late - bare) * 1e3, "ms", "LiteLLM, as it publishes", 8),
    ]


async def _wire() -> list[Row]:
    """A request that is checked, beside the same request of the client alone."""
    with FakeChatUpstream() as upstream:
        model = http.connect(f"{upstream.url}?model=x")
        body = {"model": "x", "messages": [{"role": "user", "content": ASKED[1].content}]}
        async with httpx2.AsyncClient() as client:

            async def plain() -> object:
                return (await client.post(f"{upstream.url}/chat/completions", json=body)).json()

            bare, ours = await _middle(plain), await _middle(lambda: model.reply(ASKED))
        await model.aclose()
    return [
        row("a request over the wire, checked, median", GOAL, (ours - bare) * 1e3, "ms", "", None)
    ]


async def _middle(ask: Callable[[], Awaitable[object]]) -> float:
    taken = await _times(ask)
    return sorted(taken)[len(taken) // 2]


async def _times(ask: Callable[[], Awaitable[object]]) -> list[float]:
    """CPU seconds of each of 300, after ten that do not count."""
    taken = []
    for number in range(310):
        start = time.process_time()
        await ask()
        if number >= 10:
            taken.append(time.process_time() - start)
    return taken
