"""What stands around a quotation: template text, where several prompts quote in the same words.

In a short request the statistics of words say little, but quotation marks say where a value is.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from promptuary.canon.discovery.corpus import Corpus, Words
from promptuary.canon.discovery.ngrams import Floats

PROMPTS = 3  # around whose quotations the same words stand
SHARE = 0.75  # of them have a word at its place
FIXED, MOSTLY = 3, 0.5  # words around the quotations, and of all there, that are fixed
LONGEST = 25  # words around the quotations of a prompt
SURE, UNSURE = 0.9, 0.1  # belief in a word around quotations, and in a quoted one

_QUOTED = re.compile(r'"[^"\n]+"|“[^”\n]+”|„[^“”\n]+[“”]|«[^»\n]+»|「[^」\n]+」')

_Shape = tuple[tuple[int, ...], Words]
"""How many words stand before, between and behind a prompt's quotations, and which beside them."""


@dataclass(frozen=True, slots=True)
class _Quoting:
    """Flat positions of a prompt's words around its quotations and within; the words around."""

    around: list[int]
    within: list[int]
    words: Words


def believe_quotations(corpus: Corpus, probability: Floats) -> Floats:
    """What is believed of each word, where several prompts say the same around quotations."""
    alike: dict[_Shape, list[_Quoting]] = defaultdict(list)
    for d in range(len(corpus)):
        if found := _quoting(corpus, d):
            shape, quoting = found
            alike[shape].append(quoting)
    belief = probability.copy()
    for some in alike.values():
        fixed = _fixed([one.words for one in some])
        for one in some if fixed else ():
            if all(one.words[at] == word for at, word in fixed.items()):
                places = [one.around[at] for at in fixed]
                belief[places] = belief[places].clip(min=SURE)
                belief[one.within] = belief[one.within].clip(max=UNSURE)
    return belief


def _quoting(corpus: Corpus, d: int) -> tuple[_Shape, _Quoting] | None:
    """What a prompt says around its quotations; None where it has none, or says much or little."""
    text, spans, words = corpus.texts[d], corpus.spans[d], corpus.sequences[d]
    quoted = [found.span() for found in _QUOTED.finditer(text, *corpus.edges[d])]
    within = [[bisect_left(spans, (place,)) for place in span] for span in quoted]
    edges = [0, *(edge for begin, end in within if begin < end for edge in (begin, end))]
    edges.append(len(words))
    around = [range(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    if len(around) == 1 or not FIXED <= sum(map(len, around)) <= LONGEST:
        return None
    beside = [at for run in around[:-1] for at in run[-1:]] + [
        at for run in around[1:] for at in run[:1]
    ]
    start = int(corpus.starts[d])
    inside = chain.from_iterable(
        range(a, b) for a, b in zip(edges[1:-1:2], edges[2::2], strict=True)
    )
    places = list(chain.from_iterable(around))
    return (tuple(map(len, around)), tuple(words[at] for at in beside)), _Quoting(
        [start + at for at in places],
        [start + at for at in inside],
        tuple(words[at] for at in places),
    )


def _fixed(some: Sequence[Words]) -> dict[int, int]:
    """The words that nearly all have, by place; none where they are too few to tell."""
    if len(some) < PROMPTS:
        return {}
    usual = [Counter(column).most_common(1)[0] for column in zip(*some, strict=True)]
    fixed = {at: word for at, (word, count) in enumerate(usual) if count >= SHARE * len(some)}
    return fixed if len(fixed) >= max(FIXED, MOSTLY * len(usual)) else {}
