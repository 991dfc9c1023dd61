"""A chat model's reply, sentence by sentence, each checked before anybody sees it."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing

from promptuary.answering.grounding import Statement, faults, statement
from promptuary.answering.pieces import pieces
from promptuary.answering.prompting import messages
from promptuary.answering.wording import NO_ANSWER
from promptuary.domain.chats import ChatOptions, Usage
from promptuary.ports.chat_model import ChatModel

LONGEST_REPLY = 600
"""Tokens; five short sentences take fewer."""

Grounded = Statement
"""A statement that was checked."""

_LATE_MARKS = re.compile(r"([.!?]+)(\s*)((?:\[\d[\d, ]*\]\s*)+)")
"""Marks behind the full stop of their sentence."""


class Ungrounded(Exception):  # noqa: N818 - it says what happened, as in domain/errors.py
    """A reply said what its evidence does not hold, or was cut off; `usage` is what it took."""

    def __init__(self, why: str, usage: Usage | None = None) -> None:
        super().__init__(why)
        self.usage = usage


async def replied(
    chat: ChatModel, question: str, passages: Sequence[str], tenant: str = ""
) -> AsyncGenerator[Grounded | Usage, None]:
    """The statements of the reply as they come, each checked, and what the reply took at the end.

    No statement: the model says that the passages do not answer. Raises Ungrounded at the first
    statement that may not stand, and what the model raises.
    """
    options = ChatOptions(max_tokens=LONGEST_REPLY, temperature=0.0, tenant=tenant)
    buffer = ""
    usage: Usage | None = None
    async with aclosing(chat.stream(messages(question, passages), options=options)) as saying:
        async for delta in saying:
            buffer += delta.text
            usage = delta.usage or usage
            if delta.finish is not None and delta.finish != "stop":
                raise Ungrounded(f"the reply was cut off ({delta.finish})", usage)
            whole, buffer = _whole(buffer) if delta.finish is None else (buffer, "")
            for said in _statements(whole):
                if why := faults(said, passages, question):
                    raise Ungrounded("; ".join(why), usage)
                yield said
    if usage is not None:
        yield usage


def _whole(buffer: str) -> tuple[str, str]:
    """What surely is a sentence with its marks by now, and the rest."""
    text = _LATE_MARKS.sub(r" \3\1\2", buffer)
    found = pieces(text)
    while found and (len(found) == 1 or text[found[-1].start] == "["):
        found.pop()
    return (text[: found[-1].start], text[found[-1].start :]) if len(found) > 1 else ("", buffer)


def _statements(text: str) -> Iterator[Statement]:
    """The sentences of a text, up to where it says that there is no answer."""
    text = _LATE_MARKS.sub(r" \3\1\2", text)
    for piece in pieces(text):
        sentence = text[piece.start : piece.end]
        if NO_ANSWER in sentence.upper():
            return
        yield statement(sentence)
