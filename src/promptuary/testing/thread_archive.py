"""What every ThreadArchive promises. Subclass it and give it an `archive` fixture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from promptuary.domain.threads import OlderThread
from promptuary.ports.thread_archive import ThreadArchive
from promptuary.testing.contract import Contract

AT = "2025-05-14T10:00:00+00:00"


def older_rows(id: str, user: str, *texts: str) -> tuple[dict[str, Any], Sequence[dict[str, Any]]]:
    """A conversation and its messages as the older service writes them."""
    said = [
        {
            "id": f"{id}-m{n}", "conversation_id": id, "role": "assistant" if n % 2 else "user",
            "content": text, "timestamp": f"2025-05-14T10:00:{n:02}+00:00",
            "metadata": {"confidence": 0.9, "evidence_count": 2} if n % 2 else {},
        }
        for n, text in enumerate(texts)
    ]  # fmt: skip
    row = {
        "id": id, "user_id": user, "created_at": AT, "last_activity": AT, "context": {},
        "message_count": len(said), "status": "active",
    }  # fmt: skip
    return row, said


ONE = older_rows("one", "ada", "how many cars today?", "3 cars.", "and boats?", "0 boats.")
EMPTY = older_rows("empty", "bo")


@pytest.mark.anyio
class ThreadArchiveContract(Contract):
    """`archive` holds ONE and EMPTY, both in the lists of their users."""

    async def test_each_conversation_comes_once_with_its_messages_in_order(
        self, archive: ThreadArchive
    ) -> None:
        found = {each.id: each async for each in archive.threads()}
        assert sorted(found) == ["empty", "one"]
        one = found["one"]
        assert (one.user, one.unread) == ("ada", ())
        assert one.row is not None
        assert one.row["user_id"] == "ada"
        assert [each["content"] for each in one.messages] == [m["content"] for m in ONE[1]]
        assert found["empty"].messages == ()

    async def test_reading_changes_nothing(self, archive: ThreadArchive) -> None:
        assert await _shown(archive) == await _shown(archive)

    async def test_closing_twice_is_harmless(self, archive: ThreadArchive) -> None:
        await archive.aclose()
        await archive.aclose()


async def _shown(archive: ThreadArchive) -> list[tuple[str, Mapping[str, Any] | None, int]]:
    threads: list[OlderThread] = [each async for each in archive.threads()]
    return sorted(((e.id, e.row, len(e.messages)) for e in threads), key=lambda each: each[0])
