"""`lexical:` reads texts for the words of the query; no model, no key, no network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise
from math import log

from anyio import to_thread

from promptuary.domain.errors import Misconfigured
from promptuary.retrieval.function_words import content_words
from promptuary.retrieval.stems import stem
from promptuary.retrieval.words import terms

_WINDOW = 40
"""So many words are about two sentences: an answer stands together."""

_WHOLE, _NEAR, _PAIRS = 0.3, 0.5, 0.2
"""What the whole text, its best window, and words side by side are worth; together 1."""

_LONGEST = 20_000
"""Characters of a text that are read."""


def connect(url: str) -> LexicalReranker:
    """Raises Misconfigured for anything after the colon."""
    if url.partition(":")[2]:
        raise Misconfigured("lexical: takes nothing after the colon")
    return LexicalReranker()


class LexicalReranker:
    """The share of the query's stems in a text, the rarer ones (among these texts) counting more:
    in all of it, in its best window, and side by side as in the query. Between 0 and 1."""

    name = "lexical"

    async def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """As the port says; runs in a thread."""
        return await to_thread.run_sync(partial(_scores, query, texts))

    async def aclose(self) -> None:
        """Nothing is held."""


def _scores(query: str, texts: Sequence[str]) -> list[float]:
    asked = [stem(term) for term in content_words(terms(query))]
    read = [[stem(term) for term in terms(text[:_LONGEST])] for text in texts]
    spread = Counter(each for stems in read for each in set(stems))
    weights = {
        each: log(1 + (len(texts) - spread[each] + 0.5) / (spread[each] + 0.5))
        for each in dict.fromkeys(asked)
    }
    together = set(pairwise(asked))
    return [_score(stems, weights, together) for stems in read]


def _score(
    stems: Sequence[str], weights: Mapping[str, float], together: set[tuple[str, str]]
) -> float:
    everything = sum(weights.values())
    if not everything:
        return 0.0
    places = [(at, each) for at, each in enumerate(stems) if each in weights]
    whole = sum(weights[each] for each in {each for _, each in places}) / everything
    near = _best_window(places, weights) / everything
    pairs = len(together & set(pairwise(stems))) / len(together) if together else whole
    return _WHOLE * whole + _NEAR * near + _PAIRS * pairs


def _best_window(places: Sequence[tuple[int, str]], weights: Mapping[str, float]) -> float:
    """The weight of the different stems in the window that has most of them."""
    best = held = 0.0
    inside: Counter[str] = Counter()
    first = 0
    for at, each in places:
        held += 0 if inside[each] else weights[each]
        inside[each] += 1
        while places[first][0] <= at - _WINDOW:
            gone = places[first][1]
            inside[gone] -= 1
            held -= 0 if inside[gone] else weights[gone]
            first += 1
        best = max(best, held)
    return best
