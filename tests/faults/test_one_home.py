"""Two processes on one home: the second waits a moment, then says who holds it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from time import monotonic

import anyio
import pytest
from another import another

from promptuary import Promptuary, parts
from promptuary.domain.errors import Busy
from promptuary.home import held

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


async def test_a_second_process_waits_five_seconds_and_is_told_who_holds_the_home(
    tmp_path: Path,
) -> None:
    async with another("hold", home=tmp_path) as holder:
        assert await holder.said() == "open"
        started = monotonic()
        with pytest.raises(Busy) as refused:
            await Promptuary.open(tmp_path)
    assert monotonic() - started >= 5
    assert f"process {holder.pid}" in str(refused.value)
    assert str(tmp_path) in str(refused.value)


async def test_a_second_process_waits_for_a_home_that_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = partial(held, wait=60.0)  # a busy machine takes time to let go
    monkeypatch.setattr(parts, "held", patient)
    async with another("hold", home=tmp_path) as holder, anyio.create_task_group() as tasks:
        assert await holder.said() == "open"
        opened = anyio.Event()

        async def open_it() -> None:
            async with await Promptuary.open(tmp_path) as promptuary:
                await promptuary.ingest(["a prompt of the second process"])
            opened.set()

        tasks.start_soon(open_it)
        await anyio.wait_all_tasks_blocked()
        assert not opened.is_set()
        await holder.go_on()
    assert opened.is_set()


async def test_a_holder_that_was_killed_holds_nobody_up(tmp_path: Path) -> None:
    async with another("hold", home=tmp_path) as holder:
        assert await holder.said() == "open"
        await holder.kill()
        async with await Promptuary.open(tmp_path) as opened:
            assert (await opened.health()).status == "healthy"
