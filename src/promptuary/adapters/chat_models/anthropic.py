"""`anthropic:claude-haiku-4-5` a model of Anthropic. Extra: `remote`.

The key is `ANTHROPIC_API_KEY`; `ANTHROPIC_BASE_URL` names another host.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from promptuary.adapters._remote.keys import variable
from promptuary.adapters.chat_models._remote.address import model_of, needed
from promptuary.adapters.chat_models._remote.dialect import (
    Asking,
    Json,
    Said,
    count_of,
    raise_told,
    refuse_shape,
    text_of,
    within,
)
from promptuary.adapters.chat_models._remote.model import RemoteChatModel, always
from promptuary.domain.chats import ChatOptions, Finish, Message

HOST = "https://api.anthropic.com"
VERSION = "2023-06-01"
ROOM = 4096
"""Tokens of a reply where nobody says: this provider wants to be told."""

_FINISHES: Mapping[str, Finish] = {"max_tokens": "length", "refusal": "filtered"}


def connect(url: str) -> RemoteChatModel:
    """Asks nobody yet. Raises Misconfigured without a key."""
    model = model_of(url)
    key = needed("anthropic", variable("ANTHROPIC_API_KEY"), "ANTHROPIC_API_KEY")
    base = variable("ANTHROPIC_BASE_URL", HOST).rstrip("/")
    sign = always({"x-api-key": key, "anthropic-version": VERSION})
    return RemoteChatModel(f"anthropic/{model}", AnthropicShape(base, model), sign)


@dataclass(frozen=True, slots=True)
class AnthropicShape:
    """The Messages API: system texts stand apart, a reply is a list of blocks."""

    base: str
    model: str

    def ask(self, messages: Sequence[Message], options: ChatOptions, *, stream: bool) -> Asking:
        """As the protocol says."""
        system = "\n\n".join(each.content for each in messages if each.role == "system")
        turns = [{"role": m.role, "content": m.content} for m in messages if m.role != "system"]
        body: dict[str, Any] = {"model": self.model, "messages": turns}
        body["max_tokens"] = options.max_tokens or ROOM
        if system:
            body["system"] = system
        if options.temperature is not None:
            body["temperature"] = options.temperature
        if options.stop:
            body["stop_sequences"] = list(options.stop)
        return Asking(f"{self.base}/v1/messages", {**body, "stream": True} if stream else body)

    def whole(self, given: Json) -> Said:
        """As the protocol says."""
        if error := given.get("error"):
            raise_told(error)
        blocks = given.get("content")
        if not isinstance(blocks, list):
            refuse_shape(given, "content")
        texts = (within(block, "text") for block in blocks if within(block, "type") == "text")
        return _said("".join(map(text_of, texts)), given.get("stop_reason"), given.get("usage"))

    def piece(self, given: Json) -> Said:
        """As the protocol says; kinds of events that nobody knows yet say nothing."""
        match given.get("type"):
            case "error":
                raise_told(given.get("error"))
            case "message_start":
                return _said("", None, within(given, "message", "usage"))
            case "content_block_delta" if within(given, "delta", "type") == "text_delta":
                return Said(text_of(within(given, "delta", "text")))
            case "message_delta":
                return _said("", within(given, "delta", "stop_reason"), given.get("usage"))
        return Said()


def _said(text: str, stop: object, usage: object) -> Said:
    return Said(
        text,
        _FINISHES.get(str(stop), "stop") if stop else None,
        count_of(within(usage, "input_tokens")),
        count_of(within(usage, "output_tokens")),
    )
