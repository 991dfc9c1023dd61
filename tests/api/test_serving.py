"""The server as a process: it starts, refuses to start, and stops without failing anybody."""

from __future__ import annotations

import socket
import time

import httpx2
import pytest

from promptuary.api.server import listening, serve
from promptuary.domain.errors import Misconfigured
from promptuary.settings import Settings

from .running import running

NAMES = ("Ann", "Bo", "Cy", "Dee", "Eli", "Flo")


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
            assert httpx2.get(f"{server.url}/readyz").status_code == 200
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
def test_what_was_answered_is_there_after_a_restart(tmp_path):
    with running(tmp_path) as server:
        made = httpx2.post(f"{server.url}/api/v1/prompts", json={"content": "Keep me."}).json()
        server.terminate()
        assert server.process.wait(timeout=60) == 0
    with running(tmp_path) as server:
        read = httpx2.get(f"{server.url}/api/v1/prompts/{made['prompt_id']}")
    assert read.json()["content"] == "Keep me."


@pytest.mark.slow
def test_prompts_sent_to_a_server_become_templates(tmp_path):
    rows = [f"Write a birthday greeting for {name}." for name in NAMES]
    with running(tmp_path, settle_after_seconds=0) as server:
        sent = httpx2.post(f"{server.url}/api/v1/prompts/batch", json={"prompts": rows}).json()
        wait_for_job(server.url, sent["job_id"])
        page = httpx2.get(f"{server.url}/api/v1/templates").json()
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
        job = httpx2.get(f"{url}/api/v1/jobs/{job_id}").json()
        if job["state"] in ("done", "failed"):
            assert job["state"] == "done", job
            return
    raise AssertionError("the job was not run")
