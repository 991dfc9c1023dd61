"""Templates for other tools, and what traffic costs."""

from __future__ import annotations

import re

import jinja2
import pytest

from promptuary.domain.exporting import FORMS
from promptuary.domain.prompts import IncomingPrompt

from .sites import PROMPTS

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


async def exported(site, form: str) -> dict:
    template = (await site.client.get("/api/v1/templates?sort=size")).json()["templates"][0]
    url = f"/api/v1/templates/{template['id']}/export"
    return (await site.client.get(url, params={"form": form})).json()


async def test_a_template_comes_in_every_form(known_site):
    said = {form: await exported(known_site, form) for form in FORMS}
    assert [each["form"] for each in said.values()] == list(FORMS)
    slot = re.search(r"\{\{ (\w+) \}\}", said["jinja"]["text"])[1]
    filled = jinja2.Template(said["jinja"]["text"]).render({slot: "4102"})
    pattern = said["regex"]
    assert pattern["matched"] == pattern["members"] == pattern["filled"] == 20
    assert filled in PROMPTS
    assert re.search(pattern["text"], filled)[slot] == "4102"


async def test_a_form_that_there_is_not_and_a_template_that_there_is_not_are_refused(known_site):
    get = known_site.client.get
    nowhere = "/api/v1/templates/00000000-0000-4000-8000-000000000000/export"
    assert (await get(nowhere)).status_code == 404
    assert (await get(nowhere, params={"form": "xml"})).status_code == 422


async def test_costs_count_what_was_sent_again_and_what_follows_templates(mined_site):
    again = [PROMPTS[0], PROMPTS[0], PROMPTS[0].upper() + "!!"]
    for number, text in enumerate(again):
        await mined_site.promptuary.submit(IncomingPrompt(text, id=f"again-{number}"))
    said = (await mined_site.client.get("/api/v1/costs?limit=1")).json()
    size = -(-len(PROMPTS[0]) // 4)
    assert said["total"]["sent"] == len(PROMPTS) + 3
    assert said["total"]["repeated"] == 2 * size
    assert said["total"]["alike"] == -(-len(again[2]) // 4)
    assert said["total"]["dollars"] is None
    assert 0.9 < said["explained"] < 1
    assert 0 < said["templates"][0]["share"] < said["explained_tokens"] < 1
    assert said["templates"][0]["fixed"] < said["templates"][0]["tokens"]
    next_page = {"limit": 100, "cursor": said["next_cursor"]}
    rest = (await mined_site.client.get("/api/v1/costs", params=next_page)).json()
    assert len(rest["templates"]) == said["templates_total"] - 1
    assert rest["next_cursor"] is None


async def test_money_is_that_of_the_price_list(known_site):
    ask, url = known_site.client.get, "/api/v1/costs"
    said = (await ask(url, params={"model": "openai/gpt-4o"})).json()
    assert said["total"]["dollars"] == pytest.approx(said["total"]["tokens"] * 2.5e-6)
    assert (await ask(url, params={"model": "openai:gpt-4o"})).status_code == 200
    assert (await ask(url, params={"model": "nobody/knows"})).status_code == 422
    assert (await ask(url, params={"cursor": "made-up"})).status_code == 422
    assert (await ask(url, params={"collection": "none"})).status_code == 404
