"""The words of descriptions, so that events are found by them: FTS5 on SQLite, a GIN index of
`to_tsvector` on PostgreSQL. Both know English endings; neither holds anything that the table of
events does not say.

On SQLite a row's number is a hash of the event's id, so that what is changed or deleted is found
again without an index of ids.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any

from sqlalchemy import DDL, ColumnElement, Select, column, event, func, select, table, text

from promptuary.adapters.units_of_work._sql.encoding import escaped
from promptuary.adapters.units_of_work._sql.schema_conversations import camera_events
from promptuary.adapters.units_of_work._sql.statements import Statements, chunks

WORDS = "camera_event_words"
MAKE = (
    f"CREATE VIRTUAL TABLE {WORDS} USING fts5("
    "words, id UNINDEXED, tokenize = \"porter unicode61 remove_diacritics 0 tokenchars '_'\")"
)
INDEX = f"ix_{camera_events.name}_words"
INDEXED = (
    f"CREATE INDEX {INDEX} ON {camera_events.name} "
    "USING gin (to_tsvector('english'::regconfig, searched))"
)


def ddl(statement: str, dialect: str) -> Any:  # noqa: ANN401 - a listener for SQLAlchemy
    """Runs it on that database; SQLAlchemy would take a single `%` for a place to fill."""
    made: Any = DDL
    return made(statement.replace("%", "%%")).execute_if(dialect=dialect)


event.listen(camera_events, "after_create", ddl(MAKE, "sqlite"))
event.listen(camera_events, "after_create", ddl(INDEXED, "postgresql"))

_words = table(WORDS, column("rowid"), column("words"), column("id"))
_WORD = re.compile(r"\w+")
_LATIN = re.compile("[0-9a-z_\u00df-\u00f6\u00f8-\u017f]+")


async def write(db: Statements, said: Iterable[tuple[str, str | None]], known: set[str]) -> None:
    """Keep the words of events: pairs of id and `searched`. Those of `known` ids are replaced."""
    if db.postgresql:
        return
    rows = sorted((_number(key), escaped(key), words) for key, words in said)
    stood = set(map(escaped, known))
    if stale := [number for number, key, _ in rows if key in stood]:
        await _drop(db, stale)
    new = [{"number": n, "words": escaped(words), "id": key} for n, key, words in rows if words]
    insert = text(f"INSERT INTO {WORDS} (rowid, words, id) VALUES (:number, :words, :id)")  # noqa: S608 - the name is ours
    if new:
        await db.run(insert, new)


async def forget(db: Statements, ids: Sequence[str]) -> None:
    """Drop the words of these events."""
    if not db.postgresql:
        await _drop(db, [_number(each) for each in ids])


async def _drop(db: Statements, numbers: Sequence[int]) -> None:
    for some in chunks(numbers):
        await db.run(_words.delete().where(_words.c.rowid.in_(some)))


def _number(id: str) -> int:
    """63 bits: of a million events no two share one."""
    digest = blake2b(escaped(id).encode(), digest_size=8).digest()
    return int.from_bytes(digest) >> 1


async def frequency(
    db: Statements, words: Sequence[str], where: Sequence[ColumnElement[bool]], most: int
) -> int:
    """In how many events a form of any of the words stands, counted up to `most`."""
    some: Select[Any] = _matching(db, words).limit(most)
    if where and db.postgresql:
        some = some.where(*where)
    elif where:
        joined = _words.join(camera_events, _words.c.id == camera_events.c.id)
        some = some.select_from(joined).where(*where)
    return await db.number(select(func.count()).select_from(some.subquery()))


def _matching(db: Statements, words: Sequence[str]) -> Select[Any]:
    if db.postgresql:
        asked = _asked(words)
        return select(camera_events.c.id).where(_vector().op("@@")(asked), ~camera_events.c.gone)
    return select(_words.c.id).where(_match(words))


async def narrowed(
    db: Statements, words: Sequence[Sequence[str]], most: int
) -> Sequence[ColumnElement[bool]]:
    """Where to look for descriptions that hold a form of each of the words, exactly: among those in
    which an English form of it stands, where these are `most` or fewer. Nothing where there is more
    to read that way, or where FTS5 may take other characters for letters than we do."""
    known = all(_LATIN.fullmatch(form) for forms in words for form in forms)
    if db.postgresql or not words or not known:
        return ()
    every = " AND ".join(f"({_any(forms)})" for forms in words)
    held = column(WORDS).op("MATCH", is_comparison=True)(every)
    some = select(_words.c.rowid).where(held).limit(most + 1).subquery()
    if await db.number(select(func.count()).select_from(some)) > most:
        return ()
    return (camera_events.c.id.in_(select(_words.c.id).where(held)),)


def ranked(
    db: Statements, words: Sequence[str], where: Sequence[ColumnElement[bool]]
) -> Select[Any]:
    """The events of which any of the words says something, the best first."""
    found = select(camera_events).where(*where)
    if db.postgresql:
        asked = _asked(words)
        best = func.ts_rank(_vector(), asked).desc()
        return found.where(_vector().op("@@")(asked)).order_by(best, camera_events.c.id)
    joined = camera_events.join(_words, _words.c.id == camera_events.c.id)
    rank: ColumnElement[float] = column("rank")
    return found.select_from(joined).where(_match(words)).order_by(rank, camera_events.c.id)


def _match(words: Sequence[str]) -> ColumnElement[bool]:
    return column(WORDS).op("MATCH", is_comparison=True)(_any(plain(words)))


def _any(words: Sequence[str]) -> str:
    """No word is syntax of FTS5: each stands in quotes."""
    return " OR ".join(f'"{each}"' for each in words)


def _asked(words: Sequence[str]) -> ColumnElement[Any]:
    """No word is syntax of a tsquery: each stands in quotes."""
    return func.to_tsquery(text("'english'::regconfig"), " | ".join(f"'{w}'" for w in plain(words)))


def _vector() -> ColumnElement[Any]:
    return func.to_tsvector(text("'english'::regconfig"), camera_events.c.searched)


def plain(words: Sequence[str]) -> list[str]:
    """Only what is a word: nothing of it is syntax."""
    return [found for each in words for found in _WORD.findall(each)]
