"""The path: messages out, each to somebody who wants it, until they have it or it is given up.

What was sent is remembered in a file of lines, so that a restart sends nothing twice and forgets
nothing; what is given up lies in a second file, whole, to be sent by hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import anyio
from anyio import to_thread

from promptuary.domain.errors import PromptuaryError, Rejected
from promptuary.ports.insight_sink import InsightSink

FIRST_WAIT, LONGEST_WAIT = 1.0, 300.0
ATTEMPTS = 8
"""Tries for one message, about two minutes of waits between them; then it is given up."""
OVER, GIVEN_UP = "over", "given up"
"""States after which nothing more is said of the same."""


def name_of(url: str) -> str:
    """What a sink is called in files and jobs: its scheme, and a digest in place of its secrets."""
    return f"{url.partition(':')[0]}-{sha256(url.encode()).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message about what `id` names, in a state of it: each state is told once."""

    id: str
    state: str
    message: Mapping[str, Any]


@dataclass(slots=True)  # changes: it remembers what was sent
class Delivery:
    """Tells one sink. `folder` keeps what was sent, and what was given up."""

    name: str
    sink: InsightSink
    folder: Path
    _sent: dict[str, str] = field(default_factory=dict)
    _read: bool = False

    async def send(self, parcels: Iterable[Parcel]) -> int:
        """Tell what was not told yet, in this order; how many arrived."""
        if not self._read:
            self._sent, self._read = await to_thread.run_sync(self._known), True
        told = 0
        for parcel in parcels:
            if self._sent.get(parcel.id) in {parcel.state, OVER, GIVEN_UP}:
                continue
            given_up = await self._tell(parcel)
            line = {"id": parcel.id, "state": GIVEN_UP if given_up else parcel.state}
            if given_up:
                lost = {**line, "reason": given_up, "message": parcel.message}
                await to_thread.run_sync(self._append, "given-up", lost)
            await to_thread.run_sync(self._append, "sent", line)
            self._sent[parcel.id] = line["state"]
            told += not given_up
        return told

    async def _tell(self, parcel: Parcel) -> str:
        """Why it was given up; empty when it arrived."""
        wait, reason = FIRST_WAIT, ""
        for attempt in range(ATTEMPTS):
            if attempt:
                await anyio.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT)
            try:
                await self.sink.tell(parcel.id, parcel.message)
            except Rejected as error:
                return str(error)
            except PromptuaryError as error:
                reason = str(error)
            else:
                return ""
        return reason

    def _known(self) -> dict[str, str]:
        path = self._path("sent")
        if not path.exists():
            return {}
        known: dict[str, str] = {}
        for line in path.read_text("utf-8").splitlines():
            try:
                row = json.loads(line)
                known[row["id"]] = row["state"]
            except (ValueError, KeyError, TypeError):
                continue  # a line that a crash cut off
        return known

    def _append(self, what: str, line: Mapping[str, Any]) -> None:
        path = self._path(what)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def _path(self, what: str) -> Path:
        return self.folder / f"{self.name}.{what}.jsonl"
