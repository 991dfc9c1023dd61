"""What naming by a chat model takes: calls and tokens for 1,000 prompts, and for the next ones.

The model is a fake on the loopback that answers every question as it should; a token is four
characters of what is sent and said. The prompts are the demo's.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import tempfile
from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from bench import traffic
from bench.speed import Row, row
from promptuary.app import Promptuary
from promptuary.domain.namings import NamingReport
from promptuary.domain.prompts import IncomingPrompt
from promptuary.settings import Settings
from promptuary.testing.fakes.serving import Answered, FakeServer, Received, as_json

STEPS = (1_000, 4_000)
"""So many prompts come first, and so many afterwards."""
CHARACTERS = 4
MODELS = {"naming_models": ("openai:small",), "code_models": ("openai:coder",)}


def main(output: Path) -> None:
    """Measure, and write the rows."""
    output.write_text(json.dumps(asyncio.run(_rows()), indent=1) + "\n", "utf-8")


async def _rows() -> list[Row]:
    coming = traffic.rows(sum(STEPS))
    rows: list[Row] = []
    with FakeServer(_answer) as fake, tempfile.TemporaryDirectory() as home:
        os.environ |= {"OPENAI_API_KEY": "sk-nobody", "OPENAI_BASE_URL": f"{fake.address}/v1"}
        settings = Settings(home=Path(home), rate_limit_enabled=False, **MODELS)
        async with await Promptuary.open(settings=settings) as promptuary:
            before = 0
            for step in STEPS:
                await promptuary.ingest(map(_prompt, islice(coming, step)), complete=True)
                report = await promptuary.naming.name(most_calls=1_000)
                templates = (await promptuary.templates(limit=1)).total
                asked = [each.body["model"] for each in fake.received]
                rows += _said(report, step, templates, asked.count("coder"), first=not before)
                before += step
                fake.received.clear()
    return rows


def _said(report: NamingReport, step: int, templates: int, code: int, *, first: bool) -> list[Row]:
    share = step / 1_000
    what = f"of the first {step:,} prompts" if first else f"of the {step:,} prompts after them"
    tokens = report.prompt_tokens + report.completion_tokens
    things = report.named + report.refused
    return [
        row(f"calls a 1,000 {what}", "", report.calls / share, "", "", None),
        row(f"of these to the model for code {what}", "", code / share, "", "", None),
        row(f"tokens a 1,000 {what}", "", tokens / share, "", "", None),
        row(f"calls a thing named {what}", "<= 1", report.calls / max(1, things), "", "", None),
        row(f"templates there are, {what}", "", templates, "", "", None),
        row(f"things whose words were refused {what}", "", report.refused, "", "", None),
    ]


def _prompt(each: Mapping[str, Any]) -> IncomingPrompt:
    return IncomingPrompt(each["text"], each["id"], datetime.fromisoformat(each["created_at"]))


def _answer(received: Received, _: str) -> Answered:
    """Every thing gets words of its own text for a name, and every slot a name of its own."""
    messages = received.body["messages"]
    listed = json.loads(messages[-1]["content"].split("\n")[1])
    said = json.dumps({"things": [_called(at, each) for at, each in enumerate(listed)]})
    heard = sum(len(message["content"]) for message in messages)
    usage = {"prompt_tokens": heard // CHARACTERS, "completion_tokens": len(said) // CHARACTERS}
    choice = {
        "index": 0,
        "finish_reason": "stop",
        "message": {"role": "assistant", "content": said},
    }
    return as_json({"model": received.body["model"], "choices": [choice], "usage": usage})


def _called(at: int, thing: Mapping[str, Any]) -> dict[str, Any]:
    texts = [thing["text"]] if "text" in thing else thing["texts"]
    bare = re.sub(r"\{\{\w+\}\}", " ", " ".join(texts))
    words = re.findall(r"[^\W\d_]{3,}", bare)[:3] or re.findall(r"\w+", " ".join(texts))[:3]
    return {
        "id": thing["id"],
        "name": f"{' '.join(words)} {at}",
        "description": f"It asks about {' '.join(words)}.",
        "slots": [
            {"slot": slot["slot"], "name": f"part_{number}", "description": "what stands there"}
            for number, slot in enumerate(thing["slots"])
        ],
    }
