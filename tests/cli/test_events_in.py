"""`promptuary events import frigate:` and `events listen`, as somebody types them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from promptuary.testing.event_source import frigate_row
from promptuary.testing.fakes.frigate import FakeFrigate

from .conftest import Cli

pytestmark = pytest.mark.slow


def test_the_past_of_frigate_and_then_what_comes(cli: Cli, tmp_path: Path) -> None:
    now = round(time.time(), 3)
    home = ("--home", tmp_path / "home")
    with FakeFrigate([frigate_row(n, now - 3_600 + n) for n in range(3)]) as upstream:
        url = f"frigate:{upstream.url}"
        first = cli("events", "import", url, "--json", *home)
        assert (first.code, first.json["new"]) == (0, 3)
        none = cli("events", "import", url, "--since", "2099-01-01", "--json", *home)
        assert none.json["messages"] == 0
        upstream.rows.append(frigate_row(9, now - 5))
        heard = cli("events", "listen", url, "--seconds", "0.5", "--json", *home)
        assert (heard.code, heard.json["new"]) == (0, 1)
        assert "1 new" not in cli("events", "import", url, *home).out
    assert cli("events", "import", url, "--json", *home).code == 3
    assert cli("events", "import", url, "more.jsonl", *home).code == 1
    assert "[UNSUPPORTED]" in cli("events", "import", "mqtt://127.0.0.1:1", *home).err
    assert "[MISCONFIGURED]" in cli("events", "listen", "mqtt://", *home).err
