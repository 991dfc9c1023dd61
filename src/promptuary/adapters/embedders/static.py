"""`static:` word-piece vectors averaged: quick, offline, no model runs.

The encoder is our own; the table (l2_supercat, 32,000 word pieces x 256, half precision) and its
tokeniser come as files inside the `wordllama` wheel, whose code is never imported. Averaging fixed
token vectors as a sentence vector: Shen et al., "Baseline Needs More Love" (ACL 2018).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property, partial
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from promptuary.domain.errors import Misconfigured
from promptuary.domain.vectors import Cut, Identity, Space, Vectors
from promptuary.ports.embedder import Purpose

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MAX_CHARACTERS = 8_000
"""Of a longer text only the beginning is embedded."""

_ENCODER = "static/1"
"""Raised when this file would embed the same text differently; part of the space."""

_SPECIAL = 3
"""The first ids of the vocabulary (unknown, begin, end) carry no meaning and are left out."""

_TEXTS_AT_ONCE = 256
"""Bounds the memory of one round; a text embeds to the same bits in a round of any size."""


def connect(url: str) -> StaticEmbedder:
    """Open `static:`; raises Misconfigured when the wheel with the table is not installed."""
    if url.partition(":")[2]:
        raise Misconfigured("static: takes nothing after the colon")
    spec = find_spec("wordllama")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    for folder in folders:
        tables = sorted(Path(folder, "weights").glob("*.safetensors"))
        vocabularies = sorted(Path(folder, "tokenizers").glob("*.json"))
        if tables and vocabularies:
            return StaticEmbedder(tables[0], vocabularies[0])
    raise Misconfigured(
        "static: reads its table from the wordllama wheel: pip install 'wordllama>=0.4'"
    )


class StaticEmbedder:
    """Averages the table's rows of a text's word pieces and scales the average to length one.

    Text beyond MAX_CHARACTERS is left out. A text of white space, or one in which no word piece is
    known, gives a zero row. Queries and documents are embedded alike.
    """

    def __init__(self, table: Path, vocabulary: Path) -> None:
        self._table = _map_table(table)
        self._vocabulary = vocabulary
        self._space = Identity(
            name=f"static:{table.stem}",
            dimensions=self._table.shape[1],
            weights=_sampled(table),
            tokenizer=sha256(vocabulary.read_bytes()).hexdigest(),
            pooling="mean",
            normalised=True,
            max_tokens=MAX_CHARACTERS,
            prompts=(),
            kernel=_ENCODER,
        ).space()

    @property
    def invariant(self) -> bool:
        """A text embeds to the same bits in a round of any size."""
        return True

    @property
    def space(self) -> Space:
        """The table's space; its fingerprint covers the table, the vocabulary and this encoder."""
        return self._space

    async def embed(self, texts: Sequence[str], *, purpose: Purpose = "document") -> Vectors:
        """As the port says; runs in a thread, offline."""
        from anyio import to_thread  # noqa: PLC0415 - `embed_now` is quicker to start without

        return await to_thread.run_sync(partial(self.embed_now, texts, purpose=purpose))

    def embed_now(
        self,
        texts: Sequence[str],
        *,
        purpose: Purpose = "document",  # noqa: ARG002  # the table knows no difference
    ) -> Vectors:
        """As the port says."""
        rows = np.zeros((len(texts), self._space.dimensions), dtype=np.float32)
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            self._fill(rows[start:], texts[start : start + _TEXTS_AT_ONCE])
        return rows

    def cuts(
        self,
        texts: Sequence[str],
        *,
        purpose: Purpose = "document",  # noqa: ARG002  # the table knows no difference
    ) -> list[Cut]:
        """As the port says, in characters."""
        return [
            Cut(place, len(text), MAX_CHARACTERS)
            for place, text in enumerate(texts)
            if len(text) > MAX_CHARACTERS
        ]

    async def aclose(self) -> None:
        """Nothing is held but memory."""

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        """Read for the first text: most commands embed none, and it takes a tenth of a second."""
        from tokenizers import Tokenizer  # noqa: PLC0415 - as said

        tokenizer = Tokenizer.from_file(str(self._vocabulary))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        # It would remember 10,000 whole texts, more than 100 MB, and hardly meet one again.
        tokenizer.model._resize_cache(0)  # there is no public way
        return tokenizer

    def _fill(self, rows: Vectors, texts: Sequence[str]) -> None:
        encoded = self._tokenizer.encode_batch_fast(
            [_clean(text) for text in texts], add_special_tokens=False
        )
        for row, encoding in zip(rows, encoded, strict=False):
            pieces = np.asarray(encoding.ids, dtype=np.int64)
            known = pieces[(pieces >= _SPECIAL) & (pieces < len(self._table))]
            if known.size:
                total = self._table[known].sum(axis=0, dtype=np.float32)
                length = float(np.linalg.norm(total))
                if length > 0:
                    np.divide(total, length, out=row)


def _clean(text: str) -> str:
    """At most MAX_CHARACTERS, without lone surrogates (no UTF-8), nothing for white space only."""
    cut = text[:MAX_CHARACTERS]
    return "" if cut.isspace() else cut.encode("utf-8", "replace").decode("utf-8")


def _map_table(path: Path) -> NDArray[np.float16]:
    """The one matrix of a safetensors file: 8 bytes of header length, a JSON header, the data."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
    tensors = [tensor for name, tensor in header.items() if name != "__metadata__"]
    if len(tensors) != 1 or tensors[0]["dtype"] != "F16":
        raise Misconfigured(f"{path.name} is no table of half-precision vectors")
    start = 8 + size + tensors[0]["data_offsets"][0]
    rows, columns = tensors[0]["shape"]
    mapped = np.memmap(path, dtype="<f2", mode="r", offset=start, shape=(rows, columns))
    return mapped.view(np.ndarray)  # indexing a memmap costs more than reading it


def _sampled(table: Path) -> str:
    """A hash of the table's name, size, head and 64 samples: reading it whole would take longer
    than embedding a thousand prompts."""
    size = table.stat().st_size
    digest = sha256(f"{table.stem}:{size}".encode())
    with table.open("rb") as file:
        for start in range(0, size, max(1, size // 64)):
            file.seek(start)
            digest.update(file.read(4096))
    return digest.hexdigest()
