"""A PostgreSQL that follows another, word for word, until it is promoted."""

from __future__ import annotations

from pathlib import Path

import servers


def postgresql_standby(binaries: Path, primary: int) -> servers.Server:
    """A hot standby of the PostgreSQL at that port; `SELECT pg_promote()` makes it a primary."""

    def prepare(home: Path) -> list[str]:
        kept = servers.reachable(binaries.parent, home)
        return [
            *(str(kept / "bin" / "pg_basebackup"), "-D", str(home / "data"), "-R", "-X", "stream"),
            *("-d", f"host=127.0.0.1 port={primary} user=promptuary application_name=standby"),
            *("--checkpoint=fast", "--no-sync"),
        ]

    return servers.postgresql(binaries, prepare=prepare)
