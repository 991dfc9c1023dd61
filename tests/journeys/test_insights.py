"""Insights as a user gets them: events in, what was unusual out."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conversation.watched import at, in_order, many, regular
from promptuary.app import Promptuary
from promptuary.cli.running import run
from promptuary.conversation.noticing import About
from promptuary.domain.errors import Forbidden, NotFound
from promptuary.domain.events import Camera, Event
from promptuary.domain.insights import Sighting
from promptuary.settings import Settings

NOON = datetime(2026, 3, 12, 12, tzinfo=UTC)


def event(seen: Sighting) -> Event:
    start = datetime.fromtimestamp(seen.at, UTC)
    end = start + timedelta(seconds=seen.seconds or 0)
    return Event(
        seen.event_id, seen.camera_id, seen.label, start, end, zones=(seen.zone,), confidence=0.8
    )


def row(seen: Sighting) -> dict[str, object]:
    told = event(seen)
    return {
        "event_id": told.id,
        "camera_id": told.camera,
        "label": told.label,
        "timestamp": told.start.isoformat(),
        "end_timestamp": told.end.isoformat() if told.end else None,
        "confidence": told.confidence,
    }


BURST = in_order(regular(11, minutes=20), many("person", 25, at(10, 11), 30))


@pytest.mark.slow
@pytest.mark.anyio
async def test_a_burst_is_told_in_words_with_its_events(tmp_path: Path) -> None:
    async with await Promptuary.open(tmp_path) as promptuary:
        await promptuary.conversation.describe_cameras([Camera("gate", "Main Gate", ("person",))])
        await promptuary.conversation.add_events([event(each) for each in BURST])
        (notice,) = await promptuary.conversation.insights(now=NOON)
        assert notice.type == "burst"
        assert notice.message.startswith("Main Gate: ")
        assert len(notice.evidence_ids) >= 25
        assert await promptuary.conversation.insights(now=NOON, severity="critical") == []


@pytest.mark.slow
@pytest.mark.anyio
async def test_nothing_is_told_of_a_camera_that_one_may_not_see(tmp_path: Path) -> None:
    async with await Promptuary.open(tmp_path) as promptuary:
        await promptuary.conversation.add_events([event(each) for each in BURST])
        assert await promptuary.conversation.insights(now=NOON, cameras=["lobby"]) == []
        assert len(await promptuary.conversation.insights(now=NOON, cameras=["gate"])) == 1


@pytest.mark.slow
@pytest.mark.anyio
async def test_nobody_mutes_or_judges_what_they_may_not_see(tmp_path: Path) -> None:
    async with await Promptuary.open(tmp_path) as promptuary:
        seen = promptuary.conversation
        await seen.add_events([event(each) for each in BURST])
        (notice,) = await seen.insights(now=NOON)
        hour = timedelta(hours=1)
        for about in (About("gate"), About()):
            with pytest.raises(Forbidden):
                await seen.mute_insights(about, hour, cameras=["lobby"])
        with pytest.raises(NotFound):
            await seen.judge_insight(notice.id, "useful", cameras=["lobby"])
        mute = await seen.mute_insights(About("gate"), hour, cameras=["gate"])
        given = await seen.judge_insight(notice.id, "useful", cameras=["gate"])
        with pytest.raises(NotFound):
            await seen.unmute_insights(mute.id, cameras=["lobby"])
        assert (await seen.insight_mutes(cameras=["lobby"])).total == 0
        assert (await seen.insight_feedback(cameras=["lobby"])).total == 0
        assert (await seen.insight_feedback()).items == (given,)


@pytest.mark.slow
@pytest.mark.anyio
async def test_a_later_look_goes_on_with_what_came_since(tmp_path: Path) -> None:
    async with await Promptuary.open(tmp_path) as promptuary:
        early = [each for each in BURST if each.at < at(10, 9)]
        await promptuary.conversation.add_events([event(each) for each in early])
        before = datetime.fromtimestamp(at(10, 9), UTC)
        assert await promptuary.conversation.insights(now=before) == []
        await promptuary.conversation.add_events([event(each) for each in BURST[len(early) :]])
        assert [each.type for each in await promptuary.conversation.insights(now=NOON)] == ["burst"]


@pytest.mark.slow
@pytest.mark.anyio
async def test_an_event_whose_end_came_later_did_not_stay(tmp_path: Path) -> None:
    days = list(regular(11, minutes=20))
    at_work = replace(event(days[-1]), id="open", start=NOON - timedelta(minutes=3), end=None)
    async with await Promptuary.open(tmp_path) as promptuary:
        seen = promptuary.conversation
        await seen.add_events([*(event(each) for each in days if each.at < at(10, 12)), at_work])
        assert await seen.insights(now=NOON) == []
        await seen.add_events([replace(at_work, end=at_work.start + timedelta(seconds=12))])
        assert await seen.insights(now=NOON + timedelta(hours=1)) == []


@pytest.mark.slow
@pytest.mark.anyio
async def test_an_event_that_came_a_little_late_counts(tmp_path: Path) -> None:
    early = [each for each in BURST if each.at < at(10, 11)]
    last = datetime.fromtimestamp(at(10, 11), UTC)
    async with await Promptuary.open(tmp_path) as promptuary:
        seen = promptuary.conversation
        await seen.add_events([event(each) for each in early])
        assert await seen.insights(now=last) == []
        starts = [last - timedelta(seconds=9 + n) for n in range(20)]
        late = [
            replace(event(BURST[0]), id=f"late{n}", start=start, end=start + timedelta(seconds=12))
            for n, start in enumerate(starts)
        ]
        await seen.add_events(late)
        found = await seen.insights(now=last + timedelta(minutes=9))
        assert [each.type for each in found] == ["burst"]


@pytest.mark.server
@pytest.mark.slow
@pytest.mark.anyio
async def test_two_servers_over_one_postgresql_tell_a_burst_once(
    tmp_path: Path, postgresql_url: str
) -> None:
    settings = Settings(home=tmp_path / "one", database_url=postgresql_url)
    beside = Settings(home=tmp_path / "two", database_url=postgresql_url)
    middle = datetime.fromtimestamp(at(10, 11.25), UTC)
    async with await Promptuary.open(settings=settings) as first:
        early = [each for each in BURST if each.at < middle.timestamp()]
        await first.conversation.add_events([event(each) for each in early])
        (going,) = await first.conversation.insights(now=middle)
        async with await Promptuary.open(settings=beside) as second:
            await second.conversation.add_events([event(each) for each in BURST])
            later = await second.conversation.insights(now=NOON)
            assert [each.id for each in later] == [going.id]
            await second.conversation.judge_insight(going.id, "useful")
        again = await first.conversation.insights(now=NOON)
        assert [each.id for each in again] == [going.id]
        assert len(again[0].evidence_ids) >= 25
        assert (await first.conversation.insight_feedback()).total == 1


@pytest.mark.slow
def test_the_verb_says_it_and_measures_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = tmp_path / "stream.jsonl"
    stream.write_text("\n".join(json.dumps(row(each)) for each in BURST))
    truth = {
        "scored_from": "2026-03-09T00:00:00Z",
        "end": "2026-03-13T00:00:00Z",
        "anomalies": [
            {
                "anomaly_id": "one",
                "type": "burst",
                "camera_id": "gate",
                "start": "2026-03-12T11:00:00Z",
                "end": "2026-03-12T11:30:00Z",
                "event_ids": [each.event_id for each in BURST if each.event_id.startswith("more")],
            }
        ],
    }
    (tmp_path / "anomalies.json").write_text(json.dumps(truth))
    home = ("--home", str(tmp_path / "home"))
    assert run(["events", "import", str(stream), *home]) == 0
    capsys.readouterr()
    assert run(["insights", "--range", "7d", "--now", NOON.isoformat(), "--json", *home]) == 0
    (told,) = json.loads(capsys.readouterr().out)["insights"]
    assert told["type"] == "burst"
    ahead = ["insights", "--predictions", "--now", NOON.isoformat(), *home]
    assert run([*ahead, "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["outlook"]["predictions"]) == 6
    assert run(ahead) == 0
    shown = capsys.readouterr().out
    assert "13:00" in shown
    assert "noticed 11:" in shown
    assert ", by chance " in shown
    assert run(["insights", "mute", "--camera", "gate", "--for", "2h", "--json", *home]) == 0
    mute = json.loads(capsys.readouterr().out)
    assert run(["insights", "mutes", *home]) == 0
    assert mute["id"][:8] in capsys.readouterr().out
    assert run(["insights", "unmute", mute["id"], *home]) == 0
    assert run(["insights", "feedback", told["id"], "useful", "--comment", "a fair", *home]) == 0
    capsys.readouterr()
    assert run(["insights", "feedback", "--json", *home]) == 0
    (given,) = json.loads(capsys.readouterr().out)["items"]
    assert (given["verdict"], given["after"]) == ("useful", -0.5)
    assert run(["insights", "mute", "--for", "soon", *home]) == 1
    capsys.readouterr()
    assert run(["eval", "insights", str(tmp_path), "--run", str(tmp_path / "r"), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)["figures"]
    assert (figures["f1"], figures["typed_f1"], figures["evidence_recall"]) == (1, 1, 1)


@pytest.mark.slow
def test_unusual_points_of_a_series_are_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start = datetime(2026, 3, 2, tzinfo=UTC)
    with (tmp_path / "a.csv").open("w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["timestamp", "value"])
        for i in range(2_000):
            rows.writerow([start + timedelta(minutes=30 * i), 900 if i == 1_800 else 50 + i % 48])
    odd = [str(start + timedelta(minutes=30 * i)) for i in (1_799, 1_801)]
    (tmp_path / "windows.json").write_text(json.dumps({"a.csv": [odd]}))
    found = ["eval", "series", str(tmp_path / "a.csv"), "--run", str(tmp_path / "r"), "--json"]
    assert run(found) == 0
    assert json.loads(capsys.readouterr().out)["figures"]["f1"] == 1


def test_a_series_that_is_none_says_where(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("timestamp,value\n2026-03-02,many\n")
    assert run(["eval", "series", str(tmp_path / "a.csv"), "--run", str(tmp_path / "r")]) == 1
