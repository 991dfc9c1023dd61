"""The protocol over the library: prompts with arguments and completion, and tools.

Both the revision of 2026-07-28 and the older handshake are spoken; which one, the client decides.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable
from importlib.metadata import version
from typing import Any, TypeAlias, TypeVar

from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    CompleteRequestParams,
    CompleteResult,
    Completion,
    GetPromptRequestParams,
    GetPromptResult,
    ListPromptsResult,
    ListToolsResult,
    PaginatedRequestParams,
    PromptReference,
    TextContent,
)
from pydantic import ValidationError

from promptuary.domain.errors import InvalidInput, PromptuaryError, Rejected
from promptuary.domain.plain import Json
from promptuary.library.face import Library
from promptuary.mcp import experiments, prompts, tools
from promptuary.mcp.callers import Caller, caller_of
from promptuary.mcp.offers import Offer

T = TypeVar("T")
Context: TypeAlias = ServerRequestContext[Any, Any]
INSTRUCTIONS = (
    "Prompts that a team keeps, with versions. Get one by its name with its arguments; "
    "search, render and rate them with the tools."
)


def server_of(library: Library) -> Server[Any]:
    """A server over that library, which stays the caller's to close."""
    answers = Answers(library)
    return Server(
        "promptuary",
        version=version("promptuary"),
        title="Promptuary",
        instructions=INSTRUCTIONS,
        on_list_prompts=answers.list_prompts,
        on_get_prompt=answers.get_prompt,
        on_completion=answers.complete,
        on_list_tools=answers.list_tools,
        on_call_tool=answers.call_tool,
    )


class Answers:
    """What is answered to each request. A refusal is an error of the protocol with our stable code
    in its data; that of a tool is a result that the assistant can read."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._offers = {offer.name: offer for offer in (*tools.OFFERS, *experiments.OFFERS)}

    async def list_prompts(
        self, context: Context, asked: PaginatedRequestParams | None
    ) -> ListPromptsResult:
        """A page of prompts, with their arguments."""
        cursor = asked.cursor if asked else None
        tenant = _reader(context).tenant
        return await _told(prompts.listed(self._library, cursor, tenant))

    async def get_prompt(self, context: Context, asked: GetPromptRequestParams) -> GetPromptResult:
        """A prompt, filled."""
        caller = _reader(context)
        return await _told(prompts.filled(self._library, asked.name, asked.arguments or {}, caller))

    async def complete(self, context: Context, asked: CompleteRequestParams) -> CompleteResult:
        """Values of an argument; there are none for what is no prompt."""
        caller = _reader(context)
        if not isinstance(asked.ref, PromptReference):
            return CompleteResult(completion=Completion(values=[]))
        begun = asked.argument
        work = prompts.completed(
            self._library, asked.ref.name, begun.name, begun.value, caller.tenant
        )
        return CompleteResult(completion=await _told(work))

    async def list_tools(
        self, context: Context, asked: PaginatedRequestParams | None
    ) -> ListToolsResult:
        """The tools, all on one page."""
        _reader(context)
        del asked
        return ListToolsResult(tools=[offer.tool for offer in self._offers.values()])

    async def call_tool(self, context: Context, asked: CallToolRequestParams) -> CallToolResult:
        """What a tool does, as JSON."""
        offer = self._offers.get(asked.name)
        if offer is None:
            raise MCPError(INVALID_PARAMS, f"no tool is called {asked.name[:60]!r}")
        try:
            done = await self._done(offer, caller_of(context), asked.arguments or {})
        except PromptuaryError as error:
            said = f"{error} [{error.code}]"
            return CallToolResult(content=[TextContent(text=said)], is_error=True)
        value = tools.plain(done)
        return CallToolResult(
            content=[TextContent(text=_readable(value))], structured_content=value
        )

    async def _done(self, offer: Offer, caller: Caller, given: dict[str, Any]) -> object:
        caller.require(offer.scope)
        try:
            taken = offer.takes.model_validate(given)
        except ValidationError as error:
            fields = {".".join(map(str, each["loc"])): each["msg"] for each in error.errors()}
            told = "; ".join(f"{name}: {what}" for name, what in fields.items())
            raise InvalidInput(f"the arguments do not fit: {told[:500]}", fields=fields) from error
        return await offer.work(self._library, taken, caller)


def _readable(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def _reader(context: Context) -> Caller:
    """Who asks, and may read. Raises the protocol's error for whoever may not."""
    caller = caller_of(context)
    try:
        caller.require("library:read")
    except PromptuaryError as error:
        raise _refusal(error) from error
    return caller


async def _told(work: Awaitable[T]) -> T:
    """What came of it, with our errors as those of the protocol."""
    try:
        return await work
    except PromptuaryError as error:
        raise _refusal(error) from error


def _refusal(error: PromptuaryError) -> MCPError:
    code = INVALID_PARAMS if isinstance(error, Rejected) else INTERNAL_ERROR
    fields = dict(error.fields) if isinstance(error, InvalidInput) else {}
    return MCPError(code, str(error), {"code": error.code, "fields": fields})
