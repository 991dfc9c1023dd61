"""Whatever is sent is kept as it was sent, and what is placed comes back byte for byte."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from outcomes import verify_all_is_kept

from promptuary import Promptuary
from promptuary.cli.running import run
from promptuary.settings import Settings

ROOT = Path(__file__).parents[2]
NAMES = ["Ada", "Bo", "Cy", "Di", "Ed", "Flo", "Gus", "Hal", "Ida", "Jo", "Kim", "Lou"]

LINES = {
    "nul": "Show record \0{}\0 to the\0 clerk.",
    "lone surrogates": "Decode \ud800{}\udfff and \udc80 into plain words.",
    "right to left": "\u202eاكتب رسالة قصيرة إلى {} عن \u202bالطقس\u202c اليوم.",
    "zero width": "Ask\u200b \u200c{}\u200d for\ufeff the\u2060 report, please.",
    "emoji": "Cheer 👩‍👩‍👧‍👦 {} up 🇫🇮 with 👍🏽 three kind words 🎉.",
    "mixed line endings": "Dear {},\r\nplease read\rthis\nand answer\u2028it\x0b\x0csoon.\r\n",
    "combining marks": "Greet {} with " + "e" + "\u0301\u0323\u0308" * 40 + " and nothing else.",
    "not normalised": "Sort ﬁve \u212bngstro\u0308m and \u00c5 for {}; Ⅳ ½ ｆｕｌｌ width.",
    "named braces": "Fill {{{{name}}}} and {{s0}} and {{0}} and {{}} for {} today.",
    "jinja": "{{% for x in xs %}}{{{{ x | e }}}}{{% endfor %}} {{# note #}} for {} and ${{HOME}}.",
    "backslashes": r"Escape \{} and \\{} and \n \x00 \u0000 \{{\}} \\ for the parser.",
    "json": '{{"role": "user", "content": "Hello {}", "n": [1, 2, {{"a": null}}]}}',
    "percent and dollars": "Print %s %(name)s $1 ${{x}} $$ %% for {} and stop.",
    "markup": "<b>Bold</b> {} &amp; <script>alert(1)</script> [red]text[/red] `x`.",
    "sql": "'; DROP TABLE prompts; -- {} \" OR 1=1",
    "white space": "  \t Indent   {}\t\tby  four\u00a0spaces\u3000here  \n\n ",
    "own marks": "{{s0}} ⟨0⟩ <*> <slot> ___ … {} \ue000 \uf8ff \U000f0000 \x1f",
}
"""Prompts with a name in them; a template each, one would think."""

SPECIAL: dict[str, Callable[[], list[str]]] = {
    "one word of a million letters": lambda: ["w" * 1_000_000, "w" * 999_999 + "v"],
    "a prompt of a megabyte": lambda: [
        f"Report {n}: " + " ".join(f"word{k}" for k in range(120_000))[:990_000] for n in range(4)
    ],
    "only punctuation": lambda: ["?" * n + "!,.;:-" * (n % 5) for n in range(1, 200)],
    "single characters": lambda: [chr(c) for c in range(33, 0x3000, 37)],
    "thousands that differ by a number": lambda: [
        f"Summarise ticket {n} for the support team." for n in range(3_000)
    ],
    "one prompt ten thousand times": lambda: ["Say good morning to everybody."] * 10_000,
    "deep brackets": lambda: [f"Balance {'([{' * n}{'}])' * n} for me." for n in range(1, 120)],
    "many lines": lambda: [f"List {n}\n" + "\n".join(["item"] * n) for n in range(1, 150)],
    "nothing but the same word": lambda: ["buffalo " * n for n in range(1, 300)],
    "words in every order": lambda: [
        " ".join(random.Random(n).sample(NAMES, len(NAMES))) for n in range(300)
    ],
    "empty values": lambda: [f"Name: {name}\nCity:\nNote: \n" for name in (*NAMES, "", " ")],
}


def spoken(line: str) -> list[str]:
    return [line.format(*[name] * line.count("{}")) for name in NAMES]


@pytest.mark.anyio
@pytest.mark.slow
@pytest.mark.parametrize("line", LINES.values(), ids=LINES.keys())
async def test_odd_texts_are_kept_and_come_back_byte_for_byte(line: str, tmp_path: Path) -> None:
    sent = spoken(line)
    async with await Promptuary.open(tmp_path) as opened:
        report = await opened.ingest(sent)
        await verify_all_is_kept(opened, sent)
        assert report.accepted == len(NAMES)
        assert (await opened.search("Ada", mode="words")).hits or "Ada" not in sent[0]


@pytest.mark.anyio
@pytest.mark.slow
async def test_odd_texts_are_kept_by_postgresql_too(tmp_path: Path, postgresql_url: str) -> None:
    sent = [text for line in LINES.values() for text in spoken(line)]
    settings = Settings(home=tmp_path, database_url=postgresql_url)
    async with await Promptuary.open(settings=settings) as opened:
        await opened.ingest(sent)
        await verify_all_is_kept(opened, sent)


@pytest.mark.anyio
@pytest.mark.slow
@pytest.mark.parametrize("make", SPECIAL.values(), ids=SPECIAL.keys())
async def test_odd_traffic_is_kept_and_comes_back_byte_for_byte(
    make: Callable[[], list[str]], tmp_path: Path
) -> None:
    sent = make()
    async with await Promptuary.open(tmp_path) as opened:
        report = await opened.ingest(sent)
        await verify_all_is_kept(opened, sent)
    assert (report.accepted, report.duplicates) == (len(set(sent)), len(sent) - len(set(sent)))


@pytest.mark.anyio
@pytest.mark.slow
async def test_everything_odd_at_once_is_mined_together(tmp_path: Path) -> None:
    sent = [text for line in LINES.values() for text in spoken(line)]
    random.Random(5).shuffle(sent)
    async with await Promptuary.open(tmp_path) as opened:
        await opened.ingest(sent)
        await verify_all_is_kept(opened, sent)
        placed = [row.template async for row in opened.placements()]
    assert sum(template is not None for template in placed) > len(sent) / 2


def ingested(file: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict]:
    """The exit code and the report of `promptuary ingest`."""
    capsys.readouterr()
    code = run(["ingest", str(file), "--home", str(home), "--json"])
    said = capsys.readouterr()
    return code, json.loads(said.out or said.err.splitlines()[-1])


FILES: dict[str, tuple[str, bytes, int, int]] = {
    "an empty file": ("a.txt", b"", 0, 1),
    "nothing but line ends": ("a.txt", b"\r\n\n\r\n\n", 0, 1),
    "invalid UTF-8 in the middle": ("a.txt", b"first line\nbad \xff\xfe line\nlast line\n", 2, 1),
    "mixed line ends": ("a.txt", b"one prompt\r\ntwo prompts\nthree\rfour prompts", 4, 0),
    "a byte order mark": ("a.txt", b"\xef\xbb\xbfwith a mark\nwithout one\n", 2, 0),
    "NUL and control characters": ("a.txt", b"a\0b\x01c\nd\x1be\n", 2, 0),
    "malformed JSON in the middle": ("a.jsonl", b'{"text": "a b"}\n{oops\n{"text": "c d"}\n', 2, 1),
    "JSON of other shapes": ("a.jsonl", b'{"text": "a"}\n[1]\n3\nnull\n{"text": 7}\n"b"\n', 2, 1),
    "lone surrogates in JSON": ("a.jsonl", b'{"text": "a \\ud800 b"}\n', 1, 0),
    "JSON as deep as the sea": ("a.jsonl", b'{"text": "a"}\n' + b"[" * 99_999 + b"\n", 1, 1),
    "a number of many digits": ("a.jsonl", b'{"text": "a", "n": ' + b"9" * 9_999 + b"}\n", 0, 1),
    "a CSV without such a column": ("a.csv", b"name,city\nAda,Oslo\n", 0, 1),
    "a CSV with an open quote": ("a.csv", b'text\nfine words\n"never closed\n', 1, 1),
    "a CSV with NUL": ("a.csv", b"text\nfine\0words\nmore words\n", 2, 0),
}
"""Name, content, how many prompts are in it, and the exit code."""


@pytest.mark.slow
@pytest.mark.parametrize(("name", "content", "prompts", "code"), FILES.values(), ids=FILES.keys())
def test_files_of_every_kind_give_what_is_in_them_and_name_what_is_not(
    name: str,
    content: bytes,
    prompts: int,
    code: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / name).write_bytes(content)
    ended, report = ingested(tmp_path / name, tmp_path / "home", capsys)
    assert ended == code
    assert report.get("accepted", 0) == prompts
    assert code == 0 or report.get("rejected") or report["error"]["code"] == "INVALID_INPUT"


def test_a_folder_is_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, report = ingested(tmp_path, tmp_path / "home", capsys)
    assert (code, report["error"]["code"]) == (1, "INVALID_INPUT")
    assert "folder" in report["error"]["message"]


def crowd(lines: int) -> str:
    """Short prompts: four templates with many values, and many that stand alone."""
    rng = random.Random(11)
    words = "amber basil cedar delta ember fjord grove harbor ivory jasper karma lemon".split()
    made = []
    for n in range(lines):
        a, b, c = (rng.choice(words) for _ in range(3))
        number = rng.randrange(10**6)
        kinds = [
            f"Summarise order {number} in one line",
            f"Translate {a} {b} {number} into Finnish",
            f"Is {a} {number} better than {b}?",
            f"Write a haiku about {a} and {b} number {number}",
            f"{a} {b} {number} {c} {rng.choice(words)}",
        ]
        made.append(kinds[n % len(kinds)])
    return "\n".join(made)


@pytest.mark.slow
def test_each_of_a_hundred_thousand_lines_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Time and memory of such a file are measured in `bench/`; placing it is left to a worker."""
    text = crowd(100_000)
    (tmp_path / "all.txt").write_text(text)
    code = run(
        ["ingest", str(tmp_path / "all.txt"), "--no-place", "--json", "--home", str(tmp_path / "h")]
    )
    report = json.loads(capsys.readouterr().out)
    distinct = len(set(text.splitlines()))
    assert code == 0
    assert (report["accepted"], report["duplicates"]) == (distinct, 100_000 - distinct)
