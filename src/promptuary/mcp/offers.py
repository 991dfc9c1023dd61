"""What a tool is: its name, what it takes, who may use it, what it does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from mcp_types import Tool, ToolAnnotations
from pydantic import BaseModel, ConfigDict, Field

from promptuary.domain.keys import Scope
from promptuary.library.face import Library
from promptuary.mcp.callers import Caller

WRITES: Final = "library:write"
NAME: Final = "A prompt's slug, such as support/refund; slug@label or slug@7 names a version."


class Taken(BaseModel):
    """Arguments; what is not known is refused."""

    model_config = ConfigDict(extra="forbid")


class Named(Taken):
    """A prompt."""

    name: str = Field(min_length=1, max_length=300, description=NAME)


Work: TypeAlias = Callable[[Library, Any, Caller], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Offer:
    """A tool: what it does, what it takes, which scope it needs."""

    name: str
    description: str
    takes: type[Taken]
    work: Work
    scope: Scope = "library:read"

    @property
    def tool(self) -> Tool:
        """As the protocol shows it."""
        return Tool(
            name=self.name,
            description=self.description,
            input_schema=self.takes.model_json_schema(),
            annotations=ToolAnnotations(
                read_only_hint=self.scope != WRITES, destructive_hint=False, open_world_hint=False
            ),
        )
