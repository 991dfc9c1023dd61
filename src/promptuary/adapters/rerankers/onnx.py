"""`onnx:/path/to/folder?threads=N` a cross-encoder in this process reads question and text at once.

Extra: `onnx`. The folder is one of sentence-transformers' `CrossEncoder` with one label, of the
BERT or (XLM-)RoBERTa family; the network is that of the embedder `onnx:`, and nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from anyio import to_thread
from numpy.typing import NDArray
from tokenizers import Tokenizer

from promptuary.adapters.embedders._model import layers
from promptuary.adapters.embedders._model.opening import Opened, open_folder
from promptuary.adapters.embedders._model.runs import runs
from promptuary.adapters.embedders._model.session import OnnxNetwork
from promptuary.adapters.embedders._model.tokens import Tokens
from promptuary.domain.errors import ModelDamaged
from promptuary.domain.vectors import Vectors

_CHARACTERS_A_TOKEN = 40
"""Text beyond so many characters for each token is not even looked at."""

_HEADS = {
    "bert": ("pooler.dense", "classifier"),
    "roberta": ("classifier.dense", "classifier.out_proj"),
}
"""By family, the two layers that make a score of the first token's row."""


def connect(url: str) -> OnnxReranker:
    """Raises Misconfigured for options that cannot be, ModelDamaged for a folder that is no whole
    cross-encoder with one label."""
    return OnnxReranker(open_folder(url, ("fp32",)))


@dataclass(frozen=True, slots=True)
class _Layer:
    weight: Vectors
    bias: Vectors


class OnnxReranker:
    """Scores are the model's own logits. Of a pair that is too long, the longer part is cut."""

    def __init__(self, opened: Opened) -> None:
        recipe = opened.recipe
        if recipe.family not in _HEADS:
            known = " and ".join(_HEADS)
            raise ModelDamaged(
                f"{recipe.folder}: a {recipe.family} does not rerank; known: {known}"
            )
        self._recipe = replace(recipe, pooling="cls")
        self._first, self._last = (_layer(opened, name) for name in _HEADS[recipe.family])
        if len(self._last.bias) != 1:
            raise ModelDamaged(f"{recipe.folder} has {len(self._last.bias)} labels and not one")
        self._second = _second_part(opened)
        self._tokenizer = _tokenizer(opened)
        self._network = OnnxNetwork(opened)

    @property
    def name(self) -> str:
        """The folder's."""
        return self._recipe.folder.name

    async def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """As the port says; runs in a thread, which a caller that goes away does not wait for."""
        work = partial(self._scores, query, texts)
        return await to_thread.run_sync(work, abandon_on_cancel=True)

    async def aclose(self) -> None:
        """Nothing is held but memory."""

    def _scores(self, query: str, texts: Sequence[str]) -> list[float]:
        asked = self._clean(query)
        pairs = [(asked, self._clean(text)) for text in texts]
        read = self._tokenizer.encode_batch(pairs) if pairs else []
        found = np.zeros(len(texts), dtype=np.float32)
        for run in runs([Tokens(tuple(each.ids), cut=False) for each in read], self._recipe):
            kinds = np.zeros(run.ids.shape, dtype=np.float32)
            for row, place in zip(kinds, run.places, strict=True):
                row[: len(read[place].ids)] = read[place].type_ids
            words = self._network.words[run.ids] + kinds[..., None] * self._second
            found[run.places] = self._judged(self._network.pooled_from(words, run))
        return [float(score) for score in found]

    def _judged(self, rows: Vectors) -> NDArray[np.float32]:
        inner = np.tanh(rows @ self._first.weight.T + self._first.bias)
        judged: NDArray[np.float32] = (inner @ self._last.weight.T + self._last.bias)[:, 0]
        return judged

    def _clean(self, text: str) -> str:
        limit = self._recipe.max_tokens * _CHARACTERS_A_TOKEN
        return text[:limit].encode("utf-8", "replace").decode("utf-8")


def _layer(opened: Opened, name: str) -> _Layer:
    return _Layer(opened.weights.array(f"{name}.weight"), opened.weights.array(f"{name}.bias"))


def _second_part(opened: Opened) -> Vectors:
    """What marks a token of the text rather than of the question: the network adds the row of the
    first part to every token."""
    hidden = opened.recipe.hidden
    if layers.TYPES not in opened.weights.tensors:
        return np.zeros(hidden, dtype=np.float32)
    rows = opened.weights.array(layers.TYPES)
    return rows[1] - rows[0] if len(rows) > 1 else np.zeros(hidden, dtype=np.float32)


def _tokenizer(opened: Opened) -> Tokenizer:
    path = opened.recipe.folder / "tokenizer.json"
    rows = opened.weights.tensor(layers.WORDS).shape[0]
    try:
        tokenizer = Tokenizer.from_str(path.read_text("utf-8"))
    except Exception as error:  # the library raises bare Exception
        raise ModelDamaged(f"{path} is no tokenizer: {error}") from error
    if (size := tokenizer.get_vocab_size()) > rows:
        raise ModelDamaged(f"{path} knows {size} tokens, the model {rows}: not its tokenizer")
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length=opened.recipe.max_tokens)
    return tokenizer
