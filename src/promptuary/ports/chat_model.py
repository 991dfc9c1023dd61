"""Messages in, a worded reply out, at once or piece by piece."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

from promptuary.domain.chats import ChatOptions, Delta, Message, Reply

USUAL = ChatOptions()


class ChatModel(Protocol):
    """A model behind one method. Safe to call from several tasks at once.

    What comes back was checked: a reply is never empty unless the provider withheld it, its tokens
    are counts. Every failure is one of our own errors and comes within the seconds of the options:
    Unavailable (TimedOut, RateLimited, BadReply) to try again or elsewhere, Rejected not to repeat,
    Misconfigured for a key, an address or a model that is wrong. No error repeats a key.
    """

    @property
    def name(self) -> str:
        """Who answers, as `provider/model`; constant for the life of the model."""
        ...

    async def reply(self, messages: Sequence[Message], *, options: ChatOptions = USUAL) -> Reply:
        """The whole reply. Raises InvalidInput when no message is from the user."""
        ...

    def stream(
        self, messages: Sequence[Message], *, options: ChatOptions = USUAL
    ) -> AsyncGenerator[Delta, None]:
        """The reply as it comes; the texts of all pieces are the reply.

        Only the last piece has `finish` and `usage`; a stream that ends without them raises
        BadReply, so that half a reply is never taken for a whole one. Whoever leaves early closes
        it (`contextlib.aclosing`), and nothing more is asked of the provider.
        """
        ...

    async def ping(self) -> None:
        """Ask for next to nothing; raises what `reply` would."""
        ...

    async def aclose(self) -> None:
        """Release what is held; closing twice is harmless."""
        ...
