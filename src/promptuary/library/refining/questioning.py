"""The one to three questions whose answers would change the result most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from promptuary.domain.refining import Finding, Wishes
from promptuary.library.refining.wording import told

MOST = 3


def questions(found: Sequence[Finding], intent: str, wishes: Wishes) -> tuple[str, ...]:
    """At least one: what is missing, then what is unclear, then what the task leaves open."""
    return tuple(dict.fromkeys(_by_weight(found, intent, wishes)))[:MOST]


def _by_weight(found: Sequence[Finding], intent: str, wishes: Wishes) -> Iterator[str]:
    said = told("questions")
    codes = {each.code for each in found}
    quotes = {each.code: each.quote for each in reversed(found)}
    yield from (said[code] for code in ("no_task", "missing_input") if code in codes)
    if "contradiction" in codes:
        one, _, other = quotes["contradiction"].partition(" / ")
        yield said["contradiction"].replace("{one}", one).replace("{other}", other)
    if intent in said["by_intent"]:
        yield said["by_intent"][intent]
    if "no_audience" in codes:
        yield said["audience"]
    if "vague" in codes:
        yield said["vague"].replace("{quote}", quotes["vague"])
    if "no_format" in codes:
        yield said["format"]
    if "no_context" in codes:
        yield said["context"]
    yield said["by_domain"][wishes.domain]
