"""What every Clock promises. Subclass it and give it a `clock` fixture."""

from __future__ import annotations

import asyncio
from datetime import UTC

import pytest

from promptuary.ports.clock import Clock


@pytest.mark.anyio
class ClockContract:
    """Override `elapse` when time does not pass by itself."""

    async def elapse(self, clock: Clock, seconds: float) -> None:
        """Let that much time pass on the clock."""

    async def test_now_is_in_utc_and_says_so(self, clock: Clock) -> None:
        assert clock.now().tzinfo is UTC

    async def test_monotonic_never_goes_back(self, clock: Clock) -> None:
        readings = [clock.monotonic() for _ in range(1000)]
        assert readings == sorted(readings)

    async def test_sleeping_lasts_at_least_as_long_as_asked(self, clock: Clock) -> None:
        before = clock.monotonic()
        sleeper = asyncio.create_task(clock.sleep(0.02))
        await asyncio.sleep(0)
        assert not sleeper.done()
        await self.elapse(clock, 0.02)
        await sleeper
        assert clock.monotonic() - before >= 0.02 - 1e-6

    async def test_sleeping_for_nothing_lets_other_tasks_run(self, clock: Clock) -> None:
        ran: list[str] = []
        other = asyncio.create_task(asyncio.to_thread(ran.append, "other"))
        while not other.done():
            await clock.sleep(0)
        assert ran == ["other"]

    async def test_who_sleeps_less_wakes_first(self, clock: Clock) -> None:
        woken: list[float] = []

        async def sleep(seconds: float) -> None:
            await clock.sleep(seconds)
            woken.append(seconds)

        sleepers = [asyncio.create_task(sleep(seconds)) for seconds in (0.15, 0.05, 0.1)]
        await asyncio.sleep(0)
        await self.elapse(clock, 0.15)
        await asyncio.gather(*sleepers)
        assert woken == [0.05, 0.1, 0.15]

    async def test_a_cancelled_sleeper_does_not_hold_up_the_others(self, clock: Clock) -> None:
        given_up, patient = (asyncio.create_task(clock.sleep(0.02)) for _ in range(2))
        await asyncio.sleep(0)
        given_up.cancel()
        await self.elapse(clock, 0.02)
        await patient
        assert given_up.cancelled()
