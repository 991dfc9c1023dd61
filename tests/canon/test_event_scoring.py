"""Events that were found are compared with labelled ones by lineage, type and time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from promptuary.canon.evaluating.events import FoundEvent, Seen, TrueEvent, score_events

START = datetime(2026, 1, 5, tzinfo=UTC)
PROMPTS = {
    f"{line}{week}": Seen(line, START + timedelta(weeks=week))
    for line in "abc"
    for week in range(11)
}
TRUTH = [
    TrueEvent("UPDATED", "a", START + timedelta(weeks=4), START + timedelta(weeks=5)),
    TrueEvent("DRIFT", "b", START + timedelta(weeks=4), START + timedelta(weeks=7)),
]


def found(kind: str, days: float, *ids: str) -> FoundEvent:
    return FoundEvent(kind, START + timedelta(days=days), ids)


def test_a_perfect_run_scores_one_with_its_delay() -> None:
    run = [found("UPDATED", 29, "a4", "a5"), found("DRIFT", 50, "b7"), found("CREATED", 0, "a0")]
    values = score_events(run, TRUTH, PROMPTS).values
    assert (values["F1"], values["macro_F1"]) == (1.0, 1.0)
    assert values["median_delay_days"] == pytest.approx(11.5)
    assert values["false_events_per_lineage_week"] == 0


@pytest.mark.parametrize(
    "wrong",
    [
        found("SPLIT", 29, "a4"),
        found("UPDATED", 40, "a4"),
        found("UPDATED", 25, "a4"),
        found("UPDATED", 29, "b4"),
        found("UPDATED", 29, "unknown"),
        found("UPDATED", 29),
    ],
)
def test_the_wrong_type_time_or_lineage_is_no_match(wrong: FoundEvent) -> None:
    assert score_events([wrong], TRUTH, PROMPTS).values["F1"] == 0


def test_one_event_is_matched_once_and_one_for_a_calm_lineage_is_counted() -> None:
    run = [found("UPDATED", 28, "a4"), found("UPDATED", 29, "a4"), found("UPDATED", 29, "c4")]
    figures = score_events(run, TRUTH, PROMPTS)
    assert figures.values["precision"] == pytest.approx(1 / 3)
    assert figures.parts["UPDATED"].values["recall"] == 1.0
    assert figures.values["false_events_per_lineage_week"] == pytest.approx(0.1)
