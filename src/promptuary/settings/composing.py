"""Settings that other systems give in parts: a host here, a password there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias
from urllib.parse import quote, urlsplit

Parts: TypeAlias = Mapping[str, str]

_IN_YAML = "database.vector_db"
COMPOSED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "database_url": {
        "host": ("DB_HOST", "database.postgresql.host"),
        "port": ("DB_PORT", "database.postgresql.port"),
        "name": ("DB_NAME", "database.postgresql.database"),
        "user": ("DB_USER", "database.postgresql.username"),
        "password": ("DB_PASSWORD", "database.postgresql.password"),
        "ssl_mode": ("DB_SSL_MODE", "database.postgresql.ssl_mode"),
    },
    "cache_url": {
        "host": ("REDIS_HOST", "database.redis.host"),
        "port": ("REDIS_PORT", "database.redis.port"),
        "name": ("REDIS_DB", "database.redis.db"),
        "password": ("REDIS_PASSWORD", "database.redis.password"),
    },
    "index_url": {
        "host": (
            *("VECTOR_STORE", "QDRANT_HOST", "OPENSEARCH_ENDPOINT", "WEAVIATE_URL"),
            *("ELASTICSEARCH_URL", "ELASTICSEARCH_HOST"),
            *(f"{_IN_YAML}.qdrant.host", f"{_IN_YAML}.elasticsearch.host"),
        ),
        "store": ("VECTOR_STORE", f"{_IN_YAML}.type"),
        "qdrant": ("QDRANT_HOST", f"{_IN_YAML}.qdrant.host"),
        "qdrant_port": ("QDRANT_PORT", f"{_IN_YAML}.qdrant.port"),
        "qdrant_key": ("QDRANT_API_KEY", f"{_IN_YAML}.qdrant.api_key"),
        "opensearch": ("OPENSEARCH_ENDPOINT",),
        "weaviate": ("WEAVIATE_URL",),
        "weaviate_key": ("WEAVIATE_API_KEY",),
        "elasticsearch": (
            *("ELASTICSEARCH_URL", "ELASTICSEARCH_HOST", f"{_IN_YAML}.elasticsearch.host"),
        ),
        "elasticsearch_port": (f"{_IN_YAML}.elasticsearch.port",),
        "elasticsearch_user": ("ELASTICSEARCH_USER", f"{_IN_YAML}.elasticsearch.username"),
        "elasticsearch_password": (
            *("ELASTICSEARCH_PASSWORD", f"{_IN_YAML}.elasticsearch.password"),
        ),
        "chroma": ("CHROMA_DB_PATH",),
    },
    "originals": {"host": ("S3_BUCKET_NAME", "aws.s3.bucket")},
    "embedder": {
        "host": ("PRIMARY_EMBEDDING_PROVIDER",),
        "openai": ("OPENAI_EMBEDDING_MODEL",),
        "google": ("GEMINI_EMBEDDING_MODEL",),
        "ollama": ("OLLAMA_EMBEDDING_MODEL",),
    },
    "chat_models": {
        "host": ("PRIMARY_LLM_PROVIDER", "OPENAI_MODEL", "llm.model"),
        "provider": ("PRIMARY_LLM_PROVIDER",),
        "model": ("OPENAI_MODEL", "llm.model"),
        "openai": ("OPENAI_LLM_MODEL", "OPENAI_MODEL", "llm.model"),
        "anthropic": ("ANTHROPIC_LLM_MODEL",),
        "google": ("GEMINI_LLM_MODEL",),
        "groq": ("GROQ_LLM_MODEL",),
        "mistral": ("MISTRAL_LLM_MODEL",),
        "ollama": ("OLLAMA_LLM_MODEL",),
    },
}
"""Setting -> part -> its names. Without one of those of `host` there is none."""

SCHEMES: Mapping[str, str] = {"google": "gemini"}
"""Providers that other systems call otherwise than by the scheme of their adapter."""
USUAL_MODELS: Mapping[str, str] = {"ollama": "llama3.1"}
_USUAL_EMBEDDERS: Mapping[str, str] = {"ollama": "nomic-embed-text"}
_STORES = ("qdrant", "opensearch", "weaviate", "elasticsearch")
_CHROMA = "./chroma_db"
_DOCUMENTS = "documents"


def names() -> set[str]:
    """Every name of a part."""
    return {name for parts in COMPOSED.values() for names in parts.values() for name in names}


def composed(setting: str, part: Parts) -> str:
    """The value of a setting from its parts; empty where they name none."""
    return _COMPOSING[setting](part)


def _database(part: Parts) -> str:
    ssl = f"?sslmode={part['ssl_mode']}" if "ssl_mode" in part else ""
    name = part.get("name", "promptuary")
    return f"postgresql://{_login(part)}{part['host']}:{part.get('port', 5432)}/{name}{ssl}"


def _cache(part: Parts) -> str:
    return f"redis://{_login(part)}{part['host']}:{part.get('port', 6379)}/{part.get('name', 0)}"


def _login(part: Parts) -> str:
    user, password = (quote(part.get(name, ""), safe="") for name in ("user", "password"))
    return f"{user}:{password}@" if password else f"{user}@" if user else ""


def _index(part: Parts) -> str:
    """The store that VECTOR_STORE names; else the first whose host is named."""
    store = part.get("store", "").strip().lower()
    if store in {"chroma", "chromadb"}:
        return f"chroma:{part.get('chroma', _CHROMA)}"
    named = [each for each in _STORES if each in part and store in {"", each}]
    if not named:
        return ""
    scheme = named[0]
    parts = urlsplit(part[scheme] if "//" in part[scheme] else f"//{part[scheme]}")
    login = parts.netloc.rpartition("@")[0] or _credentials(scheme, part)
    server = parts.netloc.rpartition("@")[2]
    secure = parts.scheme == "https" or (scheme == "opensearch" and not parts.scheme)
    if ":" not in server.rpartition("]")[2]:
        server += f":{_port(scheme, part, secure=secure)}"
    signed = _signed(parts.hostname or "") if scheme == "opensearch" else ""
    place = f"{login}@{server}" if login else server
    return f"{scheme}{'+https' if secure else ''}://{place}/{_DOCUMENTS}{signed}"


def _credentials(scheme: str, part: Parts) -> str:
    user = quote(part.get(f"{scheme}_user", ""), safe="")
    secret = part.get(f"{scheme}_key", "") or part.get(f"{scheme}_password", "")
    return f"{user}:{quote(secret, safe='')}" if secret else user


def _port(scheme: str, part: Parts, *, secure: bool) -> str:
    usual = {"qdrant": "6333", "weaviate": "8080", "elasticsearch": "9200", "opensearch": "9200"}
    other = "443" if secure and scheme in {"opensearch", "weaviate"} else usual[scheme]
    return part.get(f"{scheme}_port", other)


def _signed(host: str) -> str:
    """Amazon's own lets nobody in without a signature."""
    if not host.endswith(".amazonaws.com"):
        return ""
    return "?sigv4=aoss" if ".aoss." in host else "?sigv4=es"


def _originals(part: Parts) -> str:
    return f"s3://{part['host']}/originals"


def _embedder(part: Parts) -> str:
    return _model(part, _USUAL_EMBEDDERS)


def _chat_model(part: Parts) -> str:
    """The model of the provider that is named; without one a model's bare name is OpenAI's."""
    if "provider" not in part:
        model = part.get("model", "")
        return model if ":" in model or not model else f"openai:{model}"
    return _model({**part, "host": part["provider"]}, USUAL_MODELS)


def _model(part: Parts, usual: Mapping[str, str]) -> str:
    """`provider:model`; without the name of a model its adapter says what is missing."""
    provider = part["host"].strip().lower()
    model = part.get(provider, usual.get(provider, ""))
    return f"{SCHEMES.get(provider, provider)}:{model}"


_COMPOSING: Mapping[str, Callable[[Parts], str]] = {
    "database_url": _database,
    "cache_url": _cache,
    "index_url": _index,
    "originals": _originals,
    "embedder": _embedder,
    "chat_models": _chat_model,
}
