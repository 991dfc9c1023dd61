"""What is unusual among events: told rightly, in time, and seldom in vain.

Made-up sites (`examples/cameras.py`) are what thresholds were chosen on, seeds 0 to 15; those here
are later ones. The development stream and the labelled series only measure.
"""

from __future__ import annotations

import json
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from examples.cameras import CAMERAS, Stay, site

from bench.speed import Row, row
from promptuary.cli.evaluating_insights import site_in
from promptuary.cli.events import read_events
from promptuary.conversation.following import sighting_of
from promptuary.conversation.insights.evaluating import labelled, scoring
from promptuary.conversation.insights.foreseeing import foreseen
from promptuary.conversation.insights.series import scores
from promptuary.conversation.insights.watching import Replay, Watch, noticed
from promptuary.conversation.receiving import event_of
from promptuary.domain.insights import Insight, Sighting, Site

SEEDS = range(100, 106)
UNEVEN = 4.0
"""A Gamma shape of half-hours: they differ three times as much as on the other sites."""
DAYS, LEARNT = 30, 7
ODDITIES = (
    ("burst", 7), ("unusual_hour", 7), ("silence", 6), ("loitering", 6), ("new_label", 5),
    ("quality_drop", 4), ("system_silence", 1),
)  # fmt: skip
PEERS = {
    "f1": "a spike, another site: .917",
    "typed_f1": "a spike, another site: .861",
    "false_alarms_per_day": "a spike, another site: .131",
    "median_delay_minutes": "a spike, another site: 14.5",
    "median_silence_delay_minutes": "a spike, another site: 128",
    "evidence_recall": "a spike: .64",
}
GOALS = {
    "f1": ">= .95",
    "typed_f1": ">= .93",
    "false_alarms_per_day": "<= .10",
    "median_delay_minutes": "<= 15 min",
    "median_silence_delay_minutes": "<= 60 min",
    "evidence_recall": ">= .90",
}


def main(output: Path, data: Path | None) -> None:
    """Made-up sites; and with the development data its stream and series."""
    rows = [*_made_up("made-up sites", 12.0), *_made_up("uneven made-up sites", UNEVEN)]
    rows += [*_foreseen(), *_many_cameras()]
    if data:
        rows += _stream(data / "conv") + _series(data / "conv" / "nab")
    output.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")


def told(seen: Sequence[Sighting], where: Site) -> list[Insight]:
    """How each insight ended, in the order of telling."""
    last = {each.id: each for each in noticed(sorted(seen, key=lambda one: one.at), where)}
    return sorted(last.values(), key=lambda each: each.detected_at)


def _made_up(what: str, even: float) -> list[Row]:
    found = oddities = typed = wrong = days = 0.0
    for seed in SEEDS:
        steady = (12, 20, 30)[seed % 3]
        drawn = site(seed, days=DAYS, oddities=ODDITIES, steady=steady, even=even)
        seen = [sighting_of(event_of(each)) for each in drawn.events]
        odd = [
            labelled.Oddity(str(n), o.type, o.camera_id, o.start, o.end, frozenset())
            for n, o in enumerate(drawn.oddities)
        ]
        begin = min(each.at for each in seen) + LEARNT * 86_400
        truth = labelled.Truth(begin, max(each.at for each in seen), tuple(odd))
        figures = scoring.score(truth, told(seen, _known(drawn)))
        found, oddities = found + figures.found, oddities + figures.oddities
        wrong, days = wrong + figures.false_alarms, days + DAYS - LEARNT
        typed += figures.typed_f1
    f1 = 2 * found / (found + wrong + oddities)
    what = f"{len(SEEDS)} {what}"
    return [
        row(f"{what}: F1", ">= .95", round(f1, 3), "", "", None),
        row(f"{what}: F1, typed", ">= .93", round(typed / len(SEEDS), 3), "", "", None),
        row(f"{what}: false alarms a day", "<= .10", round(wrong / days, 3), "", "", None),
    ]


def _known(drawn: Stay) -> Site:
    """What the watch is told of a made-up site beforehand."""
    declared = {each.id: frozenset(each.labels) for each in CAMERAS}
    return Site(drawn.timezone, declared, frozenset[date](drawn.days_off))


def _foreseen() -> list[Row]:
    """Every six hours the next six hours are foreseen, and counted afterwards."""
    held = scored = 0
    wide = 0
    for seed in SEEDS[:2]:
        drawn = site(seed, days=DAYS, oddities=ODDITIES, steady=(12, 20, 30)[seed % 3])
        seen = sorted((sighting_of(event_of(e)) for e in drawn.events), key=lambda one: one.at)
        times: dict[tuple[str, str], list[float]] = defaultdict(list)
        for each in seen:
            times[each.camera_id, each.label].append(each.at)
        replay = Replay(Watch(_known(drawn)))
        look = seen[0].at + LEARNT * 86_400
        for each in seen:
            if each.at >= look:
                replay.until(look)
                for one in foreseen(replay.watch, look, 6):
                    there = times[one.camera_id, one.label]
                    came = bisect_left(there, one.end) - bisect_left(there, one.start)
                    if one.expected >= 1:
                        scored, held = scored + 1, held + (one.low <= came <= one.high)
                        wide += one.high - one.low
                look += 6 * 3600
            replay.take(each)
    what = "made-up sites: predictions of hours with an event or more"
    return [
        row(f"{what}: inside their intervals", ">= .90", round(held / scored, 3), "", "", None),
        row(f"{what}: mean width", "", round(wide / scored, 1), "events", "", None),
    ]


def _many_cameras() -> list[Row]:
    """A week of eight made-up sites under one roof."""
    drawn = site(SEEDS[0], days=7)
    one = [sighting_of(event_of(each)) for each in drawn.events]
    seen = [
        replace(each, event_id=f"{each.event_id}-{n}", camera_id=f"{each.camera_id}-{n}")
        for each in one
        for n in range(8)
    ]
    began = time.process_time()
    told(seen, Site(drawn.timezone))
    took = time.process_time() - began
    what = f"events of {8 * len(CAMERAS)} cameras watched a CPU second"
    return [row(what, "", round(len(seen) / took), "1/s", "", None)]


def _stream(folder: Path) -> list[Row]:
    events = [event_of(each) for each in read_events(folder / "stream.jsonl")]
    seen = [sighting_of(each) for each in events]
    began = time.process_time()
    found = told(seen, site_in(folder))
    took = time.process_time() - began
    truth = labelled.read_truth(folder / "anomalies.json")
    if truth is None:
        return []
    figures = scoring.score(truth, found)
    rows = []
    for name, goal in GOALS.items():
        value = getattr(figures, name)
        shown = None if value is None else round(value, 3)
        words = f"development stream: {name.replace('_', ' ')}"
        rows.append(row(words, goal, shown, "", PEERS.get(name, ""), None))
    rows.append(row("events watched a CPU second", "", round(len(events) / took), "1/s", "", None))
    return rows


def _series(folder: Path) -> list[Row]:
    windows = labelled.read_windows(folder / "windows.json")
    times, alarms = {}, {}
    for name in windows:
        points = labelled.read_series(folder / name)
        times[name] = [labelled.seconds(text) for text, _, _ in points]
        marks = scores((at, value) for _, at, value in points)
        alarms[name] = [at for at, mark in zip(times[name], marks, strict=True) if mark >= 1]
    figures = scoring.score_series(windows, times, alarms)
    what = f"{len(windows)} labelled series (NAB)"
    return [
        row(f"{what}: F1", ">= .85", round(figures.f1, 3), "", "a spike: .829", None),
        row(f"{what}: false alarms a day", "<= .015", round(figures.false_alarms_per_day, 4), "",
            "a spike: .0147", None),
    ]  # fmt: skip
