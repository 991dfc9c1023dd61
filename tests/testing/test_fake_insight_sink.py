import pytest

from promptuary.testing.fakes.insight_sink import FakeInsightSink
from promptuary.testing.insight_sink import InsightSinkContract, ToldSoFar


class TestFakeInsightSink(InsightSinkContract):
    @pytest.fixture
    def sink(self) -> FakeInsightSink:
        return FakeInsightSink()

    @pytest.fixture
    def told(self, sink: FakeInsightSink) -> ToldSoFar:
        async def told():
            return sink.told

        return told
