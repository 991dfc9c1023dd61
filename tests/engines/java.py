"""What the engines that run on Java share: where they are, and the newest Java there is."""

from __future__ import annotations

import os
import re
import signal
from contextlib import suppress
from functools import cache
from pathlib import Path
from urllib.request import urlopen

NEEDED = 21
LEAN = ("-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""Half a gigabyte of heap, and little time spent on becoming quick."""


@cache
def java_home() -> Path | None:
    """The newest whole JDK of JAVA_HOME and the usual folders; None below NEEDED."""
    named = [Path(home)] if (home := os.environ.get("JAVA_HOME")) else []
    usual = Path("/usr/lib/jvm")
    homes = [*named, *(sorted(usual.iterdir()) if usual.is_dir() else [])]
    known = {home: _version(home) for home in homes if (home / "bin" / "javac").exists()}
    newest = max(known, key=lambda home: known[home], default=None)
    return newest if newest is not None and known[newest] >= NEEDED else None


def installed(name: str) -> Path | None:
    """The newest folder of that engine that `install_servers.sh` made; None without a Java."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    found = sorted(Path(home, "promptuary-tests").glob(f"{name}-*/lib"))
    return found[-1].parent if found and java_home() is not None else None


def hand_over(home: Path) -> None:
    """Make the folders that an engine writes to, all of them its user's own."""
    for name in ("data", "logs", "tmp", "snapshots"):
        (home / name).mkdir()
    owner = home.stat()
    for path in (*home.glob("*"), *home.glob("config/**/*")):
        os.chown(path, owner.st_uid, owner.st_gid)


def answers(port: int) -> bool:
    """Whether an engine without passwords has everything at hand that it keeps."""
    path = "_cluster/health?wait_for_status=yellow&timeout=900ms"
    try:
        with urlopen(f"http://127.0.0.1:{port}/{path}", timeout=2) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


def kill(home: Path) -> None:
    """Kill the engine that runs in that folder, as a loss of power would; a launcher follows it."""
    for process in processes(home):
        os.kill(process, signal.SIGKILL)


def processes(home: Path) -> list[int]:
    """The engine that runs in that folder, without a launcher."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            said = (process / "cmdline").read_bytes()
            engine = b"bootstrap.Elasticsearch" in said or b"bootstrap.OpenSearch" in said
            if engine and str(home).encode() in said:
                found.append(int(process.name))
    return found


def _version(home: Path) -> int:
    with suppress(OSError):
        told = (home / "release").read_text(errors="replace")
        if found := re.search(r'JAVA_VERSION="(?:1\.)?(\d+)', told):
            return int(found[1])
    return 0
