"""A real Elasticsearch for the tests."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from engines import java
from servers import Server, reachable

NAME = "Elasticsearch"


def found() -> Path | None:
    """Where it is installed, if it can be started here."""
    return java.installed("elasticsearch")


def server(installed: Path) -> Server:
    """One node without passwords, which may write snapshots into `snapshots` of its folder."""

    def prepare(home: Path) -> Sequence[str]:
        config = home / "config"
        shutil.copytree(reachable(installed, home) / "config", config)
        options = config / "jvm.options"
        lines = options.read_text().splitlines()
        kept = [line for line in lines if not line.startswith(("-XX:", "-Xlog"))]
        options.write_text("\n".join([*kept, *java.LEAN, ""]))
        java.hand_over(home)
        return ["true"]

    def command(home: Path, port: int) -> Sequence[str]:
        kept, jdk = reachable(installed, home), java.java_home()
        said = {
            "ES_HOME": kept,
            "ES_PATH_CONF": home / "config",
            "ES_TMPDIR": home / "tmp",
            "ES_JAVA_HOME": jdk,
            "JAVA": f"{jdk}/bin/java",
            "JAVA_TYPE": "ES_JAVA_HOME",
            "ES_DISTRIBUTION_TYPE": "zip",
            "LIBFFI_TMPDIR": home / "tmp",
        }
        launcher = "org.elasticsearch.server.launcher.ServerLauncher"
        settings = {
            "discovery.type": "single-node",
            "network.host": "127.0.0.1",
            "http.port": port,
            "transport.port": "0",
            "path.data": home / "data",
            "path.logs": home / "logs",
            "path.repo": home / "snapshots",
            "xpack.security.enabled": "false",
            "cluster.routing.allocation.disk.threshold_enabled": "false",
        }
        return [
            *("env", "-C", str(kept), *(f"{name}={value}" for name, value in said.items())),
            *(f"{jdk}/bin/java", "-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
            *("-cp", f"{kept}/lib/tools/server-launcher/*", launcher),
            *(f"-E{name}={value}" for name, value in settings.items()),
        ]

    return Server(command, answers=java.answers, prepare=prepare, within=600)
