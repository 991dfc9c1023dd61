"""Mapping and settings of an index.

| field        | what it holds                                                                  |
|--------------|--------------------------------------------------------------------------------|
| `key`        | the id, in hexadecimal: the order of listings                                  |
| `kept`       | the entry itself, as text; not searched                                        |
| `vector`     | its vector in base64; not searched                                             |
| `meaning`    | its vector, for the engine                                                     |
| `words`      | its words as weighted features: what is searched by words                      |
| `tokens.*`   | its words in order, a field each: for phrases                                  |
| `terms`      | its features once more, to be counted                                          |
| `fields`     | the names of its text fields                                                   |
| `facts`, `numbers.*`, `big` | its payload, for filters: see `filters.py`                      |
| `native.*`   | texts and payload analysed by the engine, for those who ask it directly        |
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from promptuary.adapters.indexes._lucene import filters, words
from promptuary.adapters.indexes._lucene.addresses import Address
from promptuary.adapters.indexes._lucene.dialect import Dialect
from promptuary.adapters.indexes._lucene.documents import KEPT, KEY, MEANING, NATIVE, VECTOR
from promptuary.adapters.indexes._lucene.synonyms import SYNONYMS, VERSION
from promptuary.domain.vectors import Space

FORMAT = 1
"""Changes whenever an older layout could not be read or written as it is now."""
_KEYWORD = {"type": "keyword"}
_UNSEARCHED = {"type": "keyword", "index": False, "doc_values": False}
_COUNTED = {"type": "keyword", "index": False}


def layout(
    dialect: Dialect, about: Mapping[str, Any], address: Address, space: Space
) -> dict[str, Any]:
    """The body of the request that makes an index where `GET /` answers so."""
    settings: dict[str, Any] = {
        "number_of_shards": address.shards,
        "analysis": _analysis(),
        **dialect.settings(about),
    }
    if address.replicas is not None:
        settings["number_of_replicas"] = address.replicas
    return {"settings": {"index": settings}, "mappings": _mapping(dialect, address, space)}


def meta(space: Space) -> dict[str, Any]:
    """What an index says of itself."""
    return {
        "promptuary": FORMAT,
        "space": space.name,
        "dimensions": space.dimensions,
        "fingerprint": space.fingerprint,
        "synonyms": VERSION,
    }


def _mapping(dialect: Dialect, address: Address, space: Space) -> dict[str, Any]:
    properties: dict[str, Any] = {
        KEY: _KEYWORD,
        KEPT: {"type": "object", "enabled": False},
        VECTOR: {"type": "object", "enabled": False},
        MEANING: dialect.meaning(space.dimensions, quantized=address.quantized),
        words.WORDS: dialect.words(),
        words.TOKENS: {"type": "object", "dynamic": True},
        words.TERMS: _COUNTED,
        words.FIELDS: _COUNTED,
        filters.FACTS: _KEYWORD,
        filters.NUMBERS: {"type": "object", "dynamic": True},
        filters.BIG: {**_KEYWORD, "doc_values": False},
    }
    if address.native:
        properties[NATIVE] = _native()
    return {
        "dynamic": False,
        "_source": {"excludes": [MEANING, words.WORDS, words.TERMS, f"{words.TOKENS}.*"]},
        "_meta": meta(space),
        "properties": properties,
        "dynamic_templates": [
            {"tokens": {"path_match": f"{words.TOKENS}.*", "mapping": _tokens()}},
            {"numbers": {"path_match": f"{filters.NUMBERS}.*", "mapping": {"type": "double"}}},
            {"texts": {"path_match": f"{NATIVE}.texts.*", "mapping": _text()}},
            {"payload": {"path_match": f"{NATIVE}.payload.*", "mapping": _tag()}},
        ],
    }


def _native() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "id": {"type": "keyword", "ignore_above": 8191},
            "texts": {"type": "object", "dynamic": True},
            "payload": {"type": "object", "dynamic": True},
        },
    }


def _tokens() -> dict[str, Any]:
    return {"type": "text", "analyzer": "whitespace", "norms": False, "similarity": "boolean"}


def _text() -> dict[str, Any]:
    return {"type": "text", "analyzer": "english"}


def _tag() -> dict[str, Any]:
    """Topics are found by their synonyms too; exact values under `keyword`."""
    exact = {"keyword": {"type": "keyword", "ignore_above": 1024}}
    return {
        "type": "text",
        "analyzer": "technical_terms",
        "search_analyzer": "technical_terms",
        "fields": exact,
    }


def _analysis() -> dict[str, Any]:
    return {
        "analyzer": {
            "technical_terms": {
                "type": "custom",
                "tokenizer": "standard",
                "filter": ["lowercase", "technical_synonyms"],
            }
        },
        "filter": {"technical_synonyms": {"type": "synonym", "synonyms": list(SYNONYMS)}},
    }
