"""Moves between stores, as Prometheus reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from promptuary.domain.moves import Move


def moved(moves: Sequence[Move]) -> Iterator[Metric]:
    """These moves; nothing where none was ever planned. How quick a backfill is,
    is the rate of `promptuary_move_entries_copied`."""
    if not moves:
        return
    steps = GaugeMetricFamily(
        "promptuary_move_step", "1 for the step that it is at.", labels=("kind", "step")
    )
    took = GaugeMetricFamily(
        "promptuary_move_seconds", "How long a step took.", labels=("kind", "step")
    )
    faults = GaugeMetricFamily(
        "promptuary_move_faults", "What the last comparison found.", labels=("kind", "fault")
    )
    for move in moves:
        steps.add_metric((move.kind, move.step), 1)
        for step, seconds in move.took.items():
            took.add_metric((move.kind, step), seconds)
        for fault, count in (move.verified.faults if move.verified else {}).items():
            faults.add_metric((move.kind, fault), count)
    yield from (steps, took, faults)
    yield from _numbers(moves)


def _numbers(moves: Sequence[Move]) -> Iterator[Metric]:
    told: Mapping[str, tuple[str, Callable[[Move], float]]] = {
        "entries_copied": ("Entries the new store has acknowledged.", lambda m: m.copied),
        "entries_total": ("Entries there are.", lambda m: m.total),
        "read_percent": ("Of the reads, with the new store.", _share),
        "paused": ("1 while it is paused.", lambda m: bool(m.paused)),
        "fallbacks": ("How often the old store got everything back.", lambda m: m.fallbacks),
        "shadow_overlap": ("Of the best ten, in both stores.", lambda m: m.shadow.overlap),
        "shadow_mismatches": ("Reads with differing data.", lambda m: m.shadow.mismatches),
        "shadow_errors": ("Reads that the new store failed.", lambda m: m.shadow.errors),
    }
    for name, (said, value) in told.items():
        family = GaugeMetricFamily(f"promptuary_move_{name}", said, labels=("kind",))
        for move in moves:
            family.add_metric((move.kind,), value(move))
        yield family


def _share(move: Move) -> int:
    return 100 if move.switched else move.percent
