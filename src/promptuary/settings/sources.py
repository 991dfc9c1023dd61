"""Where settings come from: the only place that reads the environment."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import yaml  # type: ignore[import-untyped]  # PyYAML ships no types
from dotenv import dotenv_values

from promptuary.adapters._remote.secrets_manager import secret
from promptuary.domain.errors import Misconfigured

PREFIX = "PROMPTUARY_"

# A name of another system -> the setting it means. Names with a dot are paths of a YAML file.
FOREIGN: Mapping[str, str] = {
    "ENV": "env",
    "APP_ENVIRONMENT": "env",
    "ENVIRONMENT": "env",
    "LOG_LEVEL": "log_level",
    "SERVICE_NAME": "service_name",
    "PORT": "port",
    "HOST": "host",
    "API_KEY": "api_key",
    "API_KEYS": "api_keys",
    "REDIS_URL": "cache_url",
    "RATE_LIMIT_PER_MINUTE": "rate_limit_per_minute",
    "RATE_LIMIT_BURST": "rate_limit_burst",
    "ENABLE_METRICS": "metrics_enabled",
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
    "CLIP_BASE_URL": "clip_base_url",
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
    "app.api.host": "host",
    "app.api.port": "port",
    "app.api.rate_limit_per_minute": "rate_limit_per_minute",
    "app.api.max_request_size_mb": "max_request_bytes",
    "observability.metrics.enabled": "metrics_enabled",
}
_IN_HOURS = frozenset({"JWT_EXPIRATION_HOURS"})
# Variables with our prefix that are not settings.
OTHERS = frozenset({
    "PROMPTUARY_CONFIG", "PROMPTUARY_BENCH_DATA", "PROMPTUARY_ENDPOINT_KEY", "PROMPTUARY_SECRETS",
    "PROMPTUARY_RERANKER_KEY",
})  # fmt: skip
# Settings put together from parts: setting -> part -> its names. Without a host there is none.
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
    "chat_models": {
        "host": ("PRIMARY_LLM_PROVIDER",),
        "openai": ("OPENAI_LLM_MODEL",),
        "anthropic": ("ANTHROPIC_LLM_MODEL",),
        "google": ("GEMINI_LLM_MODEL",),
        "groq": ("GROQ_LLM_MODEL",),
        "mistral": ("MISTRAL_LLM_MODEL",),
        "ollama": ("OLLAMA_LLM_MODEL",),
    },
}
# Providers that other systems call otherwise than by the scheme of their adapter.
_SCHEMES = {"google": "gemini"}
_USUAL_MODELS = {"ollama": "llama3.1"}


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
    named = variables.get("PROMPTUARY_CONFIG") or dotenv.get("PROMPTUARY_CONFIG")
    path = folder / (named or "config/config.yaml")
    if named or path.is_file():
        layers.append(_Layer(path.name, _yaml_values(path), yaml=True))
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
        names = [(layer.native(setting), setting) for setting in self._settings]
        for name, setting in (*names, *FOREIGN.items()):
            if name in layer.values and not _is_shell_startup_file(name, layer.values[name]):
                value = self._expanded(layer, name)
                native = name == layer.native(setting)
                yield Given(setting, _converted(name, value), name, layer.name, native)
        for setting, parts in COMPOSED.items():
            for host in parts["host"]:
                if host in layer.values:
                    yield Given(setting, self._composed(setting), host, layer.name, native=False)

    def _composed(self, setting: str) -> str:
        found = {part: self._first(names) for part, names in COMPOSED[setting].items()}
        part = {name: str(value) for name, value in found.items() if value is not None}
        if setting == "chat_models":
            return _chat_model(part)
        user, password = (
            quote(part.get("user", ""), safe=""),
            quote(part.get("password", ""), safe=""),
        )
        login = f"{user}:{password}@" if password else f"{user}@" if user else ""
        if setting == "cache_url":
            return f"redis://{login}{part['host']}:{part.get('port', 6379)}/{part.get('name', 0)}"
        ssl = f"?sslmode={part['ssl_mode']}" if "ssl_mode" in part else ""
        name = part.get("name", "promptuary")
        return f"postgresql://{login}{part['host']}:{part.get('port', 5432)}/{name}{ssl}"

    def _first(self, names: tuple[str, ...]) -> object | None:
        found = ((layer, name) for layer in self._layers for name in names if name in layer.values)
        return next((self._expanded(layer, name) for layer, name in found), None)

    def _expanded(self, layer: _Layer, name: str) -> object:
        """In YAML, `${NAME}`, `${NAME:-default}` and `${NAME:default}` are looked up elsewhere."""
        value = layer.values[name]
        if not layer.yaml or not isinstance(value, str):
            return value
        return re.sub(r"\$\{(\w+)(?::-?([^}]*))?\}", lambda hit: self._variable(name, hit), value)

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
            known = {*FOREIGN, *_parts(), *map(layer.native, self._settings), *OTHERS}
            for name in layer.values:
                ours = layer.yaml or name.startswith(PREFIX)
                if ours and name not in known and name.removesuffix("_FILE") not in known:
                    yield f"{name} ({layer.name}) is not a setting of this version and is ignored"


def _parts() -> set[str]:
    return {name for parts in COMPOSED.values() for names in parts.values() for name in names}


def _dotenv(path: Path) -> dict[str, str]:
    try:
        return {name: value for name, value in dotenv_values(path).items() if value}
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path} cannot be read: {error}") from error


def _secret_files(values: Mapping[str, str], settings: Collection[str]) -> dict[str, str]:
    wanted = {*FOREIGN, *_parts(), *(PREFIX + setting.upper() for setting in settings)}
    found = {}
    for name in sorted(wanted):
        if path := values.get(f"{name}_FILE"):
            try:
                found[name] = Path(path).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise Misconfigured(f"{name}_FILE: {path} cannot be read: {error}") from error
    return found


def _yaml_values(path: Path) -> dict[str, object]:
    try:
        loaded = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Misconfigured(f"{path} cannot be read: {error}") from error
    if loaded is not None and not isinstance(loaded, dict):
        raise Misconfigured(f"{path} must hold settings as `name: value`")
    return dict(_flat(loaded or {}, ""))


def _flat(values: Mapping[object, object], prefix: str) -> Iterator[tuple[str, object]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        elif value is not None and value != "":
            yield f"{prefix}{name}", tuple(value) if isinstance(value, list) else value


def chat_model_of(told: str) -> str:
    """The URL of a chat model by `provider:model`, whatever other systems call the provider; by the
    provider alone, with the model that the environment or `.env` names for it, if any."""
    provider, _, model = told.strip().partition(":")
    provider = provider.lower()
    values = {**_dotenv(Path.cwd() / ".env"), **os.environ}
    known = {_SCHEMES.get(name, name): names for name, names in COMPOSED["chat_models"].items()}
    scheme = _SCHEMES.get(provider, provider)
    named = next((values[name] for name in known.get(scheme, ()) if values.get(name)), "")
    return f"{scheme}:{model or named or _USUAL_MODELS.get(scheme, '')}"


def _chat_model(part: Mapping[str, str]) -> str:
    """`provider:model`; without the name of a model its adapter says what is missing."""
    provider = part["host"].strip().lower()
    usual = _USUAL_MODELS.get(provider, "")
    return f"{_SCHEMES.get(provider, provider)}:{part.get(provider, usual)}"


def _is_shell_startup_file(name: str, value: object) -> bool:
    """POSIX shells keep the path of a file to run in ENV; that says nothing about us."""
    return name == "ENV" and "/" in str(value)


def _converted(name: str, value: object) -> object:
    factor = 1024 * 1024 if name.endswith("_size_mb") else 60 if name in _IN_HOURS else 0
    if not factor:
        return value
    try:
        return int(float(str(value)) * factor)
    except ValueError:
        return value
