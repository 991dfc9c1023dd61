"""What a long conversation was about, out of the plans that were answered: no model is asked."""

from __future__ import annotations

from collections.abc import Sequence

from promptuary.domain.conversations import Message

LONG = 20
"""A conversation of more turns than this has a summary."""
LATEST = 5
"""So many of the latest questions are named."""


def summary(messages: Sequence[Message]) -> str:
    """How much was asked and since when, the first question and the latest ones, each as it was
    understood and once; "" of a conversation that is short. `messages` are all, oldest first."""
    answers = [each for each in messages if each.role == "assistant"]
    if len(answers) <= LONG:
        return ""
    refused = sum(each.refused is not None for each in answers)
    asked = list(dict.fromkeys(each.understood for each in answers if each.understood))
    said = [
        f"{len(answers)} turns from {answers[0].at:%-d %B %Y} to {answers[-1].at:%-d %B %Y} (UTC)"
        + (f", {refused} of them without an answer." if refused else ".")
    ]
    if asked:
        said.append(f"First: {asked[0]}")
    if latest := asked[1:][-LATEST:]:
        said.append(f"Lately: {' '.join(latest)}")
    if more := len(asked) - 1 - len(latest):
        said.append(f"In between {more} other {'question' if more == 1 else 'questions'}.")
    return " ".join(said)
