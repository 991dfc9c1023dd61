"""How well what was described fits a text: by BM25 (Robertson et al. 1995) and by meaning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from promptuary.domain.events import searchable
from promptuary.ports.embedder import Embedder
from promptuary.retrieval.stems import stem

K1, B = 0.9, 0.4
Scores = NDArray[np.float64]
Row = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Weighing:
    """What words and meaning weigh, both in standard deviations, and how many words are usual."""

    words: float
    meaning: float
    usual: int


@dataclass(frozen=True, slots=True)
class Fitting:
    """A text, what each stem of its telling words weighs, and the model that knows meanings, which
    is asked once for each description."""

    text: str
    weights: Mapping[str, float]
    embedder: Embedder | None
    _rows: dict[str, Row] = field(default_factory=dict)

    async def scores(self, told: Sequence[Sequence[str]], how: Weighing) -> Scores:
        """How well each of them fits, among these; one of several descriptions is read as if they
        were one. Without a model by words alone."""
        if not told:
            return np.zeros(0)
        words = np.array([self._bm25(each, how.usual) for each in told])
        scores = how.words * _standard(words)
        if self.embedder is not None:
            scores += how.meaning * _standard(await self._meaning(told, self.embedder))
        return scores

    def _bm25(self, said: Sequence[str], usual: int) -> float:
        """The forms of a word are counted together."""
        stems = [stem(word) for each in said for word in searchable(each).split()]
        norm = K1 * (1 - B + B * len(stems) / usual)
        counts = Counter(word for word in stems if word in self.weights)
        return sum(self.weights[word] * n * (K1 + 1) / (n + norm) for word, n in counts.items())

    async def _meaning(self, told: Sequence[Sequence[str]], embedder: Embedder) -> Scores:
        """The cosine of the text with the sum of what each says."""
        new = list(dict.fromkeys(d for each in told for d in each if d not in self._rows))
        if new:
            self._rows.update(zip(new, await embedder.embed(new), strict=True))
        asked = (await embedder.embed([self.text], purpose="query"))[0]
        sums = np.stack([np.sum([self._rows[d] for d in each], axis=0) for each in told])
        lengths = np.linalg.norm(sums, axis=1)
        return np.asarray(sums @ asked / np.maximum(lengths, 1e-9), dtype=np.float64)


def _standard(values: Scores) -> Scores:
    spread = float(values.std())
    return (values - values.mean()) / spread if spread > 1e-9 else np.zeros(len(values))
