"""Every setting, typed and documented.

Order: environment > secret files (`NAME_FILE`) > secret store > `.env` > YAML > defaults. In each
of them the native name (`PROMPTUARY_PORT`, in YAML `port`) wins over a name that other systems use
(`PORT`, in YAML `app.api.port`); `sources.py` reads them and lists those names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from promptuary.domain.errors import Misconfigured
from promptuary.settings.sources import PREFIX, read_sources

NO_SECRET = SecretStr("")
MEBIBYTE = 1024 * 1024


def _environment_name(value: object) -> object:
    known = {"production": "prod", "development": "dev", "testing": "test"}
    return (
        known.get(value.strip().lower(), value.strip().lower()) if isinstance(value, str) else value
    )


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _upper(value: object) -> object:
    return value.strip().upper() if isinstance(value, str) else value


def _comma_list(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


class Settings(BaseSettings):
    """What can be set. `Settings()` reads every source; keyword arguments win over all of them.

    Raises Misconfigured with every problem named at once; no message repeats a secret.
    """

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_prefix=PREFIX)

    home: Path = Field(
        default=Path("~/.promptuary"),
        description="Folder of the embedded record, index and caches; made when it is missing.",
    )
    database_url: SecretStr = Field(
        default=NO_SECRET,
        description="The record: `sqlite:///PATH` or `postgresql://USER:PASSWORD@HOST/NAME`. "
        "Empty: `sqlite:///` in `home`.",
    )
    index_url: SecretStr = Field(
        default=NO_SECRET,
        description="The search index: `edge:PATH` or `memory:`. Empty: `edge:` in `home`.",
    )
    embedder: str = Field(
        default="static:",
        description="What turns text into vectors: `static` is offline and needs no key; any name "
        "that `promptuary models doctor` understands.",
    )
    embedder_failure: Annotated[
        Literal["strict", "equivalent", "lexical", "dual"], BeforeValidator(_lower)
    ] = Field(
        default="strict",
        description="What is done while the embedder is away: `strict` fails, `equivalent` turns "
        "to `second_embedder`, which is in the same space, `lexical` searches by words alone, "
        "`dual` keeps a second index, in the space of `second_embedder`. "
        "With the last two answers say so.",
    )
    second_embedder: str = Field(
        default="",
        description="What stands in for the embedder with `equivalent` or `dual`. Empty: `static` "
        "with `dual`.",
    )
    second_index_url: SecretStr = Field(
        default=NO_SECRET,
        description="The second index with `dual`, as in `index_url`. Empty: `edge:` in `home`.",
    )
    reranker: str = Field(
        default="",
        description="Who looks again at the passages found for a question: `lexical:`, "
        "`onnx:FOLDER` or `http://HOST/rerank`. Empty: nobody.",
    )
    rerank_seconds: float = Field(
        default=2.0, gt=0, le=60, description="How long a question waits for the reranker."
    )
    rerank_passages: int = Field(
        default=30, ge=1, le=100, description="How many passages the reranker looks at."
    )
    models_folder: Path | None = Field(
        default=None, description="Where fetched models lie. Empty: `models` in `home`."
    )
    model_downloads: Annotated[Literal["", "never", "ask", "allow"], BeforeValidator(_lower)] = (
        Field(
            default="",
            description="Whether models may be fetched: `never`, `ask`, `allow`. Empty: decided by "
            "where this runs.",
        )
    )
    cache_url: SecretStr = Field(
        default=SecretStr("memory:"),
        description="The short-lived cache: `memory:` or `redis://:PASSWORD@HOST:6379/0`.",
    )
    embedding_cache_url: SecretStr = Field(
        default=NO_SECRET,
        description="Where vectors are kept by content. Empty: `sqlite:///` in `home`.",
    )
    moderator: str = Field(
        default="rules:",
        description="What looks at a text before it is processed: `rules:` finds secrets and "
        "personal data.",
    )
    chat_models: Annotated[tuple[str, ...], BeforeValidator(_comma_list)] = Field(
        default=(),
        description="The models that word replies, as `openai:MODEL`, separated by commas: the "
        "first answers, the others stand in while it is away. Empty: no model is asked.",
    )
    chat_seconds: float = Field(
        default=60.0, gt=0, le=600, description="How long a reply may take, every attempt included."
    )
    chat_attempts: int = Field(
        default=3, ge=1, le=10, description="How often a chat model is asked at most for a reply."
    )
    chat_daily_requests: int | None = Field(
        default=None, ge=0, description="Replies that each tenant may ask for in a day (UTC)."
    )
    chat_daily_tokens: int | None = Field(
        default=None, ge=0, description="Tokens that each tenant may use in a day (UTC)."
    )
    chat_daily_dollars: float | None = Field(
        default=None, ge=0, description="What each tenant may spend on replies in a day (UTC)."
    )
    chat_monthly_dollars: float | None = Field(
        default=None, ge=0, description="What each tenant may spend on replies in a month (UTC)."
    )
    chat_prices: Path | None = Field(
        default=None,
        description="A price list of your own, which overrules the one that is shipped.",
    )
    spending_url: SecretStr = Field(
        default=NO_SECRET,
        description="Where it is kept what was spent: `sqlite:///PATH`, or `redis://...` to share "
        "a budget. Empty: `sqlite:///` in `home`.",
    )
    window_prompts: int = Field(
        default=8000, ge=10, description="How many prompts are mined for templates at once."
    )
    minimum_prompts: int = Field(
        default=3, ge=2, description="How many distinct prompts it takes to make a template."
    )
    match_threshold: float | None = Field(
        default=None,
        description="How well a prompt must fit a template to be placed; empty: the engine's own.",
    )
    chunk_size: int = Field(
        default=1000, ge=50, description="The longest passage of a document, in characters."
    )
    chunk_overlap: int = Field(
        default=150,
        ge=0,
        description="How much a passage may repeat of the one before, in characters.",
    )
    min_confidence: float = Field(
        default=0.25,
        ge=0,
        le=1,
        description="How sure an answer must be; below that it is a refusal.",
    )
    max_chunks: int = Field(
        default=5, ge=1, le=50, description="How many passages a question looks at."
    )
    context_tokens: int = Field(
        default=4000, ge=500, description="How much a chat model is given to read for an answer."
    )
    timezone: str = Field(
        default="UTC",
        description="Where the clock of whoever asks about events stands, unless they say so: "
        "a name such as `Europe/Istanbul`.",
    )
    camera_access: Annotated[tuple[str, ...], BeforeValidator(_comma_list)] = Field(
        default=(),
        description="Which cameras an API key may see, as `KEY_ID=gate|hall`, separated by "
        "commas. A key that is not named sees all.",
    )
    calendar: Path | None = Field(
        default=None,
        description="A JSON file of a site's holidays and odd days, for insights: "
        "{timezone?, entries: [{date, kind}]}.",
    )
    conversation_days: float = Field(
        default=7.0, gt=0, description="Days without a turn after which a conversation is deleted."
    )
    max_document_bytes: int = Field(
        default=100 * MEBIBYTE, ge=1024, description="The largest file that is read, in bytes."
    )
    document_seconds: float = Field(
        default=60.0, gt=0, description="How long the reading of one file may take."
    )
    document_memory_bytes: int = Field(
        default=2048 * MEBIBYTE,
        ge=128 * MEBIBYTE,
        description="How much memory a process that reads files may take, in bytes.",
    )
    document_processes: int = Field(
        default=2, ge=1, description="How many processes read files at once."
    )
    allowed_hosts: Annotated[tuple[str, ...], BeforeValidator(_comma_list)] = Field(
        default=(),
        description="Hosts (or `host:port`) that a crawl may fetch though they are not public, "
        "separated by commas.",
    )
    sync_folders: Annotated[tuple[Path, ...], BeforeValidator(_comma_list)] = Field(
        default=(),
        description="Folders that `POST /api/v1/index` may sync, separated by commas. Empty: none.",
    )
    docs_folder: Path = Field(
        default=Path("docs"), description="The folder that `promptuary index` syncs."
    )
    vector_store: Annotated[str, BeforeValidator(_lower)] = Field(
        default="",
        description="The scheme of the index that `promptuary.compat.knowledge.get_vector_store` "
        "opens. Empty: `edge` in `home`.",
    )
    restore_from: str = Field(
        default="",
        description="A backup, a path or a URL, that a new environment of a serverless function "
        "begins with. Empty: none.",
    )
    cloudwatch_namespace: str = Field(
        default="SupportDeflectBot",
        min_length=1,
        description="Under which name a serverless function counts questions in CloudWatch.",
    )
    api_endpoint: str = Field(
        default="",
        description="A server that `search`, `ask`, `families`, `templates` and `documents` of the "
        "command line go to. Empty: the folder of this machine.",
    )
    api_endpoint_key: SecretStr | None = Field(
        default=None, description="The API key for that server."
    )
    env: Annotated[
        Literal["dev", "test", "staging", "prod"], BeforeValidator(_environment_name)
    ] = Field(default="dev", description="Where this runs: `dev`, `test`, `staging` or `prod`.")
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)] = (
        Field(default="INFO", description="`DEBUG`, `INFO`, `WARNING` or `ERROR`.")
    )
    service_name: str = Field(
        default="promptuary", min_length=1, description="The name in logs and metrics."
    )
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="The address the server listens on; open without an API key only on loopback.",
    )
    port: int = Field(default=8000, ge=0, le=65535, description="The port; 0 takes a free one.")
    api_key: SecretStr | None = Field(
        default=None, description="One API key with every scope, to begin with."
    )
    api_keys: Annotated[tuple[SecretStr, ...], BeforeValidator(_comma_list)] = Field(
        default=(), description="More API keys with every scope, separated by commas."
    )
    max_request_bytes: int = Field(
        default=10 * MEBIBYTE, ge=1024, description="The largest body of a request, in bytes."
    )
    max_content_characters: int = Field(
        default=10_000, ge=1, description="The longest prompt over HTTP, in characters."
    )
    max_prompt_characters: int = Field(
        default=1_000_000, ge=1, description="The longest prompt from a file or the library."
    )
    rate_limit_enabled: bool = Field(default=True, description="Whether requests are limited.")
    rate_limit_per_minute: int = Field(
        default=100, ge=1, description="Requests a minute for each key and endpoint."
    )
    rate_limit_burst: int = Field(
        default=20,
        ge=1,
        description="Requests in ten seconds for each key while the shared cache is away.",
    )
    smartprompt_path: str = Field(
        default="/compat/smartprompt",
        pattern=r"^/[A-Za-z0-9/_.-]*$",
        description="Where the routes of the older prompt service are; `/` for the server's root.",
    )
    smartprompt_rate_limit_per_minute: int = Field(
        default=60, ge=1, description="Requests a minute for each key and each of those routes."
    )
    refine_cache_seconds: int = Field(
        default=3600, ge=0, description="How long those routes know a refined prompt again."
    )
    drain_seconds: float = Field(
        default=20.0, ge=0, description="How long a stopping server waits for its last requests."
    )
    metrics_enabled: bool = Field(default=True, description="Whether `/metrics` is served.")
    worker_lease_seconds: float = Field(
        default=60.0,
        gt=0,
        description="How long a worker may be silent before its job is given away.",
    )
    settle_after_seconds: float = Field(
        default=5.0,
        ge=0,
        description="How long the server waits for more prompts before it mines a part-filled "
        "window.",
    )

    def __init__(self, **values: object) -> None:
        try:
            super().__init__(**values)  # type: ignore[arg-type]  # pydantic checks them at run time
        except ValidationError as error:
            raise Misconfigured(_explain(error, values)) from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        *_others: PydanticBaseSettingsSource,
        **_more: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What was passed in, then what `read_sources` found."""
        return (init_settings, _Gathered(settings_cls))

    def urls(self) -> Urls:
        """Where every part lives, with the defaults filled in and passwords in place."""
        home = self.home.expanduser().absolute()
        return Urls(
            record=self.database_url.get_secret_value() or f"sqlite:///{home}/record.db",
            index=self.index_url.get_secret_value() or f"edge:{home}/index",
            second_index=self.second_index_url.get_secret_value() or f"edge:{home}/second-index",
            embedder=self.embedder,
            cache=self.cache_url.get_secret_value() or "memory:",
            embedding_cache=self.embedding_cache_url.get_secret_value()
            or f"sqlite:///{home}/embeddings.db",
            moderator=self.moderator,
            spending=self.spending_url.get_secret_value() or f"sqlite:///{home}/spending.db",
        )

    def shown(self) -> dict[str, str]:
        """Every setting as text that may be printed: keys are hidden, passwords in URLs are cut."""
        return {name: show(getattr(self, name)) for name in type(self).model_fields}


@dataclass(frozen=True, slots=True, repr=False)
class Urls:
    """Where every part lives. Holds passwords, so it does not print itself."""

    record: str
    index: str
    second_index: str
    embedder: str
    cache: str
    embedding_cache: str
    moderator: str
    spending: str


class _Gathered(PydanticBaseSettingsSource):
    """Hands the winners to pydantic."""

    def get_field_value(
        self,
        field: FieldInfo,  # noqa: ARG002  the base class asks for it
        field_name: str,
    ) -> tuple[Any, str, bool]:
        """Not used: all values come at once."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        winners = read_sources(self.settings_cls.model_fields).winners()
        return {name: given.value for name, given in winners.items()}


def show(value: object) -> str:
    """A setting's value as text that may be printed."""
    match value:
        case None | SecretStr() if not value or not value.get_secret_value():
            return ""
        case SecretStr():
            secret = value.get_secret_value()
            return re.sub(r"(?<=//)[^/@]*@", "***@", secret) if _is_url(secret) else "***"
        case tuple():
            return ", ".join(show(each) for each in value)
        case _:
            return str(value)


def _is_url(text: str) -> bool:
    return re.match(r"[a-z][a-z0-9+.-]*:", text) is not None


def _explain(error: ValidationError, passed: Mapping[str, object]) -> str:
    winners = read_sources(Settings.model_fields).winners()
    problems = []
    for each in error.errors(include_input=False, include_url=False):
        name = str(each["loc"][0]) if each["loc"] else "settings"
        where = f", set by {winners[name].where}" if name in winners and name not in passed else ""
        message = _no_such_setting(name) if each["type"] == "extra_forbidden" else each["msg"]
        problems.append(f"{name}: {message}{where}")
    return "; ".join(problems)


def _no_such_setting(name: str) -> str:
    close = get_close_matches(name, Settings.model_fields, n=1)
    return "there is no such setting" + (f"; did you mean {close[0]}?" if close else "")
