"""The one to three questions whose answers would change the result most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from promptuary.domain.library import Domain
from promptuary.domain.refining import USUAL, Finding, Wishes
from promptuary.library.refining.wording import told

MOST = 3


def questions(
    found: Sequence[Finding], intent: str, wishes: Wishes, field: Domain = "general"
) -> tuple[str, ...]:
    """At least one: what is missing, then what is unclear, then what the task leaves open; nothing
    that the wishes have said. `field` is what the text is about where the wishes do not say."""
    domain = field if wishes.domain == USUAL.domain else wishes.domain
    return tuple(dict.fromkeys(_by_weight(found, intent, wishes, domain)))[:MOST]


def _by_weight(
    found: Sequence[Finding], intent: str, wishes: Wishes, domain: Domain
) -> Iterator[str]:
    said = told("questions")
    codes = {each.code for each in found} - {*_said_by(wishes)}
    quotes = {each.code: each.quote for each in reversed(found)}
    yield from (said[code] for code in ("no_task", "missing_input") if code in codes)
    if "contradiction" in codes:
        one, _, other = quotes["contradiction"].partition(" / ")
        yield said["contradiction"].replace("{one}", one).replace("{other}", other)
    if intent == "write" and domain != USUAL.domain:  # what is written there has no reader to move
        yield said["by_domain"][domain]
    elif intent in said["by_intent"]:
        yield said["by_intent"][intent]
    if "no_audience" in codes:
        yield said["audience"]
    if "vague" in codes:
        yield said["vague"].replace("{quote}", quotes["vague"])
    if "no_format" in codes:
        yield said["format"]
    if "no_context" in codes:
        yield said["context"]
    yield said["by_domain"][domain]


def _said_by(wishes: Wishes) -> Iterator[str]:
    """Findings that a wish answers: one that is not the usual one was made by somebody."""
    if wishes.expertise_level != USUAL.expertise_level:
        yield "no_audience"
    if wishes.output_format != USUAL.output_format:
        yield "no_format"
