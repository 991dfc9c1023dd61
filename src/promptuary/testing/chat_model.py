"""What every ChatModel promises. Subclass it and give it a `chat_model` fixture."""

from __future__ import annotations

from contextlib import aclosing
from math import isfinite

import anyio
import pytest

from promptuary.domain.chats import ChatOptions, Delta, Message, Reply
from promptuary.domain.errors import InvalidInput
from promptuary.ports.chat_model import ChatModel
from promptuary.testing.contract import Contract

ASKED = (
    Message("system", "You repeat what is said to you."),
    Message("user", "One two three four five six seven eight nine ten."),
)
TURNS = (
    *ASKED,
    Message("assistant", "One two three."),
    Message("user", "Say it again, please, from the first number to the last."),
)
ODD = ("\0", "\ud800", "🗝 שלום 日本語", "e\u0301\u200b", "<b>&amp;\"'\\n{}", "x" * 100_000)


async def streamed(model: ChatModel, *messages: Message) -> list[Delta]:
    """Every piece of one reply."""
    async with aclosing(model.stream(messages)) as pieces:
        return [piece async for piece in pieces]


@pytest.mark.anyio
class ChatModelContract(Contract):
    """Real models and fakes alike. The model replies to ASKED with more than three tokens."""

    async def test_a_reply_says_something_and_what_it_took(self, chat_model: ChatModel) -> None:
        reply = await chat_model.reply(ASKED)
        assert isinstance(reply, Reply)
        assert reply.text.strip()
        assert (reply.model, reply.finish) == (chat_model.name, "stop")
        assert reply.usage.prompt_tokens > 0
        assert reply.usage.completion_tokens > 0
        assert reply.usage.cost is None or (isfinite(reply.usage.cost) and reply.usage.cost >= 0)

    async def test_a_stream_ends_with_what_it_took(self, chat_model: ChatModel) -> None:
        *pieces, last = await streamed(chat_model, *ASKED)
        assert "".join(piece.text for piece in (*pieces, last)).strip()
        assert all(piece.finish is None and piece.usage is None for piece in pieces)
        assert last.finish == "stop"
        assert last.usage is not None
        assert last.usage.completion_tokens > 0
        assert {piece.model for piece in (*pieces, last)} == {chat_model.name}

    async def test_a_stream_may_be_left_early(self, chat_model: ChatModel) -> None:
        async with aclosing(chat_model.stream(ASKED)) as pieces:
            first = await anext(pieces)
        assert first.finish is None
        assert (await chat_model.reply(ASKED)).text

    async def test_a_conversation_is_taken(self, chat_model: ChatModel) -> None:
        assert (await chat_model.reply(TURNS)).text

    async def test_a_reply_keeps_to_its_room(self, chat_model: ChatModel) -> None:
        reply = await chat_model.reply(ASKED, options=ChatOptions(max_tokens=3))
        assert reply.finish == "length"
        assert reply.usage.completion_tokens <= 3

    @pytest.mark.parametrize("text", ODD)
    async def test_odd_texts_are_replied_to(self, chat_model: ChatModel, text: str) -> None:
        assert (await chat_model.reply([Message("user", text)])).usage.completion_tokens > 0

    @pytest.mark.parametrize("messages", [(), (Message("system", "Be kind."),)])
    async def test_there_must_be_something_to_reply_to(
        self, chat_model: ChatModel, messages: tuple[Message, ...]
    ) -> None:
        with pytest.raises(InvalidInput):
            await chat_model.reply(messages)
        with pytest.raises(InvalidInput):
            await streamed(chat_model, *messages)

    async def test_several_tasks_may_ask_at_once(self, chat_model: ChatModel) -> None:
        texts: list[str] = []

        async def ask() -> None:
            texts.append((await chat_model.reply(ASKED)).text)

        async with anyio.create_task_group() as group:
            for _ in range(8):
                group.start_soon(ask)
        assert len(texts) == 8

    async def test_somebody_is_there(self, chat_model: ChatModel) -> None:
        await chat_model.ping()

    async def test_closing_twice_is_harmless(self, chat_model: ChatModel) -> None:
        await chat_model.aclose()
        await chat_model.aclose()
