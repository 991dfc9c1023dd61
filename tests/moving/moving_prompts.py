"""A home whose library prompts of an older service move into, out of a store in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from promptuary import parts
from promptuary.app import Promptuary
from promptuary.library.older_prompts import read_older
from promptuary.settings import Settings
from promptuary.testing.fakes.prompt_archive import MemoryPromptArchive


@asynccontextmanager
async def opened(tmp_path, monkeypatch, archive: MemoryPromptArchive) -> AsyncIterator[Promptuary]:
    """Promptuary that finds the archive behind its URL."""

    async def behind(_url):
        return archive

    monkeypatch.setattr(parts, "open_prompt_archive", behind)
    settings = Settings(
        home=tmp_path / "home", index_url="memory:", move_from_url="redis://older:6379/0"
    )
    async with await Promptuary.open(settings=settings) as promptuary:
        yield promptuary


async def moved_to(promptuary: Promptuary, step: str) -> None:
    """Drive the move that far."""
    await promptuary.moves.plan()
    await promptuary.moves.start()
    if step != "shadow_read":
        await promptuary.moves.ramp(100)
        assert (await promptuary.moves.cutover()).step == step


def said_there(archive: MemoryPromptArchive, number: str):
    """What the older store says under an id, None where it holds none."""
    raw = archive.prompts.get(number)
    return None if raw is None else read_older(raw).said
