"""Settings under the names of the systems that came before, in files and in the environment."""

from __future__ import annotations

import pytest
import yaml

from promptuary.domain.errors import Misconfigured
from promptuary.settings import Settings
from promptuary.settings.sources import read_sources
from test_settings import nothing_set, write_yaml

__all__ = ["nothing_set"]


OLDER_PIPELINE = """
portkey: {base_url: https://api.portkey.ai, timeout: 30, retry_attempts: 4}
models:
  moderation: {model: text-moderation-latest}
  embedding: {primary: text-embedding-3-small, fallback: text-embedding-3-large, batch_size: 100}
  reasoning: {model: "@openai/o1-mini", max_tokens: 900}
  canonicalization: {primary: gpt-4o, alternative: claude, max_tokens: 2000, temperature: 0.1}
app:
  api: {host: 127.0.0.1, port: 8001, rate_limit_per_minute: 90, max_request_size_mb: 5}
  clustering: {similarity_threshold: 0.7, confidence_threshold: 0.85, max_cluster_size: 1000}
database:
  redis: {host: cache, port: 6379, db: 0}
"""


def test_the_settings_of_the_older_pipeline_are_taken_or_named() -> None:
    write_yaml(OLDER_PIPELINE)
    now = Settings()
    assert (now.embedder, now.match_threshold) == ("openai:text-embedding-3-small", 0.7)
    assert (now.chat_seconds, now.chat_attempts, now.port) == (30.0, 4, 8001)
    assert (now.rate_limit_per_minute, now.max_request_bytes) == (90, 5 * 1024 * 1024)
    assert now.chat_models == ()
    assert (now.naming_models, now.code_models) == (("openai:gpt-4o",), ("anthropic:claude",))
    assert (now.naming_tokens, now.naming_temperature) == (2000, 0.1)
    assert (now.reasoning_models, now.reasoning_tokens) == (("portkey:@openai/o1-mini",), 900)
    assert now.moderator_beside == "openai:text-moderation-latest"
    notes = "\n".join(read_sources(Settings.model_fields).notes)
    for left_out in (
        "app.clustering.max_cluster_size", "models.embedding.fallback",
        "models.embedding.batch_size",
    ):  # fmt: skip
        assert left_out in notes
    assert "portkey" not in notes
    write_yaml("portkey: {retry_attempts: 0}")
    assert Settings().chat_attempts == 1


STORES = """
database:
  vector_db:
    type: {kind}
    qdrant: {{host: near, port: 7000, api_key: '${{KEY:-k}}'}}
    elasticsearch: {{host: 'https://far', port: 9300, username: me, password: pw}}
aws: {{s3: {{bucket: kept}}}}
"""


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("qdrant", "qdrant://:k@near:7000/documents"),
        ("elasticsearch", "elasticsearch+https://me:pw@far:9300/documents"),
        ("", "qdrant://:k@near:7000/documents"),
    ],
)
def test_the_stores_of_the_older_pipeline_are_composed(
    kind: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_yaml(STORES.format(kind=kind))
    urls = Settings().urls()
    assert (urls.index, urls.originals) == (url, "s3://kept/originals")
    assert read_sources(Settings.model_fields).notes == ()
    monkeypatch.setenv("QDRANT_HOST", "nearer")
    monkeypatch.setenv("VECTOR_STORE", "qdrant")
    assert Settings().urls().index == "qdrant://:k@nearer:7000/documents"


def test_the_settings_of_the_older_conversation_service_are_taken_or_named() -> None:
    write_yaml(
        "service: {name: guard, version: 2.1, port: 8100}\n"
        "conversation: {ttl_days: 5, max_history: 40, summary: true}\n"
        "llm: {model: gpt-4, max_tokens: 900, temperature: 0.7}\n"
        "search: {default_limit: 6, max_limit: 60, confidence_threshold: 0.7}\n"
        "rate_limiting: {per_minute: 80, burst: 12}\n",
        "service.yaml",
    )
    now = Settings()
    assert (now.service_name, now.port, now.conversation_days) == ("guard", 8100, 5)
    assert (now.rate_limit_per_minute, now.rate_limit_burst) == (80, 12)
    assert now.service_version == "2.1"
    assert (now.history_messages, now.chat_models) == (40, ("openai:gpt-4",))
    assert (now.conversation_tokens, now.conversation_temperature) == (900, 0.7)
    assert (now.evidence_limit, now.evidence_most, now.evidence_confidence) == (6, 60, 0.7)
    assert "conversation.summary" in "\n".join(read_sources(Settings.model_fields).notes)
    write_yaml("port: 8200")
    assert (Settings().port, Settings().service_name) == (8200, "promptuary")


def test_a_model_alone_is_openais_and_a_named_provider_keeps_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_MODEL", "gpt-4")
    assert Settings().chat_models == ("openai:gpt-4",)
    monkeypatch.setenv("PRIMARY_LLM_PROVIDER", "openai")
    assert Settings().chat_models == ("openai:gpt-4",)
    monkeypatch.setenv("PRIMARY_LLM_PROVIDER", "ollama")
    assert Settings().chat_models == ("ollama:llama3.1",)


@pytest.mark.parametrize("model", ["@openai/text-embedding-3-small", "onnx:folder"])
def test_an_embedding_model_of_a_gateway_or_with_its_kind_keeps_it(model: str) -> None:
    write_yaml(yaml.safe_dump({"models": {"embedding": {"primary": model}}}))
    assert Settings().embedder == (f"portkey:{model}" if model.startswith("@") else model)


def test_a_database_in_parts_becomes_a_url(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "HOST": "db",
        "USER": "me",
        "PASSWORD": "p/w",
        "SSL_MODE": "require",
    }.items():
        monkeypatch.setenv(f"DB_{name}", value)
    write_yaml("database: {postgresql: {database: prompts, port: 6000}}")
    assert Settings().urls().record == "postgresql://me:p%2Fw@db:6000/prompts?sslmode=require"


def test_a_redis_in_parts_becomes_a_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_HOST", "cache")
    monkeypatch.setenv("REDIS_PASSWORD", "pw")
    assert Settings().urls().cache == "redis://:pw@cache:6379/0"
    monkeypatch.setenv("REDIS_URL", "rediss://u:p@other:1/2")
    assert Settings().urls().cache == "rediss://u:p@other:1/2"
    monkeypatch.setenv("PROMPTUARY_CACHE_PREFIX", "canon/")
    assert Settings().urls().cache == "rediss://u:p@other:1/2?prefix=canon%2F"
    monkeypatch.setenv("PROMPTUARY_CACHE_PREFIX", "none")
    monkeypatch.setenv("PROMPTUARY_SPENDING_URL", "redis://other?prefix=own:")
    urls = Settings().urls()
    assert (urls.cache, urls.spending) == (
        "rediss://u:p@other:1/2?prefix=",
        "redis://other?prefix=own:",
    )
    assert urls.embedding_cache.startswith("sqlite:///")


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({"QDRANT_HOST": "q", "QDRANT_API_KEY": "a/b"}, "qdrant://:a%2Fb@q:6333/documents"),
        ({"QDRANT_HOST": "q", "QDRANT_PORT": "7"}, "qdrant://q:7/documents"),
        ({"WEAVIATE_URL": "http://weaviate:8080"}, "weaviate://weaviate:8080/documents"),
        (
            {"WEAVIATE_URL": "https://w.example", "WEAVIATE_API_KEY": "k"},
            "weaviate+https://:k@w.example:443/documents",
        ),
        (
            {"ELASTICSEARCH_HOST": "e", "ELASTICSEARCH_USER": "u", "ELASTICSEARCH_PASSWORD": "p"},
            "elasticsearch://u:p@e:9200/documents",
        ),
        (
            {"ELASTICSEARCH_URL": "https://u:p@[::1]:9243"},
            "elasticsearch+https://u:p@[::1]:9243/documents",
        ),
        (
            {"OPENSEARCH_ENDPOINT": "search-x.eu-west-1.es.amazonaws.com"},
            "opensearch+https://search-x.eu-west-1.es.amazonaws.com:443/documents?sigv4=es",
        ),
        (
            {"OPENSEARCH_ENDPOINT": "https://x.eu-west-1.aoss.amazonaws.com"},
            "opensearch+https://x.eu-west-1.aoss.amazonaws.com:443/documents?sigv4=aoss",
        ),
        (
            {"OPENSEARCH_ENDPOINT": "http://localhost:9200", "QDRANT_HOST": "q",
             "VECTOR_STORE": "opensearch"},
            "opensearch://localhost:9200/documents",
        ),
        ({"VECTOR_STORE": "chromadb", "CHROMA_DB_PATH": "/old/db"}, "chroma:/old/db"),
        ({"VECTOR_STORE": "ChromaDB"}, "chroma:./chroma_db"),
    ],
)  # fmt: skip
def test_stores_of_other_systems_become_the_index(
    given: dict[str, str], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert Settings().urls().index == url
    monkeypatch.setenv("PROMPTUARY_INDEX_URL", "memory:")
    assert Settings().urls().index == "memory:"


def test_a_store_without_a_host_leaves_the_index_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VECTOR_STORE", "memory")
    assert Settings().urls().index.startswith("edge:")


@pytest.mark.parametrize(
    "value", ['["https://App.example/", "http://localhost:3000"]',
              "https://app.example, http://localhost:3000/"],
)  # fmt: skip
def test_sites_are_named_as_a_list_in_json_or_with_commas(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORS_ORIGINS", value)
    assert Settings().cors_origins == ("https://app.example", "http://localhost:3000")


@pytest.mark.parametrize(
    ("name", "value"),
    [("CORS_ORIGINS", "app.example"), ("CORS_ORIGINS", "https://app.example/page"),
     ("CORS_ORIGINS", "null"), ("CORS_ORIGINS", '["https://app.example"'),
     ("CORS_ORIGINS", "https://*.example"), ("CORS_METHODS", "FETCH"),
     ("CORS_HEADERS", "X-One\r\nX-Two")],
)  # fmt: skip
def test_what_names_no_site_method_or_header_is_refused(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured, match=f"{name.lower()}.* set by {name}"):
        Settings()


def test_a_bucket_keeps_originals_and_a_provider_embeds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_BUCKET_NAME", "papers")
    monkeypatch.setenv("PRIMARY_EMBEDDING_PROVIDER", "Ollama")
    assert Settings().urls().originals == "s3://papers/originals"
    assert Settings().urls().embedder == "ollama:nomic-embed-text"
    monkeypatch.setenv("OPENAI_EMBEDDING_MODEL", "text-embedding-3-small")
    monkeypatch.setenv("PRIMARY_EMBEDDING_PROVIDER", "openai")
    assert Settings().urls().embedder == "openai:text-embedding-3-small"
