"""A real Weaviate for the tests: one node, an API key, nothing that anybody else could use."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from secrets import token_hex
from urllib.request import Request, urlopen

from servers import Server, free_port, reachable

NAME = "Weaviate"
VERSION = "1.39.3"
"""Newer ones ask for modules that the module proxy refuses."""

BUILT_WITHIN = 1_800
"""Seconds that a test may wait for the build."""

KEY = token_hex(16)


def folder() -> Path:
    """Where `install_servers.sh` builds it, once for each version."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home, "promptuary-tests", "weaviate", VERSION)


def found() -> Path | None:
    """Where it is installed, or soon will be."""
    binary = folder() / "bin" / "weaviate-server"
    return binary if binary.is_file() or is_being_built() else None


def is_being_built() -> bool:
    """Whether `install_servers.sh` is at it."""
    try:
        os.kill(int((folder() / "building" / "pid").read_text()), 0)
    except (OSError, ValueError):
        return False
    return True


def built(binary: Path) -> Path:
    """The binary, once it is there; raises with the log when it could not be built."""
    while not binary.is_file():
        if not is_being_built():
            raise RuntimeError((folder() / "log").read_text(errors="replace")[-2000:])
        time.sleep(1)
    return binary


def server(installed: Path) -> Server:
    """One node. Its gRPC and cluster ports listen everywhere, whatever is asked of it: hence the
    key, and a password for the cluster."""

    def command(home: Path, port: int) -> Sequence[str]:
        raft = neighbours()
        settings = {
            "PERSISTENCE_DATA_PATH": home / "data",
            "DEFAULT_VECTORIZER_MODULE": "none",
            "ENABLE_MODULES": "backup-filesystem",
            "BACKUP_FILESYSTEM_PATH": home / "backups",
            "API_BASED_MODULES_DISABLED": "true",
            "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "false",
            "AUTHENTICATION_APIKEY_ENABLED": "true",
            "AUTHENTICATION_APIKEY_ALLOWED_KEYS": KEY,
            "AUTHENTICATION_APIKEY_USERS": "tests",
            "AUTHORIZATION_ADMINLIST_ENABLED": "true",
            "AUTHORIZATION_ADMINLIST_USERS": "tests",
            "AUTOSCHEMA_ENABLED": "false",
            "CLUSTER_BASIC_AUTH_USERNAME": "tests",
            "CLUSTER_BASIC_AUTH_PASSWORD": token_hex(16),
            "CLUSTER_HOSTNAME": "node1",
            "CLUSTER_IN_LOCALHOST": "true",
            "CLUSTER_BIND_ADDR": "127.0.0.1",
            "CLUSTER_ADVERTISE_ADDR": "127.0.0.1",
            "CLUSTER_GOSSIP_BIND_PORT": free_port(),
            "CLUSTER_DATA_BIND_PORT": free_port(),
            "RAFT_PORT": raft,
            "RAFT_INTERNAL_RPC_PORT": raft + 1,
            "RAFT_BOOTSTRAP_EXPECT": "1",
            "RAFT_TIMEOUTS_MULTIPLIER": "1",
            "GRPC_PORT": port + 1,
            "GO_PROFILING_DISABLE": "true",
            "DISABLE_TELEMETRY": "true",
            "LOG_LEVEL": "warning",
            "GOMEMLIMIT": "1GiB",
        }
        kept = reachable(installed.parent, home) / installed.name
        return [
            *("env", *(f"{name}={value}" for name, value in settings.items())),
            *(str(kept), "--host", "127.0.0.1", "--port", str(port), "--scheme", "http"),
        ]

    return Server(command, answers=answers, port=neighbours())


def url(port: int) -> str:
    """Where an index on it is opened; a name and options are added."""
    return f"weaviate://:{KEY}@127.0.0.1:{port}"


def emptied(port: int, name: str) -> None:
    """Take all that an index holds, and what it notes of it: a new one costs ten times as much."""
    for collection in (name, f"{name}_log"):
        every = {"path": ["id"], "operator": "Like", "valueText": "*"}
        body = {"match": {"class": collection, "where": every}, "output": "minimal"}
        headers = {"content-type": "application/json", "authorization": f"Bearer {KEY}"}
        where = f"http://127.0.0.1:{port}/v1/batch/objects"
        request = Request(where, json.dumps(body).encode(), headers, method="DELETE")
        left = True
        while left:  # so many go at once
            with urlopen(request, timeout=60) as reply:
                told = json.load(reply)["results"]
            left = told["matches"] > told["successful"] > 0


def answers(port: int) -> bool:
    """Whether it is ready, and listens for gRPC at the port above."""
    request = b"GET /v1/.well-known/ready HTTP/1.0\r\n\r\n"
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as asked:
            asked.sendall(request)
            ready = b" 200 " in asked.recv(64)
        socket.create_connection(("127.0.0.1", port + 1), timeout=1).close()
    except OSError:
        return False
    return ready


def neighbours() -> int:
    """A free port whose successor is free as well: Raft wants two in a row."""
    while True:
        port = free_port()
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port
