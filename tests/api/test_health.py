"""How the service says how it is."""

from __future__ import annotations

from datetime import datetime

import pytest

from promptuary.domain.reports import Health, PartHealth

from .sites import serving

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


def says(monkeypatch, site, status: str, **parts: str) -> None:
    async def health() -> Health:
        named = tuple(PartHealth(name, state, "", 0.1) for name, state in parts.items())
        return Health(status, "1.2.3", named)

    monkeypatch.setattr(site.promptuary, "health", health)


async def test_a_new_server_is_alive_ready_and_healthy(shared_site):
    get = shared_site.client.get
    assert (await get("/livez")).json() == {"status": "alive"}
    assert (await get("/healthz")).json() == {"status": "ok"}
    assert (await get("/readyz")).json() == {"status": "ready", "degraded": [], "down": []}
    health = (await get("/health")).json()
    assert (health["status"], health["service"]) == ("healthy", "promptuary")
    assert datetime.fromisoformat(health["timestamp"]).tzinfo
    old = (await get("/health/ready")).json()
    assert (old["status"], old["database"], old["environment"]) == ("ready", "connected", "dev")


async def test_a_degraded_part_is_named_and_requests_still_come(shared_site, monkeypatch):
    says(monkeypatch, shared_site, "degraded", record="ok", cache="degraded")
    ready = await shared_site.client.get("/readyz")
    assert (ready.status_code, ready.json()["degraded"]) == (200, ["cache"])
    assert (await shared_site.client.get("/health")).status_code == 200


async def test_without_its_record_no_request_should_come(shared_site, monkeypatch):
    says(monkeypatch, shared_site, "unhealthy", record="down", cache="ok")
    ready = await shared_site.client.get("/readyz")
    assert (ready.status_code, ready.json()["down"]) == (503, ["record"])
    assert ready.headers["Retry-After"]
    assert (await shared_site.client.get("/health")).status_code == 503
    old = await shared_site.client.get("/health/ready")
    assert (old.status_code, old.json()["database"]) == (503, "disconnected")
    assert (await shared_site.client.get("/livez")).status_code == 200


async def test_a_draining_server_is_alive_but_not_ready(tmp_path):
    async with serving(tmp_path, draining=lambda: True) as site:
        ready = await site.client.get("/readyz")
        assert (ready.status_code, ready.json()["down"]) == (503, ["draining"])
        assert (await site.client.get("/livez")).status_code == 200


async def test_details_show_parts_memory_and_uptime(shared_site):
    detailed = (await shared_site.client.get("/health/detailed")).json()
    assert detailed["parts"]["record"]["state"] == "ok"
    assert detailed["memory_bytes"] > 10_000_000
    assert detailed["uptime_seconds"] >= 0


async def test_metrics_are_not_served_when_switched_off(tmp_path):
    async with serving(tmp_path, metrics_enabled=False) as site:
        assert (await site.client.get("/metrics")).status_code == 404


async def test_the_root_says_where_to_go(shared_site):
    welcome = (await shared_site.client.get("/")).json()
    for place in ("docs", "openapi", "health"):
        assert (await shared_site.client.get(welcome[place])).status_code == 200
