"""Insights over HTTP, as an older client reads them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conversation.watched import at, in_order, many, regular

from .sites import Site, serving

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


def rows() -> Iterator[dict[str, Any]]:
    """Three weeks of events every twenty minutes, and a burst that goes on."""
    later = datetime.now(UTC).timestamp() - at(20, 12)
    usual = (each for each in regular(21, minutes=20) if each.at < at(20, 11.9))
    for seen in in_order(usual, many("person", 25, at(20, 11.45), 30)):
        moved = replace(seen, at=seen.at + later)
        start = datetime.fromtimestamp(moved.at, UTC)
        yield {
            "event_id": moved.event_id,
            "camera_id": moved.camera_id,
            "label": moved.label,
            "timestamp": start.isoformat(),
            "end_timestamp": (start + timedelta(seconds=moved.seconds or 0)).isoformat(),
        }


@pytest.fixture(scope="module")
async def burst(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with serving(tmp_path_factory.mktemp("burst")) as opened:
        sent = await opened.client.post("/api/v1/events", json={"events": list(rows())})
        assert sent.status_code == 202, sent.text
        yield opened


async def test_a_burst_comes_in_the_shape_of_an_answer(burst: Site) -> None:
    (told,) = (await burst.client.get("/api/v1/proactive-insights")).json()
    assert told["response_type"] == "proactive_insight"
    assert told["metadata"]["insight_type"] == "activity_spike"
    assert told["metadata"]["affected_cameras"] == ["gate"]
    assert 0 < len(told["evidence"]) <= 25
    first = told["evidence"][0]
    assert (first["pattern_type"], first["affected_cameras"]) == ("burst", ["gate"])
    period = told["metadata"]["time_period"]
    assert first["time_pattern"] == f"{period['start']}/{period['end']}"
    assert told["metadata"]["total_events_found"] >= 25


async def test_an_envelope_holds_the_same(burst: Site) -> None:
    plain = (await burst.client.get("/api/v1/proactive-insights")).json()
    held = (await burst.client.get("/api/v1/proactive-insights", params={"envelope": 1})).json()
    assert held == {"insights": plain}


async def test_what_is_less_severe_than_asked_is_left_out(burst: Site) -> None:
    asked = {"severity_threshold": "critical", "time_range": "7d"}
    found = await burst.client.get("/api/v1/proactive-insights", params=asked)
    assert found.json() == []


async def test_an_unknown_range_is_refused(burst: Site) -> None:
    found = await burst.client.get("/api/v1/proactive-insights", params={"time_range": "2y"})
    assert found.status_code == 422


async def test_predictions_come_when_asked_for(burst: Site) -> None:
    asked = {"include_predictions": True, "severity_threshold": "critical"}
    (told,) = (await burst.client.get("/api/v1/proactive-insights", params=asked)).json()
    assert told["metadata"]["insight_type"] == "prediction"
    first = told["metadata"]["predictions"][0]
    assert first["low"] <= first["expected"] <= first["high"]
    assert told["metadata"]["accuracy"] == {"scored": 0, "covered": 0, "coverage": None}


async def test_heartbeats_are_taken_and_bad_ones_refused(burst: Site) -> None:
    path = "/api/v1/cameras/heartbeats"
    taken = await burst.client.post(path, json={"camera_ids": ["hall"], "every_seconds": 30})
    assert (taken.status_code, taken.json()) == (202, {"heard": 1})
    for bad in ({"camera_ids": []}, {"camera_ids": ["hall"], "every_seconds": 0}, {}):
        assert (await burst.client.post(path, json=bad)).status_code == 422


MUTES = "/api/v1/proactive-insights/mutes"
JUDGED = "/api/v1/proactive-insights/feedback"


async def test_what_is_muted_is_told_again_when_it_is_undone(burst: Site) -> None:
    asked = {"camera_id": "gate", "type": "burst", "minutes": 60, "reason": "a fair"}
    made = await burst.client.post(MUTES, json=asked)
    assert made.status_code == 201
    assert (await burst.client.get("/api/v1/proactive-insights")).json() == []
    every = {"include_muted": True}
    (told,) = (await burst.client.get("/api/v1/proactive-insights", params=every)).json()
    assert told["metadata"]["muted"] is True
    assert (await burst.client.get(MUTES)).json()["mutes"] == [made.json()]
    undone = await burst.client.delete(f"{MUTES}/{made.json()['id']}")
    assert undone.json()["ended_by"] == "loopback"
    assert (await burst.client.get(MUTES)).json()["total"] == 0
    assert (await burst.client.get(MUTES, params={"ended": True})).json()["total"] == 1
    assert len((await burst.client.get("/api/v1/proactive-insights")).json()) == 1


async def test_feedback_says_what_it_changed_and_by_whom(burst: Site) -> None:
    (told,) = (await burst.client.get("/api/v1/proactive-insights")).json()
    path = f"/api/v1/proactive-insights/{told['conversation_id']}/feedback"
    given = (await burst.client.post(path, json={"verdict": "false_alarm"})).json()
    assert (given["before"], given["after"], given["made_by"]) == (0, 1, "loopback")
    back = (await burst.client.post(path, json={"verdict": "withdrawn"})).json()
    assert (back["before"], back["after"]) == (1, 0)
    assert (await burst.client.get(JUDGED)).json()["feedback"] == [back, given]


@pytest.mark.parametrize(
    "asked",
    [{"minutes": 0}, {"minutes": 1e9}, {"minutes": 5, "type": "party"}, {"camera_id": "gate"}],
)
async def test_a_mute_that_cannot_be_is_refused(burst: Site, asked: dict[str, Any]) -> None:
    assert (await burst.client.post(MUTES, json=asked)).status_code == 422


async def test_an_unknown_insight_or_mute_is_a_404(burst: Site) -> None:
    nowhere = "00000000-0000-0000-0000-000000000000"
    path = f"/api/v1/proactive-insights/{nowhere}/feedback"
    assert (await burst.client.post(path, json={"verdict": "useful"})).status_code == 404
    assert (await burst.client.delete(f"{MUTES}/{nowhere}")).status_code == 404
