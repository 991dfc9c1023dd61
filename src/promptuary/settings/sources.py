"""Where settings come from: the only place that reads the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values

from promptuary.adapters._remote.secrets_manager import secret
from promptuary.adapters._remote.settings_file import (
    NAMED,
    PATHS,
    REFERENCE,
    settings_file,
    values_of,
)
from promptuary.domain.errors import Misconfigured
from promptuary.settings.composing import COMPOSED, SCHEMES, USUAL_MODELS, composed, names

PREFIX = "PROMPTUARY_"

# A name of another system -> the setting it means. Names with a dot are paths of a YAML file.
FOREIGN: Mapping[str, str] = {
    "ENV": "env",
    "APP_ENVIRONMENT": "env",
    "ENVIRONMENT": "env",
    "LOG_LEVEL": "log_level",
    "SERVICE_NAME": "service_name",
    "SERVICE_VERSION": "service_version",
    "PORT": "port",
    "HOST": "host",
    "API_KEY": "api_key",
    "API_KEYS": "api_keys",
    "REDIS_URL": "cache_url",
    "RATE_LIMIT_PER_MINUTE": "rate_limit_per_minute",
    "RATE_LIMIT_BURST": "rate_limit_burst",
    "CORS_ORIGINS": "cors_origins",
    "CORS_METHODS": "cors_methods",
    "CORS_HEADERS": "cors_headers",
    "ENABLE_METRICS": "metrics_enabled",
    "METRICS_PORT": "metrics_port",
    "JWT_SECRET_KEY": "jwt_secret_key",
    "JWT_ALGORITHM": "jwt_algorithm",
    "JWT_EXPIRE_MINUTES": "jwt_expire_minutes",
    "JWT_EXPIRATION_HOURS": "jwt_expire_minutes",
    "PROVIDER_STRATEGY": "chat_strategy",
    "COST_ALERT_THRESHOLD": "chat_alert_share",
    "DAILY_REQUEST_LIMIT": "chat_daily_requests",
    "MONTHLY_BUDGET_USD": "chat_monthly_dollars",
    "CHUNK_SIZE": "chunk_size",
    "CHUNK_OVERLAP": "chunk_overlap",
    "MIN_CONFIDENCE": "min_confidence",
    "ANSWER_MIN_CONF": "min_confidence",
    "CONVERSATION_TTL_DAYS": "conversation_days",
    "MESSAGE_TTL_DAYS": "message_days",
    "MAX_CONVERSATION_HISTORY": "history_messages",
    "DEFAULT_SEARCH_LIMIT": "evidence_limit",
    "MAX_SEARCH_LIMIT": "evidence_most",
    "SEARCH_CONFIDENCE_THRESHOLD": "evidence_confidence",
    "OPENAI_MAX_TOKENS": "conversation_tokens",
    "OPENAI_TEMPERATURE": "conversation_temperature",
    "CLIP_BASE_URL": "clip_base_url",
    "THUMBNAIL_BASE_URL": "thumbnail_base_url",
    "DEFAULT_CLIP_EXPIRY_MINUTES": "clip_minutes",
    "MAX_CLIP_EXPIRY_HOURS": "clip_longest_hours",
    "VMS_SERVICE_URL": "clip_store",
    "VMS_SERVICE_TIMEOUT": "clip_seconds",
    "MAX_CHUNKS": "max_chunks",
    "MAX_CHARS_PER_CHUNK": "max_chunk_characters",
    "ALLOW_HOSTS": "allowed_hosts",
    "TRUSTED_DOMAINS": "trusted_domains",
    "CRAWL_SOURCES": "crawl_sources",
    "CRAWL_DEPTH": "crawl_depth",
    "CRAWL_MAX_PAGES": "crawl_max_pages",
    "CRAWL_SAME_DOMAIN": "crawl_same_site",
    "DOCS_FOLDER": "docs_folder",
    "VECTOR_STORE": "vector_store",
    "CACHE_TTL_SECONDS": "refine_cache_seconds",
    "CHROMA_COLLECTION": "chroma_collection",
    "app.api.host": "host",
    "app.api.port": "port",
    "app.api.rate_limit_per_minute": "rate_limit_per_minute",
    "app.api.max_request_size_mb": "max_request_bytes",
    "observability.metrics.enabled": "metrics_enabled",
    "observability.metrics.port": "metrics_port",
    "models.moderation.model": "moderator_beside",
    "models.embedding.primary": "embedder",
    "models.canonicalization.primary": "naming_models",
    "models.canonicalization.alternative": "code_models",
    "models.canonicalization.max_tokens": "naming_tokens",
    "models.canonicalization.temperature": "naming_temperature",
    "models.reasoning.model": "reasoning_models",
    "models.reasoning.max_tokens": "reasoning_tokens",
    "app.clustering.similarity_threshold": "match_threshold",
    "OPENAI_TIMEOUT": "chat_seconds",
    "portkey.timeout": "chat_seconds",
    "service.name": "service_name",
    "service.port": "port",
    "service.version": "service_version",
    "conversation.ttl_days": "conversation_days",
    "conversation.max_history": "history_messages",
    "llm.max_tokens": "conversation_tokens",
    "llm.temperature": "conversation_temperature",
    "search.default_limit": "evidence_limit",
    "search.max_limit": "evidence_most",
    "search.confidence_threshold": "evidence_confidence",
    "rate_limiting.per_minute": "rate_limit_per_minute",
    "rate_limiting.burst": "rate_limit_burst",
    "portkey.retry_attempts": "chat_attempts",
}
# Other systems give these by their bare names.
_MODELS = frozenset({
    "models.moderation.model", "models.embedding.primary", "models.canonicalization.primary",
    "models.canonicalization.alternative", "models.reasoning.model",
})  # fmt: skip
_IN_HOURS = frozenset({"JWT_EXPIRATION_HOURS"})
# Variables with our prefix that are not settings.
OTHERS = frozenset({
    NAMED, "PROMPTUARY_BENCH_DATA", "PROMPTUARY_ENDPOINT_KEY", "PROMPTUARY_SECRETS",
    "PROMPTUARY_RERANKER_KEY",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Given:
    """A value that some source gives a setting. `native`: it stands there under our own name."""

    setting: str
    value: object = field(repr=False)
    name: str
    layer: str
    native: bool

    @property
    def where(self) -> str:
        """For a person: `PORT (environment)`."""
        return f"{self.name} ({self.layer})"


@dataclass(frozen=True, slots=True)
class Sources:
    """All that was given, the winner of each setting first, and what a person should look at."""

    given: tuple[Given, ...]
    notes: tuple[str, ...]

    def winners(self) -> dict[str, Given]:
        """The value that counts for each setting that was given one."""
        return {each.setting: each for each in reversed(self.given)}

    def conflicts(self) -> tuple[str, ...]:
        """Settings given under two names with different values: which one counts."""
        winners = self.winners()
        return tuple(
            f"{each.setting}: {winners[each.setting].where} wins over {each.where}"
            for each in self.given
            if (winner := winners[each.setting]).name != each.name
            and not (winner.native and each.native)
            and str(winner.value) != str(each.value)
        )


def read_sources(
    settings: Collection[str],
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Sources:
    """Look for the named settings in `environ` (the process's), in `.env` and the YAML file under
    `folder` (the current one). Raises Misconfigured for a file that cannot be read."""
    environ = os.environ if environ is None else environ
    folder = Path.cwd() if folder is None else folder
    variables = {name: value for name, value in environ.items() if value.strip()}
    dotenv = _dotenv(folder / ".env")
    layers = [
        _Layer("environment", variables),
        _Layer("secret file", _secret_files({**dotenv, **variables}, settings)),
        _Layer("secret store", secret()),
        _Layer(".env", dotenv),
    ]
    path = settings_file(folder, variables.get(NAMED) or dotenv.get(NAMED))
    if path is not None:
        layers.append(_Layer(path.name, values_of(path), yaml=True))
    return _Reading(settings, layers).sources()


@dataclass(frozen=True, slots=True)
class _Layer:
    name: str
    values: Mapping[str, object]
    yaml: bool = False

    def native(self, setting: str) -> str:
        return setting if self.yaml else PREFIX + setting.upper()


class _Reading:
    """One look at all layers, from the strongest to the weakest."""

    def __init__(self, settings: Collection[str], layers: list[_Layer]) -> None:
        self._settings = settings
        self._layers = layers

    def sources(self) -> Sources:
        given = [each for layer in self._layers for each in self._given(layer)]
        return Sources(tuple(given), tuple(self._unknown()))

    def _given(self, layer: _Layer) -> Iterator[Given]:
        native_names = [(layer.native(setting), setting) for setting in self._settings]
        for name, setting in (*native_names, *FOREIGN.items()):
            if name in layer.values and not _is_shell_startup_file(name, layer.values[name]):
                value = self._expanded(layer, name)
                native = name == layer.native(setting)
                yield Given(setting, _converted(name, value), name, layer.name, native)
        for setting, parts in COMPOSED.items():
            for host in parts["host"]:
                if host in layer.values and (value := self._composed(setting)):
                    yield Given(setting, value, host, layer.name, native=False)

    def _composed(self, setting: str) -> str:
        found = {part: self._first(wanted) for part, wanted in COMPOSED[setting].items()}
        part = {name: str(value) for name, value in found.items() if value is not None}
        return composed(setting, part)

    def _first(self, wanted: tuple[str, ...]) -> object | None:
        found = ((layer, name) for layer in self._layers for name in wanted if name in layer.values)
        return next((self._expanded(layer, name) for layer, name in found), None)

    def _expanded(self, layer: _Layer, name: str) -> object:
        """In YAML, `${NAME}`, `${NAME:-default}` and `${NAME:default}` are looked up elsewhere."""
        value = layer.values[name]
        if not layer.yaml or not isinstance(value, str):
            return value
        return REFERENCE.sub(lambda hit: self._variable(name, hit), value)

    def _variable(self, where: str, hit: re.Match[str]) -> str:
        for layer in self._layers:
            if hit[1] in layer.values and not layer.yaml:
                return str(layer.values[hit[1]])
        if hit[2] is None:
            advice = f"set it or write ${{{hit[1]}:-default}}"
            raise Misconfigured(f"{where}: {hit[0]} names a variable that is not set; {advice}")
        return hit[2]

    def _unknown(self) -> Iterator[str]:
        for layer in self._layers:
            known = {*FOREIGN, *names(), *map(layer.native, self._settings), *OTHERS}
            known.update(PATHS.values())
            for name in layer.values:
                ours = layer.yaml or name.startswith(PREFIX)
                if ours and name not in known and name.removesuffix("_FILE") not in known:
                    yield f"{name} ({layer.name}) is not a setting of this version and is ignored"


def _dotenv(path: Path) -> dict[str, str]:
    try:
        return {name: value for name, value in dotenv_values(path).items() if value}
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path} cannot be read: {error}") from error


def _secret_files(values: Mapping[str, str], settings: Collection[str]) -> dict[str, str]:
    wanted = {*FOREIGN, *names(), *(PREFIX + setting.upper() for setting in settings)}
    found = {}
    for name in sorted(wanted):
        if path := values.get(f"{name}_FILE"):
            try:
                found[name] = Path(path).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise Misconfigured(f"{name}_FILE: {path} cannot be read: {error}") from error
    return found


def chat_model_of(told: str) -> str:
    """The URL of a chat model by `provider:model`, whatever other systems call the provider; by the
    provider alone, with the model that the environment or `.env` names for it, if any."""
    provider, _, model = told.strip().partition(":")
    provider = provider.lower()
    values = {**_dotenv(Path.cwd() / ".env"), **os.environ}
    known = {SCHEMES.get(name, name): called for name, called in COMPOSED["chat_models"].items()}
    scheme = SCHEMES.get(provider, provider)
    named = next((values[name] for name in known.get(scheme, ()) if values.get(name)), "")
    return f"{scheme}:{model or named or USUAL_MODELS.get(scheme, '')}"


def _is_shell_startup_file(name: str, value: object) -> bool:
    """POSIX shells keep the path of a file to run in ENV; that says nothing about us."""
    return name == "ENV" and "/" in str(value)


def _converted(name: str, value: object) -> object:
    if name in _MODELS:
        return _model(str(value))
    if name == "portkey.retry_attempts" and str(value).strip() == "0":
        return 1  # no second attempt
    factor = 1024 * 1024 if name.endswith("_size_mb") else 60 if name in _IN_HOURS else 0
    if not factor:
        return value
    try:
        return int(float(str(value)) * factor)
    except ValueError:
        return value


def _model(model: str) -> str:
    """A model's bare name is its maker's, `@provider/model` the gateway's."""
    if ":" in model:
        return model
    if model.startswith("@"):
        return f"portkey:{model}"
    return f"anthropic:{model}" if model.startswith("claude") else f"openai:{model}"
