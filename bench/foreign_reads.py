"""Whether anything of a camera comes out for somebody who may not see it: requests drawn at random.

Two nets. No answer holds a word that stands only at a forbidden camera, unless the conversation's
own questions said it. And for some users every request is sent a second time, to a server that
never knew the forbidden cameras: both must answer the same, word for word.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2

from bench.camera_world import NOW, Place, World
from bench.speed import Row, row
from promptuary.api.server import create_app
from promptuary.app import Promptuary
from promptuary.settings import Settings
from promptuary.testing.fakes.clock import HandClock

SEES = (12, 0, 1, 3, 6, 11, 4)
"""How many cameras each user may see; the first one's answers show that the nets can catch."""
DOUBLED = (2, 4)
"""Users whose requests are sent to the server without the forbidden cameras too."""
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_WORD = re.compile(r"[a-z]{6,}")


@dataclass
class User:
    """Who asks: their key, what they may see, their conversations and what was said in each."""

    number: int
    key: str
    seen: list[Place]
    hidden: frozenset[str]
    threads: dict[str, str] = field(default_factory=dict)
    said: dict[str, set[str]] = field(default_factory=dict)


@dataclass
class Findings:
    """What came of it. `leaks` names each request that gave something away."""

    requests: int = 0
    compared: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    answered: int = 0
    caught: int = 0
    leaks: list[str] = field(default_factory=list)


@asynccontextmanager
async def serving(
    home: Path, access: Sequence[str], keys: Sequence[str]
) -> AsyncIterator[httpx2.AsyncClient]:
    """A server whose clock stands still, without a socket."""
    settings = Settings(
        home=home, rate_limit_enabled=False, api_keys=tuple(keys), camera_access=tuple(access),
        log_level="ERROR",
    )  # fmt: skip
    async with await Promptuary.open(settings=settings, clock=HandClock(NOW)) as promptuary:
        transport = httpx2.ASGITransport(create_app(promptuary, settings))
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            yield client


class Fuzz:
    """One run: rounds in which every user sends a request at the same time."""

    def __init__(self, seed: int) -> None:
        self.world = World.made(seed)
        every = frozenset().union(*(place.secrets for place in self.world.places))
        self.users = []
        for number, count in enumerate(SEES):
            seen = self.world.draw.sample(self.world.places, count)
            own = frozenset().union(*(place.secrets for place in seen))
            self.users.append(User(number, f"key-{number}", seen, every - own))
        self.found = Findings()
        self.twins: dict[int, httpx2.AsyncClient] = {}
        self.written = 0

    async def run(self, requests: int, folder: Path) -> Findings:
        """Send so many requests in all."""
        rules = [
            f"bootstrap-{user.number + 1}={'|'.join(place.id for place in user.seen)}"
            for user in self.users
        ]
        keys = [user.key for user in self.users]
        async with AsyncExitStack() as stack:
            self.real = await stack.enter_async_context(serving(folder / "all", rules, keys))
            await self._fill(self.real, self.world.events)
            for number in DOUBLED:
                twin = await stack.enter_async_context(serving(folder / f"{number}", rules, keys))
                own = {place.id for place in self.users[number].seen}
                events = [each for each in self.world.events if each["camera_id"] in own]
                await self._fill(twin, events)
                self.twins[number] = twin
            while self.found.requests < requests:
                kinds = [self._kind() for _ in self.users]
                turns = zip(self.users, kinds, strict=True)
                await asyncio.gather(*(self._turn(user, kind) for user, kind in turns))
                for user, kind in zip(self.users, kinds, strict=True):
                    if kind == "take":
                        await self._take(user)
        return self.found

    async def _fill(self, client: httpx2.AsyncClient, events: Sequence[Mapping[str, Any]]) -> None:
        """With the key of the one who sees all, but for servers that know less."""
        for user in self.users:
            mine = {place.id for place in user.seen}
            some = [each for each in events if each["camera_id"] in mine]
            if some and (user.number == 0):
                sent = await client.post(
                    "/api/v1/events", json={"events": some}, headers={"X-API-Key": user.key}
                )
                assert sent.json()["accepted"] == len(some), sent.text

    def _kind(self) -> str:
        kinds = {
            "ask": 34, "go on": 26, "stream": 6, "history": 7, "foreign": 7, "insights": 4,
            "take": 6, "search": 5, "related": 3, "clips": 2,
        }  # fmt: skip
        (kind,) = self.world.draw.choices(list(kinds), list(kinds.values()))
        self.found.requests += 1
        self.found.kinds[kind] += 1
        return kind

    async def _turn(self, user: User, kind: str) -> None:
        """A request beside those of the others; what is written comes after the round, so that
        both servers know it before the next."""
        match kind:
            case "ask" | "go on" | "stream":
                await self._ask(user, goes_on=kind == "go on", stream=kind == "stream")
            case "history":
                thread = self._own(user)
                if thread:
                    path = f"/api/v1/conversation/{thread}/history"
                    self._look(user, await self._get(user, path), user.said[thread], path)
            case "foreign":
                await self._foreign(user)
            case "search" | "related" | "clips":
                await self._found(user, kind)
            case "insights":
                path = "/api/v1/proactive-insights?time_range=30d&severity_threshold=low"
                self._look(user, await self._get(user, path), set(), path)

    async def _found(self, user: User, kind: str) -> None:
        """Events by what was described, what belongs to one, and recordings. An id that was asked
        for may be named again; what it stands for may not."""
        text = self.world.question()
        event = str(self.world.draw.choice(self.world.events)["event_id"])
        path = {
            "search": f"/api/v1/events/search?q={quote(text)}&limit=50",
            "related": f"/api/v1/events/{quote(event)}/related?limit=50",
            "clips": "/api/v1/clips?limit=50",
        }[kind]
        said = set(_WORD.findall(f"{text} {event}".casefold()))
        self._look(user, await self._get(user, path), said, path)

    async def _get(self, user: User, path: str) -> str:
        return (await self.real.get(path, headers={"X-API-Key": user.key})).text

    def _own(self, user: User) -> str | None:
        return self.world.draw.choice(list(user.threads)) if user.threads else None

    async def _ask(self, user: User, *, goes_on: bool, stream: bool) -> None:
        thread = self._own(user) if goes_on else None
        query = self.world.follow_up() if thread else self.world.question()
        body = {"query": query, "limit": self.world.draw.choice([1, 5, 50]), "stream": stream}
        twin = self.twins.get(user.number)
        text, new = await self._sent(self.real, user, body, thread)
        said = user.said.setdefault(new, set())
        said |= set(_WORD.findall(query.casefold()))
        if twin is not None:
            other, known = await self._sent(twin, user, body, user.threads.get(thread or ""))
            user.threads[new] = known
            self.found.compared += 1
            if _plain(text) != _plain(other):
                self.found.leaks.append(f"differs: {query!r}\n  {text}\n  {other}")
        else:
            user.threads[new] = ""
        self._look(user, text, said, query)

    async def _sent(
        self, client: httpx2.AsyncClient, user: User, body: Mapping[str, Any], thread: str | None
    ) -> tuple[str, str]:
        json_body = {**body, **({"conversation_id": thread} if thread else {})}
        answer = await client.post(
            "/api/v1/conversation", json=json_body, headers={"X-API-Key": user.key}
        )
        assert answer.status_code == 200, answer.text
        self.found.answered += '"refused":false' in answer.text.replace(" ", "")
        (first, *_) = _ID.findall(answer.text)
        return answer.text, first

    async def _foreign(self, user: User) -> None:
        """Somebody else's conversation: read, deleted, gone on with, resumed."""
        others = [each for each in self.users if each is not user and each.threads]
        if not others:
            return
        thread = self._own(self.world.draw.choice(others))
        path, headers = f"/api/v1/conversation/{thread}", {"X-API-Key": user.key}
        body = {"query": "and yesterday?", "conversation_id": thread}
        last = {**headers, "Last-Event-ID": f"{thread}:1:0", "Accept": "text/event-stream"}
        for answer in (
            await self.real.get(f"{path}/history", headers=headers),
            await self.real.delete(path, headers=headers),
            await self.real.post("/api/v1/conversation", json=body, headers=headers),
            await self.real.post("/api/v1/conversation", json={"query": "x"}, headers=last),
        ):
            if answer.status_code != 404:
                self.found.leaks.append(f"{answer.request.url}: {answer.text}")
            self._look(user, answer.text, set(), str(answer.request.url))

    async def _take(self, user: User) -> None:
        """Write events: under the id of another's, for a camera that may not be seen, and own."""
        draw = self.world.draw
        theirs = draw.choice(self.world.events)
        rows = [{**draw.choice(self.world.events), "description": None}]
        if user.seen:
            own = draw.choice(user.seen)
            bare = {"camera_id": own.id, "label": "person", "timestamp": NOW.isoformat()}
            rows.append({"event_id": theirs["event_id"], **bare})
            self.written += 1
            rows.append({**self.world.event(own, 1), "event_id": f"new-{self.written}"})
        rows = [each for each in rows if self._may_be_written(user, each)]
        headers = {"X-API-Key": user.key}
        answer = await self.real.post("/api/v1/events", json={"events": rows}, headers=headers)
        self._look(user, answer.text, set(_WORD.findall(json.dumps(rows).casefold())), "events")
        for number, twin in self.twins.items():
            known = {place.id for place in self.users[number].seen}
            mine = {place.id for place in user.seen}
            kept = [r for r in rows if r["camera_id"] in known & mine]
            taken = {r["event_id"] for r in kept if self._camera_of(r) not in mine}
            kept = [r for r in kept if r["event_id"] not in taken]
            if kept:
                boss = {"X-API-Key": self.users[0].key}
                await twin.post("/api/v1/events", json={"events": kept}, headers=boss)

    def _camera_of(self, written: Mapping[str, Any]) -> str:
        """Where the event of that id is: ids are named after it, but for new ones."""
        camera = str(written["event_id"]).partition("-")[0]
        return str(written["camera_id"]) if camera == "new" else camera

    def _may_be_written(self, user: User, written: Mapping[str, Any]) -> bool:
        """An event that somebody moves between two cameras that they see changes what others
        see of it: that is as it should be and not looked at here."""
        mine = {place.id for place in user.seen}
        camera = self._camera_of(written)
        return camera == written["camera_id"] or camera not in mine

    def _look(self, user: User, text: str, said: set[str], what: str) -> None:
        words = set(_WORD.findall(text.casefold()))
        if user.number == 0:
            self.found.caught += bool(words & self.users[1].hidden)
        if leaked := (words & user.hidden) - said:
            self.found.leaks.append(f"{sorted(leaked)} to user {user.number}: {what!r}: {text}")


def _plain(text: str) -> str:
    """An answer without ids of conversations and times it took."""
    text = _ID.sub("ID", text)
    return re.sub(r'"(processing_time_ms|search_time_ms|llm_time_ms)": ?[0-9.]+', "", text)


def fuzzed(requests: int, seed: int) -> Findings:
    """So many requests, in a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(Fuzz(seed).run(requests, Path(folder)))


def main(output: Path, requests: int = 10_000) -> None:
    """The table: requests, what was looked at, and what came out that must not."""
    found = fuzzed(requests, 8)
    for leak in found.leaks[:20]:
        print(leak, file=sys.stderr)
    rows: list[Row] = [
        row("fuzzed requests over HTTP", "10,000", found.requests, "", "", None),
        row("foreign reads", "0", len(found.leaks), "", "", None),
        row("requests that were answered", "", found.answered, "", "", None),
        row("compared with a server without those cameras", "", found.compared, "", "", None),
        row("answers to who sees all, caught by the same net", "", found.caught, "", "", None),
    ]
    output.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
    if found.leaks:
        raise SystemExit("something of a forbidden camera came out")


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("--requests", type=int, default=1_000)
    asked.add_argument("--seed", type=int, default=8)
    given = asked.parse_args()
    result = fuzzed(given.requests, given.seed)
    print(result.requests, result.compared, dict(result.kinds), result.answered, result.caught)
    print(len(result.leaks), *result.leaks[:8], sep="\n")
