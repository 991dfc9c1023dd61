"""The library: a prompt by its label, rendered, found; in CPU time, as clocks are noisy."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

from jinja2 import Template

from bench.processes import p95
from bench.speed import row
from promptuary import Promptuary
from promptuary.domain.library import (
    About,
    DeclaredSlot,
    Label,
    LibraryPrompt,
    PromptContent,
    PromptHistory,
    PromptVersion,
    library_prompt_id,
    version_id,
)
from promptuary.library.compiling import Renderer
from promptuary.library.exchange.formats import to_file
from promptuary.library.including import Included
from promptuary.library.rendering import filled

SEED = 7
BATCH = 1_000
VERBS = "write explain translate summarise compare review plan test classify extract rewrite check"
OBJECTS = "letter invoice deployment query contract ticket report function policy essay menu table"
FOR = "customer manager beginner lawyer pupil traveller nurse baker tester auditor editor pilot"
HOW = "kindly briefly formally in-verse step-by-step with-examples without-jargon as-a-table"
NOW = datetime(2030, 1, 1, tzinfo=UTC)


def prompts(count: int) -> Iterator[tuple[LibraryPrompt, PromptVersion]]:
    """So many prompts with a version each, drawn from words, the same ones each time."""
    chosen = random.Random(SEED)
    words = [each.split() for each in (VERBS, OBJECTS, FOR, HOW)]
    for number in range(count):
        verb, thing, who, how = (chosen.choice(each) for each in words)
        slug = f"{thing}/{verb}-{number}"
        text = f"{verb.capitalize()} a {thing} for the {who}, {how}: {{{{ text }}}} (case {number})"
        content = PromptContent(text, slots=(DeclaredSlot("text"),), lazy_text=f"{verb} {thing}")
        own, said = library_prompt_id(slug), version_id(content)
        about = About(f"{verb} {thing} {number}", folder=thing, tags=(verb, who))
        prompt = LibraryPrompt(own, slug, about, 1, 1, said, 0, 0, None, False, NOW, NOW)
        yield prompt, PromptVersion(said, own, 1, "main", content, (), "", "", NOW)


def whole(prompt: LibraryPrompt, version: PromptVersion) -> PromptHistory:
    """The prompt as it is exported, with a label."""
    label = Label("production", version.id, False, NOW, "bench")
    return PromptHistory(prompt, (version,), (label,), {"main": version.id})


async def imported(count: int) -> tuple[float, float, float]:
    """CPU, in ms a prompt, of importing a bundle of so many, of importing it again, and of saving
    prompts one by one."""
    bundle = to_file("bundle", [whole(*each) for each in prompts(count)]).data
    some = list(islice(prompts(count), 200))
    with tempfile.TemporaryDirectory() as name:
        async with await Promptuary.open(Path(name) / "home") as promptuary:
            library, taken = promptuary.library, [time.process_time()]
            for _ in range(2):
                report = await library.import_file("bundle", bundle)
                assert not report.refused
                taken.append(time.process_time())
            for prompt, version in some:
                await library.save(f"again/{prompt.slug}", version.content, about=prompt.about)
            taken.append(time.process_time())
    first, again, singly = (after - before for before, after in pairwise(taken))
    return first / count * 1e3, again / count * 1e3, singly / len(some) * 1e3


async def fill(promptuary: Promptuary, count: int) -> None:
    """Straight into the record: a save each would measure the disk."""
    made = prompts(count)
    while some := list(islice(made, BATCH)):
        async with promptuary._record.begin() as tx:
            await tx.library.keep([whole(prompt, version) for prompt, version in some])
            await tx.outbox.add("library", [prompt.id for prompt, _ in some])
        await promptuary._follower.catch_up()  # at once: a million rows would wait otherwise


async def spent(work: Callable[[], Awaitable[object]], times: int) -> list[float]:
    """The CPU seconds of each call."""
    taken = []
    for _ in range(times):
        began = time.process_time()
        await work()
        taken.append(time.process_time() - began)
    return taken


async def served(promptuary: Promptuary, count: int) -> tuple[float, float]:
    """p95 of `get` by slug and label, CPU and by the clock, in ms."""
    slugs = [prompt.slug for prompt, _ in prompts(count)]
    chosen = random.Random(SEED)
    waited = []

    async def ask() -> None:
        began = time.perf_counter()
        await promptuary.library.get(chosen.choice(slugs), label="production")
        waited.append(time.perf_counter() - began)

    taken = await spent(ask, 600)
    return p95(taken[100:]) * 1e3, p95(waited[100:]) * 1e3


async def searched(promptuary: Promptuary) -> float:
    """p95 of a hybrid search whose question is embedded already: CPU, in ms."""
    chosen = random.Random(SEED)
    asked = [f"{chosen.choice(VERBS.split())} {chosen.choice(OBJECTS.split())}" for _ in range(60)]
    for query in asked:
        await promptuary.library.search(query)
    taken = []
    for query in asked * 3:
        began = time.process_time()
        await promptuary.library.search(query)
        taken.append(time.process_time() - began)
    return p95(taken) * 1e3


def like(folder: Path, count: int) -> float:
    """p95 of finding by LIKE over names and texts, as hosted stores search: CPU, in ms."""
    chosen = random.Random(SEED)
    with sqlite3.connect(folder / "like.db") as db:
        db.execute("CREATE TABLE p (title TEXT, content TEXT)")
        told = ((p.about.title, v.content.text) for p, v in prompts(count))
        db.executemany("INSERT INTO p VALUES (?, ?)", told)
        taken = []
        for _ in range(60):
            words = [chosen.choice(VERBS.split()), chosen.choice(OBJECTS.split())]
            holds = " AND ".join("(title LIKE ? OR content LIKE ?)" for _ in words)
            values = [f"%{word}%" for word in words for _ in range(2)]
            began = time.process_time()
            db.execute(f"SELECT title FROM p WHERE {holds} LIMIT 10", values).fetchall()
            taken.append(time.process_time() - began)
    return p95(taken) * 1e3


async def rendered(promptuary: Promptuary) -> tuple[float, float]:
    """p95 of filling a prompt of a condition and a loop, warm, beside Jinja alone: CPU, in ms."""
    text = "Dear {{ name }}, {% if n > 3 %}many{% endif %}{% for x in l %} {{ x }},{% endfor %}"
    kept = await promptuary.library.save("bench/letter", PromptContent(text))
    values: dict[str, Any] = {"name": "Ada", "n": 5, "l": ["a", "b", "c"]}
    renderer, whole, bare = Renderer(), Included(kept.version), Template(text)
    ours, theirs = [], []
    for _ in range(2_000):
        began = time.process_time()
        filled(renderer, kept, whole, values, {})
        between = time.process_time()
        bare.render(**values)
        theirs.append(time.process_time() - between)
        ours.append(between - began)
    return p95(ours[200:]) * 1e3, p95(theirs[200:]) * 1e3


async def measure(sizes: tuple[int, ...]) -> list[dict[str, Any]]:
    """All of it, in homes that are thrown away."""
    rows = []
    for count in sizes:
        with tempfile.TemporaryDirectory() as name:
            async with await Promptuary.open(Path(name) / "home") as promptuary:
                await fill(promptuary, count)
                cpu, clock = await served(promptuary, count)
                found = await searched(promptuary)
                one, bare = await rendered(promptuary)
            peer = like(Path(name), count)
        if count == sizes[0]:
            first, again, singly = await imported(count)
            told = f"import of a bundle of {count:,}, a prompt"
            rows.append(row(f"{told}: CPU", "", first, "ms", "saved one by one", singly))
            rows.append(row(f"{told}, again: CPU", "", again, "ms", "", None))
            rows.append(row("render, warm p95: CPU", "<= 0.2 ms", one, "ms", "Jinja alone", bare))
        told = f"{count:,} prompts"
        rows.append(row(f"get by label p95, {told}: CPU", "<= 5 ms", cpu, "ms", "", None))
        rows.append(
            row(f"get by label p95, {told}: by the clock", "<= 5 ms", clock, "ms", "", None)
        )
        rows.append(row(f"search p95, {told}: CPU", "<= 15 ms", found, "ms", "SQL LIKE", peer))
    rows.append(row("load average meanwhile", "", os.getloadavg()[0], "", "", None))
    return rows


def main(output: Path, sizes: tuple[int, ...]) -> None:
    """Measure and write."""
    output.write_text(json.dumps(asyncio.run(measure(sizes)), indent=1) + "\n", "utf-8")
