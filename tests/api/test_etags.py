"""What a client has is not sent again."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptuary.api.etags import encode
from promptuary.api.schemas.templates import DiffLine

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


async def test_the_same_answer_is_not_sent_twice(known_site):
    first = await known_site.client.get("/api/v1/families")
    tag = first.headers["ETag"]
    again = await known_site.client.get("/api/v1/families", headers={"If-None-Match": tag})
    assert tag.startswith('"')
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)


@pytest.mark.parametrize("form", ['"other", {}', "W/{}", "*"])
async def test_lists_weak_tags_and_stars_are_understood(known_site, form):
    tag = (await known_site.client.get("/api/v1/clusters")).headers["ETag"]
    again = await known_site.client.get(
        "/api/v1/clusters", headers={"If-None-Match": form.format(tag)}
    )
    assert again.status_code == 304


async def test_a_change_changes_the_tag(site):
    tag = (await site.client.get("/api/v1/prompts")).headers["ETag"]
    await site.client.post("/api/v1/prompts", json={"content": "Something new."})
    again = await site.client.get("/api/v1/prompts", headers={"If-None-Match": tag})
    assert again.status_code == 200
    assert again.headers["ETag"] != tag


async def test_the_state_of_the_service_is_never_kept(known_site):
    answer = await known_site.client.get("/health")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers


@given(st.text(alphabet=st.characters(codec=None)))
def test_any_text_is_encoded_even_a_lone_surrogate(text):
    line = DiffLine(op="=", text=text)
    assert json.loads(encode(line))["text"] == text
    assert json.loads(encode([line, line])) == [{"op": "=", "text": text}] * 2
