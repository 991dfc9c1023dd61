"""Homes in which something moves, for `moving_crashes.py`: what an operator does again after each
crash, while clients write, and what must hold at the end."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from promptuary.adapters.prompt_archives import redis
from promptuary.app import Promptuary
from promptuary.domain.errors import NotFound
from promptuary.domain.moves import Move
from promptuary.library.older_prompts import older_id_of, read_older
from promptuary.moving.prompts.made_up import made_up
from promptuary.settings import Settings

SIZE = 40
THERE = made_up(SIZE)
TEXTS = [f"Plan trip number {number} to the sea for my aunt." for number in range(SIZE)]


class Home(Protocol):
    """Where something moves."""

    async def laid(self, settings: Settings) -> str:
        """Make it."""
        ...

    async def again(self, settings: Settings) -> str:
        """Have what is outside of the home as it was at first."""
        ...

    async def write(self, opened: Promptuary, number: int) -> None:
        """What a client does; it is acknowledged when this returns."""
        ...

    async def found(self, settings: Settings, noted: Path) -> list[str]:
        """What is wrong at the end."""
        ...


async def move_all(home: Home, settings: Settings, noted: Path) -> str:
    """Go on with the move, from wherever it is, to its cut-over and back; clients write between the
    steps, and note what was acknowledged."""
    async with await Promptuary.open(settings=settings) as opened:
        while (move := await _newest(opened)) is None or not move.over:
            number = len(_noted(noted))
            await home.write(opened, number)
            with noted.open("a") as log:
                log.write(f"{number}\n")
            await _step(opened, move)
        if opened.moves.prompts is not None:
            await opened.moves.prompts.way.deliver(move)
    return "moved"


class Prompts:
    """Prompts of an older service, out of a real Redis."""

    async def laid(self, settings: Settings) -> str:
        """A home that was opened once."""
        async with await Promptuary.open(settings=settings):
            return "laid"

    async def again(self, settings: Settings) -> str:
        """The older store as it was."""
        archive = redis.connect(settings.move_from_url.get_secret_value())
        await archive.clear()
        await archive.lay(THERE.prompts, THERE.lists)
        await archive.aclose()
        return "again"

    async def write(self, opened: Promptuary, number: int) -> None:
        """One prompt of ours."""
        await opened.library.save(f"smartprompt/errand-{number}", f"Errand {number}.")

    async def found(self, settings: Settings, noted: Path) -> list[str]:
        """What is wrong: prompts that the library or the older store does not hold."""
        archive = redis.connect(settings.move_from_url.get_secret_value())
        wrong: list[str] = []
        async with await Promptuary.open(settings=settings) as opened:
            for number in _noted(noted):
                slug = f"smartprompt/errand-{number}"
                there = await archive.get([older_id_of(slug)])
                kept = await opened.library.get(slug, count=False)
                texts = {kept.version.content.text, *(read_older(e.raw).said.text for e in there)}
                if len(there) != 1 or texts != {f"Errand {number}."}:
                    wrong.append(slug)
            wrong += _unverified(await opened.moves.get())
            page = await opened.library.list(folder="smartprompt", archived=None)
            whole = THERE.readable - THERE.dirt.get("duplicate", 0)
            if page.total != whole + len(_noted(noted)):
                wrong.append(f"{page.total} prompts are kept")
        await archive.aclose()
        return wrong


class Index:
    """The index, from one folder to another."""

    async def laid(self, settings: Settings) -> str:
        """A home with prompts in it."""
        async with await Promptuary.open(settings=settings) as opened:
            await opened.ingest(TEXTS, complete=True)
        return "laid"

    async def again(self, settings: Settings) -> str:
        """The home is a copy: all is as it was."""
        return str(settings.home)

    async def write(self, opened: Promptuary, number: int) -> None:
        """One prompt."""
        await opened.ingest([_errand(number)], place=False)

    async def found(self, settings: Settings, noted: Path) -> list[str]:
        """What is wrong: texts that the index which answers lacks, or anything that differs from
        the record."""
        wrong: list[str] = []
        async with await Promptuary.open(settings=settings) as opened:
            await opened.settle()
            for number in _noted(noted):
                text = _errand(int(number))
                hits = (await opened.search(text, kinds=["prompt"], limit=3)).hits
                if all(hit.texts["text"] != text for hit in hits):
                    wrong.append(text)
            wrong += _unverified(await opened.moves.get())
            compared = await opened.verify_index()
            if not compared.clean:
                wrong.append(f"the old index: {dict(compared.faults)}")
        return wrong


def _errand(number: int) -> str:
    return f"Remind me of errand number {number} tomorrow."


def _unverified(move: Move) -> list[str]:
    clean = move.verified is not None and move.verified.clean
    return [] if clean and move.step == "rolled_back" else [f"{move.step}, {move.verified}"]


def _noted(noted: Path) -> list[str]:
    return noted.read_text().split()


async def _newest(opened: Promptuary) -> Move | None:
    try:
        return await opened.moves.get()
    except NotFound:
        return None


async def _step(opened: Promptuary, move: Move | None) -> None:
    if move is None:
        await opened.moves.plan()
    elif move.paused:
        await opened.moves.resume()
    elif move.step in {"shadow_read", "ramp"} and move.percent < 100:
        await opened.moves.ramp(100)
    elif move.step == "ramp":
        await opened.moves.cutover()
    elif move.step == "cutover":
        await opened.moves.rollback()
    elif move.step == "soak":
        # What is told of both sides after the cut-over is told of all that was written.
        await opened.moves.verify()
        await opened.moves.rollback()
    else:
        await opened.moves.start()
