"""The path of refining: likely lenders from the library, then the rules, or a model behind them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol, TypeAlias

from promptuary.domain.errors import Unavailable, Unsupported
from promptuary.domain.filters import AllOf, Eq
from promptuary.domain.library import (
    Domain,
    LibraryPrompt,
    Origin,
    PromptVersion,
    library_prompt_id,
)
from promptuary.domain.refining import USUAL, Engine, Neighbour, Refined, Wishes
from promptuary.library.changing import Opened
from promptuary.library.finding import Finding
from promptuary.library.refining.modelled import refine_with
from promptuary.library.refining.refine import checked
from promptuary.library.refining.refine import refine as by_rules
from promptuary.library.searching import Sought, found
from promptuary.ports.chat_model import ChatModel
from promptuary.retrieval.function_words import FUNCTION_WORDS
from promptuary.retrieval.kept import KIND, text_of
from promptuary.retrieval.stems import stem
from promptuary.retrieval.words import terms

Chat: TypeAlias = Callable[[], Awaitable[ChatModel | None]]
"""Gives the chat model that the settings name, None where they name none."""
LENDERS, SHOWN = 5, 600
LOOKED_AT = 2
"""So many times as many as may lend are looked at: who says most of the words lends."""


class Improving(Opened, Protocol):
    """What refining needs of the Library that it belongs to."""

    @property
    def _finding(self) -> Finding | None: ...

    @property
    def _chat(self) -> Chat: ...


async def refine(
    self: Improving,
    text: str,
    wishes: Wishes = USUAL,
    *,
    engine: Engine = "rules",
    borrow: bool = True,
    strict: bool = False,
    tenant: str = "",
) -> Refined:
    """A quick note as a prompt in order; nothing is kept. See `library.refining.refine`.

    Unless `borrow` is off, well rated kept prompts like it may lend the wording of a role. With
    the `engine` "model" a chat model words it; where that fails, the rules' result says why, or
    with `strict` the error is raised. Raises InvalidInput, TooLarge, and Unsupported without a
    model.
    """
    checked(text)
    near = await lenders(self, text, LENDERS, tenant=tenant) if borrow else ()
    if engine == "rules":
        return by_rules(text, wishes, neighbours=near)
    chat = await self._chat()
    if chat is None:
        raise Unsupported("no chat model is set: PROMPTUARY_CHAT_MODELS names one")
    return await refine_with(chat, text, wishes, neighbours=near, tenant=tenant, strict=strict)


async def lenders(
    self: Improving, text: str, limit: int, *, domain: Domain | None = None, tenant: str = ""
) -> tuple[Neighbour, ...]:
    """Kept prompts like a text, with how alike and how well rated they are; none while the index
    is away."""
    if self._finding is None:
        return ()
    here = [Eq("kind", KIND), Eq("tenant", tenant), Eq("archived", False)]
    only = AllOf((*here, *([Eq("domain", domain)] if domain else [])))
    with suppress(Unavailable):
        sought = Sought(text[:SHOWN], only, "hybrid", "relevance", None, LOOKED_AT * limit)
        hits = (await found(self, sought)).hits
        ids = [library_prompt_id(str(hit.payload["slug"]), tenant) for hit in hits]
        async with self._record.read() as tx:
            prompts = await tx.library.some(ids)
            newest = await tx.library.newest([prompt.id for prompt in prompts])
        near = [neighbour(prompt, newest[prompt.id], text) for prompt in prompts]
        return tuple(sorted(near, key=lambda each: -each.likeness)[:limit])
    return ()


def neighbour(prompt: LibraryPrompt, version: PromptVersion, text: str = "") -> Neighbour:
    """A kept prompt as one that may lend; without a text it is like whatever is asked for."""
    said = text_of(version.content)
    about = f"{prompt.about.title} {said}"
    return Neighbour(
        Origin("prompt", f"{prompt.slug}@v{version.number}"),
        prompt.about.title,
        said,
        likeness(text, about) if text else 1.0,
        prompt.average_rating,
        prompt.ratings,
    )


def likeness(text: str, other: str) -> float:
    """The share of the words of a text, by their stems, that another one says too."""
    said = {stem(term) for term in terms(text[:SHOWN]) if term not in FUNCTION_WORDS}
    known = {stem(term) for term in terms(other)}
    return len(said & known) / len(said) if said else 0.0
