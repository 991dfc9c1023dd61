"""`gemini:gemini-2.5-flash` a model of Google's Gemini API. Extra: `remote`.

The key is `GOOGLE_API_KEY` or `GEMINI_API_KEY`; `GEMINI_BASE_URL` names another host.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

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

HOST = "https://generativelanguage.googleapis.com/v1beta"

_FINISHES: Mapping[str, Finish] = {"STOP": "stop", "MAX_TOKENS": "length"}
"""Every other reason is that the rest is withheld."""


def connect(url: str) -> RemoteChatModel:
    """Asks nobody yet. Raises Misconfigured without a key."""
    model = model_of(url).removeprefix("models/")
    known = variable("GOOGLE_API_KEY") or variable("GEMINI_API_KEY")
    # In a header: what stands in a URL ends up in logs.
    sign = always({"x-goog-api-key": needed("gemini", known, "GOOGLE_API_KEY")})
    base = variable("GEMINI_BASE_URL", HOST).rstrip("/")
    return RemoteChatModel(f"gemini/{model}", GeminiShape(base, model), sign)


@dataclass(frozen=True, slots=True)
class GeminiShape:
    """`generateContent`: turns are contents of parts, a reply is a list of candidates."""

    base: str
    model: str

    def ask(self, messages: Sequence[Message], options: ChatOptions, *, stream: bool) -> Asking:
        """As the protocol says."""
        body: dict[str, Any] = {
            "contents": [_turn(each) for each in messages if each.role != "system"],
            "generationConfig": _config(options),
        }
        if system := [{"text": each.content} for each in messages if each.role == "system"]:
            body["systemInstruction"] = {"parts": system}
        verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
        return Asking(f"{self.base}/models/{quote(self.model, safe='')}:{verb}", body)

    def whole(self, given: Json) -> Said:
        """As the protocol says."""
        if error := given.get("error"):
            raise_told(error)
        candidate = within(given, "candidates", 0)
        if candidate is None and within(given, "promptFeedback", "blockReason"):
            return _said(given, "", "filtered")
        if not isinstance(candidate, dict):
            refuse_shape(given, "candidates")
        parts = within(candidate, "content", "parts") or []
        # A part that is a thought is no part of the reply.
        texts = [text_of(within(part, "text")) for part in parts if not within(part, "thought")]
        reason = candidate.get("finishReason")
        return _said(
            given, "".join(texts), _FINISHES.get(str(reason), "filtered") if reason else None
        )

    def piece(self, given: Json) -> Said:
        """A whole reply that says a part; one may hold nothing but the counts."""
        if "candidates" not in given and "usageMetadata" in given:
            return _said(given, "", None)
        return self.whole(given)


def _turn(message: Message) -> Json:
    role = "model" if message.role == "assistant" else "user"
    return {"role": role, "parts": [{"text": message.content}]}


def _config(options: ChatOptions) -> Json:
    asked = {
        "maxOutputTokens": options.max_tokens,
        "temperature": options.temperature,
        "stopSequences": list(options.stop) or None,
    }
    return {name: value for name, value in asked.items() if value is not None}


def _said(given: Json, text: str, finish: Finish | None) -> Said:
    usage = given.get("usageMetadata")
    spoken = count_of(within(usage, "candidatesTokenCount"))
    thought = count_of(within(usage, "thoughtsTokenCount"))
    said = None if spoken is None and thought is None else (spoken or 0) + (thought or 0)
    return Said(text, finish, count_of(within(usage, "promptTokenCount")), said)
