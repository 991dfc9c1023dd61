from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from promptuary.domain.library import About, ChatTurn, DeclaredSlot, PromptContent
from promptuary.library.face import Library
from promptuary.testing.fakes.clock import HandClock
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork

REFUND = PromptContent(
    "Refund {{ amount }} to {{ customer }} in {{ tone }} words.",
    slots=(
        DeclaredSlot("amount", "number", minimum=1, maximum=500, description="in euros"),
        DeclaredSlot("customer", examples=("Ada", "Grace"), sensitive=True),
        DeclaredSlot("tone", "enum", choices=("kind", "plain", "unkind"), default="plain"),
    ),
)
CHAT = PromptContent(
    turns=(
        ChatTurn("system", "Help {{ who }}."),
        ChatTurn("user", "", "history"),
        ChatTurn("assistant", "How?"),
    )
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def library() -> AsyncIterator[Library]:
    """Two prompts; of the first, production is behind the latest."""
    library = Library(MemoryUnitOfWork(), HandClock(), lambda: None)
    about = About("Refund", "Answers somebody who wants money back", tags=("shop",))
    await library.save("support/refund", REFUND, about=about)
    await library.label("support/refund", "production", 1)
    await library.save("support/refund", "Refund later. {{ amount }}")
    await library.save("support/chat", CHAT)
    yield library
    await library.aclose()
