"""A fake: says what it was told to say, or repeats what it hears. Knows nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Sequence
from itertools import pairwise
from re import finditer

from promptuary.domain.chats import ALIVE, ChatOptions, Delta, Finish, Message, Reply, Usage
from promptuary.domain.errors import InvalidInput, PromptuaryError
from promptuary.ports.chat_model import USUAL


class FakeChatModel:
    """Says `replies` one after another, then repeats the last message of the user.

    A reply that is an error is raised; streamed, `[text, error]` says the text before it fails.
    `asked` holds the messages of every call, in order. A token is a word, and its price unknown.
    """

    def __init__(
        self, *replies: str | PromptuaryError | tuple[str, PromptuaryError], name: str = "fake/echo"
    ) -> None:
        self._name = name
        self.replies = deque(replies)
        self.asked: list[tuple[Message, ...]] = []
        self.options: list[ChatOptions] = []
        self.closed = 0

    @property
    def name(self) -> str:
        """As it was named."""
        return self._name

    async def reply(self, messages: Sequence[Message], *, options: ChatOptions = USUAL) -> Reply:
        """As the port says."""
        pieces = [piece async for piece in self.stream(messages, options=options)]
        last = pieces[-1]
        text = "".join(piece.text for piece in pieces)
        return Reply(text, self._name, last.usage or Usage(), last.finish or "stop")

    async def stream(
        self, messages: Sequence[Message], *, options: ChatOptions = USUAL
    ) -> AsyncGenerator[Delta, None]:
        """As the port says: a word a piece."""
        self.asked.append(tuple(messages))
        self.options.append(options)
        heard = [message.content for message in messages if message.role == "user"]
        if not heard:
            raise InvalidInput("there is nothing from the user to reply to")
        say = self.replies.popleft() if self.replies else heard[-1] or "nothing was said"
        text, error = say if isinstance(say, tuple) else ("", say)
        words = words_of(text if isinstance(error, PromptuaryError) else error)
        kept = words[: options.max_tokens]
        for word in kept:
            yield Delta(word, self._name)
        if isinstance(error, PromptuaryError):
            raise error
        finish: Finish = "stop" if len(kept) == len(words) else "length"
        prompt = sum(len(words_of(message.content)) for message in messages)
        yield Delta("", self._name, Usage(prompt, len(kept)), finish)

    async def ping(self) -> None:
        """As the port says."""
        await self.reply(ALIVE)

    async def aclose(self) -> None:
        """Counts how often."""
        self.closed += 1


def words_of(text: str) -> list[str]:
    """Its words, each with the space before it; white space alone is one."""
    starts = [0, *(found.start() for found in finditer(r"(?<=\S)\s+(?=\S)", text)), len(text)]
    return [text[a:b] for a, b in pairwise(starts) if a < b]
