"""What the server says about itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from promptuary.api.problems import CODES
from promptuary.api.server import operations
from promptuary.settings import Settings

pytestmark = pytest.mark.anyio
REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "http.md"


@pytest.fixture
async def described(shared_site):
    return (await shared_site.client.get("/openapi.json")).json()


async def test_the_document_is_openapi_3_1_and_lists_every_operation(described):
    assert described["openapi"].startswith("3.1.")
    listed = {(m.upper(), path) for path, methods in described["paths"].items() for m in methods}
    wanted = {(each.method, each.shown) for each in operations(Settings()) if each.listed}
    assert listed == wanted


async def test_every_reference_has_a_target(described):
    for name in re.findall(r"#/components/schemas/(\w+)", str(described)):
        assert name in described["components"]["schemas"]


async def test_every_operation_says_its_scope_its_problems_and_what_it_does(described):
    for methods in described["paths"].values():
        for entry in methods.values():
            assert entry["x-required-scope"]
            assert entry["description"]
            assert "500" in entry["responses"]
            assert bool(entry["security"]) == (entry["x-required-scope"] != "open")
            assert ("401" in entry["responses"]) == bool(entry["security"])


WITHOUT_A_BODY = {"/api/v1/jobs/{job_id}/retry", "/api/v1/dataset/ingest"}


async def test_bodies_are_described_with_examples(described):
    for path, methods in described["paths"].items():
        for method, entry in methods.items():
            if method == "post" and path not in WITHOUT_A_BODY:
                content = entry["requestBody"]["content"]
                if content.keys() == {"application/octet-stream"}:
                    continue
                schema = content["application/json"]["schema"]
                name = schema["$ref"].rpartition("/")[2]
                assert described["components"]["schemas"][name].get("examples"), name


async def test_the_page_needs_nothing_from_elsewhere(shared_site):
    page = (await shared_site.client.get("/docs")).text
    assert not re.findall(r"(?:src|href)=[\"']?(?:https?:)?//", page)
    for code in CODES:
        assert f'id="{code}"' in page
    for operation in operations(Settings()):
        if operation.listed:
            assert f"{operation.method} {operation.shown}" in page


@pytest.mark.parametrize("operation", operations(Settings()), ids=lambda each: each.name)
def test_the_reference_names_the_scope_of_each_route(operation):
    scopes = " or ".join(f"`{scope}`" for scope in (operation.needs, *operation.instead))
    row = f"| `{operation.method} {operation.shown}` | {scopes} |"
    assert row in REFERENCE.read_text()
