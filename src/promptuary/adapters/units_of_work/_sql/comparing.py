"""Are two tables the same? By digests of rows in buckets, whatever the database."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

from sqlalchemy import RowMapping, Table

BUCKETS: Final = 256
EXAMPLES: Final = 5


class Digests:
    """One digest a bucket, of rows in whatever order they come."""

    def __init__(self) -> None:
        self.rows = 0
        self._sums = [0] * BUCKETS

    def add(self, table: Table, rows: Sequence[RowMapping]) -> None:
        """Some rows more."""
        self.rows += len(rows)
        for row in rows:
            at = _bucket(_key(table, row))
            self._sums[at] = (self._sums[at] + _digest(row)) % (1 << 128)

    def differing(self, other: Digests) -> frozenset[int]:
        """The buckets whose rows are not the same."""
        pairs = zip(self._sums, other._sums, strict=True)
        return frozenset(at for at, (ours, theirs) in enumerate(pairs) if ours != theirs)

    def __str__(self) -> str:
        together = b"".join(each.to_bytes(16) for each in self._sums)
        return blake2b(together, digest_size=16).hexdigest()


class Compared:
    """The rows of some buckets, one by one."""

    def __init__(self, buckets: Collection[int]) -> None:
        self.buckets = buckets
        self._wanted: dict[str, int] = {}
        self._found: dict[str, int] = {}

    def wanted(self, table: Table, rows: Sequence[RowMapping]) -> None:
        """Rows that should be there."""
        self._wanted |= self._of(table, rows)

    def found(self, table: Table, rows: Sequence[RowMapping]) -> None:
        """Rows that are there."""
        self._found |= self._of(table, rows)

    def faults(self) -> Mapping[str, int]:
        """How many are wrong, by what is wrong."""
        return dict(Counter(self._wrong().values()))

    def examples(self) -> Mapping[str, tuple[str, ...]]:
        """The keys of some of them."""
        some: dict[str, tuple[str, ...]] = {}
        for key, fault in self._wrong().items():
            if len(known := some.get(fault, ())) < EXAMPLES:
                some[fault] = (*known, key)
        return some

    def _of(self, table: Table, rows: Sequence[RowMapping]) -> dict[str, int]:
        digests = {_key(table, row): _digest(row) for row in rows}
        return {key: each for key, each in digests.items() if _bucket(key) in self.buckets}

    def _wrong(self) -> dict[str, str]:
        wrong = {
            key: "value" if key in self._found else "missing"
            for key, digest in self._wanted.items()
            if self._found.get(key) != digest
        }
        return wrong | dict.fromkeys(self._found.keys() - self._wanted.keys(), "extra")


def size_of(rows: Sequence[RowMapping]) -> int:
    """About how many bytes these rows are."""
    return sum(
        len(value) if isinstance(value, str | bytes) else len(str(value)) if value else 8
        for row in rows
        for value in row.values()
    )


def _key(table: Table, row: RowMapping) -> str:
    return json.dumps([_plain(row[column]) for column in table.primary_key.columns])


def _digest(row: RowMapping) -> int:
    said = json.dumps([_plain(value) for value in row.values()], sort_keys=True)
    return int.from_bytes(blake2b(said.encode(), digest_size=16).digest())


def _bucket(key: str) -> int:
    return blake2b(key.encode(), digest_size=1).digest()[0]


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    """As JSON that says the same of the same value: jsonb writes 1e2 as 100."""
    match value:
        case datetime():
            return value.isoformat()
        case bytes():
            return value.hex()
        case float():
            return int(value) if value.is_integer() else value
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case _:
            return value
