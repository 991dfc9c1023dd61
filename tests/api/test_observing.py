"""What a request leaves behind: headers, a log line, a measurement; never a secret."""

from __future__ import annotations

import logging
import logging.config
import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from chats.keys import all_known
from promptuary.api.logs import HIDDEN, redact, server_log_config
from promptuary.domain.chats import Message
from promptuary.settings import Settings
from promptuary.testing.fakes.chat_upstream import FakeChatUpstream

from .sites import serving

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


async def test_every_answer_carries_ids_time_and_security_headers(shared_site):
    for path in ("/", "/livez", "/api/v1/families", "/api/v1/prompts/x", "/nothing"):
        headers = (await shared_site.client.get(path)).headers
        assert re.fullmatch(r"[0-9a-f]{32}", headers["X-Request-ID"])
        assert headers["X-Correlation-ID"] == headers["X-Request-ID"]
        assert re.fullmatch(r"\d+\.\d{3}", headers["X-Response-Time"])
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"


async def test_ids_that_come_in_go_out_and_into_the_log(site):
    sent = {"X-Request-ID": "req-1", "X-Correlation-ID": "trace:7.a"}
    headers = (await site.client.get("/livez", headers=sent)).headers
    assert (headers["X-Request-ID"], headers["X-Correlation-ID"]) == ("req-1", "trace:7.a")
    line = site.lines()[-1]
    assert (line["request_id"], line["correlation_id"]) == ("req-1", "trace:7.a")


@pytest.mark.parametrize("id", ["", "a b", "x" * 129, '{"a":1}', "a\tb", "-x", "<script>"])
async def test_a_hostile_id_is_replaced(shared_site, id):
    headers = (await shared_site.client.get("/livez", headers={"X-Request-ID": id})).headers
    assert re.fullmatch(r"[0-9a-f]{32}", headers["X-Request-ID"])


async def test_a_request_is_one_line_with_what_an_operator_needs(site):
    await site.client.get("/api/v1/prompts/nothing")
    (line,) = site.lines()
    assert line["event"] == "request"
    assert line["service"] == "promptuary"
    assert line["endpoint"] == "/api/v1/prompts/{prompt_id}"
    assert (line["method"], line["status"], line["caller"]) == ("GET", 404, "loopback")
    assert line["seconds"] > 0


async def test_no_log_line_holds_a_key_or_a_prompt(site):
    headers = await site.key("admin")
    secret = headers["X-API-Key"]
    text = "Unrepeatable zanzibar prompt"
    for given in (headers, {"Authorization": f"Bearer {secret}"}, {"X-API-Key": f"{secret}x"}):
        await site.client.post("/api/v1/prompts", json={"content": text}, headers=given)
        await site.client.post("/api/v1/prompts", json={"content": {text: 1}}, headers=given)
        await site.client.get("/api/v1/search", params={"q": text}, headers=given)
        await site.client.get(f"/api/v1/prompts/{secret}", headers=given)
        await site.client.post("/api/v1/prompts/batch", json={"prompts": [text]}, headers=given)
    written = site.written.getvalue()
    assert len(site.lines()) == 15
    assert secret not in written
    assert secret.split("_", 2)[2] not in written
    assert "zanzibar" not in written


@pytest.mark.parametrize(
    "line",
    [
        {"authorization": "Basic abc-secret"},
        {"prompt": "abc-secret"},
        {"error": "no key pk_0123456789ab_abc-secret here"},
        {"error": "header Bearer abc-secret was odd"},
        {"error": ["postgresql://me:abc-secret@host/db"]},
    ],
)
def test_secrets_are_hidden_wherever_they_stand(line):
    assert "abc-secret" not in str(redact(None, "info", line))
    assert HIDDEN in str(redact(None, "info", line))


def test_the_servers_own_lines_have_the_same_form(capsys):
    logging.config.dictConfig(server_log_config(Settings()))
    logging.getLogger("uvicorn.error").warning("port of pk_0123456789ab_abc-secret")
    written = capsys.readouterr().err
    assert '"level": "warning"' in written
    assert "abc-secret" not in written


async def test_requests_are_measured_by_route_and_never_by_path(site):
    for number in range(20):
        await site.client.get(f"/api/v1/prompts/{number}")
        await site.client.get(f"/nothing/{number}")
    found = {family.name: family for family in await scraped(site)}
    labels = [sample.labels for sample in found["http_requests"].samples]
    assert {each["endpoint"] for each in labels} == {"/api/v1/prompts/{prompt_id}", "unmatched"}
    assert labels[0].keys() == {"service", "method", "endpoint", "status_code", "http_status"}
    assert "http_request_duration_seconds" in found


async def test_an_odd_method_does_not_make_a_label(site):
    await site.client.request("BREW", "/livez")
    (family,) = [each for each in await scraped(site) if each.name == "http_requests"]
    assert {sample.labels["method"] for sample in family.samples} == {"OTHER"}


async def test_prompts_and_searches_are_counted(mined_site):
    post = mined_site.client.post
    await post("/api/v1/prompts", json={"content": "Measure me."})
    await post("/api/v1/prompts", json={"content": "Charge 4111 1111 1111 1111"})
    await post("/api/v1/prompts/batch", json={"prompts": ["Two.", "Two.", 3]})
    await post("/api/v1/search", json={"query": "qqqqq", "mode": "words"})
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in await scraped(mined_site)
        for sample in family.samples
    }
    assert samples["prompts_processed_total", "accepted"] == 2
    assert samples["prompts_processed_total", "duplicate"] == 1
    assert samples["prompts_processed_total", "rejected"] == 2
    assert samples["prompts_rejected_total", "MODERATION_REFUSED"] == 1
    assert samples["prompts_rejected_total", "INVALID_INPUT"] == 1
    assert samples["promptuary_search_seconds_count", "words"] == 1
    assert samples["promptuary_search_empty_total",] == 1
    assert samples["active_clusters",] == samples["active_templates",] >= 2
    assert samples["promptuary_queue_depth",] >= 1
    assert samples["clusters_created_total",] >= samples["active_clusters",]
    assert samples["templates_extracted_total", "rules"] >= samples["active_templates",]
    assert samples["cache_misses_total", "embedding"] > 0
    assert samples["cache_hits_total", "embedding"] >= 0
    assert samples["promptuary_index_lag_seconds",] >= 0


async def scraped(site):
    text = (await site.client.get("/metrics")).text
    return list(text_string_to_metric_families(text))


async def test_calls_of_chat_models_are_counted(tmp_path, monkeypatch):
    with FakeChatUpstream() as upstream:
        all_known(monkeypatch, upstream.address)
        async with serving(tmp_path, chat_models=("openai:gpt-4o-mini",)) as site:
            assert not any("chat" in family.name for family in await scraped(site))
            model = await site.promptuary.chats.model()
            reply = await model.reply([Message("user", "one two three")])
            samples = {
                (sample.name, *sample.labels.values()): sample.value
                for family in await scraped(site)
                for sample in family.samples
            }
            detail = (await site.client.get("/health/detailed")).json()
    assert samples["promptuary_chat_calls_total", "gpt-4o-mini", "openai"] == 1
    assert samples["promptuary_cost_usd_total", "gpt-4o-mini", "openai"] == reply.usage.cost > 0
    assert samples["tokens_used_total", "gpt-4o-mini", "completion"] == 3
    assert samples["promptuary_provider_up", "openai"] == 1
    assert detail["providers"]["openai/gpt-4o-mini"]["up"] is True
