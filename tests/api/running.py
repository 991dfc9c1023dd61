"""A real server in a process of its own, on a free port."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_SERVE = "from promptuary.api.server import serve; from promptuary.settings import Settings; "
_SERVE += "serve(Settings(port=0))"


@dataclass(slots=True)
class Running:
    """The process, where it listens, and what it wrote."""

    process: subprocess.Popen[str]
    port: int
    written: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where to ask."""
        return f"http://127.0.0.1:{self.port}"

    def terminate(self) -> None:
        """What a rolling restart sends."""
        self.process.send_signal(signal.SIGTERM)


@contextmanager
def running(home: Path, **settings: Any) -> Iterator[Running]:
    """Start a server on the home, wait until it listens, and end it."""
    given = {f"PROMPTUARY_{name.upper()}": str(value) for name, value in settings.items()}
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PROMPTUARY_")}
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVE],
        env={**clean, "PROMPTUARY_HOME": str(home), **given},
        cwd=home,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    started = Running(process, 0)
    reader = threading.Thread(target=started.written.extend, args=(process.stderr,))
    try:
        for line in process.stderr:
            started.written.append(line)
            if '"listening"' in line:
                started.port = json.loads(line)["port"]
                break
        assert started.port, "".join(started.written)
        reader.start()
        yield started
    finally:
        process.kill()
        process.wait()
        if reader.ident:
            reader.join()
        process.stderr.close()
