"""What a window's open prompts have to say: templates found, found again in the rest, consolidated.

A template whose statistics drown among others (hundreds of prompts that share one long value, say)
shows once those are explained; so what is left over is looked at a second time. That is one chance
more for one-offs to look alike, and asks for more prompts.
"""

from __future__ import annotations

from collections.abc import Sequence

from promptuary.canon.drafting import Found, found
from promptuary.canon.instances import consolidated
from promptuary.domain.prompts import Prompt

AGAIN = 6
"""Distinct prompts that it takes to make a template of what the first look left over."""


def findings(prompts: Sequence[Prompt], *, minimum: int, beside: Sequence[str] = ()) -> list[Found]:
    """Templates of at least `minimum` prompts, each prompt in one at most; by first arrival.

    `beside` is other text of the same traffic, as `discover` wants it.
    """
    first = _found(prompts, minimum, beside)
    if not first:
        return []
    taken = {prompt.id for find in first for prompt, _ in find.members}
    left = [prompt for prompt in prompts if prompt.id not in taken]
    beside = [*beside, *(prompt.text for prompt in prompts if prompt.id in taken)]
    return consolidated([*first, *_found(left, max(minimum, AGAIN), beside)])


def _found(prompts: Sequence[Prompt], minimum: int, beside: Sequence[str]) -> list[Found]:
    from promptuary.canon.discovery.discover import discover  # noqa: PLC0415 - most verbs mine none

    texts = [prompt.text for prompt in prompts]
    proposals = discover(texts, minimum=minimum, beside=beside)
    return [found(proposal, prompts) for proposal in proposals]
