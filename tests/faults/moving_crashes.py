"""Kills a move again and again, at counted points of all its phases, from a process that forks a
child for each attempt; see `crashing.py`. Run it with a `Plan` as JSON; it prints what it saw as
JSON.

A point is a statement of the record, a command to the older store, or a write to an index. The
child dies before the n-th point of a phase, or a moment later in the midst of it.
"""

from __future__ import annotations

import gc
import json
import mmap
import os
import random
import shutil
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from functools import partial, wraps
from pathlib import Path
from typing import Any

import moving_homes
from crashing import Child, warm

from promptuary.adapters.indexes.edge.index import EdgeIndex
from promptuary.adapters.prompt_archives import redis
from promptuary.adapters.units_of_work._sql.statements import Statements
from promptuary.app import Promptuary
from promptuary.canon import catching_up, indexing
from promptuary.moving.driving import Driving
from promptuary.moving.index_way import IndexWay
from promptuary.moving.prompts import relaying, way
from promptuary.settings import Settings

A_PHASE = {"opening": 1, "backfill": 3, "verify": 3, "cut-over": 4, "rollback": 5}
"""So many kills of a phase, at most, before the round goes on to the next one: the most where who
answers changes."""
RELAYED = 0.2
"""So many of them are aimed at what is written meanwhile instead."""
POINTS_A_PHASE = {
    "opening": 3,
    "backfill": 40,
    "verify": 60,
    "cut-over": 40,
    "rollback": 4,
    "relay": 8,
}
"""Up to so many points a phase has, more or less; those beyond are those of the next one."""
IN_ORDER = ("opening", "backfill", "verify", "cut-over", "rollback")
LATE_SECONDS = 0.004
POINTS: tuple[tuple[Any, str], ...] = (
    *((Statements, name) for name in ("run", "rows", "row")),
    *((redis.RedisPromptArchive, name) for name in ("page", "get", "write", "set_position")),
    *((EdgeIndex, name) for name in ("put", "remove", "set_watermark")),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do; without a Redis the index moves."""

    root: str
    redis: str
    kills: int
    seed: int


@dataclass(slots=True)  # changes: it is counted up
class Tally:
    """Kills by the phase they fell into, rounds, and what was lost or came out otherwise."""

    killed: dict[str, int] = field(default_factory=dict)
    rounds: int = 0
    wrong: list[str] = field(default_factory=list)


class Fate:
    """When a child dies, in memory that is still there when it did."""

    def __init__(self, prompts: bool) -> None:
        self._memory = mmap.mmap(-1, 16)
        self._aim: tuple[str, int, int, bool] | None = None
        self._depth = dict.fromkeys((*IN_ORDER, "relay"), 0)
        self._points = 0
        kind: Any = way.PromptsWay if prompts else IndexWay
        self._watch("opening", Promptuary, "open")
        self._watch("backfill", kind, "copy")
        self._watch("verify", kind, "compare")
        self._watch("cut-over", Driving, "cutover")
        self._watch("rollback", Driving, "rollback")
        self._watch("relay", *((relaying, "send") if prompts else (catching_up, "catch_up")))
        for owner, name in POINTS:
            setattr(owner, name, self._point(getattr(owner, name)))

    def aim(self, phase: str, number: int, rank: int, *, late: bool) -> None:
        """The next child dies there; or where a phase beyond that rank begins, if there are fewer
        points."""
        self._memory[:] = bytes(len(self._memory))
        self._aim = phase, number, rank, late

    def spare(self) -> None:
        """The next child comes to its end."""
        self._aim = None

    @property
    def fell_in(self) -> str:
        """The phase of the last kill."""
        return (*IN_ORDER, "relay")[self._memory[0]]

    @property
    def furthest(self) -> int:
        """How far in the order of phases the last child came."""
        return self._memory[1]

    def _watch(self, phase: str, owner: Any, name: str) -> None:
        work = getattr(owner, name)

        @wraps(work)
        async def watched(*args: Any, **named: Any) -> Any:
            if phase in IN_ORDER:
                self._memory[1] = max(self._memory[1], IN_ORDER.index(phase))
            self._depth[phase] += 1
            try:
                return await work(*args, **named)
            finally:
                self._depth[phase] -= 1

        setattr(owner, name, watched)

    def _point(self, work: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        @wraps(work)
        async def pointed(*args: Any, **named: Any) -> Any:
            self._meet()
            return await work(*args, **named)

        return pointed

    def _meet(self) -> None:
        inside = [phase for phase, depth in self._depth.items() if depth]
        if self._aim is None or not inside:
            return
        phase, number, rank, late = self._aim
        self._points += phase in inside
        past = any(each in IN_ORDER[rank + 1 :] for each in inside)
        if self._points < number and not past:
            return
        self._memory[0] = (*IN_ORDER, "relay").index(phase if phase in inside else inside[-1])
        if late:
            self._aim = None
            threading.Thread(target=_die, args=(LATE_SECONDS * number / 20,)).start()
        else:
            os.kill(os.getpid(), signal.SIGKILL)


def _die(seconds: float) -> None:
    time.sleep(seconds)
    os.kill(os.getpid(), signal.SIGKILL)


class Crashes:
    """Rounds of kills."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._drawn = random.Random(plan.seed)
        self._home = moving_homes.Prompts() if plan.redis else moving_homes.Index()
        self._noted = Path(plan.root) / "noted"
        self._answer = Path(plan.root) / "answer.json"
        self._fate = Fate(prompts=bool(plan.redis))
        self.tally = Tally()

    def run(self) -> Tally:
        """Until there were enough kills."""
        template = self._settings("template")
        self._child(partial(self._home.laid, template))
        while sum(self.tally.killed.values()) < self._plan.kills:
            self.tally.rounds += 1
            self._noted.write_text("")
            settings = self._settings(f"home-{self.tally.rounds}")
            shutil.copytree(template.home, settings.home)
            self._child(partial(self._home.again, settings))
            try:
                self._round(settings)
                self._fate.spare()
                self._child(partial(moving_homes.move_all, self._home, settings, self._noted))
                wrong = self._child(partial(self._home.found, settings, self._noted))
            except AssertionError as error:
                wrong = [str(error)]
            self.tally.wrong += [f"round {self.tally.rounds}: {each}" for each in wrong]
            shutil.rmtree(settings.home)
        return self.tally

    def _round(self, settings: Settings) -> None:
        """Some kills of each phase in turn, and among them some of what is written meanwhile."""
        for rank, phase in enumerate(IN_ORDER):
            for _ in range(A_PHASE[phase]):
                aimed = "relay" if rank and self._drawn.random() < RELAYED else phase
                if not self._killed(settings, aimed, rank):
                    return
                if self._fate.furthest > rank:
                    break

    def _killed(self, settings: Settings, phase: str, rank: int) -> bool:
        number = self._drawn.randint(1, POINTS_A_PHASE[phase])
        self._fate.aim(phase, number, rank, late=self._drawn.random() < 0.3)
        moving = partial(moving_homes.move_all, self._home, settings, self._noted)
        if not Child(moving, self._answer).died():
            return False
        inside = self._fate.fell_in
        self.tally.killed[inside] = self.tally.killed.get(inside, 0) + 1
        return True

    def _child(self, work: Callable[[], Any]) -> Any:
        self._fate.spare()
        return Child(work, self._answer).result()

    def _settings(self, name: str) -> Settings:
        home = Path(self._plan.root) / name
        if self._plan.redis:
            return Settings(home=home, index_url="memory:", move_from_url=self._plan.redis)
        return Settings(home=home, move_index_url=f"edge:{home}/new")


if __name__ == "__main__":
    warm()
    gc.collect()
    gc.freeze()  # children need no copies of what is there already
    redis.AT_ONCE = 10  # several pages
    redis.PATIENCE = 120.0  # a busy machine is no fault of the store
    way.BATCH = 5
    indexing.BATCH = 12
    asked = Plan(**json.loads(sys.argv[1]))
    json.dump(asdict(Crashes(asked).run()), sys.stdout)
