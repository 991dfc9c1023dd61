"""A server that is there, or not, without one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from promptuary.domain import plain
from promptuary.domain.library import KeptPrompt
from promptuary.sdk.line import Sent
from promptuary.testing.record_library import a_prompt, a_version


class Away:
    """A line to a server that gives what it is told to give."""

    def __init__(self) -> None:
        version = a_version("a", text="One")
        self.kept = KeptPrompt(replace(a_prompt("a"), latest=version.id), version, ())
        self.etag = '"1"'
        self.fails: Exception | None = None
        self.asked: list[str | None] = []

    async def unless(self, sent: Sent, etag: str | None) -> tuple[bytes, str] | None:
        self.asked.append(etag)
        if self.fails:
            raise self.fails
        return None if etag == self.etag else (plain.encode(self.kept), self.etag)

    def read(self, kind: Any, body: bytes) -> Any:
        return plain.decode(kind, body)
