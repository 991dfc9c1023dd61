"""What one batch brought: new names, and in how many more entries which words stand."""

from __future__ import annotations

import json
from base64 import b85decode, b85encode
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from zlib import compress, decompress

import numpy as np

from promptuary.retrieval.lexicon import Dimensions, Lexicon

_NOTHING: Dimensions = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Record:
    """How many more entries have words (fewer, if negative), and by how much that changes in how
    many of them which dimensions stand; the terms, text fields and facts seen for the first time.

    With `anew` it says everything: what stood in earlier records is forgotten.
    """

    terms: Sequence[str] = ()
    fields: Sequence[str] = ()
    facts: Sequence[str] = ()
    entries: int = 0
    dimensions: Dimensions = field(default_factory=lambda: _NOTHING)
    changes: Dimensions = field(default_factory=lambda: _NOTHING)
    anew: bool = False

    def undone(self) -> Record:
        """The same batch going away again; names stay."""
        return Record(entries=-self.entries, dimensions=self.dimensions, changes=-self.changes)


def exchange(came: Sequence[Collection[int]], went: Sequence[Collection[int]]) -> Record:
    """A record of entries that came and went, each given by its dimensions."""
    changes: Counter[int] = Counter()
    for dimensions in came:
        changes.update(list(dimensions))
    for dimensions in went:
        changes.subtract(list(dimensions))
    entries = sum(map(bool, came)) - sum(map(bool, went))
    return Record(
        entries=entries,
        dimensions=np.fromiter(changes.keys(), dtype=np.int64),
        changes=np.fromiter(changes.values(), dtype=np.int64),
    )


def everything(lexicon: Lexicon) -> Record:
    """A record that says all of it."""
    dimensions, changes = lexicon.counted()
    return Record(
        terms=lexicon.terms,
        fields=lexicon.fields,
        entries=lexicon.entries,
        dimensions=dimensions,
        changes=changes,
        anew=True,
    )


def to_bytes(record: Record) -> bytes:
    """As it stands in a file: a line of JSON, then the counts."""
    names = {"terms": record.terms, "fields": record.fields, "facts": record.facts}
    head: dict[str, object] = {name: list(given) for name, given in names.items() if given}
    if record.anew:
        head["anew"] = True
    line = json.dumps({**head, "entries": record.entries}).encode()
    arrays = [record.dimensions.astype("<u4").tobytes(), record.changes.astype("<i4").tobytes()]
    return b"".join([line, b"\n", *arrays])


def from_bytes(body: bytes) -> Record:
    """The record back."""
    line, _, arrays = body.partition(b"\n")
    half = len(arrays) // 2
    return Record(
        **json.loads(line),
        dimensions=np.frombuffer(arrays[:half], dtype="<u4").astype(np.int64),
        changes=np.frombuffer(arrays[half:], dtype="<i4").astype(np.int64),
    )


def to_text(record: Record) -> str:
    """As it stands where only text may: about a fifth of the bytes."""
    return b85encode(compress(to_bytes(record))).decode()


def from_text(text: str) -> Record:
    """The record back."""
    return from_bytes(decompress(b85decode(text)))
