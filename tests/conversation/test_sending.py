"""Insights out: each once, tried again, never lost without a trace."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from conversation.guarded import NOW
from promptuary import delivering
from promptuary.conversation.sending import Sending
from promptuary.delivering import ATTEMPTS, Delivery
from promptuary.domain.errors import InvalidInput, Unavailable
from promptuary.domain.insights import Notice
from promptuary.testing.fakes.insight_sink import FakeInsightSink

pytestmark = pytest.mark.anyio
BURST = Notice(
    id="b", type="burst", severity="high", camera_id="gate_w", label="car", zone="",
    message="Many cars.", check="Look at it.", start=NOW, end=NOW, detected_at=NOW, ongoing=True,
    expected=1.0, observed=9.0, measured="events", p_value=1e-6, evidence_ids=("e1", "e2"),
)  # fmt: skip


@pytest.fixture
def sink(monkeypatch: pytest.MonkeyPatch) -> FakeInsightSink:
    monkeypatch.setattr(delivering, "FIRST_WAIT", 0.0)
    return FakeInsightSink()


async def test_an_insight_is_told_when_it_begins_and_when_it_is_over(
    sink: FakeInsightSink, tmp_path: Path
) -> None:
    out = Sending(Delivery("x", sink, tmp_path))
    over = replace(BURST, ongoing=False)
    for notices in ([BURST], [BURST], [over], [over], [BURST]):
        await out.once(notices)
    assert [each["metadata"]["ongoing"] for each in sink.told] == [True, False]
    first = sink.told[0]
    assert (first["insight_type"], first["priority_level"]) == ("activity_spike", 4)
    assert (first["affected_cameras"], first["event_count"]) == (["gate_w"], 2)
    assert [each["pattern_type"] for each in first["evidence"]] == ["burst", "burst"]
    assert await Sending(Delivery("x", sink, tmp_path)).once([over]) == 0  # after a restart
    assert await Sending(Delivery("another", sink, tmp_path)).once([over]) == 1


async def test_a_sink_that_is_away_is_tried_again(sink: FakeInsightSink, tmp_path: Path) -> None:
    sink.failing = [Unavailable("away")] * (ATTEMPTS - 1)
    assert await Sending(Delivery("x", sink, tmp_path)).once([BURST]) == 1
    assert (sink.tried, len(sink.told)) == (ATTEMPTS, 1)


@pytest.mark.parametrize(
    ("error", "tried"), [(Unavailable("away"), ATTEMPTS), (InvalidInput("malformed"), 1)]
)
async def test_what_is_given_up_is_kept_whole(
    sink: FakeInsightSink, tmp_path: Path, error: Exception, tried: int
) -> None:
    sink.failing = [error] * ATTEMPTS
    out = Sending(Delivery("x", sink, tmp_path))
    assert await out.once([BURST]) == 0
    assert sink.tried == tried
    (lost,) = (tmp_path / "x.given-up.jsonl").read_text().splitlines()
    assert json.loads(lost)["message"]["insight_id"] == "b"
    assert json.loads(lost)["reason"] == str(error)
    sink.failing = []
    assert await out.once([BURST]) == 0


async def test_a_memory_that_was_cut_off_is_read_as_far_as_it_goes(
    sink: FakeInsightSink, tmp_path: Path
) -> None:
    (tmp_path / "x.sent.jsonl").write_text('{"id": "b", "state": "over"}\n{"id": "c", "st')
    assert await Sending(Delivery("x", sink, tmp_path)).once([replace(BURST, ongoing=False)]) == 0
