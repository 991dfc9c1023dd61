"""A real OpenSearch for the tests."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from engines import java
from servers import Server, reachable

NAME = "OpenSearch"


def found() -> Path | None:
    """Where it is installed, if it can be started here."""
    return java.installed("opensearch")


def server(installed: Path) -> Server:
    """One node without passwords, which may write snapshots into `snapshots` of its folder."""

    def prepare(home: Path) -> Sequence[str]:
        shutil.copytree(reachable(installed, home) / "config", home / "config")
        java.hand_over(home)
        return ["true"]

    def command(home: Path, port: int) -> Sequence[str]:
        kept, jdk = reachable(installed, home), java.java_home()
        told = {
            "java.io.tmpdir": home / "tmp",
            "java.awt.headless": "true",
            "file.encoding": "UTF-8",
            "java.locale.providers": "SPI,CLDR",
            "jna.nosys": "true",
            "io.netty.noUnsafe": "true",
            "io.netty.noKeySetOptimization": "true",
            "io.netty.recycler.maxCapacityPerThread": "0",
            "io.netty.allocator.numDirectArenas": "0",
            "log4j.shutdownHookEnabled": "false",
            "log4j2.disable.jmx": "true",
            "org.apache.lucene.store.MMapDirectory.sharedArenaMaxPermits": "1",
            "opensearch.path.home": kept,
            "opensearch.path.conf": home / "config",
            "opensearch.distribution.type": "zip",
            "opensearch.bundled_jdk": "false",
        }
        settings = {
            "discovery.type": "single-node",
            "network.host": "127.0.0.1",
            "http.port": port,
            "transport.port": "0",
            "path.data": home / "data",
            "path.logs": home / "logs",
            "path.repo": home / "snapshots",
            "cluster.routing.allocation.disk.threshold_enabled": "false",
        }
        return [
            *(f"{jdk}/bin/java", *java.LEAN, "--enable-native-access=ALL-UNNAMED"),
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            *(f"-D{name}={value}" for name, value in told.items()),
            *("-cp", f"{kept}/lib/*:{kept}/agent/*", "org.opensearch.bootstrap.OpenSearch"),
            *(f"-E{name}={value}" for name, value in settings.items()),
        ]

    return Server(command, answers=java.answers, prepare=prepare, within=600)
