"""`promptuary conversations`, over a real Redis."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from redis import Redis

from .conftest import Cli


def test_conversations_come_over_are_listed_and_printed(
    cli: Cli, redis_url: str, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    row = {"id": "one", "user_id": "ada", "last_activity": now.isoformat()}
    said = {"id": "m", "role": "user", "content": "how many?", "timestamp": now.isoformat()}
    with Redis.from_url(redis_url) as client:
        client.set("conversation:one", json.dumps(row))
        client.set("message:m", json.dumps(said))
        client.zadd("conversation_messages:one", {"m": now.timestamp(), "gone": 1.0})
    home = ("--home", tmp_path / "home")
    done = cli("conversations", "import", redis_url, "--json", *home)
    assert (done.code, done.json["new"], done.json["messages"], done.json["lost"]) == (1, 1, 1, 1)
    assert "0 new conversations" in cli("conversations", "import", redis_url, *home).out
    assert "one" in cli("conversations", "list", "--user", "ada", *home).out
    assert cli("conversations", "list", "--json", *home).json["items"] == []
    assert "how many?" in cli("conversations", "export", "one", "--user", "ada", *home).out
    assert "[NOT_FOUND]" in cli("conversations", "export", "one", *home).err
    assert cli("conversations", "import", "redis://127.0.0.1:9/0", *home).code == 3
