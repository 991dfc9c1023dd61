"""A sentence encoder over a model folder, whatever computes the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Protocol

import numpy as np

from promptuary.adapters.embedders._model import golden, layers
from promptuary.adapters.embedders._model.recipe import Dense, Recipe
from promptuary.adapters.embedders._model.runs import Run, runs
from promptuary.adapters.embedders._model.states import states
from promptuary.adapters.embedders._model.tokens import TextReader
from promptuary.adapters.embedders._model.weights import Weights
from promptuary.domain.vectors import Cut, Identity, Space, TokenStates, Vectors
from promptuary.ports.embedder import Purpose


class Network(Protocol):
    """Ids in, pooled rows out. `kernel` names its class of arithmetic."""

    @property
    def kernel(self) -> str:
        """Networks of one kernel agree to 1e-5."""
        ...

    def pooled(self, run: Run) -> Vectors:
        """Shape (texts, hidden). Safe to call from several threads."""
        ...

    def states(self, run: Run) -> Vectors:
        """What is pooled: shape (texts, longest, hidden). Safe to call from several threads."""
        ...


class FolderEmbedder:
    """Texts to unit rows with the model of a folder, as sentence-transformers would compute them.

    What differs on purpose: rows are always of length one, and a text without content gives zeros.
    """

    def __init__(
        self,
        recipe: Recipe,
        weights: Weights,
        network: Network,
        *,
        invariant: bool = True,
        known: Mapping[str, Sequence[float]] = golden.GOLDEN,
    ) -> None:
        self._recipe = recipe
        self._network = network
        self._invariant = invariant
        self._reader = TextReader(recipe, weights.tensor(layers.WORDS).shape[0])
        self._dense = [_after(dense) for dense in recipe.dense]
        digest = weights.digest()
        self._space = Identity(
            name=recipe.folder.name,
            dimensions=self._dense[-1][1].shape[0] if self._dense else recipe.hidden,
            weights=digest,
            tokenizer=self._reader.digest,
            pooling=recipe.pooling,
            normalised=True,
            max_tokens=recipe.max_tokens,
            prompts=recipe.prompts,
            kernel=network.kernel,
        ).space()
        if digest in known:
            golden.check(known[digest], network.kernel, self.embed_now([golden.TEXT])[0])

    @property
    def space(self) -> Space:
        """Of the weights, tokenizer, pooling, limits, prompts and kernel; not of the folder."""
        return self._space

    @property
    def invariant(self) -> bool:
        """Whether a row is the same alone and in any batch."""
        return self._invariant

    async def embed(self, texts: Sequence[str], *, purpose: Purpose = "document") -> Vectors:
        """As the port says; runs in a thread."""
        from anyio import to_thread  # noqa: PLC0415 - `embed_now` is quicker to start without

        return await to_thread.run_sync(partial(self.embed_now, texts, purpose=purpose))

    def embed_now(self, texts: Sequence[str], *, purpose: Purpose = "document") -> Vectors:
        """As the port says; each distinct text is computed once."""
        distinct = {text: n for n, text in enumerate(dict.fromkeys(texts))}
        read = self._reader.read(list(distinct), self._recipe.prompt(purpose))
        rows = np.zeros((len(distinct), self._space.dimensions), dtype=np.float32)
        for run in runs(read, self._recipe):
            rows[run.places] = self._finished(self._network.pooled(run))
        return rows[[distinct[text] for text in texts]]

    def cuts(self, texts: Sequence[str], *, purpose: Purpose = "document") -> list[Cut]:
        """As the port says, in tokens."""
        return self._reader.cuts(texts, self._recipe.prompt(purpose))

    def token_states(
        self, texts: Sequence[str], *, purpose: Purpose = "document"
    ) -> list[TokenStates]:
        """As the port says: the last layer, before anything is pooled."""
        read = self._reader.windows(texts, self._recipe.prompt(purpose))
        return states(read, self._recipe, self._network.states)

    async def aclose(self) -> None:
        """Nothing is held but memory."""

    def _finished(self, rows: Vectors) -> Vectors:
        for activation, weight, bias in self._dense:
            rows = rows @ weight.T + bias
            rows = np.tanh(rows) if activation == "tanh" else rows
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        unit: Vectors = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
        return unit


def _after(dense: Dense) -> tuple[str, Vectors, Vectors]:
    weights = Weights(dense.folder / "model.safetensors")
    weight = weights.array("linear.weight")
    has_bias = "linear.bias" in weights.tensors
    bias = weights.array("linear.bias") if has_bias else np.zeros(len(weight), dtype=np.float32)
    return dense.activation, weight, bias
