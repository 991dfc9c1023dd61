"""Corpora made to hurt: how time and memory grow with their size, and whether all comes back.

Each corpus at each size goes through the engine (record, windows, mining; no search index) in a
process of its own. Growth is the exponent of CPU time between the smallest and the largest size,
start-up taken off: 1 is linear. Every placed prompt is compared with what its template, slot values
and residual give back.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from bench.processes import python, run
from bench.speed import Row
from bench.speed import row as line
from promptuary.adapters.clocks.system import SystemClock
from promptuary.canon.browse import placement_rows
from promptuary.canon.ingest import Canon, ingest
from promptuary.canon.receive import Reception
from promptuary.canon.templates import residual
from promptuary.canon.templates.filling import fill
from promptuary.domain.prompts import IncomingPrompt
from promptuary.plugins import open_embedder, open_moderator, open_unit_of_work

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "ai", "ou")]
HAN = [chr(code) for code in range(0x4E00, 0x4E00 + 3_000)]

Corpus = Callable[[int, Random], list[str]]


def word(luck: Random) -> str:
    """A word that hardly comes twice."""
    return "".join(luck.choices(SYLLABLES, k=luck.randint(2, 4)))


def prose(luck: Random, count: int) -> str:
    """So many words."""
    return " ".join(word(luck) for _ in range(count))


def one_offs(size: int, luck: Random) -> list[str]:
    """Nothing in common."""
    return [f"{prose(luck, luck.randint(6, 25))}?" for _ in range(size)]


def one_template(size: int, luck: Random) -> list[str]:
    """One template, other values each time."""
    return [
        f"Write a {word(luck)} letter to {word(luck)} about order {luck.randrange(10**9)}, please."
        for _ in range(size)
    ]


def same_text(size: int, _: Random) -> list[str]:
    """The very same prompt, again and again."""
    return ["Tell me what the weather will be like in Tampere tomorrow."] * size


def prefixes(size: int, luck: Random) -> list[str]:
    """Each is a beginning of the next; a new text every 200."""
    texts: list[str] = []
    while len(texts) < size:
        words = prose(luck, 203).split()
        texts += [" ".join(words[:count]) for count in range(3, 203)]
    return texts[:size]


def long_prompts(size: int, luck: Random) -> list[str]:
    """Ten thousand words each; `size` counts words, in thousands."""
    common = [word(luck) for _ in range(2_000)]
    head = "Summarise this report in {} lines.\n\n"
    return [
        head.format(luck.randrange(99)) + " ".join(luck.choices(common, k=10_000))
        for _ in range(max(3, size // 10))
    ]


def numbers(size: int, luck: Random) -> list[str]:
    """Only numbers."""
    return [
        " ".join(str(luck.randrange(10 ** luck.randint(1, 9))) for _ in range(luck.randint(3, 30)))
        for _ in range(size)
    ]


def code(size: int, luck: Random) -> list[str]:
    """Only code, of few keywords and many names."""
    return ["\n".join(_line(luck) for _ in range(luck.randint(3, 15))) for _ in range(size)]


def _line(luck: Random) -> str:
    a, b, c = word(luck), luck.choice("xyzijk"), luck.randrange(100)
    return luck.choice(
        (
            f"def {a}({b}, {b}{c}):",
            f"    return {a}[{b}] + {c}",
            f"    for {b} in range({c}):",
            f"    if {b} == {c}: {a}.append({b})",
            f"const {a} = ({b}) => {{ return {b} * {c}; }};",
            f"SELECT {a} FROM {b}{c} WHERE {b} > {c};",
        )
    )


def without_spaces(size: int, luck: Random) -> list[str]:
    """Chinese: every character is a word."""
    head = "请把下面的句子翻译成{}："
    return [
        head.format(luck.choice(("英语", "法语", "德语")))
        + "".join(luck.choices(HAN, k=luck.randint(5, 60)))
        for _ in range(size)
    ]


def templates_in_values(size: int, luck: Random) -> list[str]:
    """Values that are prompts of other templates, three deep."""
    frames = [f"{prose(luck, 3)} {{}} {prose(luck, 4)}." for _ in range(12)]

    def nested(depth: int) -> str:
        return luck.choice(frames).format(nested(depth - 1)) if depth else word(luck)

    return [nested(luck.randint(1, 3)) for _ in range(size)]


def template_syntax(size: int, luck: Random) -> list[str]:
    """Braces of every template language, as text."""
    marks = (
        "{{{{{}}}}}",
        "{{{}}}",
        "{{% if {} %}}",
        "${{{}}}",
        "{{{{#{}}}}}",
        "{{{{s0}}}}{}",
        "%({})s",
    )
    return [
        f"Render {luck.choice(marks).format(word(luck))} with {luck.choice(marks).format('x')} "
        f"for {word(luck)} }}}} and {{ {luck.randrange(999)}."
        for _ in range(size)
    ]


def near_collisions(size: int, luck: Random) -> list[str]:
    """Texts that differ in one character of a long one, or in nothing that can be seen."""
    base = list(prose(luck, 40))
    texts = []
    for number in range(size):
        changed = base.copy()
        changed[luck.randrange(len(changed))] = luck.choice("abcdefghij\u200b\u00a0 ")
        texts.append("".join(changed) + " " * (number % 7))
    return texts


def deep_json(size: int, luck: Random) -> list[str]:
    """JSON in JSON in JSON."""

    def value(depth: int) -> Any:
        return {word(luck): [value(depth - 1), luck.randrange(99)]} if depth else word(luck)

    return [json.dumps({"messages": value(luck.randint(5, 40))}) for _ in range(size)]


def one_character(size: int, luck: Random) -> list[str]:
    """A character, or a word, repeated."""
    return [
        luck.choice(("a", "a ", "ha ", "\u4e00", "{", "\n.")) * luck.randint(1, 2_000)
        for _ in range(size)
    ]


def shared_beginning(size: int, luck: Random) -> list[str]:
    """A long system prompt that all share, then anything."""
    head = prose(luck, 120)
    return [f"{head}\n\n{prose(luck, luck.randint(5, 40))}" for _ in range(size)]


def many_templates(size: int, luck: Random) -> list[str]:
    """Five prompts a template: as many templates as there can be."""
    texts: list[str] = []
    while len(texts) < size:
        frame = f"{prose(luck, 5)} {{}} {prose(luck, 4)}: {{}}"
        texts += [frame.format(word(luck), prose(luck, 3)) for _ in range(5)]
    return texts[:size]


def mixed(size: int, luck: Random) -> list[str]:
    """Some of each, shuffled."""
    kinds = [
        one for name, one in CORPORA.items() if name not in ("mixed", "long_prompts", "same_text")
    ]
    texts = [text for kind in kinds for text in kind(max(1, size // len(kinds)), luck)]
    luck.shuffle(texts)
    return texts


CORPORA: Mapping[str, Corpus] = {
    one.__name__: one
    for one in (
        one_offs,
        one_template,
        same_text,
        prefixes,
        long_prompts,
        numbers,
        code,
        without_spaces,
        templates_in_values,
        template_syntax,
        near_collisions,
        deep_json,
        one_character,
        shared_beginning,
        many_templates,
        mixed,
    )
}


async def worked(texts: Sequence[str], folder: Path, window: int) -> dict[str, Any]:
    """Ingest through the engine; what was found, and whether all that was placed comes back."""
    record = await open_unit_of_work(f"sqlite:///{folder / 'record.db'}")
    reception = Reception(record, await open_moderator("rules:"), SystemClock(), 10**6)
    embedder = await open_embedder("static:")
    canon = Canon(reception, embedder, window=window, minimum=3, threshold=None, isolated=False)
    prompts = [
        IncomingPrompt(text, id=str(at), created_at=BEGIN + timedelta(seconds=at))
        for at, text in enumerate(texts)
    ]
    started = time.process_time()
    report = await ingest(canon, prompts, "default", None, place=True)
    seconds = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    wrong = clusters = 0
    seen = set()
    async for row in placement_rows(record, "default"):
        if row.template is not None:
            seen.add(row.cluster_id)
            given = residual.apply(row.residual or "", fill(row.template, row.slots))
            wrong += given != texts[int(row.id)]
    clusters = len(seen)
    await record.aclose()
    return {
        "cpu_seconds": round(seconds, 2),
        "peak_mib": round(peak),
        "clusters": clusters,
        "placed": report.placed,
        "alone": report.alone,
        "wrong": wrong,
    }


def measure(names: Sequence[str], sizes: Sequence[int], window: int) -> Iterator[dict[str, Any]]:
    """A row for each corpus at each size."""
    for name in names:
        for size in sizes:
            with tempfile.TemporaryDirectory() as folder:
                answer = Path(folder) / "answer.json"
                plan = json.dumps([name, size, window])
                run(python("-m", "bench.adversarial", "--one", plan), output=answer)
                yield {"corpus": name, "size": size, **json.loads(answer.read_text("utf-8"))}


def growth(rows: Sequence[Mapping[str, Any]]) -> float:
    """Exponent of CPU time between the smallest and the largest size of one corpus; 0 for one."""
    first, last = rows[0], rows[-1]
    if first["size"] == last["size"]:
        return 0.0
    times = max(last["cpu_seconds"], 0.01) / max(first["cpu_seconds"], 0.01)
    return round(math.log(times) / math.log(last["size"] / first["size"]), 2)


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Markdown: a line each corpus."""
    sizes = sorted({row["size"] for row in rows})
    head = " | ".join(f"{size:,}: CPU s, MiB" for size in sizes)
    lines = [f"| corpus | {head} | growth | wrong |", "|---|" + "---|" * (len(sizes) + 2)]
    for name in dict.fromkeys(row["corpus"] for row in rows):
        own = [row for row in rows if row["corpus"] == name]
        cells = " | ".join(f"{row['cpu_seconds']}, {row['peak_mib']}" for row in own)
        wrong = sum(row["wrong"] for row in own)
        lines.append(f"| {name} | {cells} | {growth(own)} | {wrong} |")
    return "\n".join(lines)


def as_rows(rows: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Lines of the table of results."""
    lines: list[Row] = []
    for name in dict.fromkeys(one["corpus"] for one in rows):
        own = [one for one in rows if one["corpus"] == name]
        sizes = f"{own[0]['size']:,} to {own[-1]['size']:,}"
        said = f"{own[-1]['cpu_seconds']} s and {own[-1]['peak_mib']} MiB for the last"
        what = f"{name}, {sizes}: growth of CPU time ({said})"
        lines.append(line(what, "near 1", growth(own), "", "", None))
    wrong = sum(one["wrong"] for one in rows)
    return [*lines, line("prompts that do not come back byte for byte", "0", wrong, "", "", None)]


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.adversarial", description=__doc__)
    parser.add_argument("--one", help="[corpus, size, window] as JSON: run it and print the row")
    parser.add_argument("--corpora", nargs="+", default=list(CORPORA), choices=list(CORPORA))
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 3_000, 10_000])
    parser.add_argument("--window", type=int, default=8_000)
    parser.add_argument("--output", type=Path)
    asked = parser.parse_args()
    if asked.one:
        name, size, window = json.loads(asked.one)
        texts = CORPORA[name](size, Random(size))
        with tempfile.TemporaryDirectory() as folder:
            json.dump(asyncio.run(worked(texts, Path(folder), window)), sys.stdout)
        return
    rows = []
    for row in measure(asked.corpora, asked.sizes, asked.window):
        rows.append(row)
        print(json.dumps(row), flush=True)
    print(table(rows))
    if asked.output:
        asked.output.write_text(json.dumps(as_rows(rows), indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
