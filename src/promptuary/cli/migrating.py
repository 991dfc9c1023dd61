"""`promptuary migrate`: move the index to another store, verified and reversible."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from promptuary.cli.lazy import bare
from promptuary.cli.opening import opened
from promptuary.cli.options import AsJson, Home
from promptuary.cli.printing import console, page_json, write_json
from promptuary.cli.progress import progress

if TYPE_CHECKING:
    from promptuary.domain.moves import Move

MISMATCHES = 2
"""The exit code of a comparison that found something wrong."""

app = bare(
    "Move the index to the store that PROMPTUARY_MOVE_INDEX_URL names: copied, compared with the "
    "record id by id, taken over step by step, and given back at once where you wish."
)
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept with the move.")]


@app.command()
def plan(home: Home = None, as_json: AsJson = False) -> int:
    """Plan a move; nothing is changed yet."""
    with opened(home) as promptuary:
        return _shown(promptuary.moves.plan(), as_json=as_json)


@app.command()
def start(home: Home = None, as_json: AsJson = False) -> int:
    """Check the new store, copy everything, and compare every id; goes on where it was stopped."""
    with opened(home) as promptuary, progress() as told:
        return _shown(promptuary.moves.start(progress=told), as_json=as_json)


@app.command()
def status(home: Home = None, as_json: AsJson = False) -> int:
    """Say how the newest move stands, as a report."""
    from promptuary.moving.report import report  # noqa: PLC0415 - help is quick without it

    with opened(home) as promptuary:
        move = promptuary.moves.get()
    if as_json:
        write_json(move)
    else:
        console().print(report(move), end="")
    return 0


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option("--limit", metavar="N", help="How many at most.")] = 50,
    cursor: Annotated[
        str | None,
        typer.Option("--cursor", metavar="TEXT", help="Go on where the page before ended."),
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List all moves, the newest first."""
    with opened(home) as promptuary:
        page = promptuary.moves.list(cursor=cursor, limit=limit)
    if as_json:
        page_json(page)
        return
    for move in page.items:
        console().print(f"{move.id}  {move.step:<12} {move.source} -> {move.target}")
    if page.next_cursor:
        console().print(f"more: --cursor {page.next_cursor}")


@app.command()
def verify(home: Home = None, as_json: AsJson = False) -> int:
    """Compare every id again; the exit code is 2 when something is wrong."""
    with opened(home) as promptuary, progress() as told:
        return _compared(promptuary.moves.verify(progress=told), as_json=as_json)


@app.command()
def repair(home: Home = None, as_json: AsJson = False) -> int:
    """Compare every id, and write again what is wrong."""
    with opened(home) as promptuary, progress() as told:
        return _compared(promptuary.moves.repair(progress=told), as_json=as_json)


@app.command()
def ramp(
    percent: Annotated[
        int | None,
        typer.Argument(metavar="[N]", help="Per cent; else the next of 1 5 25 50 100."),
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Have the new store answer that share of the reads, the same ones each time."""
    with opened(home) as promptuary:
        return _shown(promptuary.moves.ramp(percent), as_json=as_json)


@app.command()
def cutover(home: Home = None, as_json: AsJson = False) -> int:
    """Have the new store answer everybody; the old one stays up to date."""
    with opened(home) as promptuary:
        return _shown(promptuary.moves.cutover(), as_json=as_json)


@app.command()
def rollback(reason: Reason = "", home: Home = None, as_json: AsJson = False) -> int:
    """Have the old store answer everybody, at once; nothing is lost."""
    with opened(home) as promptuary:
        return _shown(promptuary.moves.rollback(reason=reason), as_json=as_json)


@app.command()
def abort(reason: Reason = "", home: Home = None, as_json: AsJson = False) -> int:
    """The same, for a move that is given up."""
    with opened(home) as promptuary:
        said = reason or "given up by an operator"
        return _shown(promptuary.moves.rollback(reason=said), as_json=as_json)


@app.command()
def pause(reason: Reason = "", home: Home = None, as_json: AsJson = False) -> int:
    """Let nothing go on until it is resumed."""
    with opened(home) as promptuary:
        return _shown(promptuary.moves.pause(reason=reason), as_json=as_json)


@app.command()
def resume(home: Home = None, as_json: AsJson = False) -> int:
    """Go on from where it was paused."""
    with opened(home) as promptuary:
        return _shown(promptuary.moves.resume(), as_json=as_json)


@app.command()
def finalize(
    yes: Annotated[bool, typer.Option("--yes", help="Really give the old store up.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Give the old store up: there is no way back from here."""
    from promptuary.domain.errors import InvalidInput  # noqa: PLC0415 - help is quick without it

    if not yes:
        raise InvalidInput("there is no way back from here; add --yes if that is meant")
    with opened(home) as promptuary:
        return _shown(promptuary.moves.finalize(), as_json=as_json)


@app.command()
def drill(
    target: Annotated[
        str, typer.Option("--to", metavar="URL", help="Where to; else a second embedded index.")
    ] = "",
    prompts: Annotated[
        int, typer.Option("--prompts", metavar="N", min=100, help="How many prompts are moved.")
    ] = 2_000,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write the report there too.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Rehearse a whole move on prompts of its own, with faults, live traffic and the way back."""
    from promptuary.drilling import drill as rehearse  # noqa: PLC0415 - vendors are slow to import

    with progress() as told:
        outcome = rehearse(target, prompts, told)
    if output is not None:
        output.write_text(outcome.text, encoding="utf-8")
    if as_json:
        write_json(outcome)
    else:
        console().print(outcome.text, end="")
    return 0 if outcome.passed else MISMATCHES


def _shown(move: Move, *, as_json: bool) -> int:
    if as_json:
        write_json(move)
        return 0
    share = 100 if move.switched else move.percent
    paused = f", paused: {move.paused}" if move.paused else ""
    console().print(
        f"{move.step}{paused}: {move.copied:,} of {move.total:,} entries copied, "
        f"{share} % of the reads with {move.target}"
    )
    return 0


def _compared(move: Move, *, as_json: bool) -> int:
    found = move.verified
    if found is None:
        raise AssertionError  # a comparison leaves its outcome
    if as_json:
        write_json(move)
    else:
        repaired = f", {found.repaired:,} repaired" if found.repaired else ""
        console().print(f"{found.entries:,} entries compared{repaired}")
        for fault, count in found.faults.items():
            console().print(f"  {count:,} {fault}: {', '.join(found.examples.get(fault, ()))}")
    return 0 if found.clean else MISMATCHES
