from base64 import b64decode
from pathlib import Path

import pytest

from promptuary.adapters.indexes._lucene.addresses import address_of
from promptuary.adapters.indexes._lucene.filters import order
from promptuary.adapters.indexes._lucene.wire import refused
from promptuary.adapters.indexes._lucene.words import features, lexicon_of
from promptuary.adapters.indexes.elasticsearch import Elasticsearch
from promptuary.domain.errors import (
    Conflict,
    InvalidInput,
    Misconfigured,
    PromptuaryError,
    StorageFull,
    Unavailable,
)
from promptuary.retrieval.lexicon import counted_terms


def test_an_address_says_where_and_how() -> None:
    address = address_of(
        "elasticsearch+https://me:p%40ss@host:9201/a/b/prompts?shards=3&replicas=0"
        "&quantization=int8&exact=0&native=no&timeout=2",
        prefix="ELASTICSEARCH",
    )
    assert (address.base, address.index) == ("https://host:9201/a/b", "prompts")
    assert (address.shards, address.replicas, address.quantized) == (3, 0, True)
    assert (address.exact, address.native, address.seconds) == (0, False, 2.0)
    said = address.headers["authorization"].removeprefix("Basic ")
    assert b64decode(said) == b"me:p@ss"
    assert "p@ss" not in repr(address)


def test_a_key_of_the_environment_lets_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENSEARCH_API_KEY", "secret")
    address = address_of("opensearch://host/prompts", prefix="OPENSEARCH")
    assert address.headers == {"authorization": "ApiKey secret"}
    assert address.base == "http://host:9200"


@pytest.mark.parametrize(
    "url",
    [
        "elasticsearch:",
        "elasticsearch://host",
        "elasticsearch:///prompts",
        "elasticsearch://host/Prompts",
        "elasticsearch://host/_all",
        "elasticsearch://host:x/prompts",
        "elasticsearch://host/prompts?colour=blue",
        "elasticsearch://host/prompts?native=maybe",
        "elasticsearch+ftp://host/prompts",
        "elasticsearch://host/prompts?timeout=0",
        "elasticsearch://host/prompts?quantization=int3",
        "opensearch://host/prompts?sigv4=s3",
    ],
)
def test_a_wrong_address_is_refused_with_what_to_write(url: str) -> None:
    with pytest.raises(Misconfigured):
        address_of(url, prefix="ELASTICSEARCH")


def test_an_authority_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    address = address_of(
        f"elasticsearch://host/prompts?ca={tmp_path / 'ca.pem'}", prefix="ELASTICSEARCH"
    )
    with pytest.raises(Misconfigured, match=r"ca\.pem"):
        address.trusted()


def test_large_numbers_keep_their_order_as_texts() -> None:
    numbers = [
        float("-inf"), -(10**400), -(2**53) - 1, -(2**53), -10, -9, -1, 0, 1, 9, 10, 2**53,
        2**53 + 1, 10**400, float("inf"),
    ]  # fmt: skip
    assert sorted(numbers, key=order) == numbers
    with pytest.raises(InvalidInput):
        order(10**5000)


@pytest.mark.parametrize(
    ("status", "kind", "reason", "error"),
    [
        (401, "security_exception", "missing authentication", Misconfigured),
        (403, "security_exception", "not allowed", Misconfigured),
        (403, "cluster_block_exception", "index read-only (api)", Unavailable),
        (429, "cluster_block_exception", "flood-stage watermark exceeded", StorageFull),
        (404, "index_not_found_exception", "no such index", Misconfigured),
        (409, "version_conflict_engine_exception", "conflict", Conflict),
        (400, "mapper_parsing_exception", "failed to parse", InvalidInput),
        (400, "illegal_argument_exception", "Limit of total fields [1000]", InvalidInput),
        (500, "search_phase_exception", "too_many_clauses: maxClauseCount", InvalidInput),
        (503, "master_not_discovered_exception", "null", Unavailable),
    ],
)
def test_each_refusal_of_an_engine_is_one_of_our_errors(
    status: int, kind: str, reason: str, error: type[PromptuaryError]
) -> None:
    said = {"type": kind, "reason": reason, "root_cause": [{"type": kind, "reason": reason}]}
    found = refused(status, said, "engine")
    assert isinstance(found, error)
    assert reason in str(found)


def test_a_lexicon_is_counted_from_features() -> None:
    words = counted_terms({"text": "refund the \u2488 order refund", "title": "ﷺ"})
    weights = features(words)
    assert all(" " in name and "." not in name for name in weights)
    from promptuary.adapters.indexes._lucene.words import named_fields

    lexicon = lexicon_of(1, named_fields(words), dict.fromkeys(weights, 1))
    assert sorted(lexicon.terms) == sorted({term for counts in words.values() for term in counts})
    assert lexicon.fields == ["text", "title"]


@pytest.mark.parametrize(
    ("version", "told"), [("8.15.0", False), ("9.0.8", False), ("9.1.0", True), ("9.10.2", True)]
)
def test_a_setting_is_named_only_to_an_elasticsearch_that_knows_it(
    version: str, told: bool
) -> None:
    settings = Elasticsearch().settings({"version": {"number": version}})
    assert ("dense_vector.hnsw_filter_heuristic" in settings) is told
