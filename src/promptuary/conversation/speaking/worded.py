"""An answer in the words of a chat model, if every fact in them is the answer's; else in ours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeAlias

from promptuary.conversation.executing import Asking
from promptuary.conversation.speaking import wording
from promptuary.conversation.speaking.checking import faults
from promptuary.domain.chats import ChatOptions, Message
from promptuary.domain.conversations import Reply
from promptuary.domain.errors import PromptuaryError
from promptuary.ports.chat_model import ChatModel

Chat: TypeAlias = Callable[[], Awaitable[ChatModel | None]]
"""Gives the chat model that the settings name, None where they name none."""
SECONDS = 10.0
"""How long an answer waits for its words."""
NAMED = 3


async def worded(
    chat: ChatModel, question: str, reply: Reply, asking: Asking, *, tenant: str = ""
) -> Reply:
    """The answer, worded by the model; the same number, evidence and plan whatever it says.

    `model` says who worded it. Where the model is away, slow, cut off, or says anything that the
    answer does not hold, the text stays as it was and `unworded` says why. A refusal is not worded.
    Raises nothing.
    """
    if reply.refused is not None or reply.plan is None:
        return reply
    messages = [
        Message("system", wording.PHRASE),
        Message("user", wording.phrase_this(question, reply)),
    ]
    options = ChatOptions(
        max_tokens=asking.manner.tokens,
        temperature=asking.manner.temperature,
        seconds=SECONDS,
        tenant=tenant,
    )
    try:
        said = await chat.reply(messages, options=options)
    except PromptuaryError as error:
        return replace(reply, unworded=f"away: {error.code}")
    if said.finish != "stop":
        return replace(reply, unworded=f"cut off: {said.finish}")
    text = " ".join(said.text.split()).strip('"“”')
    if wrong := faults(text, reply, asking):
        return replace(reply, unworded=f"not so: {'; '.join(wrong[:NAMED])}")
    return replace(reply, text=text, model=said.model)
