from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from knowledge.reading_here import HereReader, knowledge, write
from promptuary.adapters._noticing import noticing
from promptuary.domain.loading import Unread
from promptuary.domain.reports import SyncReport
from promptuary.knowledge.watching import watch
from promptuary.testing.fakes.clock import START

pytestmark = pytest.mark.anyio


class StepClock:
    """Whoever sleeps by it sleeps until the next step."""

    def __init__(self) -> None:
        self._asleep = asyncio.Event()
        self._woken = asyncio.Event()

    def now(self) -> datetime:
        return START

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        self._asleep.set()
        await self._woken.wait()
        self._woken.clear()

    async def step(self, later: asyncio.Future[SyncReport]) -> None:
        """Wake the sleeper, and wait until it sleeps again or `later` is there."""
        await self._asleep.wait()
        self._asleep.clear()
        self._woken.set()
        asleep = asyncio.ensure_future(self._asleep.wait())
        await asyncio.wait({later, asleep}, return_when=asyncio.FIRST_COMPLETED)
        asleep.cancel()


async def test_each_change_is_brought_in_and_told_once(tmp_path: Path) -> None:
    write(tmp_path, a__md="one")
    parts = replace(knowledge(), clock=(clock := StepClock()))
    reports = watch(parts, tmp_path, "default")
    assert (await anext(reports)).counts == {"new": 1}
    later = asyncio.ensure_future(anext(reports))
    await clock.step(later)
    assert not later.done()
    write(tmp_path, b__md="two")
    (tmp_path / "a.md").unlink()
    await clock.step(later)
    assert (await later).counts == {"new": 1, "removed": 1}
    await reports.aclose()


async def test_trouble_that_stays_is_told_once(tmp_path: Path) -> None:
    write(tmp_path, a__md="one")
    reader = HereReader()
    reader.trouble = {"a.md": Unread("", "UNAVAILABLE", "asleep")}
    parts = replace(knowledge(reader), clock=(clock := StepClock()))
    reports = watch(parts, tmp_path, "default")
    assert (await anext(reports)).counts == {"failed": 1}
    later = asyncio.ensure_future(anext(reports))
    for _ in range(3):
        await clock.step(later)
    assert not later.done()
    assert len(reader.asked) > 2
    reader.trouble.clear()
    await clock.step(later)
    assert (await later).counts == {"changed": 1}
    await reports.aclose()


@pytest.mark.slow
async def test_a_change_that_is_noticed_is_brought_in_though_nobody_woke(tmp_path: Path) -> None:
    write(tmp_path, a__md="one")
    asleep = replace(knowledge(), clock=StepClock())
    async with noticing(tmp_path) as somebody:
        reports = watch(asleep, tmp_path, "default", noticing=somebody)
        assert (await anext(reports)).counts == {"new": 1}
        later = asyncio.ensure_future(anext(reports))
        names = iter(range(1_000))
        while not later.done():  # until the kernel is listened to, changes are in vain
            write(tmp_path, **{f"b{next(names)}__md": "two"})
            await asyncio.wait({later}, timeout=0.5)
        assert (await later).counts["new"] >= 1
        await reports.aclose()


async def test_where_nobody_can_listen_the_clock_wakes(tmp_path: Path) -> None:
    class Deaf:
        listening = True

        async def changed(self) -> None:
            await asyncio.Event().wait()

    write(tmp_path, a__md="one")
    parts = replace(knowledge(), clock=(clock := StepClock()))
    reports = watch(parts, tmp_path, "default", noticing=Deaf())
    assert (await anext(reports)).counts == {"new": 1}
    later = asyncio.ensure_future(anext(reports))
    await clock.step(later)
    write(tmp_path, b__md="two")
    await clock.step(later)
    assert (await later).counts == {"new": 1}
    await reports.aclose()


async def test_without_the_package_nobody_notices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("promptuary.adapters._noticing.find_spec", lambda _: None)
    async with noticing(tmp_path) as somebody:
        assert somebody is None


async def test_whom_the_kernel_refuses_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(*_: object, **__: object) -> AsyncIterator[set[str]]:
        raise OSError(28, "no watches left")
        yield set()

    monkeypatch.setattr("watchfiles.awatch", refused)
    async with noticing(tmp_path) as somebody:
        assert somebody
        while somebody.listening:  # the listener has its turns meanwhile
            await asyncio.to_thread(str)
