"""Questions that the same documents go on to answer."""

from __future__ import annotations

from collections.abc import Sequence

from promptuary.answering.citing import Quoted
from promptuary.retrieval.passages import Retrieved
from promptuary.retrieval.stems import stem
from promptuary.retrieval.words import terms

AT_MOST = 3


def follow_ups(
    question: str, found: Sequence[Retrieved], cited: Sequence[Quoted]
) -> tuple[str, ...]:
    """Up to three, one for each section that was found but not cited, the nearest first.

    A section is called by its heading; one that the question already names is left out.
    """
    used = {each.passage.section for each in cited}
    asked = set(map(stem, terms(question)))
    named: dict[str, None] = {}
    for each in found:
        section = each.passage.section
        if section not in used and not {stem(term) for term in terms(section)} <= asked:
            named[section] = None
    return tuple(f"What do the documents say about “{name}”?" for name in list(named)[:AT_MOST])
