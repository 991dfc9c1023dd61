"""Near-duplicates of prompts: found pairs against made ones, and time by the number of prompts.

Each sampled prompt gets a copy with light edits (typing errors, words left out, swapped, added,
case and punctuation, a polite frame); prompts of one template with other values are no duplicates.
A collection of real prompts holds prompts twice, which counts against whoever finds them; so the
figure is taken as it is, and once more without those of which four fifths of the words stand in
another in the same order (Ratcliff and Obershelp, as `difflib` has it: nothing that is measured).
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from difflib import SequenceMatcher
from pathlib import Path

from bench.speed import row
from promptuary.library.duplicates import near_duplicates

SEED = 7
FRAMES = ("please {}", "{} thanks", "hi, {}", "could you {}", "{}\n\nThank you!", "I need this: {}")
VERBS = ("Translate", "Summarise", "Explain", "Rewrite", "Review", "Shorten", "Compare", "Plan")
THINGS = ("contract", "letter", "recipe", "poem", "report", "budget", "lesson", "route", "menu")
WORDS = [f"{a}{b}{c}" for a in "bdfgklmnprst" for b in "aeiou" for c in ("n", "r", "st", "l", "m")]


def edited(text: str, rate: float, dice: random.Random) -> str:
    """A copy with about that share of its words edited."""
    words = text.split(" ")
    out: list[str] = []
    for word in words:
        if dice.random() >= rate or any(letter.isdigit() for letter in word):
            out.append(word)
            continue
        way = dice.randrange(5)
        if way == 0 and len(word) > 3:
            at = dice.randrange(len(word) - 1)
            out.append(word[:at] + word[at + 1] + word[at] + word[at + 2 :])
        elif way == 1 and len(words) > 6:
            continue
        elif way == 2:
            out += [word, dice.choice(("really", "also", "just", "very"))]
        elif way == 3:
            out.append(word.upper())
        else:
            out.append(word.strip(".,") + dice.choice((",", ".", "")))
    copy = " ".join(out)
    return dice.choice(FRAMES).format(copy) if dice.random() < 0.3 else copy


def written(count: int, dice: random.Random) -> list[str]:
    """Prompts of many lengths; some are of one template with other words or numbers."""
    made = []
    for number in range(count):
        body = " ".join(dice.choice(WORDS) for _ in range(dice.randrange(5, 90)))
        start = f"{dice.choice(VERBS)} the following {dice.choice(THINGS)}"
        ticket = f" about ticket {number} in two sentences"
        made.append(f"{start}{ticket if dice.random() < 0.2 else ''}: {body}.")
    return made


def score(texts: list[str], seed: int) -> dict[str, float]:
    """Precision, recall and F1 over pairs: each text has one edited copy."""
    dice = random.Random(seed)
    rates = [dice.uniform(0.0, 0.25) for _ in texts]
    copies = [edited(text, rate, dice) for text, rate in zip(texts, rates, strict=True)]
    both = texts + copies
    found = {(pair.first, pair.second) for pair in near_duplicates(both)}
    gold = {(place, place + len(texts)) for place in range(len(texts))}
    right = len(found & gold)
    precision, recall = right / max(1, len(found)), right / len(gold)
    return {"precision": precision, "recall": recall, "f1": 2 * right / (len(found) + len(gold))}


def read_apart(texts: list[str], least: float = 0.8) -> list[str]:
    """The texts without those that repeat one before them, by comparing their words in order."""
    words = [text.casefold().split()[:400] for text in texts]
    counts = [Counter(each) for each in words]

    def repeats(one: int, other: int) -> bool:
        both = len(words[one]) + len(words[other])
        if 2 * sum((counts[one] & counts[other]).values()) < least * both:
            return False  # the same words in whatever order are too few already
        matcher = SequenceMatcher(None, words[one], words[other], autojunk=False)
        return matcher.ratio() >= least

    kept: list[int] = []
    for place in range(len(texts)):
        size = len(words[place])
        near = (
            each
            for each in kept
            if 2 * min(size, len(words[each])) >= least * (size + len(words[each]))
        )
        if not any(repeats(place, each) for each in near):
            kept.append(place)
    return [texts[place] for place in kept]


def timed(count: int) -> float:
    """Seconds of processor time for so many prompts, a tenth of them edited copies."""
    dice = random.Random(SEED)
    texts = written(count * 9 // 10, dice)
    texts += [edited(dice.choice(texts), 0.05, dice) for _ in range(count - len(texts))]
    began = time.process_time()
    near_duplicates(texts)
    return time.process_time() - began


def main(path: Path, data: Path | None, sizes: tuple[int, ...] = (5_000, 20_000, 60_000)) -> None:
    """Measure and write."""
    made = score(written(2_000, random.Random(SEED)), SEED)
    rows = [row("near-duplicates, made pairs: F1", ">= .95", made["f1"], "", "", None)]
    if data:
        lines = (data / "rag" / "prompts_search" / "corpus.jsonl").read_text().split("\n")
        texts = [json.loads(line)["text"] for line in lines if line]
        texts = [text for text in texts if text.strip()]
        found, apart = score(texts, SEED), score(read_apart(texts), SEED)
        rows += [
            row(
                "near-duplicates, real prompts that differ and edited copies: F1",
                ">= .95",
                apart["f1"],
                "",
                "",
                None,
            ),
            row(
                "near-duplicates, real prompts and edited copies: F1",
                ">= .95",
                found["f1"],
                "",
                "",
                None,
            ),
            row("the same: precision", "", found["precision"], "", "", None),
            row("the same: recall", "", found["recall"], "", "", None),
        ]
    seconds = {size: timed(size) for size in sizes}
    each = (seconds[sizes[-1]] - seconds[sizes[0]]) / (sizes[-1] - sizes[0])
    for size, took in seconds.items():
        rows.append(row(f"near-duplicates among {size:,} prompts", "", took, "CPU s", "", None))
    told = "1,000,000 prompts, from the slope"
    rows.append(row(told, "<= 15", each * 1e6 / 60, "CPU min", "", None))
    path.write_text(json.dumps(rows, indent=1) + "\n")
