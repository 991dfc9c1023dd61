"""A batch of prompts laid out for counting: one flat array of word numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from promptuary.canon.masking import Tokens, tokenise

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
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

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Number of words of each prompt."""
        return np.diff(self.starts)

    @property
    def owner(self) -> NDArray[np.int64]:
        """Prompt of each flat position."""
        return np.repeat(np.arange(len(self), dtype=np.int64), self.lengths)

    def numbers(self, prompt: int) -> NDArray[np.int64]:
        """Word numbers of one prompt."""
        return self.flat[self.starts[prompt] : self.starts[prompt + 1]]


def lay_out(texts: Sequence[str], *, longest: int = 4_000) -> Corpus:
    """Corpus of `texts`; of one with more than `longest` words only head and tail are words.

    What lies between is one word that occurs nowhere else, so that it can only be a value.
    """
    tokens = [_clip(tokenise(text), longest, number) for number, text in enumerate(texts)]
    numbers: dict[str, int] = {}
    flat = [numbers.setdefault(word, len(numbers)) for one in tokens for word in one.words]
    return Corpus(
        tuple(texts),
        tuple(one.spans for one in tokens),
        np.array(flat, dtype=np.int64),
        _starts([len(one.words) for one in tokens]),
        tuple(numbers),
        tuple((0, len(text)) for text in texts),
        (("", ""),) * len(tokens),
    )


def trim(corpus: Corpus, cuts: Sequence[tuple[int, int]]) -> Corpus:
    """The corpus without the first `cuts[d][0]` and last `cuts[d][1]` words of every prompt `d`."""
    begin = corpus.starts[:-1] + [lead for lead, _ in cuts]
    end = corpus.starts[1:] - [trail for _, trail in cuts]
    kept = [np.arange(a, b) for a, b in zip(begin.tolist(), end.tolist(), strict=True)]
    chosen = np.concatenate(kept) if kept else np.zeros(0, dtype=np.int64)
    spans = list(zip(corpus.spans, cuts, strict=True))
    edges = [_edges(t, s, c) for t, (s, c) in zip(corpus.texts, spans, strict=True)]
    return replace(
        corpus,
        spans=tuple(one[lead : len(one) - trail] for one, (lead, trail) in spans),
        flat=corpus.flat[chosen],
        starts=_starts([len(one) for one in kept]),
        edges=tuple(edges),
        residuals=tuple(
            (text[spans[0][0] : a] if lead else "", text[b : spans[-1][1]] if trail else "")
            for text, (spans, (lead, trail)), (a, b) in zip(corpus.texts, spans, edges, strict=True)
        ),
    )


def _edges(text: str, spans: Sequence[Span], cut: tuple[int, int]) -> Span:
    lead, trail = cut
    begin = spans[lead - 1][1] if lead else 0
    return begin, spans[len(spans) - trail][0] if trail else len(text)


def _starts(lengths: Sequence[int]) -> NDArray[np.int64]:
    return np.cumsum(np.fromiter(chain((0,), lengths), dtype=np.int64))


def _clip(tokens: Tokens, longest: int, number: int) -> Tokens:
    if len(tokens.words) <= longest:
        return tokens
    half = longest // 2
    hole = (tokens.spans[half][0], tokens.spans[-half - 1][1])
    return Tokens(
        (*tokens.words[:half], f"\x00{number}", *tokens.words[-half:]),
        (*tokens.spans[:half], hole, *tokens.spans[-half:]),
    )
