"""Makes a few thousand prompts such as a company's traffic: the same every time for a seed.

    python examples/generate_prompts.py --output prompts.jsonl

Eight weeks of support, code review, extraction, questions over documents, translation, agents and
more, in five languages, with typos, polite words around them and one-off prompts in between. In
week five the wording of two templates changes, and one of them gains a slot. `--labelled` adds what
is true of each prompt, for `promptuary eval canon`.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
BEGIN = datetime(2026, 8, 3, tzinfo=UTC)  # a Monday
WEEKS = 8
ONE_OFF_SHARE = 0.11
TEMPLATED = 3600
POLITE = (
    "Please: ",
    "Hi, ",
    "Hello! ",
    "Hey there, ",
    "Could you help me? ",
    "Good morning. ",
    "Quick one: ",
    "I need your help. ",
)
THANKS = (" Thanks!", " Thank you in advance.", " Many thanks.", "\n\nThanks a lot!", " Cheers")
HOLE = re.compile(r"\{([a-z_]+2?)\}")


@dataclass(frozen=True)
class Wording:
    """One template. `weight` is how often it is used; it is in use from week `first` to `last`."""

    key: str
    family: str
    text: str
    weight: int
    first: int = 0
    last: int = WEEKS - 1
    kind: str = "text"


@dataclass(frozen=True)
class Row:
    """A prompt, and the wording it was made from; None for a one-off."""

    at: datetime
    text: str
    wording: Wording | None


class Maker:
    """Fills wordings with values, and makes some of them untidy."""

    def __init__(self, seed: int) -> None:
        material = json.loads((HERE / "prompt_material.json").read_text("utf-8"))
        self.luck = random.Random(seed)
        self.wordings = [Wording(**each) for each in material["wordings"]]
        self.values: Mapping[str, Any] = material["values"]

    def prompt(self, wording: Wording) -> str:
        """A prompt of that wording."""
        language = self.luck.choice(("Python", "JavaScript", "Go"))
        together = {
            "language": language,
            "framework": self.luck.choice(self.values["frameworks"][language]),
            "code": self.code(language),
        }
        return self.untidy(self.filled(wording.text, together), code=wording.kind == "code")

    def prose(self, frames: str, least: int, most: int) -> str:
        """Some sentences, so varied that hardly two prompts share one."""
        count = self.luck.randint(least, most)
        return " ".join(
            self.filled(frame) for frame in self.luck.sample(self.values[frames], count)
        )

    def lines(self, frames: str, least: int, most: int) -> str:
        """The same, a line each."""
        count = self.luck.randint(least, most)
        return "\n".join(self.filled(f) for f in self.luck.sample(self.values[frames], count))

    def code(self, language: str) -> str:
        """A function that nobody should ship."""
        body = self.luck.sample(self.values["code_lines"][language], self.luck.randint(2, 5))
        head, end = self.values["code_heads"][language], self.values["code_ends"][language]
        return "\n".join(self.filled(line) for line in (head, *body, end))

    def filled(self, text: str, known: Mapping[str, str] | None = None) -> str:
        """The text with its holes filled; values may have holes of their own."""
        known = known or {}

        def value(hole: re.Match[str]) -> str:
            if hole[1] in known:
                return known[hole[1]]
            if hole[1] in SIMPLE:
                return SIMPLE[hole[1]](self)
            return self.filled(self.pick(LISTS[hole[1]]), known) if hole[1] in LISTS else hole[0]

        return HOLE.sub(value, text)

    def pick(self, name: str) -> str:
        """One value out of a list of the material."""
        value: str = self.luck.choice(self.values[name])
        return value

    def untidy(self, text: str, *, code: bool) -> str:
        """Most prompts stay as they are; some get what people put around, into or out of them."""
        if self.luck.random() < 0.12:
            head = self.luck.choice(POLITE)
            text = head + (text[0].lower() + text[1:] if head[-2] == "," else text)
        if self.luck.random() < 0.08:
            text += self.luck.choice(THANKS)
        if self.luck.random() < 0.10:
            text = self.misspelt(text)
        if not code and self.luck.random() < 0.05:
            text = text.lower()
        if self.luck.random() < 0.06:
            text = self.luck.choice(
                (text + " ", text + "\n", text.replace(". ", ".  "), " " + text)
            )
        return text

    def misspelt(self, text: str) -> str:
        """One of the longer words with two letters swapped, one lost or one doubled."""
        words = [word for word in re.finditer(r"[A-Za-z]{5,}", text) if word[0].islower()]
        if not words:
            return text
        word = self.luck.choice(words)
        at = self.luck.randrange(word.start() + 1, word.end() - 2)
        wrong = (text[at + 1] + text[at], text[at], text[at] * 2 + text[at + 1])
        return text[:at] + self.luck.choice(wrong) + text[at + 2 :]


def _number(maker: Maker) -> str:
    return str(maker.luck.choice((3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 120)))


def _date(maker: Maker) -> str:
    day = BEGIN + timedelta(days=maker.luck.randrange(7, 160))
    return maker.luck.choice((f"{day:%Y-%m-%d}", f"{day.day} {day:%B}", f"{day:%d.%m.%Y}"))


SIMPLE: Mapping[str, Callable[[Maker], str]] = {
    "number": _number,
    "date": _date,
    "digit": lambda maker: str(maker.luck.randrange(1, 9)),
    "hour": lambda maker: str(maker.luck.randrange(8, 19)),
    "people": lambda maker: str(maker.luck.randrange(2, 9)),
    "yen": lambda maker: f"{maker.luck.randrange(3, 40)}0000",
    "amount": lambda maker: f"{maker.luck.randrange(900, 98000) / 100:.2f}",
    "ticket": lambda maker: str(maker.luck.randrange(10_000, 99_999)),
    "order": lambda maker: f"{maker.luck.choice('ABKRS')}-{maker.luck.randrange(10_000, 99_999)}",
    "name": lambda maker: f"{maker.pick('names')} {maker.pick('surnames')}",
    "complaint": lambda maker: maker.prose("complaint_frames", 1, 4),
    "review": lambda maker: maker.prose("review_frames", 1, 4),
    "passage": lambda maker: maker.prose("frames", 2, 6),
    "question": lambda maker: maker.prose("ask_frames", 1, 1),
    "notes": lambda maker: maker.prose("frames", 2, 5),
    "sentence": lambda maker: maker.prose("frames", 1, 2),
    "invoice": lambda maker: maker.prose("invoice_frames", 2, 4),
    "logline": lambda maker: maker.lines("log_frames", 1, 2),
    "ask": lambda maker: maker.prose("ask_sql", 1, 1),
    "tables": lambda maker: maker.prose("table_frames", 1, 1),
    "query": lambda maker: (
        maker.lines("query_heads", 1, 1) + "\n" + maker.lines("query_lines", 1, 4)
    ),
    "diff": lambda maker: maker.lines("diff_lines", 1, 3),
    "fields": lambda maker: " and ".join(maker.luck.sample(maker.values["field_kinds"], 2)),
    "beschwerde": lambda maker: maker.prose("de_frames", 1, 3),
    "text_de": lambda maker: maker.prose("de_frames", 2, 4),
    "text_fr": lambda maker: maker.prose("fr_frames", 1, 3),
    "mensaje": lambda maker: maker.prose("es_frames", 1, 3),
    "text_ja": lambda maker: maker.prose("ja_frames", 1, 2),
}
LISTS: Mapping[str, str] = {
    "colleague": "names",
    "surname": "surnames",
    "city": "cities",
    "town": "cities",
    "product": "products",
    "database": "databases",
    "tongue": "tongues",
    "tone": "tones",
    "audience": "audiences",
    "topic": "topics",
    "meeting": "meetings",
    "error": "errors",
    "label": "labels",
    "company": "companies",
    "verb": "verbs",
    "city_ja": "cities_ja",
    "thing": "things",
    "adjective": "adjectives",
    "place": "places",
    "did": "did",
    "do": "do",
    "when": "when",
    "fault": "faults",
    "ordinal": "ordinals",
    "praise": "praises",
    "ident": "idents",
    "ident2": "idents",
    "ding": "dinge",
    "tat": "taten",
    "chose": "choses",
    "fait": "faits",
    "cosa": "cosas",
    "hecho": "hechos",
    "mono": "mono_ja",
    "koto": "koto_ja",
}


def generate(seed: int = 7) -> list[Row]:
    """All prompts, sorted by time."""
    maker = Maker(seed)
    rows = [*_templated(maker), *_one_offs(maker)]
    rows.sort(key=lambda row: (row.at, row.text))
    return rows


def _templated(maker: Maker) -> Iterator[Row]:
    for _ in range(TEMPLATED):
        week = maker.luck.randrange(WEEKS)
        used = [each for each in maker.wordings if each.first <= week <= each.last]
        wording = maker.luck.choices(used, [each.weight for each in used])[0]
        yield Row(_moment(maker.luck, week), maker.prompt(wording), wording)


def _one_offs(maker: Maker) -> Iterator[Row]:
    """Each once by itself, and some of them two by two: no wording comes three times."""
    texts = (HERE / "one_offs.txt").read_text("utf-8").splitlines()
    shuffled = maker.luck.sample(texts, len(texts))
    pairs = [f"{a} {b}" for a, b in zip(shuffled[::2], shuffled[1::2], strict=False)]
    count = int(TEMPLATED * ONE_OFF_SHARE / (1 - ONE_OFF_SHARE))
    for text in [*texts, *pairs][:count]:
        yield Row(_moment(maker.luck, maker.luck.randrange(WEEKS)), text, None)


def _moment(luck: random.Random, week: int) -> datetime:
    """More on workdays and in working hours."""
    day = luck.choices(range(7), (9, 10, 10, 10, 8, 2, 1))[0]
    second = int(luck.triangular(6 * 3600, 22 * 3600, 11 * 3600))
    return BEGIN + timedelta(weeks=week, days=day, seconds=second)


def as_json(row: Row, number: int, *, labelled: bool) -> str:
    """One line of the file."""
    shown: dict[str, Any] = {
        "id": f"p-{number:05}",
        "created_at": row.at.isoformat(),
        "source": "demo",
        "text": row.text,
    }
    if labelled:
        wording = row.wording
        shown["kind"] = wording.kind if wording else "singleton"
        shown["family_id"] = wording.family if wording else f"alone-{number}"
        shown["template_id"] = f"{wording.key}/{wording.first}" if wording else f"alone-{number}"
        shown["template"] = wording.text if wording else row.text
    return json.dumps(shown, ensure_ascii=False)


def main() -> None:
    """Write the prompts."""
    parser = argparse.ArgumentParser(description="Make demo prompts as JSON lines.")
    parser.add_argument("--seed", type=int, default=7, help="another seed, other prompts")
    parser.add_argument("--output", type=Path, help="a file; else standard output")
    parser.add_argument("--labelled", action="store_true", help="add the truth")
    wanted = parser.parse_args()
    rows = enumerate(generate(wanted.seed), 1)
    text = "".join(as_json(row, n, labelled=wanted.labelled) + "\n" for n, row in rows)
    if wanted.output:
        wanted.output.parent.mkdir(parents=True, exist_ok=True)
        wanted.output.write_text(text, "utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
