"""Pages by keyset: the next page starts after the last row seen, however much was written since.

A cursor is opaque: the keys of the last row with a checksum over them and over the listing they
belong to, so a cursor that was changed, or that comes from another listing, is refused. The
checksum guards against mistakes; a cursor gives no right to anything.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, RowMapping, Select, and_, or_

from promptuary.adapters.units_of_work._sql.statements import Statements
from promptuary.adapters.units_of_work._sql.types import Moment
from promptuary.domain.errors import InvalidInput
from promptuary.domain.pages import Page

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Order:
    """The columns a listing is sorted by, each ascending or descending; the last one is unique."""

    columns: tuple[Column[Any], ...]
    descending: tuple[bool, ...]

    def by(self) -> list[ColumnElement[Any]]:
        """The ORDER BY."""
        pairs = zip(self.columns, self.descending, strict=True)
        return [column.desc() if down else column.asc() for column, down in pairs]

    def after(self, keys: Sequence[Any]) -> ColumnElement[bool]:
        """True of rows that come after the row with these keys."""
        (column, *columns), (down, *downs) = self.columns, self.descending
        beyond: ColumnElement[bool] = column < keys[0] if down else column > keys[0]
        if not columns:
            return beyond
        # The redundant bound on the first column is what lets an index find the place.
        bound = column <= keys[0] if down else column >= keys[0]
        return and_(bound, or_(beyond, Order(tuple(columns), tuple(downs)).after(keys[1:])))


@dataclass(frozen=True, slots=True)
class Listing:
    """What one page of a listing is asked for."""

    name: str
    order: Order
    cursor: str | None
    limit: int
    offset: int = 0

    async def page(
        self,
        db: Statements,
        rows: Select[Any],
        total: Select[Any],
        make: Callable[[RowMapping], T],
    ) -> Page[T]:
        """Fetch it; raises InvalidInput for a cursor that is not of this listing."""
        if self.limit < 1 or self.offset < 0:
            raise InvalidInput("a page holds at least one item", fields={"limit": "at least 1"})
        if self.cursor is not None:
            rows = rows.where(self.order.after(self._read(self.cursor)))
        rows = rows.order_by(*self.order.by()).limit(self.limit + 1)
        found = await db.rows(rows.offset(self.offset) if self.offset else rows)
        more = len(found) > self.limit
        kept = found[: self.limit]
        cursor = self._write(kept[-1]) if more else None
        return Page(tuple(map(make, kept)), cursor, await db.number(total))

    def _write(self, row: RowMapping) -> str:
        keys = [row[column] for column in self.order.columns]
        plain = [key.isoformat() if isinstance(key, datetime) else key for key in keys]
        body = json.dumps(plain).encode()
        return urlsafe_b64encode(self._digest(body) + body).decode().rstrip("=")

    def _read(self, cursor: str) -> list[Any]:
        try:
            raw = urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
        except ValueError:
            raw = b""
        if not raw or self._digest(raw[_DIGEST:]) != raw[:_DIGEST]:
            wrong = "not a cursor of this listing; take `next_cursor` as it came"
            raise InvalidInput(wrong, fields={"cursor": wrong})
        pairs = zip(json.loads(raw[_DIGEST:]), self.order.columns, strict=True)
        return [
            datetime.fromisoformat(key) if isinstance(column.type, Moment) else key
            for key, column in pairs
        ]

    def _digest(self, body: bytes) -> bytes:
        scope = json.dumps([self.name, [str(column) for column in self.order.by()]])
        return blake2b(scope.encode() + b"\0" + body, digest_size=_DIGEST).digest()


_DIGEST = 9
