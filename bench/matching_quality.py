"""Quality and speed of the matcher, given gold templates.

    PROMPTUARY_BENCH_DATA=... python bench/matching_quality.py [match|show|speed] ...

Reads `canon/families.jsonl` below that folder. Half of the families (or half of the templates) is
known to the matcher; the prompts of the rest and the one-offs should stay alone. No figure here is
used by the package.
"""

from __future__ import annotations

import json
import os
import random
import re
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

from promptuary.canon.matching.place import KnownTemplate, Matcher
from promptuary.canon.templates import filling, residual
from promptuary.canon.templates.filling import Hole, fill

SLOT = re.compile(r"\{([A-Za-z_][\w.\-]*)\}|<\*>")


def rows():
    path = Path(os.environ["PROMPTUARY_BENCH_DATA"]) / "canon" / "families.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def converted(template: str) -> str:
    """A gold template in our own form."""
    parts, done = [], 0
    for found in SLOT.finditer(template):
        name = re.sub(r"\W", "_", (found[1] or "s").lower())
        parts += [template[done : found.start()], Hole(name)]
        done = found.end()
    return filling.format([*parts, template[done:]])


def norm(value: str) -> str:
    """As the scorer compares slot values."""
    value = re.sub(r"\s+", " ", value.casefold())
    for curly, plain in (("\u201c", '"'), ("\u201d", '"'), ("\u2019", "'")):
        value = value.replace(curly, plain)
    return value.strip(" \t\n.,;:!?\"'`()[]{}-")


def same_slots(gold: dict[str, str], found: dict[str, str]) -> bool:
    kept = [norm(v) for v in found.values() if norm(v)]
    return Counter(map(norm, gold.values())) == Counter(kept)


def gold_templates(data):
    return {r["template_id"]: converted(r["template"]) for r in data if r["kind"] != "singleton"}


def halves(data, by: str, seed: int):
    names = sorted({r[by] for r in data if r["kind"] != "singleton"})
    random.Random(seed).shuffle(names)
    cut = len(names) // 2
    return set(names[:cut]), set(names[cut:])


def judge(data, known_ids, texts_by_id, show: int = 0, **options):
    matcher = Matcher.build(
        [KnownTemplate(k, texts_by_id[k]) for k in sorted(known_ids)], **options
    )
    sample = defaultdict(list)
    for row in data:
        if row["template_id"] in known_ids and len(sample[row["template_id"]]) < 10:
            sample[row["template_id"]].append(row["text"])
    matcher = matcher.learned([text for texts in sample.values() for text in texts])
    matches = matcher.match([r["text"] for r in data])
    tally = Counter()
    shown = Counter()
    for row, match in zip(data, matches, strict=True):
        kind = (
            "one_off" if row["kind"] == "singleton"
            else "known" if row["template_id"] in known_ids
            else "other"
        )  # fmt: skip
        tally[kind] += 1
        outcome = "alone"
        if match is not None:
            back = residual.apply(match.residual, fill(texts_by_id[match.key], match.slots))
            tally["round_trip_lost"] += back != row["text"]
            outcome = "right" if match.key == row["template_id"] else "wrong"
            if outcome == "right":
                good = same_slots(row["slots"], match.slots)
                tally["slots_right"] += good
                outcome = "right" if good else "slots"
                tally["assigned"] += 1
        tally[f"{kind}_{outcome}"] += 1
        if show and shown[kind, outcome] < show and (kind, outcome) not in {
            ("known", "right"), ("other", "wrong"), ("other", "alone"), ("one_off", "alone"),
        }:  # fmt: skip
            shown[kind, outcome] += 1
            explain(kind, outcome, row, match, texts_by_id)
    return tally


def explain(kind, outcome, row, match, texts):
    print(f"--- {kind} {outcome} {row['noise']}\n  text {row['text'][:400]!r}")
    print(f"  gold {row['template'][:300]!r} { ({k: v[:80] for k, v in row['slots'].items()}) }")
    if match:
        print(f"  ours {texts[match.key][:300]!r} sim {match.similarity:.2f} {match.missing[:6]}")
        print(
            f"  slots { ({k: v[:80] for k, v in match.slots.items()}) } res {match.residual[:80]!r}"
        )


def report(tally) -> dict[str, float]:
    def share(a: str, b: str) -> float:
        return round(tally[a] / max(1, tally[b]), 4)

    return {
        "known_assigned_right": share("assigned", "known"),
        "known_alone": share("known_alone", "known"),
        "known_wrong": share("known_wrong", "known"),
        "slots_right": share("slots_right", "assigned"),
        "others_alone": share("other_alone", "other"),
        "one_offs_alone": share("one_off_alone", "one_off"),
        "round_trip_lost": tally["round_trip_lost"],
    }


def match_quality(show: int = 0, **options):
    data = rows()
    texts = gold_templates(data)
    family = {r["template_id"]: r["family_id"] for r in data}
    for by in ("family_id", "template_id"):
        total = Counter()
        for seed in (0,) if show else (0, 1):
            for half in halves(data, by, seed):
                known = {t for t in texts if (family[t] if by == "family_id" else t) in half}
                total += judge(data, known, texts, show=show, **options)
                if show:
                    break
        print(by, json.dumps(report(total)))
    print("all", json.dumps(report(judge(data, set(texts), texts, **options))))


def speed(copies: int = 1):
    data = rows()
    texts = gold_templates(data)
    known = [KnownTemplate(k, t) for k, t in sorted(texts.items())]
    for copy in range(1, copies):  # other words, same shapes: more templates
        turn = str.maketrans({c: chr(97 + (ord(c) - 97 + copy) % 26) for c in "bcdfghjklmnpqrst"})
        known += [KnownTemplate(f"{k.key}_{copy}", k.text.translate(turn)) for k in known[:413]]
    started = time.perf_counter()
    matcher = Matcher.build(known)
    built = time.perf_counter() - started
    prompts = [r["text"] for r in data]
    started = time.process_time()
    found = matcher.match(prompts)
    took = time.process_time() - started
    print(
        f"{len(known)} templates built in {built:.2f} s; {len(prompts) / took:.0f} prompts/s, "
        f"{sum(m is not None for m in found)} placed"
    )


def main() -> None:
    verbs = sys.argv[1:] or ["match", "speed"]
    if "match" in verbs:
        match_quality()
    if "show" in verbs:
        match_quality(show=8)
    if "speed" in verbs:
        speed()
        speed(copies=6)


if __name__ == "__main__":
    main()
