"""A fake: a video management system that signs links to its clips, and misbehaves when told to."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from urllib.parse import parse_qs, unquote, urlsplit

from promptuary.testing.fakes.serving import Answered, FakeServer, Received, as_json


class FakeVms:
    """Answers `GET /clips/{id}/url`, `/clips/{id}/thumbnail` and, where it `checks`, `POST
    /clips/batch/check`. Each name in `faults` spoils one request, in order: those of FakeServer,
    and `script` (a link that would run), `password` (a link that holds one), `nothing` (none).
    """

    def __init__(
        self, clips: Collection[str], pictures: Collection[str] = (), *, checks: bool = True
    ) -> None:
        self._clips, self._pictures, self._checks = frozenset(clips), frozenset(pictures), checks
        self._server = FakeServer(self._answer)

    @property
    def received(self) -> list[Received]:
        """Every request so far."""
        return self._server.received

    @property
    def faults(self) -> deque[str]:
        """How the next requests go wrong."""
        return self._server.faults

    @property
    def url(self) -> str:
        """Where it listens."""
        return self._server.address

    def __enter__(self) -> FakeVms:
        self._server.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.__exit__(*exc)

    def _answer(self, received: Received, fault: str) -> Answered:
        parts = urlsplit(received.path)
        if parts.path == "/clips/batch/check":
            return self._checked(received)
        _, _, named, what = parts.path.split("/") if parts.path.count("/") == 3 else ("",) * 4
        known = unquote(named)
        if what == "url" and known in self._clips:
            minutes = int(parse_qs(parts.query)["expiry_minutes"][0])
            return as_json(self._link(known, minutes, fault))
        if what == "thumbnail" and known in self._pictures:
            return as_json({"thumbnail_url": f"/media/{known}.jpg?sig=fake"})
        return as_json({"detail": "Not found"}, 404)

    def _checked(self, received: Received) -> Answered:
        if not self._checks:
            return as_json({"detail": "Not found"}, 404)
        asked = received.body["event_ids"]
        return as_json({"availability": {each: each in self._clips for each in asked}})

    def _link(self, id: str, minutes: int, fault: str) -> dict[str, object]:
        link = f"https://media.example/{id}.mp4?sig=fake&minutes={minutes}"
        spoiled = {
            "script": "javascript:alert(1)",
            "password": f"https://me:secret@media.example/{id}.mp4",
            "nothing": "",
        }
        return {
            "event_id": id,
            "clip_url": spoiled.get(fault, link),
            "expires_in_minutes": minutes,
        }
