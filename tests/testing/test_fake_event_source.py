import pytest

from promptuary.domain.errors import Unavailable
from promptuary.testing.event_source import EventSourceContract, Send
from promptuary.testing.fakes.event_source import FakeEventSource


class TestFakeEventSource(EventSourceContract):
    @pytest.fixture
    def now(self) -> float:
        return 1_747_200_000.0

    @pytest.fixture
    def source(self) -> FakeEventSource:
        return FakeEventSource()

    @pytest.fixture
    def send(self, source: FakeEventSource) -> Send:
        return source.send


@pytest.mark.anyio
async def test_it_can_be_away() -> None:
    source = FakeEventSource()
    source.away = True
    with pytest.raises(Unavailable):
        await anext(source.live())
