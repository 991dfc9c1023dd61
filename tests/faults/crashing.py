"""Kills ingests at random points, from a process of its own that forks a child for each attempt.

Forking from a process that has imported everything makes a start cost milliseconds, so the kills
fall into the work and not into the imports; and a process without threads may fork, which pytest's
may not. Run it with a `Plan` as JSON; it prints a `Tally` as JSON.
"""

from __future__ import annotations

import asyncio
import gc
import json
import mmap
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial, wraps
from pathlib import Path
from typing import Any

from outcomes import outcome, traffic

from promptuary.app import Promptuary
from promptuary.canon import catching_up, ingest, receive
from promptuary.domain.reports import Progress
from promptuary.settings import Settings

BATCHES = 3
WINDOW = 25
KILLS_A_ROUND = 12
WEIGHTS = {
    **{"opening": 2, "saving": 3, "mining": 3, "writing": 4, "evolving": 2, "indexing": 3},
    "closing": 1,
}
"""How often a kill is aimed at each phase; the shorter ones are missed more often."""
PHASES = {
    "opening": (Promptuary, "open"),
    "saving": (receive, "_save"),
    "mining": (ingest, "_mined"),
    "writing": (ingest, "_write"),
    "evolving": (ingest, "_evolve"),
    "indexing": (catching_up, "catch_up"),
    "closing": (Promptuary, "aclose"),
}
"""Where the work of each phase is done."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do: `postgresql` is a URL with `{}` for the database's name, or empty for SQLite."""

    root: str
    postgresql: str
    kills: int
    seed: int


@dataclass(slots=True)  # changes: it is counted up
class Tally:
    """What was seen: kills by the phase they fell into, rounds brought to their end, and how many
    of those had lost something or came out otherwise than without a kill."""

    killed: dict[str, int] = field(default_factory=dict)
    rounds: int = 0
    lost: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)


TRAFFIC = traffic(36)
SIZE = len(TRAFFIC) // BATCHES


class Watch:
    """In which phases a child is, in memory shared with it: still there when it was killed."""

    def __init__(self, phases: Mapping[str, tuple[Any, str]] = PHASES) -> None:
        self._memory = mmap.mmap(-1, 2 * len(phases))
        self._places = {phase: 2 * at for at, phase in enumerate(phases)}
        for phase, (owner, name) in phases.items():
            setattr(owner, name, self._watched(phase, getattr(owner, name)))

    def clear(self) -> None:
        self._memory[:] = bytes(len(self._memory))

    def entered(self, phase: str) -> int:
        """How often the phase began."""
        return self._memory[self._places[phase]]

    def inside(self) -> str:
        """The phase it is in; the rarest of several."""
        return next(
            (phase for phase in reversed(self._places) if self._is_inside(phase)), "between"
        )

    def _is_inside(self, phase: str) -> bool:
        return self._memory[self._places[phase] + 1] > 0

    def _watched(
        self, phase: str, work: Callable[..., Awaitable[Any]]
    ) -> Callable[..., Awaitable[Any]]:
        at = self._places[phase]

        @wraps(work)
        async def watched(*args: Any, **named: Any) -> Any:
            self._memory[at] += 1
            self._memory[at + 1] += 1
            started = time.monotonic()
            try:
                return await work(*args, **named)
            finally:
                self._memory[at + 1] -= 1
                LENGTHS.setdefault(phase, []).append(time.monotonic() - started)

        return watched


LENGTHS: dict[str, list[float]] = {}
"""How long each phase took, in the process that went through it."""


async def ingest_all(settings: Settings, acknowledged: Path) -> dict[str, list[float]]:
    """What a user does again after a crash: the whole ingest from its first batch.

    Before, what the record acknowledged (noted outside, as a client would) is looked for.
    """
    log = os.open(acknowledged, os.O_RDWR | os.O_APPEND)
    noted = {int(line) for line in os.read(log, 1 << 20).split()}
    async with await Promptuary.open(settings=settings) as opened:
        missing = await lost(opened, noted) if noted else []
        if missing:
            raise AssertionError(f"acknowledged and lost: {missing}")
        for batch in range(BATCHES):

            def told(progress: Progress, number: int = batch) -> None:
                if progress.stage == "save":
                    os.write(log, f"{number}\n".encode())

            some = TRAFFIC[batch * SIZE : (batch + 1) * SIZE]
            await opened.ingest(some, batch_id=f"batch-{batch}", progress=told)
    return LENGTHS


async def lost(opened: Promptuary, batches: set[int]) -> list[str]:
    known = {row.id async for row in opened.placements()}
    keys = [f"batch:batch-{batch}:{n}" for batch in batches for n in range(1, SIZE + 1)]
    return [key for key in keys if key not in known]


async def outcome_of(settings: Settings) -> dict[str, Any]:
    """Everything a user can see of the result, after a restart."""
    async with await Promptuary.open(settings=settings) as opened:
        await opened.settle()
        return await outcome(opened)


class Child:
    """Work in a forked process; its answer, or what it failed with, comes back through a file."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, Any]], answer: Path) -> None:
        self._answer = answer
        answer.unlink(missing_ok=True)
        self._pid = os.fork()
        if self._pid == 0:
            status = 1
            try:
                content = json.dumps(asyncio.run(work()), default=str)
                answer.write_text(content)
                status = 0
            except BaseException as error:
                answer.write_text(f"{type(error).__name__}: {error}")
                raise
            finally:
                os._exit(status)

    def killed(self) -> bool:
        """Kill it, unless it has ended; whether it was the kill that ended it."""
        os.kill(self._pid, signal.SIGKILL)
        return self.died()

    def died(self) -> bool:
        """Wait for its end; whether a signal ended it. Raises AssertionError for any other end that
        is no success."""
        _, status = os.waitpid(self._pid, 0)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status):
            raise AssertionError(self._answer.read_text())
        return os.WIFSIGNALED(status)

    def has_ended(self) -> bool:
        ended = os.waitid(os.P_PID, self._pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return ended is not None

    def result(self) -> Any:
        """Wait for its end."""
        os.waitid(os.P_PID, self._pid, os.WEXITED | os.WNOWAIT)
        self.killed()
        return json.loads(self._answer.read_text())


class Crashes:
    """Rounds of kills, each in a home (and where asked a database) of its own."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._random = random.Random(plan.seed)
        self._root = Path(plan.root)
        self._answer = self._root / "answer.json"
        self._noted = self._root / "acknowledged"
        self._watch = Watch()
        self._lengths: dict[str, list[float]] = {}
        self.tally = Tally()

    def run(self) -> Tally:
        """Kill, start again, let finish, compare; until there were enough kills."""
        whole = self._fresh(0)
        self._lengths = self._whole(whole)
        expected = self._outcome(whole)
        while sum(self.tally.killed.values()) < self._plan.kills:
            self.tally.rounds += 1
            settings = self._fresh(self.tally.rounds)
            try:
                if not self._brought_to_an_end(settings):
                    self._whole(settings)
            except AssertionError as error:
                self.tally.lost.append(f"round {self.tally.rounds}: {error}")
                continue
            seen = self._outcome(settings)
            parts = [part for part in expected if seen[part] != expected[part]]
            if parts:
                self.tally.differing.append(f"round {self.tally.rounds}: {', '.join(parts)}")
            shutil.rmtree(settings.home)
        return self.tally

    def _brought_to_an_end(self, settings: Settings) -> bool:
        """Kill some; whether one came to its end before it was killed."""
        for _ in range(KILLS_A_ROUND):
            self._watch.clear()
            child = Child(partial(ingest_all, settings, self._noted), self._answer)
            self._wait(child)
            if not child.killed():
                return True
            phase = self._watch.inside()
            self.tally.killed[phase] = self.tally.killed.get(phase, 0) + 1
        return False

    def _wait(self, child: Child) -> None:
        """Until some moment within some phase, drawn from as long as the phase took before."""
        (phase,) = self._random.choices(list(WEIGHTS), list(WEIGHTS.values()))
        lengths = self._lengths[phase]
        entered = 1 + min(int(self._random.expovariate(0.7)), len(lengths) - 1)
        while self._watch.entered(phase) < entered and not child.has_ended():
            time.sleep(0.000_2)
        time.sleep(self._random.uniform(0, max(lengths)))

    def _whole(self, settings: Settings) -> dict[str, list[float]]:
        lengths: dict[str, list[float]] = Child(
            partial(ingest_all, settings, self._noted), self._answer
        ).result()
        return lengths

    def _outcome(self, settings: Settings) -> dict[str, Any]:
        seen: dict[str, Any] = Child(partial(outcome_of, settings), self._answer).result()
        return seen

    def _fresh(self, number: int) -> Settings:
        self._noted.write_text("")
        url = ""
        if self._plan.postgresql:
            url = self._plan.postgresql.format(f"crash_{number}")
            Child(
                partial(create, self._plan.postgresql.format("postgres"), number), self._answer
            ).result()
        return Settings(home=self._root / f"home-{number}", database_url=url, window_prompts=WINDOW)


async def create(url: str, number: int) -> None:
    """A fresh database, and the one of the round before gone."""
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f"DROP DATABASE IF EXISTS crash_{max(0, number - 1)} WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE crash_{number}")
    finally:
        await connection.close()


def warm() -> None:
    """Import what opening would import, and read the embedder's table once; nothing here may start
    a thread."""
    import promptuary.adapters.caches.memory
    import promptuary.adapters.caches.sqlite
    import promptuary.adapters.indexes.edge
    import promptuary.adapters.moderators.rules
    import promptuary.adapters.units_of_work.postgresql
    import promptuary.adapters.units_of_work.sqlite  # noqa: F401 - imported for speed
    from promptuary.adapters.embedders import static

    embedder = static.connect("static:")
    static.connect = lambda _: embedder


if __name__ == "__main__":
    warm()
    gc.collect()
    gc.freeze()  # children need no copies of what is there already
    json.dump(asdict(Crashes(Plan(**json.loads(sys.argv[1]))).run()), sys.stdout)
