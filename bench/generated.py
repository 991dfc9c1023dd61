"""Long templates and one-offs made of permitted texts: what few permitted rows are like."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]

HEADINGS = ("Input", "Context", "Question", "Text", "Answer", "Query", "Notes", "History", "Data")
TEMPLATES = 160
ALIKE = 60  # groups of unrelated prompts that begin alike
SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s*")


def generated(rows: Sequence[Row], seed: int) -> list[Row]:
    """Prompts of templates that one-off texts of `rows` became; those texts' rows are left out."""
    chance = random.Random(seed)
    alone = [row for row in rows if row["kind"] == "singleton" and len(row["text"]) > 80]
    chance.shuffle(alone)
    used = alone[: len(alone) * 2 // 3]
    gone = {row["id"] for row in used}
    values = sorted({v for row in rows for v in row["slots"].values() if v.strip()})
    made = [
        prompt
        for number in range(TEMPLATES)
        for prompt in _prompts(used[number % len(used)]["text"], number, values, chance)
    ]
    return [*(row for row in rows if row["id"] not in gone), *made]


def _prompts(
    text: str, number: int, values: Sequence[str], chance: random.Random
) -> Iterator[dict[str, Any]]:
    template, slots = _template(text, chance)
    pools = {name: _pool(values, chance) for name in slots}
    for copy in range(min(40, 3 + int(chance.expovariate(0.12)))):
        chosen = {name: chance.choice(pool) for name, pool in pools.items()}
        filled = template.format(**chosen)
        lower = chance.random() < 0.1
        yield {
            "id": f"g{number}-{copy}",
            "text": filled.casefold() if lower else filled,
            "template": template,
            "slots": {n: v.casefold() if lower else v for n, v in chosen.items()},
            "family_id": f"generated{number}",
            "template_id": f"generated{number}",
            "kind": "generated",
        }


def _pool(values: Sequence[str], chance: random.Random) -> list[str]:
    """Values of like length: few, so that they recur, or many."""
    pivot = len(chance.choice(values))
    like = [v for v in values if pivot / 2 <= len(v) <= 2 * pivot + 5]
    return chance.sample(like, min(len(like), chance.choice((3, 8, 30, 100))))


def _template(text: str, chance: random.Random) -> tuple[str, list[str]]:
    """A few of the text's sentences, with slots inside, between and after them."""
    sentences = [s for s in SENTENCE_END.split(text.replace("{", "(").replace("}", ")")) if s]
    first = chance.randrange(len(sentences))
    body = sentences[first : first + chance.choice((1, 1, 2, 3, 6, 12))]
    count = chance.choice((1, 1, 2, 2, 3, 4))
    for slot in range(count):
        _place(body, f"{{v{slot}}}", chance)
    joined = chance.choice((" ", " ", "\n", "\n\n")).join(body)
    return joined, re.findall(r"\{(v\d)\}", joined)


def _place(body: list[str], slot: str, chance: random.Random) -> None:
    at = chance.randrange(len(body))
    heading = chance.choice(HEADINGS)
    match chance.randrange(7):
        case 0 | 1:
            body.append(f"{heading}:{chance.choice(' ' + chr(10))}{slot}")
        case 2:
            body.append(f'{heading}: """\n{slot}\n"""\n{chance.choice(HEADINGS)}:')
        case 3:
            body.insert(at, f"{slot}\n")
        case 4:
            body.append(slot)
        case _:
            words = body[at].split(" ")
            mark = chance.choice(('"{}"', "{}", "{}", "'{}'", "({})", "`{}`"))
            words.insert(chance.randrange(len(words) + 1), mark.replace("{}", slot))
            body[at] = " ".join(words)


def one_offs(rows: Sequence[Row], seed: int) -> list[Row]:
    """Unrelated prompts that begin alike, and some that close alike: no templates.

    Openings and sentences are those of one-off texts of `rows`; each sentence is used once.
    """
    chance = random.Random(seed)
    texts = [row["text"] for row in rows if row["kind"] == "singleton"]
    sentences = [s.strip() for text in texts for s in SENTENCE_END.split(text) if len(s) > 20]
    sentences = list(dict.fromkeys(sentences))
    chance.shuffle(sentences)
    made: list[Row] = []
    for number in range(ALIKE):
        opening = _piece(chance.choice(texts), chance.choice((2, 2, 3, 3, 4, 5, 7)))
        closing = _piece(chance.choice(texts), chance.choice((3, 4, 6, 8)))
        closes, common = chance.random() < 0.35, sentences.pop() if chance.random() < 0.3 else ""
        for copy in range(min(30, 3 + int(chance.expovariate(0.15)))):
            count = min(chance.choice((1, 1, 2, 2, 3, 5)), len(sentences) // 2)
            if not count:
                return made
            own = [sentences.pop() for _ in range(count)]
            body = [f"{opening} {_lowered(own[0])}", *own[1:]]
            if common and chance.random() < 0.6:
                body.insert(chance.randrange(1, len(body) + 1), common)
            if closes:
                body.append(f"{closing} {_piece(chance.choice(own), chance.choice((2, 4, 8)))}")
            made.append(_alone(f"o{number}-{copy}", chance.choice((" ", " ", "\n")).join(body)))
    return made


def _piece(text: str, words: int) -> str:
    """The first words of a text; of one without spaces, twice as many characters."""
    found = text.split(" ")
    return " ".join(found[:words]) if len(found) > words else text[: 2 * words]


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _alone(key: str, text: str) -> Row:
    return {
        "id": key,
        "text": text,
        "template": text,
        "slots": {},
        "family_id": key,
        "template_id": key,
        "kind": "singleton",
    }
