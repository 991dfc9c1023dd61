"""The server as a process: it starts, refuses to start, and stops without failing anybody."""

from __future__ import annotations

import json
import socket
import time
from functools import partial

import httpx2
import pytest

from promptuary.api.server import serve
from promptuary.api.sockets import listening
from promptuary.domain.errors import Misconfigured
from promptuary.settings import Settings

from .running import running

get, post = partial(httpx2.get, timeout=120), partial(httpx2.post, timeout=120)
"""However busy the machine."""
NAMES = ("Ann", "Bo", "Cy", "Dee", "Eli", "Flo")


@pytest.mark.slow
def test_a_server_open_to_the_network_without_a_key_does_not_start(tmp_path):
    with pytest.raises(Misconfigured, match="API key"):
        serve(Settings(home=tmp_path, host="0.0.0.0", port=0))


def test_a_port_in_use_is_said_plainly(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Misconfigured, match=str(port)):
            serve(Settings(home=tmp_path, port=port))


def test_an_answer_of_two_packets_does_not_wait_for_an_acknowledgement():
    with (
        listening("127.0.0.1", 0) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.slow
def test_what_was_begun_before_sigterm_is_answered(tmp_path):
    with running(tmp_path) as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as upload:
            upload.sendall(
                b"POST /api/v1/prompts/batch HTTP/1.1\r\nHost: localhost\r\n"
                b"Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
            )
            upload.sendall(chunk(b'"before the signal"\n'))
            assert get(f"{server.url}/readyz").status_code == 200
            server.terminate()
            wait_until_closed(server.port)
            upload.sendall(chunk(b'"after the signal"\n') + b"0\r\n\r\n")
            answer = b"".join(iter(lambda: upload.recv(65_536), b""))
        assert server.process.wait(timeout=60) == 0
    assert answer.startswith(b"HTTP/1.1 202")
    assert b'"accepted":2' in answer
    assert any('"stopping"' in line for line in server.written)
    assert not any("Traceback" in line for line in server.written)


@pytest.mark.slow
def test_a_second_port_has_the_metrics_of_the_same_server_and_nothing_else(tmp_path):
    with running(tmp_path, metrics_port=0) as server:
        (port,) = json.loads(server.written[-1])["metrics_ports"]
        assert port != server.port
        beyond = f"http://127.0.0.1:{port}"
        get(f"{server.url}/api/v1/families")
        scraped = get(f"{beyond}/metrics").text
        assert 'endpoint="/api/v1/families"' in scraped
        assert get(f"{server.url}/metrics").status_code == 200
        for path in ("/", "/livez", "/api/v1/families", "/metrics/", "/docs", "/api/v1/metrics"):
            assert get(f"{beyond}{path}").status_code == 404
        upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
        upgrade["Sec-WebSocket-Key"] = "dGhlIHNhbXBsZSBub25jZQ=="
        assert get(f"{beyond}/ws/any", headers=upgrade).status_code == 403
        assert post(f"{beyond}/api/v1/prompts", json={"content": "x"}).status_code == 404


def test_a_second_port_in_use_is_named_by_its_own_setting(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told = Settings(home=tmp_path, port=0, metrics_port=taken.getsockname()[1])
        with pytest.raises(Misconfigured, match="PROMPTUARY_METRICS_PORT"):
            serve(told)


@pytest.mark.slow
def test_what_was_answered_is_there_after_a_restart(tmp_path):
    with running(tmp_path) as server:
        made = post(f"{server.url}/api/v1/prompts", json={"content": "Keep me."}).json()
        server.terminate()
        assert server.process.wait(timeout=60) == 0
    with running(tmp_path) as server:
        read = get(f"{server.url}/api/v1/prompts/{made['prompt_id']}")
    assert read.json()["content"] == "Keep me."


@pytest.mark.slow
def test_prompts_sent_to_a_server_become_templates(tmp_path):
    rows = [f"Write a birthday greeting for {name}." for name in NAMES]
    with running(tmp_path, settle_after_seconds=0) as server:
        sent = post(f"{server.url}/api/v1/prompts/batch", json={"prompts": rows}).json()
        wait_for_job(server.url, sent["job_id"])
        page = get(f"{server.url}/api/v1/templates").json()
    (template,) = page["templates"]
    assert template["template_content"].startswith("Write a birthday greeting for {{")


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def wait_until_closed(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return
    raise AssertionError("the server still listens")


def wait_for_job(url: str, job_id: str) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        job = get(f"{url}/api/v1/jobs/{job_id}").json()
        if job["state"] in ("done", "failed"):
            assert job["state"] == "done", job
            return
    raise AssertionError("the job was not run")
