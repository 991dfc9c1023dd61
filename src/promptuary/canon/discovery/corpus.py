"""A batch of prompts laid out for counting: one flat array of word numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from promptuary.canon.tokens import Tokens, tokenise

REPETITIVE = 16  # times that a word occurs on average in a text that says the same again and again
ENDS = 200  # words kept of such a text

Span = tuple[int, int]
Words = tuple[int, ...]


@dataclass(frozen=True)  # changes: keeps what is derived from it
class Corpus:
    """Prompts as word numbers.

    Prompt `d` has the numbers `flat[starts[d]:starts[d + 1]]`, which stand at `spans[d]` of its
    text; `words` names them. `edges[d]` are the characters of its text where the leading residual
    ends and the trailing one begins, `residuals[d]` their texts.
    """

    texts: tuple[str, ...]
    spans: tuple[tuple[Span, ...], ...]
    flat: NDArray[np.int64]
    starts: NDArray[np.int64]
    words: tuple[str, ...]
    edges: tuple[Span, ...]
    residuals: tuple[tuple[str, str], ...]

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """Number of words of each prompt."""
        return np.diff(self.starts)

    @cached_property
    def owner(self) -> NDArray[np.int64]:
        """Prompt of each flat position."""
        return np.repeat(np.arange(len(self), dtype=np.int64), self.lengths)

    @cached_property
    def sequences(self) -> tuple[Words, ...]:
        """Word numbers of each prompt, for work word by word."""
        flat, starts = self.flat.tolist(), self.starts.tolist()
        return tuple([tuple(flat[a:b]) for a, b in pairwise(starts)])

    def numbers(self, prompt: int) -> NDArray[np.int64]:
        """Word numbers of one prompt."""
        return self.flat[self.starts[prompt] : self.starts[prompt + 1]]


def lay_out(texts: Sequence[str], *, longest: int = 2_000) -> Corpus:
    """Corpus of `texts`; of one with more than `longest` words only head and tail are words.

    What lies between is one word that occurs nowhere else, so that it can only be a value. Of a
    text of few words again and again less is kept: every alignment of two such is a good one, and
    there are as many as words.
    """
    tokens = [_clip(tokenise(text), longest, number) for number, text in enumerate(texts)]
    words = dict.fromkeys(chain.from_iterable([one.words for one in tokens]))
    numbers = {word: number for number, word in enumerate(words)}
    flat = map(numbers.__getitem__, chain.from_iterable([one.words for one in tokens]))
    return Corpus(
        tuple(texts),
        tuple(one.spans for one in tokens),
        np.fromiter(flat, dtype=np.int64),
        _starts([len(one.words) for one in tokens]),
        tuple(numbers),
        tuple((0, len(text)) for text in texts),
        (("", ""),) * len(tokens),
    )


def trim(corpus: Corpus, cuts: Sequence[tuple[int, int]]) -> Corpus:
    """The corpus without the first `cuts[d][0]` and last `cuts[d][1]` words of every prompt `d`."""
    numbers = np.array(cuts, dtype=np.int64).reshape(-1, 2)
    spans, edges, residuals = list(corpus.spans), list(corpus.edges), list(corpus.residuals)
    for d in np.flatnonzero(numbers.any(axis=1)).tolist():
        spans[d], edges[d], residuals[d] = _trimmed(corpus, d, *cuts[d])
    return replace(
        corpus,
        spans=tuple(spans),
        flat=corpus.flat[kept_places(corpus, numbers)],
        starts=_starts(corpus.lengths - numbers.sum(axis=1)),
        edges=tuple(edges),
        residuals=tuple(residuals),
    )


def kept_places(corpus: Corpus, cuts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Flat positions that stay when so many first and last words of every prompt are cut."""
    lengths = corpus.lengths - cuts.sum(axis=1)
    first = np.repeat(corpus.starts[:-1] + cuts[:, 0] - _starts(lengths)[:-1], lengths)
    places: NDArray[np.int64] = first + np.arange(len(first))
    return places


def _trimmed(
    corpus: Corpus, d: int, lead: int, trail: int
) -> tuple[tuple[Span, ...], Span, tuple[str, str]]:
    """Spans, edges and residuals of a prompt without its first and last words."""
    text, spans = corpus.texts[d], corpus.spans[d]
    (begin, end), (leading, trailing) = corpus.edges[d], corpus.residuals[d]
    if lead:
        start, begin = begin if leading else spans[0][0], spans[lead - 1][1]
        leading += text[start:begin]
    if trail:
        stop, end = end if trailing else spans[-1][1], spans[-trail][0]
        trailing = text[end:stop] + trailing
    return spans[lead : len(spans) - trail], (begin, end), (leading, trailing)


def _starts(lengths: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))


def _clip(tokens: Tokens, longest: int, number: int) -> Tokens:
    if len(tokens.words) > ENDS and len(tokens.words) > REPETITIVE * len(set(tokens.words)):
        longest = ENDS
    if len(tokens.words) <= longest:
        return tokens
    half = longest // 2
    hole = (tokens.spans[half][0], tokens.spans[-half - 1][1])
    return Tokens(
        (*tokens.words[:half], f"\x00{number}", *tokens.words[-half:]),
        (*tokens.spans[:half], hole, *tokens.spans[-half:]),
    )
