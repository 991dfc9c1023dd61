import pytest

from promptuary.adapters.clocks.system import SystemClock
from promptuary.testing.clock import ClockContract


class TestSystem(ClockContract):
    @pytest.fixture
    def clock(self) -> SystemClock:
        return SystemClock()
