"""The protocol over real pipes and real sockets, by its official client."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from api.running import running
from promptuary import Promptuary
from promptuary.domain.errors import Misconfigured
from promptuary.library.face import Library
from promptuary.mcp.doors import Doors
from promptuary.mcp.server import server_of
from promptuary.testing.fakes.clock import HandClock
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
HELLO = {"jsonrpc": "2.0", "id": 1, "method": "prompts/list", "params": {}}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """One kept prompt, and a key that may read."""

    async def prepare() -> str:
        async with await Promptuary.open(tmp_path) as promptuary:
            await promptuary.library.save("greet", "Hello {{ name }}!", labels=["production"])
            _, secret = await promptuary.create_key("reader", ["library:read"])
            return secret

    (tmp_path / "secret").write_text(asyncio.run(prepare()))
    return tmp_path


def environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PROMPTUARY_")}
    return {**kept, "PYTHONPATH": os.pathsep.join(sys.path)}


@contextmanager
def served(home: Path) -> Iterator[str]:
    """A real server on a free port."""
    command = [sys.executable, "-m", "promptuary.cli", "mcp", "--http", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--home", str(home)], env=environment(), stderr=subprocess.PIPE, text=True
    )
    assert process.stderr
    try:
        line = process.stderr.readline()
        assert line.startswith("listening on "), line + process.stderr.read()
        yield line.split()[-1]
    finally:
        process.terminate()
        process.wait(20)
        process.stderr.close()


@asynccontextmanager
async def connected(url: str, secret: str, mode: str) -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {secret}"}
    async with httpx2.AsyncClient(headers=headers, timeout=60) as http:
        transport = streamable_http_client(url, http_client=http)
        async with Client(transport, mode=mode) as client:
            yield client


async def greeted(client: Client) -> str:
    (prompt,) = (await client.list_prompts()).prompts
    assert [argument.name for argument in prompt.arguments or []] == ["name"]
    got = await client.get_prompt("greet", {"name": "Ada"})
    return str(got.messages[0].content.text)


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_an_assistant_starts_it_and_talks_over_pipes(home: Path, mode: str) -> None:
    arguments = ["-m", "promptuary.cli", "mcp", "--home", str(home)]
    server = StdioServerParameters(command=sys.executable, args=arguments, env=environment())
    async with Client(server, mode=mode) as client:
        assert await greeted(client) == "Hello Ada!"


async def test_an_assistant_far_away_talks_over_http_with_a_key(home: Path) -> None:
    secret = (home / "secret").read_text()
    with served(home) as url:
        for mode in ("legacy", "auto"):
            async with connected(url, secret, mode) as client:
                assert await greeted(client) == "Hello Ada!"
                found = await client.call_tool("search_prompts", {"query": "hello"})
                assert [each["slug"] for each in found.structured_content["items"]] == ["greet"]
                like = await client.call_tool("similar_prompts", {"name": "greet"})
                assert like.structured_content["items"] == []
                fit = await client.call_tool("recommend_prompts", {"text": "hello name"})
                assert [each["slug"] for each in fit.structured_content["prompts"]] == ["greet"]
                rated = await client.call_tool("rate_prompt", {"name": "greet", "stars": 5})
                assert rated.is_error
                assert "library:write" in rated.content[0].text
        async with httpx2.AsyncClient(timeout=60) as stranger:
            for headers in ({}, {"X-API-Key": "wrong"}, {"Authorization": "Basic eDp5"}):
                refused = await stranger.post(url, json=HELLO, headers=headers)
                assert refused.status_code == 401
                assert refused.json()["code"] in ("MISSING_API_KEY", "INVALID_API_KEY")
                assert refused.headers["www-authenticate"] == "Bearer"


async def test_the_server_itself_answers_assistants_behind_the_same_doors(home: Path) -> None:
    secret = (home / "secret").read_text()
    with running(home) as server:
        url = f"{server.url}/mcp"
        for mode in ("legacy", "auto"):
            async with connected(url, secret, mode) as client:
                assert await greeted(client) == "Hello Ada!"
                rated = await client.call_tool("rate_prompt", {"name": "greet", "stars": 5})
                assert rated.is_error
        async with httpx2.AsyncClient(timeout=60) as stranger:
            refused = await stranger.post(url, json=HELLO)
            assert (refused.status_code, refused.json()["code"]) == (401, "MISSING_API_KEY")
            known = {"X-API-Key": secret}
            kept = await stranger.get(f"{server.url}/api/v1/library/prompts/greet", headers=known)
            assert kept.json()["version"]["number"] == 1
        server.terminate()
        assert server.process.wait(20) == 0
        assert "unexpected_error" not in "".join(server.written)


def test_hostile_lines_on_its_input_do_not_stop_it(home: Path) -> None:
    begin = {
        "jsonrpc": "2.0",
        "id": 7,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "t", "version": "1"},
        },
    }
    lines = [b"not JSON", b"\xff\xfe\x00", b"[" * 5000, b'{"jsonrpc": "2.0"}', b"{}", b""]
    sent = b"\n".join([*lines, json.dumps(begin).encode()]) + b"\n"
    command = [sys.executable, "-m", "promptuary.cli", "mcp", "--home", str(home)]
    done = subprocess.run(
        command, input=sent, capture_output=True, timeout=60, env=environment(), check=False
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr
    assert [each["result"]["serverInfo"]["name"] for each in answers if each.get("id") == 7] == [
        "promptuary"
    ]


class NoKeys:
    """A facade that knows no key."""

    async def authenticate(self, secret: str) -> object:
        raise AssertionError(secret)

    async def keys(self, **_: object) -> object:
        class Page:
            total = 0

        return Page()


def doors(host: str, *secrets: str) -> Doors:
    library = Library(MemoryUnitOfWork(), HandClock(), lambda: None)
    return Doors(server_of(library).streamable_http_app(host=host), NoKeys(), secrets, host)  # type: ignore[arg-type]  # a fake


async def test_beyond_this_machine_it_does_not_start_without_a_key() -> None:
    with pytest.raises(Misconfigured, match="no API key"):
        await doors("0.0.0.0").refuse_to_start_open()
    await doors("0.0.0.0", "a secret").refuse_to_start_open()
    await doors("127.0.0.1").refuse_to_start_open()


@pytest.mark.parametrize(
    ("peer", "name", "secret", "status"),
    [
        ("127.0.0.1", "127.0.0.1", None, 400),  # let in, and told what is missing
        ("10.1.2.3", "127.0.0.1", None, 401),
        ("127.0.0.1", "rebound.example", None, 401),
        ("127.0.0.1", "127.0.0.1", "a secret", 401),
    ],
)
async def test_only_this_machine_under_its_own_name_comes_in_without_a_key(
    peer: str, name: str, secret: str | None, status: int
) -> None:
    closed = doors("127.0.0.1", *([secret] if secret else []))
    transport = httpx2.ASGITransport(app=closed, client=(peer, 5000))
    inner = closed._inner
    async with (
        inner.router.lifespan_context(inner),  # type: ignore[attr-defined]  # Starlette's
        httpx2.AsyncClient(transport=transport, base_url=f"http://{name}:8001") as http,
    ):
        answer = await http.post("/mcp", json=HELLO)
    assert answer.status_code == status
