"""The settings of documents and answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field, SecretStr

from promptuary.settings.forms import MEBIBYTE, comma_list, lower


class KnowledgeSettings(BaseModel):
    """How documents are read, and questions about them answered."""

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
    max_chunk_characters: int | None = Field(
        default=None,
        ge=50,
        description="How much of each passage a chat model is given to read, in characters. "
        "Empty: all of it.",
    )
    originals: str = Field(
        default="",
        description="Where files are kept as they were when they were read: `folder:PATH`, "
        "`s3://BUCKET/PREFIX`, or `none`. Empty: `folder:` in `home`.",
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
    allowed_hosts: Annotated[tuple[str, ...], BeforeValidator(comma_list)] = Field(
        default=(),
        description="Hosts (or `host:port`) that a crawl may fetch though they are not public, "
        "separated by commas.",
    )
    trusted_domains: Annotated[tuple[str, ...], BeforeValidator(comma_list)] = Field(
        default=(),
        description="Domains whose pages are crawled without asking their robots.txt, with all "
        "that lie under them, separated by commas: your own.",
    )
    sync_folders: Annotated[tuple[Path, ...], BeforeValidator(comma_list)] = Field(
        default=(),
        description="Folders that `POST /api/v1/index` may sync, separated by commas. Empty: none.",
    )
    crawl_sources: Annotated[tuple[str, ...], BeforeValidator(comma_list)] = Field(
        default=(),
        description="Addresses that `promptuary crawl --default` begins with, separated by commas.",
    )
    crawl_depth: int = Field(default=1, ge=0, le=10, description="How many links a crawl goes.")
    crawl_max_pages: int = Field(default=40, ge=1, description="How many pages a crawl reads.")
    crawl_same_site: bool = Field(default=True, description="Whether it stays on one host.")
    docs_folder: Path = Field(
        default=Path("docs"), description="The folder that `promptuary index` syncs."
    )
    vector_store: Annotated[str, BeforeValidator(lower)] = Field(
        default="",
        description="The scheme of the index that `promptuary.compat.knowledge.get_vector_store` "
        "opens. Empty: `edge` in `home`.",
    )
    chroma_collection: str = Field(
        default="knowledge_base",
        min_length=1,
        description="The collection that `promptuary import` takes out of a folder of Chroma's.",
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
        description="A server that commands go to which search, ask, look at or correct what is "
        "there, or keep prompts. Empty: the folder of this machine.",
    )
    api_endpoint_key: SecretStr | None = Field(
        default=None, description="The API key for that server."
    )
    api_endpoint_cache: Path | None = Field(
        default=None,
        description="A folder that keeps what `library show` and `library experiment --key` got "
        "from that server, for when it is away. Empty: none.",
    )
