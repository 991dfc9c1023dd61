"""Prompts as LangChain itself serialises them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from langchain_core.load import dumpd
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder

from promptuary.library.exchange.formats import FORMS
from promptuary.library.exchange.reading import read
from promptuary.library.exchange.writing import write

pytestmark = pytest.mark.slow
NOW = datetime(2030, 1, 31, tzinfo=UTC)


@pytest.mark.parametrize("form", ["f-string", "mustache", "jinja2"])
def test_langsmith_reads_and_writes_what_langchain_serialises(form: str) -> None:
    marked = "{who}" if form == "f-string" else "{{who}}"
    messages = [("system", f"Help {marked}."), MessagesPlaceholder("history"), ("ai", "Yes?")]
    manifest = dumpd(ChatPromptTemplate(messages, template_format=form))
    data = json.dumps({"owner": "-", "repo": "helper", "manifest": manifest}).encode()
    history = read(
        FORMS["langsmith"], data, datetime(2030, 1, 31, tzinfo=UTC), name="fallback"
    ).histories[0]
    content = history.versions[0].content
    assert [turn.role for turn in content.turns] == ["system", "user", "assistant"]
    assert content.turns[1].placeholder == "history"
    assert [slot.name for slot in content.slots] == ["who"]
    assert write(FORMS["langsmith"], [history]).data == data
    fresh = json.loads(write(FORMS["langsmith"], [replace(history, carried=())]).data)
    assert fresh[0]["manifest"] == manifest
