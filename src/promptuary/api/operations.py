"""One entry a route: path, scope, what it takes and answers. Nothing else is served."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from promptuary.domain.keys import Scope

PREFIX = "/api/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A route. `needs` is the scope, or "open": anybody may ask, no key, no limit. A scope of
    `instead` lets in too; what that opens is for the call to see to.

    `takes` is the model of a JSON body, `lines` that of each line of an NDJSON body; with
    `takes_file` the body is a file. `answers` is the model of the answer with `status`, which may
    come as `events` of these names (of any, where none is named) where it `streams`; `also` says
    what other statuses of that model mean.
    `problems` are the refusals beyond those of every route; an operation that is not `listed` stays
    out of the OpenAPI document. `per_minute` is a limit of its own, with a refusal that old clients
    read.
    """

    path: str
    call: Callable[..., Any]
    needs: Scope | Literal["open"]
    answers: Any
    instead: tuple[Scope, ...] = ()
    method: Literal["GET", "POST", "DELETE"] = "GET"
    status: int = 200
    takes: type[BaseModel] | None = None
    lines: type[BaseModel] | None = None
    takes_file: bool = False
    per_minute: int | None = None
    streams: bool = False
    events: tuple[str, ...] = ("text", "answer", "error")
    also: tuple[tuple[int, str], ...] = ()
    problems: tuple[int, ...] = ()
    tag: str = ""
    media_type: str = "application/json"
    listed: bool = True

    @property
    def shown(self) -> str:
        """The path without how its parts are matched."""
        return self.path.replace(":path}", "}")

    @property
    def name(self) -> str:
        """What it is called: in the OpenAPI document, in limits, in generated clients."""
        return str(self.call.__name__)
