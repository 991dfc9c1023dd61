"""How the protocol is reached: over standard input and output, or over streamable HTTP."""

from __future__ import annotations

import asyncio
import sys

import uvicorn
from mcp.server.stdio import stdio_server

from promptuary.app import Promptuary
from promptuary.mcp.doors import Doors
from promptuary.mcp.mounting import PATH, application
from promptuary.mcp.server import server_of
from promptuary.settings import Settings


def serve_stdio(settings: Settings) -> None:
    """Serve whoever started this process, until its input ends. Raises what opening raises."""
    asyncio.run(_stdio(settings))


async def _stdio(settings: Settings) -> None:
    async with await Promptuary.open(settings=settings) as promptuary:
        server = server_of(promptuary.library)
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())


def serve_http(settings: Settings) -> None:
    """Serve at `/mcp` until stopped.

    Raises Misconfigured when it would be open to the network without an API key, and what opening
    raises.
    """
    asyncio.run(_http(settings))


async def _http(settings: Settings) -> None:
    async with await Promptuary.open(settings=settings) as promptuary:
        app = application(promptuary.library, settings.host)
        given = (settings.api_key, *settings.api_keys)
        secrets = [text for each in given if each and (text := each.get_secret_value())]
        doors = Doors(app, promptuary, secrets, settings.host)
        await doors.refuse_to_start_open()
        config = uvicorn.Config(
            doors,
            host=settings.host,
            port=settings.port,
            ws="none",
            lifespan="on",
            access_log=False,
            log_level="warning",
            server_header=False,
        )
        server = _Announcing(config)
        await server.serve()


class _Announcing(uvicorn.Server):
    """Says where it listens once it does, also when the port was picked for it."""

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]  # a list of sockets
        await super().startup(sockets)  # type: ignore[arg-type]  # handed through
        for each in self.servers:
            for socket in each.sockets:
                host, port = socket.getsockname()[:2]
                sys.stderr.write(f"listening on http://{host}:{port}{PATH}\n")
                sys.stderr.flush()
