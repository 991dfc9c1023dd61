"""Machine lines of made-up systems, with the truth about their templates.

python bench/machine_lines.py OUT.jsonl [--lines 2000] [--seed 1]

Every system is a data set of its own, in the form that `promptuary eval canon` reads. Nothing here
is taken from a real log: the rules of `canon/machine_lines` can be tried on lines they were not
chosen on.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

Make = Callable[[random.Random], str]

HOSTS = ("alder", "birch", "cedar", "elm", "fir", "larch", "maple", "oak", "pine", "willow")
PEOPLE = ("amara", "bela", "chidi", "dora", "emre", "fatou", "goran", "hana", "ivo", "jun", "root")
WORDS = ("billing", "catalog", "checkout", "search", "profile", "orders", "ledger", "media", "mail")
CLASSES = ("Ledger", "OrderQueue", "SessionStore", "MailSink", "RouteTable", "Throttle", "Blob")


def _hex(chance: random.Random, digits: int) -> str:
    return f"{chance.getrandbits(4 * digits):0{digits}x}"


def _ip(chance: random.Random) -> str:
    return ".".join(str(chance.randrange(1, 255)) for _ in range(4))


def _host(chance: random.Random) -> str:
    number, rack = chance.randrange(1, 90), chance.randrange(9)
    return f"{chance.choice(HOSTS)}{number:02d}.rack{rack}.example.net"


def _url(chance: random.Random) -> str:
    return f"https://{_host(chance)}/v2/{chance.choice(WORDS)}?page={chance.randrange(99)}"


def _list(chance: random.Random) -> str:
    return " ".join(f"n{chance.randrange(99)}" for _ in range(chance.randrange(2, 9)))


def _uuid(chance: random.Random) -> str:
    return "-".join(_hex(chance, digits) for digits in (8, 4, 4, 4, 12))


def _path(chance: random.Random) -> str:
    return "/".join(("", "srv", chance.choice(WORDS), f"part-{chance.randrange(4000):05d}.log"))


def _time(chance: random.Random) -> str:
    hour, minute, second = (chance.randrange(n) for n in (24, 60, 60))
    return f"{hour:02d}:{minute:02d}:{second:02d}.{chance.randrange(1000):03d}"


def _size(chance: random.Random) -> str:
    return f"{chance.randrange(10, 9999) / 10} {chance.choice(('KB', 'MB', 'B'))}"


VALUES: dict[str, Make] = {
    "n": lambda chance: str(chance.randrange(0, 10 ** chance.randrange(1, 7))),
    "f": lambda chance: f"{chance.random() * 100:.3f}",
    "ip": _ip,
    "port": lambda chance: f"{_ip(chance)}:{chance.randrange(1024, 65000)}",
    "host": _host,
    "hex": lambda chance: "0x" + _hex(chance, 8),
    "id": lambda chance: f"req_{_hex(chance, 10)}{chance.randrange(10)}",
    "uuid": _uuid,
    "path": _path,
    "ms": lambda chance: f"{chance.randrange(1, 9000)}ms",
    "time": _time,
    "size": _size,
    "user": lambda chance: chance.choice(PEOPLE),
    "word": lambda chance: chance.choice(WORDS),
    "bool": lambda chance: chance.choice(("true", "false")),
    "unit": lambda chance: f"job-{chance.randrange(900)}",
    "class": lambda chance: f"com.example.{chance.choice(CLASSES)}@{_hex(chance, 7)}1",
    "list": _list,
    "url": _url,
    "mac": lambda chance: ":".join(_hex(chance, 2) for _ in range(6)),
}

SYSTEMS: dict[str, tuple[str, ...]] = {
    "gateway": (
        "{ip} GET {path} took {ms}, {n} bytes",
        "{ip} POST {path} took {ms}, {n} bytes",
        "upstream {host} timed out after {ms} while reading response header",
        "upstream {host} refused connection",
        "TLS handshake with {port} failed: certificate expired",
        "TLS handshake with {port} failed: unknown authority",
        "rate limit reached for client {ip}, dropping request {id}",
        "reloading configuration from {path}",
        "configuration is valid",
        "worker {n} started",
        "worker {n} stopped",
        "closing idle connection to {port}",
        "cache entry {id} stored ({size})",
    ),
    "accounts": (
        "login of {user} from {ip} accepted",
        "login of {user} from {ip} rejected: bad password",
        "login of {user} from {ip} rejected: account locked",
        "password changed for {user}",
        "session {uuid} opened for {user} (uid={n})",
        "session {uuid} closed for {user}",
        "user {user} added to group {word}",
        "token refreshed for {user}, expires in {n} seconds",
        "directory server {host} unreachable",
        "directory server {host} back online",
        "nightly cleanup removed {n} stale sessions",
        "audit trail rotated",
    ),
    "engine": (
        "{time} [worker-{n}] INFO {class} opened segment {path}",
        "{time} [worker-{n}] INFO {class} closed segment {path}",
        "{time} [worker-{n}] WARN queue depth {n} above threshold {n}",
        "{time} [worker-{n}] INFO checkpoint {n} written in {ms}",
        "{time} [main] INFO starting engine version {f}",
        "{time} [main] INFO listening on {port}",
        "{time} [worker-{n}] ERROR task {unit} failed with code {n}: disk full",
        "{time} [worker-{n}] ERROR task {unit} failed with code {n}: input not found",
        "{time} [main] INFO shutting down",
    ),
    "fields": (
        "level=info event=request id={id} user={user} path={path} status={n} dur={ms}",
        "level=info event=response id={id} bytes={n} cached={bool}",
        "level=warn event=retry id={id} attempt={n} target={host}",
        "level=error event=timeout id={id} target={host} after={ms}",
        "level=info event=flush shard={n} rows={n} free={size}",
        "level=info event=boot pid={n}",
        "level=debug event=heartbeat",
    ),
    "kernel": (
        "eth{n}: link up at {n} Mbps",
        "eth{n}: link down",
        "device {mac} joined bridge {n}",
        "device {mac} left bridge {n}",
        "page allocation failure at {hex} order {n}",
        "cpu {n}: temperature {f} C above limit",
        "memory: {size} total, {size} free",
        "mounted {path} read-only",
        "nodes marked down: {list}",
        "nodes marked up: {list}",
        "watchdog armed",
        "clock skew of {ms} corrected",
    ),
    "builds": (
        "Fetching {url}",
        "Resolved {n} packages in {ms}",
        "Compiling module {word} ({n} files)",
        "Compiled module {word} in {f}s",
        "Running {n} tests with {n} threads",
        "Test {class} passed",
        "Test {class} failed: expected {n} but got {n}",
        "Uploading artifact {path} ({size}) to {url}",
        "Build {uuid} finished",
        "Build {uuid} cancelled by {user}",
        "No changes detected, skipping stage {word}",
    ),
}

_HOLE = re.compile(r"\{(\w+)\}")


def lines(count: int, seed: int) -> Iterator[dict[str, str]]:
    """`count` lines of every system, the common templates far more often than the rare ones."""
    for system, templates in SYSTEMS.items():
        chance = random.Random(f"{seed}:{system}")
        weights = [1 / (rank + 1) ** 1.2 for rank in range(len(templates))]
        order = chance.sample(range(len(templates)), len(templates))
        for number in range(count):
            (rank,) = chance.choices(range(len(templates)), weights)
            template = templates[order[rank]]
            yield {
                "id": f"{system}:{number}",
                "dataset": system,
                "line": _filled(template, chance),
                "event_id": f"{system}:{order[rank]}",
                "template": _HOLE.sub("<*>", template),
            }


def _filled(template: str, chance: random.Random) -> str:
    return _HOLE.sub(lambda hole: VALUES[hole[1]](chance), template)


def main() -> None:
    """Write the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--lines", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with asked.out.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(row) + "\n" for row in lines(asked.lines, asked.seed))


if __name__ == "__main__":
    main()
