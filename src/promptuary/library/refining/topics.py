"""What a prompt is about: known subjects first, else the phrases that stand out in it.

Phrases are runs of words between function words and punctuation, as in RAKE (Rose et al.,
"Automatic keyword extraction from individual documents", 2010).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from promptuary.domain.library import Domain
from promptuary.domain.refining import Topic
from promptuary.library.refining.slots import SLOT
from promptuary.library.refining.wording import told
from promptuary.retrieval.function_words import FUNCTION_WORDS
from promptuary.retrieval.stems import stem
from promptuary.retrieval.words import terms

MOST = 6
READ = 20_000
"""What a prompt is about shows in so many characters."""
_BREAKS = re.compile(r"[^\w\s'-]+|\n")
_A_WORD = re.compile(r"[^\W\d_][\w'-]{0,39}$")
_EMPTY = """
    please want need would like act give make write create get use using help example new one two
    following tell know let provide answer question task thing things text below above run
"""
_EMPTY_WORDS = frozenset(_EMPTY.split())


def topics(text: str) -> tuple[Topic, ...]:
    """At most MOST, the clearest first; at least one for a text with a letter or digit in it."""
    read = SLOT.sub(" . ", text[:READ])
    known = _known(read)
    found = [
        Topic(each["name"], each["detail"], tuple(each["references"])) for each in known[:MOST]
    ]
    if len(found) < 2:
        named = " ".join(each["name"] for each in known)
        found += [
            Topic(phrase, f"The prompt names it: “{said}”.")
            for phrase, said in _phrases(read)
            if phrase not in named
        ][: 3 - len(found)]
    return tuple(found) or (Topic("general", "No single subject stands out."),)


def field(text: str) -> Domain:
    """The field of work that the clearest known topic belongs to; `general` where none is known."""
    known = _known(SLOT.sub(" . ", text[:READ]))
    said: Domain = known[0].get("domain", "general") if known else "general"
    return said


def profession(text: str) -> str | None:
    """Who knows best about the clearest known topic."""
    for each in _known(SLOT.sub(" . ", text[:READ]))[:2]:
        if "profession" in each:
            said: str = each["profession"]
            return said
    return None


@lru_cache(maxsize=16)
def _known(text: str) -> tuple[Any, ...]:
    """Known subjects by how often they are named; of equal ones the one named first."""
    said = [stem(term) for term in terms(text)]
    counts: Counter[int] = Counter()
    index = _index()
    for at, term in enumerate(said):
        for rest, number in index.get(term, ()):
            if tuple(said[at + 1 : at + 1 + len(rest)]) == rest:
                counts[number] += 1 + 2 * len(rest)
    subjects = told("topics")
    return tuple(subjects[number] for number, _ in counts.most_common())


@cache
def _index() -> dict[str, list[tuple[tuple[str, ...], int]]]:
    found: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    for number, each in enumerate(told("topics")):
        for term in each["terms"]:
            first, *rest = (stem(word) for word in terms(term))
            found.setdefault(first, []).append((tuple(rest), number))
    return found


def _phrases(text: str) -> list[tuple[str, str]]:
    """Phrases that stand out and how they are written, best first."""
    runs = list(_runs(text))
    degree: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for run in runs:
        for word in run:
            seen[word.casefold()] += 1
            degree[word.casefold()] += len(run)
    worth = {
        " ".join(run): sum(degree[w.casefold()] / seen[w.casefold()] for w in run) for run in runs
    }
    order = sorted(worth, key=lambda said: -worth[said])
    return list({said.casefold(): said for said in reversed(order)}.items())[::-1]


def _runs(text: str) -> Iterator[list[str]]:
    for piece in _BREAKS.split(text):
        run: list[str] = []
        for word in piece.split():
            plain = word.strip("'-_").casefold()
            if (
                not plain
                or plain in FUNCTION_WORDS
                or plain in _EMPTY_WORDS
                or not _A_WORD.match(word)
            ):
                yield from ([run] if run else [])
                run = []
            elif len(run) < 3:
                run.append(word)
        if run:
            yield run
