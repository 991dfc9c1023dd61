"""How one provider is asked and understood, and the checks that all their replies pass."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol, TypeAlias

from promptuary.domain.chats import ChatOptions, Finish, Message
from promptuary.domain.errors import BadReply, RateLimited, Unavailable

Json: TypeAlias = Mapping[str, Any]
_SLOW = "429", "rate_limit", "resource_exhausted", "throttling"


@dataclass(frozen=True, slots=True)
class Said:
    """A whole reply, or one piece of it. None: the provider did not tell (here)."""

    text: str = ""
    finish: Finish | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """Where to post what, for one reply."""

    url: str
    body: Json


class Dialect(Protocol):
    """One wire protocol. Pure: it neither sends nor waits."""

    def ask(self, messages: Sequence[Message], options: ChatOptions, *, stream: bool) -> Asking:
        """The request for a reply."""
        ...

    def whole(self, given: Json) -> Said:
        """What the body of a reply says. Raises BadReply for another shape."""
        ...

    def piece(self, given: Json) -> Said:
        """What one event of a stream says. Raises BadReply, or Unavailable for an error in it."""
        ...


def parsed(body: bytes) -> Json:
    """The JSON object. Raises BadReply for anything else; NaN and infinity are no JSON."""
    try:
        given = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise BadReply(f"no JSON came back but {body[:60]!r}") from error
    if not isinstance(given, dict):
        raise BadReply(f"no JSON object came back but {body[:60]!r}")
    return given


def within(given: object, *path: str | int) -> Any:  # noqa: ANN401 - parsed JSON
    """What stands there; None where the path leads nowhere."""
    for step in path:
        if isinstance(step, str):
            given = given.get(step) if isinstance(given, dict) else None
        else:
            given = given[step] if isinstance(given, list) and len(given) > step else None
    return given


def text_of(given: object) -> str:
    """A text; "" for nothing. Raises BadReply for anything else."""
    if given is None or isinstance(given, str):
        return given or ""
    raise BadReply(f"a reply holds no text but {str(given)[:60]!r}")


def count_of(given: object) -> int | None:
    """A count of tokens; None for nothing. Raises BadReply for what is no count."""
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given < 2**40:
        raise BadReply(f"a count of tokens is {str(given)[:60]!r}")
    return given


def raise_told(error: object) -> NoReturn:
    """An error that came with status 200, or in the middle of a stream. Raises RateLimited where
    it says so, else Unavailable."""
    said = str(within(error, "message") or error)[:200]
    kind = " ".join(str(within(error, name) or "") for name in ("code", "type", "status")).lower()
    if any(word in kind for word in _SLOW):
        raise RateLimited(said, retry_after=1.0)
    raise Unavailable(said)


def refuse_shape(given: Json, wanted: str) -> NoReturn:
    """Raises BadReply: the reply does not hold what it has to."""
    raise BadReply(f"the reply holds no {wanted}: {json.dumps(given)[:120]}")


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)
