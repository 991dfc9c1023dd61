"""What moderation takes out of a text is in no place afterwards, and its placeholder is a slot."""

from __future__ import annotations

import pytest

from promptuary.app import Promptuary
from promptuary.canon.reading.records import RecordReader
from promptuary.canon.templates.filling import fill
from promptuary.domain.prompts import IncomingPrompt
from promptuary.settings import Settings

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
THINGS = "kettle lamp sofa teapot mirror carpet wardrobe armchair".split()
PROMPTS = [
    f"Write to ann{n}@example.org that the {thing} was sent today, and thank them."
    for n, thing in enumerate(THINGS)
]


@pytest.fixture
async def promptuary(tmp_path):
    settings = Settings(home=tmp_path, moderator="rules:?pii=mask")
    async with await Promptuary.open(settings=settings) as opened:
        yield opened


async def test_masked_prompts_get_a_slot_of_the_kind_and_hold_nothing_of_what_was_taken_out(
    promptuary, tmp_path
):
    report = await promptuary.ingest(PROMPTS, complete=True)
    assert (report.accepted, report.masked, report.rejected_count) == (8, 8, 0)
    (template,) = (await promptuary.templates()).items
    first = template.template.slots[0]
    assert (first.name, first.type) == ("email", "email")
    assert template.template.text.startswith("Write to {{email}} that the {{")
    for prompt in (await promptuary.prompts(status="masked")).items:
        placed = (await promptuary.prompt(prompt.id)).placement
        assert fill(template.template.text, placed.slots) == prompt.text
        assert placed.slots["email"] == "[EMAIL]"
    late = await promptuary.submit(IncomingPrompt(PROMPTS[0].replace("kettle", "bench")))
    assert (late.prompt.status, late.placement.slots["email"]) == ("masked", "[EMAIL]")
    found = await promptuary.search("ann3@example.org", kinds=("prompt",), limit=50)
    assert not any("ann3" in str(hit) for hit in found.hits)
    await promptuary.aclose()
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or b"ann3@" not in path.read_bytes(), path


async def test_the_same_sent_again_is_known_though_nothing_tells_who_it_was_sent_for(promptuary):
    two = [PROMPTS[0], PROMPTS[0].replace("ann0", "ben")]
    first = await promptuary.ingest(two)
    again = await promptuary.ingest(two)
    assert (first.accepted, first.duplicates) == (1, 1)
    assert (again.accepted, again.duplicates) == (0, 2)
    (prompt,) = (await promptuary.prompts()).items
    assert prompt.count == 2


SECRET = "q7Rk2mX9vT4wLz8B"
PLACES = {
    "a user field": {"metadata": {"user": "ann1@example.org"}},
    "a nested field": {"metadata": {"sender": {"mail": "ann1@example.org"}}},
    "arguments of a tool": {
        "metadata": {"tool_calls": [{"name": "send", "arguments": '{"to": "ann1@example.org"}'}]}
    },
    "a field that is called a password": {"metadata": {"password": SECRET}},
    "the name of a field": {"metadata": {"ann1@example.org": "sender"}},
    "a card as a number": {"metadata": {"card": 4111111111111111}},
    "a source": {"source": "mail of ann1@example.org"},
    "the name of a message's author": {
        "messages": [{"role": "user", "name": "ann1@example.org", "content": "Fold the towels."}]
    },
    "what a tool was asked": {
        "messages": [
            {"role": "user", "content": "Fold the towels."},
            {"role": "assistant", "tool_calls": [{"function": {"arguments": "ann1@example.org"}}]},
            {"role": "tool", "name": "ann1@example.org", "content": f"password: {SECRET}"},
        ]
    },
}
LEAKS = (b"ann1@", SECRET.encode(), b"4111111111111111")


@pytest.mark.parametrize("moderator", ["rules:?pii=mask&secrets=mask", "rules:?pii=reject"])
async def test_what_comes_with_a_text_is_masked_or_keeps_it_aside(tmp_path, moderator):
    rows = [{"text": f"Water plant {n}.", **extra} for n, extra in enumerate(PLACES.values())]
    read = [each.prompt for n, row in enumerate(rows) for each in RecordReader().read(n, row)]
    settings = Settings(home=tmp_path, moderator=moderator)
    async with await Promptuary.open(settings=settings) as opened:
        report = await opened.ingest(read)
        kept = {each.text: each for each in (await opened.prompts(limit=50)).items}
        seen = "".join(f"{each.source}{dict(each.metadata)}" for each in kept.values())
    assert report.masked + report.rejected_count == len(PLACES) - 2, "only of messages is left out"
    if report.masked:
        assert not any(leak in seen.encode() for leak in LEAKS)
        assert kept["Water plant 0."].metadata == {"user": "[EMAIL]"}
        assert kept["Water plant 3."].metadata == {"password": "[SECRET]"}
        assert kept["Water plant 4."].metadata == {"[EMAIL]": "sender"}
        assert kept["Water plant 5."].metadata == {"card": "[CARD]"}
        assert kept["Water plant 6."].source == "mail of [EMAIL]"
        assert kept["Water plant 0."].verdict.masked == {"email": 1}
        for path in tmp_path.rglob("*"):
            held = path.read_bytes() if path.is_file() else b""
            assert not any(leak in held for leak in LEAKS), path
    else:
        assert {each.status for each in kept.values() if "towels" not in each.text} == {"rejected"}
        assert kept["Water plant 0."].verdict.reason.startswith("its metadata contains what looks")
        assert {each.status for each in kept.values() if "towels" in each.text} == {"safe"}


async def test_one_prompt_alone_is_looked_at_with_its_metadata(promptuary):
    placed = await promptuary.submit(
        IncomingPrompt("Sweep the porch.", source="ann1@example.org", metadata={"cost": 4.5})
    )
    assert (placed.prompt.status, placed.prompt.source) == ("masked", "[EMAIL]")
    assert placed.prompt.metadata == {"cost": 4.5}
