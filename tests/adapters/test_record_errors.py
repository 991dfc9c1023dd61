import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from sqlalchemy import exc

from promptuary.adapters.units_of_work._sql.errors import translated
from promptuary.domain.errors import (
    Busy,
    Conflict,
    InvalidInput,
    Misconfigured,
    PromptuaryError,
    StorageFull,
    TimedOut,
    TooLarge,
    Unavailable,
)


class ServerError(Exception):
    """What a PostgreSQL driver raises, as far as we look at it."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__("<class 'asyncpg.Some'>: the server is unhappy")
        self.sqlstate = sqlstate


def of_sqlite(*statements: str) -> Exception:
    """The error with which SQLite itself answers the last of the statements."""
    with closing(sqlite3.connect(":memory:")) as connection:
        try:
            for statement in statements:
                connection.execute(statement)
        except sqlite3.Error as error:
            return exc.DBAPIError("statement", {}, error)
    raise AssertionError("SQLite was content")


FULL = (
    "CREATE TABLE kept (words)",
    "PRAGMA max_page_count = 3",
    "INSERT INTO kept VALUES (zeroblob(100000))",
)
SQLITE = {
    StorageFull: FULL,
    Conflict: ("CREATE TABLE kept (id PRIMARY KEY)", *["INSERT INTO kept VALUES (1)"] * 2),
    Misconfigured: ("SELECT * FROM nowhere",),
    TooLarge: ("SELECT length(zeroblob(2000000000))",),
}
SERVER = {
    "53100": StorageFull,
    "40P01": Busy,
    "55P03": Busy,
    "57014": TimedOut,
    "23505": Conflict,
    "22P05": InvalidInput,
    "42P01": Misconfigured,
    "28P01": Misconfigured,
    "54000": TooLarge,
    "57P01": Unavailable,
    "53300": Unavailable,
}


@pytest.mark.parametrize("meant", SQLITE)
def test_what_sqlite_says_is_told_by_what_to_do(meant: type[PromptuaryError]) -> None:
    error = of_sqlite(*SQLITE[meant])
    with pytest.raises(meant) as told, translated():
        raise error
    assert type(told.value) is meant


@pytest.mark.parametrize("state", SERVER)
def test_what_postgresql_says_is_told_by_what_to_do(state: str) -> None:
    with pytest.raises(SERVER[state], match="says: the server is unhappy") as told, translated():
        raise exc.DBAPIError("statement", {}, ServerError(state))
    assert type(told.value) is SERVER[state]


@pytest.mark.parametrize(
    ("raised", "meant"),
    [
        (lambda: exc.TimeoutError("pool"), Busy),
        (lambda: TimeoutError("slow"), TimedOut),
        (lambda: ConnectionRefusedError("away"), Unavailable),
        (lambda: exc.StatementError("m", "s", {}, InvalidInput("an id")), InvalidInput),
        (lambda: exc.StatementError("m", "s", {}, ValueError("NaN")), InvalidInput),
    ],
)
def test_what_comes_before_the_database_is_told_too(
    raised: Callable[[], Exception], meant: type[PromptuaryError]
) -> None:
    with pytest.raises(meant), translated():
        raise raised()


def test_a_mistake_of_ours_stays_what_it_is() -> None:
    with pytest.raises(exc.ArgumentError), translated():
        raise exc.ArgumentError("no such column")
