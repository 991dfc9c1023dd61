"""What a new environment of the serverless function costs until it has answered a question.

Each time is that of a process of its own, from its first instruction to its first answer; in CPU
seconds, as an environment has about one core to itself only at 1,769 MB of memory.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.speed import Row, row
from promptuary import Promptuary
from promptuary.adapters.clocks.system import SystemClock
from promptuary.backups import backup
from promptuary.domain.documents import GivenText
from promptuary.settings import Settings

RUNS = 5
DOCUMENTS = 200
ONE = r"""
import json, os, resource, sys, time
os.environ.update(PROMPTUARY_HOME=sys.argv[1], PROMPTUARY_API_KEY="k", PROMPTUARY_LOG_LEVEL="ERROR")
if len(sys.argv) > 2:
    os.environ["PROMPTUARY_RESTORE_FROM"] = sys.argv[2]
from promptuary.api.serverless import handler
imported = time.process_time()

def event(path, body=None):
    http = {"method": "POST" if body else "GET", "path": path, "sourceIp": "203.0.113.7"}
    headers = {"host": "x.example.org", "x-api-key": "k", "content-type": "application/json"}
    return {"version": "2.0", "rawPath": path, "rawQueryString": "", "headers": headers,
            "requestContext": {"http": http, "stage": "$default"}, "isBase64Encoded": False,
            "body": json.dumps(body) if body else None}

handler(event("/livez"), None)
alive = time.process_time()
said = handler(event("/api/v1/ask", {"question": "How long are parcels of office 7 kept?"}), None)
first = time.process_time()
handler(event("/api/v1/ask", {"question": "When does office 9 open?"}), None)
second = time.process_time()
assert said["statusCode"] == 200, said
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
json.dump([imported, alive, first, second - first, memory], sys.stderr)
"""


def main(output: Path) -> None:
    """Measure, and write the rows."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "backup.zip")
        asyncio.run(_prepared(Path(folder, "home"), place))
        empty = _best(Path(folder), [])
        filled = _best(Path(folder), [str(place)])
    rows: list[Row] = [
        row("imports", "", empty[0], "s CPU", "fastapi, SQLAlchemy and numpy alone", _vendors()),
        row("first answer of any kind (/livez), empty", "", empty[1], "s CPU", "", None),
        row("first question, empty", "", empty[2], "s CPU", "", None),
        row(f"first question, {DOCUMENTS} documents of a backup", "", filled[2], "s CPU", "", None),
        row("second question, the same", "", filled[3] * 1e3, "ms CPU", "", None),
        row("memory after it", "<= 1,024 MB", filled[4], "MB", "", None),
    ]
    output.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")


async def _prepared(home: Path, place: Path) -> None:
    async with await Promptuary.open(home) as opened:
        await opened.add_documents([
            GivenText(f"office-{n}", f"Office {n} opens at {n % 12}. Parcels are kept {n} days.")
            for n in range(DOCUMENTS)
        ])  # fmt: skip
    await backup(Settings(home=home), SystemClock(), place)


def _best(folder: Path, more: list[str]) -> list[float]:
    """The cheapest of some runs, figure by figure: other work only adds."""
    runs = []
    for number in range(RUNS):
        home = str(folder / f"new-{len(more)}-{number}")
        command = [sys.executable, "-c", ONE, home, *more]
        runs.append(json.loads(_ran(command).splitlines()[-1]))
    return [min(figures) for figures in zip(*runs, strict=True)]


def _vendors() -> float:
    imports = "import sys, time, fastapi, sqlalchemy.ext.asyncio, numpy; "
    command = [sys.executable, "-c", imports + "sys.stderr.write(str(time.process_time()))"]
    return min(float(_ran(command)) for _ in range(RUNS))


def _ran(command: list[str]) -> str:
    """What it wrote. Bytecode may be written, as a function is packaged with it."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stderr
