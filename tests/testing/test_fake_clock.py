import pytest

from promptuary.ports.clock import Clock
from promptuary.testing.clock import ClockContract
from promptuary.testing.fakes.clock import HandClock


class TestHand(ClockContract):
    @pytest.fixture
    def clock(self) -> HandClock:
        return HandClock()

    async def elapse(self, clock: Clock, seconds: float) -> None:
        assert isinstance(clock, HandClock)
        await clock.advance(seconds)


@pytest.mark.anyio
async def test_time_stands_still_until_it_is_advanced() -> None:
    clock = HandClock()
    before = clock.now()
    await clock.advance(90)
    assert (clock.now() - before).total_seconds() == 90
