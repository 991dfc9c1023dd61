"""What a prompt that lacks its requirements gets from five neighbours: are they among it?

The lines of lists of a real prompt are held out. What is left of it looks for five neighbours among
the other prompts (repeats of it are left out before), and what they would lend is compared with
what was held out: a requirement is there when one lent statement says at least half of its content
words. Beside the neighbours of the library's search stand those of BM25 alone and random ones, with
the same lending.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.library_duplicates import SEED, read_apart
from bench.peer_bm25 import Bm25
from bench.speed import row
from promptuary import Promptuary
from promptuary.domain.library import (
    About,
    LibraryPrompt,
    Origin,
    PromptContent,
    PromptVersion,
    library_prompt_id,
    version_id,
)
from promptuary.domain.refining import Neighbour
from promptuary.library.improving import lenders
from promptuary.library.refining.arranging import arrange
from promptuary.library.refining.borrowing import suggestions
from promptuary.retrieval.function_words import content_words
from promptuary.retrieval.stems import stem
from promptuary.retrieval.words import terms

LINE = re.compile(r"^[ \t]*(?:[-*•]|\d{1,2}[.)])[ \t]+(\S.{10,298}\S)[ \t]*$", re.MULTILINE)
LEAST_LINES, LEAST_REST = 3, 60
NEIGHBOURS, ASKED = 5, 150
NOW = datetime(2030, 1, 1, tzinfo=UTC)


def known(text: str) -> frozenset[str]:
    """The stems of its content words."""
    return frozenset(stem(word) for word in content_words(terms(text)))


def recalled(held_out: Sequence[str], lent: Sequence[str]) -> float:
    """The share of what was held out of which a lent statement says half of the words."""
    said = [known(line) for line in lent]
    wanted = [words for line in held_out if (words := known(line))]
    there = sum(any(2 * len(words & each) >= len(words) for each in said) for words in wanted)
    return there / len(wanted) if wanted else 0.0


def lent(rest: str, texts: Sequence[str]) -> list[str]:
    """What these neighbours would lend to a prompt."""
    near = [Neighbour(Origin("prompt", str(at)), "", t, 1.0, 5.0, 9) for at, t in enumerate(texts)]
    return [each.text for each in suggestions(arrange(rest), near, most=None)]


async def keep(promptuary: Promptuary, titles: Sequence[str], texts: Sequence[str]) -> None:
    """Straight into the record, slugs by their places."""
    made = []
    for place, (title, text) in enumerate(zip(titles, texts, strict=True)):
        content = PromptContent(text, syntax="plain")
        slug, said = f"p{place}", version_id(content)
        own = library_prompt_id(slug)
        about = About(title or slug)
        prompt = LibraryPrompt(own, slug, about, 1, 1, said, 0, 0, None, False, NOW, NOW)
        made.append((prompt, PromptVersion(said, own, 1, "main", content, (), "", "", NOW)))
    async with promptuary._record.begin() as tx:
        for prompt, _ in made:
            await tx.library.create(prompt)
        await tx.library.publish([version for _, version in made])
        await tx.outbox.add("library", [prompt.id for prompt, _ in made])
    await promptuary._follower.catch_up()


async def measured(titles: Sequence[str], texts: Sequence[str]) -> dict[str, float]:
    """The mean recall by where neighbours come from."""
    dice = random.Random(SEED)
    able = [at for at, text in enumerate(texts) if len(LINE.findall(text)) >= LEAST_LINES]
    rests = {at: LINE.sub("", texts[at]).strip() for at in able}
    asked = [at for at in able if len(rests[at]) >= LEAST_REST]
    asked = dice.sample(asked, min(ASKED, len(asked)))
    bm25 = Bm25(texts)
    sums = dict.fromkeys(("search", "bm25", "random"), 0.0)
    with tempfile.TemporaryDirectory() as name:
        async with await Promptuary.open(Path(name) / "home") as promptuary:
            await keep(promptuary, titles, texts)
            for at in asked:
                found = await lenders(promptuary.library, rests[at], NEIGHBOURS + 1)
                near = {
                    "search": [int(each.origin.id.partition("@")[0][1:]) for each in found],
                    "bm25": [each for each, _ in bm25.search(rests[at][:600], NEIGHBOURS + 1)],
                    "random": dice.sample(range(len(texts)), NEIGHBOURS + 1),
                }
                held_out = LINE.findall(texts[at])
                for which, places in near.items():
                    others = [texts[each] for each in places if each != at][:NEIGHBOURS]
                    sums[which] += recalled(held_out, lent(rests[at], others))
    return {which: total / len(asked) for which, total in sums.items()}


def main(path: Path, data: Path) -> None:
    """Measure and write."""
    lines = (data / "rag" / "prompts_search" / "corpus.jsonl").read_text().split("\n")
    rows = [json.loads(line) for line in lines if line]
    titles = {each["text"]: each["title"] for each in rows if each["text"].strip()}
    texts = read_apart(list(titles))
    found = asyncio.run(measured([titles[text] for text in texts], texts))
    told = "held-out requirements among what 5 neighbours lend: recall"
    rows = [
        row(told, ">= .32", found["search"], "", "neighbours by BM25", found["bm25"]),
        row("the same with random neighbours", "", found["random"], "", "", None),
    ]
    path.write_text(json.dumps(rows, indent=1) + "\n")
