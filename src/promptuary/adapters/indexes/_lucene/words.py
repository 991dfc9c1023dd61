"""Our own words as weighted features of a document, and the terms that an index holds.

An entry's word in a field is a feature of its document: its name is the word and the hash of the
field, its weight BM25's part that depends on the entry alone. So the engine's sum over features is
our score, whatever the engine itself thinks of the words. An engine keeps nine significant bits of
a weight; rounded to them here, a score is wrong by 0.2 % at most.

Which terms there are, and in how many entries, is counted by the engine when entries changed.
"""

from __future__ import annotations

import json
import struct
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from promptuary.adapters.indexes._lucene.filters import Query, either, field_key
from promptuary.retrieval.lexicon import K1, MAX_FIELDS, TYPICAL_LENGTH, B, Lexicon, Meant, Words

FIELDS, TERMS, TOKENS, WORDS = "fields", "terms", "tokens", "words"
_HEAVIEST = 60.0
"""Engines take weights up to 64 in a query."""
MOST_FEATURES = 900
"""Engines take 1,024 clauses in a query; beyond this, the lightest are left out."""
_KEY = 18
_ESCAPED = str.maketrans({" ": "\u00a0", ".": "\uff0e"})
"""What an engine would split at, or take for a path. No term holds what stands for it."""


def token(term: str) -> str:
    """A term as the engine keeps it."""
    return term.translate(_ESCAPED)


def feature(term: str, field: str) -> str:
    """A term in a field."""
    return f"{token(term)} {field_key(field)}"


def features(words: Words) -> dict[str, float]:
    """An entry's words with their weights."""
    weights: dict[str, float] = {}
    for field, counts in words.items():
        room = K1 * (1 - B + B * counts.total() / TYPICAL_LENGTH)
        for term, count in counts.items():
            weights[feature(term, field)] = _nine_bits(count * (K1 + 1) / (count + room))
    return weights


def named_fields(words: Words) -> list[str]:
    """The text fields in which an entry has a word, so that they are known by name."""
    return [f"{field_key(field)} {json.dumps(field)}" for field, counts in words.items() if counts]


def lexicon_of(entries: int, fields: Sequence[str], counts: Mapping[str, int]) -> Lexicon:
    """The lexicon of an index: how many entries have words, the names of their fields, and in how
    many entries each feature stands."""
    lexicon = Lexicon()
    names = [(told[:_KEY], str(json.loads(told[_KEY + 1 :]))) for told in fields]
    slots = {key: slot for slot, (key, _) in enumerate(names)}
    found: dict[str, dict[int, int]] = {}
    for told, count in counts.items():
        term, _, key = told.rpartition(" ")
        if key in slots:
            found.setdefault(_term(term), {})[slots[key]] = count
    lexicon.learn(found, [name for _, name in names])
    places = [
        (number * MAX_FIELDS + slot, count)
        for number, by_slot in enumerate(found.values())
        for slot, count in by_slot.items()
    ]
    table = np.array(places, dtype=np.int64).reshape(-1, 2)
    lexicon.count(entries, table[:, 0], table[:, 1])
    return lexicon


def asked(
    lexicon: Lexicon, meant: Sequence[Meant], boosts: Mapping[str, float]
) -> tuple[dict[str, float], float]:
    """A query as weights of features, and what a score is to be multiplied with."""
    weights = lexicon.ask(meant, boosts)
    heaviest = sorted(weights.items(), key=lambda item: -item[1])[:MOST_FEATURES]
    scale = max([1.0, *(weight / _HEAVIEST for _, weight in heaviest)])
    return {
        feature(lexicon.terms[at // MAX_FIELDS], lexicon.fields[at % MAX_FIELDS]): weight / scale
        for at, weight in heaviest
    }, scale


def side_by_side(lexicon: Lexicon, meant: Sequence[Meant], boosts: Mapping[str, float]) -> Query:
    """That the words stand side by side in order in one field that is not left out."""
    parts: list[dict[str, Any]] = [
        {"any_of": {"intervals": [{"match": {"query": token(term)}} for term in word.terms]}}
        for word in meant
    ]
    rule = {"all_of": {"ordered": True, "max_gaps": 0, "intervals": parts}}
    wanted = [field for field in lexicon.fields if boosts.get(field, 1.0) > 0]
    return either([{"intervals": {f"{TOKENS}.{field_key(field)}": rule}} for field in wanted])


def tokens(words: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The words of each field in order, as a text that is split at spaces."""
    return {
        field_key(field): " ".join(map(token, found)) for field, found in words.items() if found
    }


def counted(words: Mapping[str, Sequence[str]]) -> Words:
    """How often each word stands in each field."""
    return {field: Counter(found) for field, found in words.items()}


def _term(told: str) -> str:
    return told.replace("\u00a0", " ").replace("\uff0e", ".")


def _nine_bits(weight: float) -> float:
    """The nearest number that keeps its value when only nine bits of it are kept."""
    (bits,) = struct.unpack("<I", struct.pack("<f", weight))
    (rounded,) = struct.unpack("<f", struct.pack("<I", (bits + 0x4000) & 0xFFFF8000))
    return float(rounded)
