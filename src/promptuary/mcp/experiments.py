"""What an assistant can do with experiments: begin one, look at it, promote its winner, end it."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from promptuary.library.face import Library
from promptuary.mcp.callers import Caller
from promptuary.mcp.offers import WRITES, Offer, Taken
from promptuary.mcp.prompts import SERVED


class Of(Taken):
    """A prompt, by its slug."""

    slug: str = Field(min_length=1, max_length=200, description="Such as support/refund.")


class Begun(Of):
    """Two versions beside each other."""

    candidate: str = Field(
        min_length=1, max_length=64, description="The version on trial: a number, label or branch."
    )
    label: str = Field(SERVED, min_length=1, max_length=64, description="What it is beside.")
    share: float = Field(0.5, gt=0, lt=1, description="Of all keys, how many are given it.")


async def _begin(library: Library, asked: Begun, caller: Caller) -> object:
    await library.begin_experiment(
        asked.slug,
        asked.candidate,
        label=asked.label,
        share=asked.share,
        author=caller.name,
        tenant=caller.tenant,
    )
    return await library.judge(asked.slug, tenant=caller.tenant)


async def _read(library: Library, asked: Of, caller: Caller) -> object:
    return await library.judge(asked.slug, author=caller.name, tenant=caller.tenant)


async def _promote(library: Library, asked: Of, caller: Caller) -> object:
    return await library.judge(
        asked.slug,
        promote=True,
        override=caller.may("library:protect"),
        author=caller.name,
        tenant=caller.tenant,
    )


async def _stop(library: Library, asked: Of, caller: Caller) -> object:
    await library.stop_experiment(asked.slug, author=caller.name, tenant=caller.tenant)
    return await library.judge(asked.slug, tenant=caller.tenant)


OFFERS: Final = (
    Offer("read_experiment", "How an experiment stands; ask at any time.", Of, _read),
    Offer("begin_experiment", "Try a version beside a label's.", Begun, _begin, WRITES),
    Offer("promote_candidate", "Move the label to a candidate that won.", Of, _promote, WRITES),
    Offer("stop_experiment", "End it: all get the label's version.", Of, _stop, WRITES),
)
