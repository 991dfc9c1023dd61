"""The rounds of grouping: assign, dissolve, estimate."""

from __future__ import annotations

from collections.abc import Sequence

from promptuary.canon.discovery.grouping import (
    ROUNDS,
    Groups,
    Known,
    Standing,
    dissolve,
    estimate,
    join_extensions,
    reassign,
    score_options,
    seeds,
    standing,
)
from promptuary.canon.discovery.passages import reused_passages
from promptuary.canon.discovery.weighing import Weighed, doubt

VALUE = -1.5  # log odds of a word in a re-used passage, at most


def group(prompts: Sequence[Weighed], *, vocabulary: int) -> tuple[list[Weighed], Groups]:
    """Groups of prompts, and the prompts as they are weighed in the end.

    Hard expectation maximisation (classification EM, Celeux and Govaert 1992) over templates.
    """
    weighed, groups, known = list(prompts), seeds(prompts), Known()
    for number in range(ROUNDS if groups.patterns else 0):
        now = standing(weighed, groups, vocabulary, known)
        dissolve(now)
        reassign(now)
        if number == 0:
            _doubt_passages(weighed, now, known)
        if number == ROUNDS - 2:
            join_extensions(now)
        groups = estimate(weighed, now, known)
    return weighed, groups


def _doubt_passages(weighed: list[Weighed], now: Standing, known: Known) -> None:
    places = reused_passages(weighed, now)
    for prompt, doubted in places.items():
        weighed[prompt] = doubt(weighed[prompt], doubted, VALUE)
    known.forget(places)
    chosen = [now.options[d] if d in places else () for d in range(len(weighed))]
    for prompt, options in enumerate(score_options(weighed, now.patterns, chosen, known)):
        if prompt in places:
            now.options[prompt] = options
            now.best[prompt] = weighed[prompt].best
    reassign(now)
