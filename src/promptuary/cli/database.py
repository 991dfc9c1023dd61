"""`promptuary db upgrade|downgrade|check|isolate`: the record's tables."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import anyio
import typer

from promptuary.cli.lazy import bare
from promptuary.cli.opening import settings_of
from promptuary.cli.options import AsJson, Home
from promptuary.cli.printing import console, write_json
from promptuary.cli.running import REJECTED
from promptuary.domain.errors import InvalidInput

app = bare("Migrate or check the record database. Every other command upgrades it by itself.")


@app.command()
def upgrade(home: Home = None, as_json: AsJson = False) -> None:
    """Bring the tables up to this version; does nothing when they are."""
    from promptuary.adapters.units_of_work import _migrating as migrating  # noqa: PLC0415 - a vendor

    anyio.run(migrating.upgrade, _url(home))
    _say("the database is up to date", as_json=as_json)


@app.command()
def downgrade(
    revision: Annotated[str, typer.Argument(help="Where to; `base` removes every table.")],
    yes: Annotated[bool, typer.Option("--yes", help="Really remove all data.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Bring the tables down to an older revision."""
    from promptuary.adapters.units_of_work import _migrating as migrating  # noqa: PLC0415 - a vendor

    if revision == "base" and not yes:
        raise InvalidInput("base removes every table with all data; add --yes if that is meant")
    anyio.run(migrating.downgrade, _url(home), revision)
    _say(f"the database is at {revision}", as_json=as_json)


@app.command()
def check(home: Home = None, as_json: AsJson = False) -> int:
    """Compare the tables with what this version expects; the exit code is 1 when they differ."""
    from promptuary.adapters.units_of_work import _migrating as migrating  # noqa: PLC0415 - a vendor

    differences = anyio.run(migrating.check, _url(home))
    if as_json:
        write_json({"ok": not differences, "differences": differences})
    else:
        for each in differences:
            console().print(each)
        same = "the tables are as this version expects them"
        console().print("bring them up to date: promptuary db upgrade" if differences else same)
    return REJECTED if differences else 0


@app.command()
def isolate(
    off: Annotated[bool, typer.Option("--off", help="End it: grants alone decide again.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Have PostgreSQL show other database users only the rows of the tenant that they name.

    Run it again after an upgrade, which may bring new tables.
    """
    from promptuary.adapters.units_of_work import _migrating as migrating  # noqa: PLC0415 - a vendor

    anyio.run(partial(migrating.isolate, _url(home), on=not off))
    said = "every database user sees what is granted" if off else "tenants are kept apart"
    _say(said, as_json=as_json)


def _url(home: Path | None) -> str:
    settings = settings_of(home)
    settings.home.expanduser().mkdir(parents=True, exist_ok=True)
    return settings.urls().record


def _say(message: str, *, as_json: bool) -> None:
    if as_json:
        write_json({"ok": True, "message": message})
    else:
        console().print(message)
