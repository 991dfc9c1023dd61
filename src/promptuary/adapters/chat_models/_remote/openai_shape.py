"""The chat completions protocol of OpenAI, which most hosts speak."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

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
from promptuary.domain.chats import ChatOptions, Finish, Message
from promptuary.domain.errors import BadReply

_FINISHES: Mapping[str, Finish] = {
    "length": "length",
    "model_length": "length",
    "max_tokens": "length",
    "content_filter": "filtered",
}
_OWN_TEMPERATURE = ("o1", "o3", "o4", "gpt-5")
"""Models that take no other temperature than their own."""


@dataclass(frozen=True, slots=True)
class OpenaiShape:
    """`room` is the name of the bound on a reply's tokens; `tells_usage`: a stream tells its usage
    only when asked to."""

    base: str
    model: str
    room: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    tells_usage: bool = True

    def ask(self, messages: Sequence[Message], options: ChatOptions, *, stream: bool) -> Asking:
        """As the protocol says."""
        turns = [{"role": message.role, "content": message.content} for message in messages]
        body: dict[str, Any] = {"model": self.model, "messages": turns}
        if options.max_tokens is not None:
            body[self.room] = options.max_tokens
        if options.temperature is not None and not self.model.startswith(_OWN_TEMPERATURE):
            body["temperature"] = options.temperature
        if options.stop:
            body["stop"] = list(options.stop)
        if stream:
            body["stream"] = True
            body |= {"stream_options": {"include_usage": True}} if self.tells_usage else {}
        return Asking(f"{self.base}/chat/completions", body)

    def whole(self, given: Json) -> Said:
        """As the protocol says."""
        choice = _choice(given)
        message = choice.get("message")
        if not isinstance(message, dict):
            refuse_shape(given, "message")
        text = text_of(message.get("content")) or text_of(message.get("refusal"))
        return _said(given, choice, text)

    def piece(self, given: Json) -> Said:
        """As the protocol says; the last event but one may hold no choice, only the usage."""
        if given.get("choices") == [] and (given.get("usage") or "error" not in given):
            return _said(given, {}, "")
        choice = _choice(given)
        return _said(given, choice, text_of(within(choice, "delta", "content")))


def _choice(given: Json) -> Json:
    if error := given.get("error"):
        raise_told(error)
    choice = within(given, "choices", 0)
    if not isinstance(choice, dict):
        refuse_shape(given, "choices")
    return choice


def _said(given: Json, choice: Json, text: str) -> Said:
    usage = given.get("usage") or within(given, "x_groq", "usage")
    if usage is not None and not isinstance(usage, dict):
        raise BadReply(f"the usage is {str(usage)[:60]!r}")
    finish = choice.get("finish_reason")
    return Said(
        text,
        _FINISHES.get(str(finish), "stop") if finish else None,
        count_of(within(usage, "prompt_tokens")),
        count_of(within(usage, "completion_tokens")),
    )
