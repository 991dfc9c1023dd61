"""Who may do what: every route, every scope."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest
from fastapi.routing import APIRoute

from promptuary.api.gate import Gate
from promptuary.api.keys import Doors, is_loopback
from promptuary.api.server import operations
from promptuary.domain.errors import Misconfigured
from promptuary.domain.keys import SCOPES
from promptuary.settings import Settings

from .sites import serving

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
OPEN = {
    "/", "/livez", "/healthz", "/readyz", "/health", "/health/ready", "/metrics", "/docs",
    "/openapi.json", "/version", "/api/v1/clips/{event_id:path}/file",
    "/api/v1/ping", "/api/v1/readiness", "/api/v1/liveness",
    *(f"/compat/smartprompt/{each}" for each in ("health", "metrics", "docs", "redoc")),
    "/compat/smartprompt/openapi.json", "/compat/langfuse/api/public/health",
}  # fmt: skip
NOWHERE = Path("no/such/folder")
"""Some folder must be allowed: else nobody may sync one, whatever the key."""
EVERYTHING = operations(Settings())
GUARDED = [each for each in EVERYTHING if each.needs != "open"]


def url_of(operation) -> str:
    unknown = "00000000-0000-4000-8000-000000000000"
    path = operation.path
    path = path.replace("{event_id:path}", unknown)
    kinds = ("prompt", "cluster", "family", "template", "job", "document", "answer")
    for kind in kinds:
        path = path.replace(f"{{{kind}_id}}", unknown)
    return path


async def ask(client, operation, headers=None):
    json = {} if operation.method == "POST" else None
    return await client.request(operation.method, url_of(operation), json=json, headers=headers)


async def test_every_route_declares_a_scope_or_that_it_is_open(site):
    declared = {(each.method, each.path): each.needs for each in EVERYTHING}
    for route in site.app.routes:
        assert isinstance(route, APIRoute), f"{route} was added past the operations"
        for method in route.methods:
            gates = [each.dependency.scope for each in route.dependencies]
            needs = declared.pop((method, route.path))
            assert gates == ([] if needs == "open" else [needs])
            assert needs in (*SCOPES, "open")
            assert all(isinstance(each.dependency, Gate) for each in route.dependencies)
    assert not declared


def test_only_the_declared_routes_are_open():
    assert {each.path for each in EVERYTHING if each.needs == "open"} == OPEN


async def test_every_guarded_route_refuses_a_missing_a_wrong_and_a_narrow_key(tmp_path):
    folders = {"sync_folders": (NOWHERE,), "dataset_folder": NOWHERE}
    async with serving(tmp_path, api_key="first-key", **folders) as site:
        keys = {scope: await site.key(scope) for scope in SCOPES}
        for operation in GUARDED:
            missing = await ask(site.client, operation)
            assert (missing.status_code, missing.json()["code"]) == (401, "MISSING_API_KEY")
            scheme = "Bearer" if operation.tag == "conversation" else "ApiKey"
            assert missing.headers["WWW-Authenticate"] == scheme, operation.path
            wrong = await ask(site.client, operation, {"X-API-Key": "pk_abc_def"})
            assert (wrong.status_code, wrong.json()["code"]) == (401, "INVALID_API_KEY")
            for scope, key in keys.items():
                got = (await ask(site.client, operation, key)).status_code
                allowed = scope in (operation.needs, *operation.instead, "admin")
                assert (got == 403) is not allowed, (operation.name, scope)


@pytest.mark.parametrize("form", [{"X-API-Key": "k1"}, {"Authorization": "Bearer k2"}])
async def test_a_bootstrap_key_opens_everything_in_either_header(tmp_path, form):
    folders = {"sync_folders": (NOWHERE,), "dataset_folder": NOWHERE}
    async with serving(tmp_path, api_key="k1", api_keys=("k2",), **folders) as site:
        for operation in GUARDED:
            assert (await ask(site.client, operation, form)).status_code not in (401, 403)


async def test_without_any_key_this_machine_is_let_in(site):
    assert (await site.client.get("/api/v1/families")).status_code == 200


async def test_the_first_key_closes_the_door(site):
    await site.key("prompts:read")
    assert (await site.client.get("/api/v1/families")).status_code == 401


async def test_a_revoked_key_opens_nothing(site):
    key, secret = await site.promptuary.create_key("gone", ["admin"])
    await site.promptuary.revoke_key(key.id)
    answer = await site.client.get("/api/v1/families", headers={"X-API-Key": secret})
    assert answer.json()["code"] == "INVALID_API_KEY"


@pytest.mark.parametrize(
    ("peer", "name"), [("10.0.0.7", "localhost"), ("127.0.0.1", "rebound.example")]
)
async def test_no_stranger_and_no_rebound_name_is_let_in(site, peer, name):
    transport = httpx2.ASGITransport(site.app, client=(peer, 4000))
    async with httpx2.AsyncClient(transport=transport, base_url=f"http://{name}") as client:
        assert (await client.get("/api/v1/families")).status_code == 401


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "example.org"])
async def test_a_server_open_to_the_network_does_not_start(tmp_path, host):
    async with serving(tmp_path) as site:
        doors = Doors(site.promptuary, Settings(home=Path(tmp_path), host=host))
        with pytest.raises(Misconfigured, match="API key"):
            await doors.refuse_to_start_open()
        await site.key("admin")
        await doors.refuse_to_start_open()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_loopback_names_are_known(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "localhost.example", "0.0.0.0", "128.0.0.1", "127.0.0.1.nip"])
def test_other_names_are_not_loopback(host):
    assert not is_loopback(host)
