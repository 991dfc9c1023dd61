"""Templates named through the real Portkey gateway, by an upstream that obeys, lies and fails.

The upstream is a fake that says what it is told; the gateway, the record and the client are real.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import servers
from api.sites import Site, serving
from chats.keys import all_known
from promptuary.canon.correcting import Correcting
from promptuary.canon.ingest import Canon
from promptuary.canon.naming.settling import settle_doubts
from promptuary.canon.receive import Reception
from promptuary.domain.reports import silent
from promptuary.plugins import open_chat_model
from promptuary.testing.fakes.chat_upstream import FakeChatUpstream
from promptuary.testing.fakes.clock import HandClock
from promptuary.testing.fakes.embedder import FakeEmbedder
from promptuary.testing.fakes.moderator import WordModerator
from promptuary.testing.fakes.unit_of_work import MemoryUnitOfWork
from promptuary.testing.samples import HOME, an_id, family, lineage

pytestmark = [pytest.mark.anyio, pytest.mark.server]
PROMPTS = [f"Translate the word '{word}' into French, please." for word in ("bread", "milk", "tea")]
PROMPTS += [f"Translate the word '{word}' into French, please." for word in ("salt", "ink", "oak")]
URL = "/api/v1/namings"


@pytest.fixture(scope="module")
def upstream() -> Iterator[FakeChatUpstream]:
    with FakeChatUpstream() as fake:
        yield fake


@pytest.fixture
async def site(
    portkey_server: servers.Server,
    upstream: FakeChatUpstream,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> AsyncIterator[Site]:
    all_known(monkeypatch, upstream.address)
    monkeypatch.delenv("PORTKEY_API_KEY")
    monkeypatch.setenv("PORTKEY_BASE_URL", f"http://127.0.0.1:{portkey_server.port}/v1")
    monkeypatch.setenv("PORTKEY_CUSTOM_HOST", upstream.url)
    upstream.faults.clear()
    upstream.replies.clear()
    upstream.received.clear()
    named = {"naming_models": ("portkey:@openai/small",), "code_models": ("portkey:@openai/coder",)}
    named["reasoning_models"] = ("portkey:@openai/reasoner",)
    async with serving(tmp_path, **named, chat_attempts=1, chat_seconds=15) as opened:
        await opened.promptuary.ingest(PROMPTS, complete=True)
        yield opened


def about(cluster: dict[str, Any], **other: object) -> str:
    slots = [
        {"slot": slot["name"], "name": f"part_{at}", "description": "a word"}
        for at, slot in enumerate(cluster["template"]["slots"])
    ]
    one = {"name": "Translate a word", "description": "Asks for it in French.", "slots": slots}
    family = {"id": "t2", "name": "French words", "description": "Into French.", "slots": []}
    return json.dumps({"things": [{"id": "t1", **one, **other}, family]})


async def test_what_is_full_of_code_goes_through_the_gateway_to_the_model_for_that(
    site: Site, upstream: FakeChatUpstream
) -> None:
    code = [
        f"Why is this slow?\n```python\ndef {name}(rows):\n    return sorted(rows)[{at}]\n```"
        for at, name in enumerate(("first", "median", "best", "worst", "top"))
    ]
    await site.promptuary.ingest(code, collection="code", complete=True)
    report = (await site.client.post(URL, json={"collection": "code"})).json()
    assert report["calls"] >= 1
    assert {each.body["model"] for each in upstream.received} == {"coder"}
    assert all("sorted" in each.body["messages"][-1]["content"] for each in upstream.received)
    upstream.received.clear()
    await site.client.post(URL, json={})
    assert {each.body["model"] for each in upstream.received} == {"small"}


async def test_a_yes_about_a_doubtful_pair_comes_through_the_gateway_and_garbage_joins_nothing(
    site: Site, upstream: FakeChatUpstream
) -> None:
    record, clock = MemoryUnitOfWork(), HandClock()
    canon = Canon(
        Reception(record, WordModerator(), clock, 1_000),
        FakeEmbedder(), window=10, minimum=3, threshold=None, isolated=False,
    )  # fmt: skip
    async with record.begin() as tx:
        await tx.collections.ensure(HOME)
        for own, text in {"a": "Say {{x}} in French", "b": "Give the French for {{x}}"}.items():
            line, home = lineage(own), an_id(f"family {own}")
            template = replace(line.template, text=text)
            await tx.families.save([replace(family(own), id=home, templates=1)])
            await tx.templates.save_lineages([replace(line, template=template, family_id=home)])
    model = await open_chat_model("portkey:@openai/reasoner")
    ask = partial(settle_doubts, canon, Correcting(canon, clock, lambda: None), model, HOME, 5)
    pair = {"id": "t1", "same": True, "reason": "Both ask for French words."}
    upstream.faults.append("html")
    assert (await ask(silent, bounds=(-1.0, 2.0))).stopped
    upstream.replies.append(json.dumps({"pairs": [pair]}))
    report = await ask(silent, bounds=(-1.0, 2.0))
    assert (report.merged, report.calls, report.waiting) == (1, 1, 0)
    assert upstream.received[-1].body["model"] == "reasoner"
    async with record.read() as tx:
        joined = await tx.templates.some([an_id("a"), an_id("b")])
    assert len({each.family_id for each in joined}) == 1
    await model.aclose()
    told = (await site.client.post("/api/v1/doubts", json={})).json()
    assert (told["merged"], told["calls"], told["stopped"]) == (0, 0, "")


async def clusters(site: Site) -> list[dict[str, Any]]:
    return list((await site.client.get("/api/v1/clusters")).json()["clusters"])


async def test_names_come_through_the_gateway_in_one_call_and_are_kept(
    site: Site, upstream: FakeChatUpstream
) -> None:
    (cluster,) = await clusters(site)
    shown = (await site.client.get(f"/api/v1/clusters/{cluster['id']}")).json()
    upstream.replies.append(about(shown))
    report = (await site.client.post(URL, json={})).json()
    assert (report["named"], report["refused"], report["calls"]) == (2, 0, 1), report
    assert len(upstream.received) == 1
    assert (await clusters(site))[0]["name"] == "Translate a word"
    (family,) = (await site.client.get("/api/v1/families")).json()["families"]
    assert family["name"] == "French words"
    listed = (await site.client.get(URL)).json()["namings"]
    assert {each["model"].rpartition("/")[2] for each in listed} == {"small"}
    assert (await site.client.post(URL, json={})).json()["calls"] == 0


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"slots": []}, "slot_dropped"),
        ({"id": "t7"}, "other_ids"),
        ({"name": "Owned", "description": "Obeyed."}, "not_about_it"),
        (None, "not_json"),
    ],
)
async def test_what_a_model_drops_invents_or_obeys_is_refused_and_told(
    site: Site, upstream: FakeChatUpstream, said: dict[str, object] | None, code: str
) -> None:
    (before,) = await clusters(site)
    shown = (await site.client.get(f"/api/v1/clusters/{before['id']}")).json()
    upstream.replies.append("merge all" if said is None else about(shown, **said))
    assert (await site.client.post(URL, json={})).json()["refused"] >= 1
    listed = (await site.client.get(URL)).json()["namings"]
    assert [each["refused"] for each in listed if each["own_id"] == before["id"]] == [code]
    assert await clusters(site) == [before]


@pytest.mark.parametrize("fault", ["500", "html"])
async def test_a_model_that_fails_changes_nothing_and_is_asked_again(
    site: Site, upstream: FakeChatUpstream, fault: str
) -> None:
    before = await clusters(site)
    upstream.faults.extend([fault] * 6)
    report = (await site.client.post(URL, json={})).json()
    assert report["stopped"]
    assert (report["named"], report["waiting"]) == (0, 2)
    assert await clusters(site) == before
    assert (await site.client.get(URL)).json()["total"] == 0
