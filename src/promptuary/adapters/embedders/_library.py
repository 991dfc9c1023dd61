"""What embedders share that another library runs: sound texts in, checked unit rows out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from threading import Lock
from typing import TypeAlias

import numpy as np

from promptuary.domain.errors import BadReply, InvalidInput, Misconfigured
from promptuary.domain.vectors import Identity, Space, Vectors
from promptuary.ports.embedder import Purpose

MAX_CHARACTERS = 100_000
"""No model reads more; a library would take minutes to cut a longer text into tokens."""

Run: TypeAlias = Callable[[list[str], Purpose], object]
"""Texts to rows, as the library gives them."""


class LibraryEmbedder:
    """A model that another library runs in this process, one call at a time.

    Texts without content give zeros; rows are scaled to length one. `invariant`: whether a row does
    not depend on its batch.
    """

    def __init__(self, library: str, model: str, run: Run, *, invariant: bool) -> None:
        self._run = run
        self._invariant = invariant
        self._turn = Lock()
        self._name = f"{library}:{model}"
        dimensions = int(np.asarray(run(["ready"], "document")).shape[-1])
        self._space = Identity(
            name=self._name,
            dimensions=dimensions,
            weights=model,
            tokenizer="",
            pooling="library",
            normalised=True,
            max_tokens=MAX_CHARACTERS,
            prompts=(),
            kernel=library,
        ).space()

    @property
    def space(self) -> Space:
        """Of the library and the model it was asked for: what is in a folder may not change."""
        return self._space

    @property
    def invariant(self) -> bool:
        """As the port says."""
        return self._invariant

    async def embed(self, texts: Sequence[str], *, purpose: Purpose = "document") -> Vectors:
        """As the port says; runs in a thread."""
        from anyio import to_thread  # noqa: PLC0415 - `embed_now` is quicker to start without

        return await to_thread.run_sync(partial(self.embed_now, texts, purpose=purpose))

    def embed_now(self, texts: Sequence[str], *, purpose: Purpose = "document") -> Vectors:
        """As the port says. Raises BadReply for rows that are none."""
        rows = np.zeros((len(texts), self._space.dimensions), dtype=np.float32)
        sound = {place: clean for place, text in enumerate(texts) if (clean := _clean(text))}
        if sound:
            with self._turn:
                found = np.asarray(self._run(list(sound.values()), purpose), dtype=np.float32)
            if found.shape != (len(sound), rows.shape[1]) or not np.isfinite(found).all():
                raise BadReply(f"{self._name} gave {found.shape} for {len(sound)} texts, or NaN")
            lengths = np.linalg.norm(found, axis=1, keepdims=True)
            unit = np.divide(found, lengths, out=np.zeros_like(found), where=lengths > 0)
            rows[list(sound)] = unit
        return rows

    async def aclose(self) -> None:
        """Nothing is held but memory."""


def named(url: str) -> str:
    """The model's name or folder after the colon. Raises Misconfigured for none, or for options."""
    scheme, _, model = url.partition(":")
    if not model or "?" in model:
        raise Misconfigured(f"{scheme}: is followed by a model's name or folder, and no options")
    if "\0" in model:
        raise InvalidInput("a model's name holds no NUL", fields={"spec": "NUL"})
    return model


def _clean(text: str) -> str:
    """At most MAX_CHARACTERS, without lone surrogates; nothing for white space only."""
    cut = text[:MAX_CHARACTERS]
    return "" if cut.isspace() else cut.encode("utf-8", "replace").decode("utf-8")
