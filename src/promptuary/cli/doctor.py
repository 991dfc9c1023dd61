"""`promptuary doctor`: is everything here that is needed, and what is to be done if not?"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import anyio
import typer
from rich.text import Text

from promptuary.cli.opening import opened, settings_of
from promptuary.cli.options import AsJson, Home
from promptuary.cli.printing import console, safe, write_json
from promptuary.cli.running import UNAVAILABLE
from promptuary.cli.tending import said_of
from promptuary.domain.errors import PromptuaryError

if TYPE_CHECKING:
    from promptuary.settings import Settings

State: TypeAlias = Literal["ok", "note", "wrong"]
LEAST_BYTES = 500 * 1024 * 1024
EXTRAS = {
    "postgresql": "asyncpg",
    "redis": "redis",
    "onnx": "onnxruntime",
    "remote": "httpx2",
    "eval": "sklearn",
}
TODO = {
    "record": "is the database of database_url running?",
    "index": "promptuary index rebuild",
    "cache": "is the server of cache_url running? without it limits are kept per process",
}
STYLES: dict[State, str] = {"ok": "green", "note": "yellow", "wrong": "bold red"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and what to do about it."""

    name: str
    state: State
    detail: str
    todo: str = ""


def doctor(
    verify: Annotated[
        bool, typer.Option("--verify", help="Compare record and index by digests, too.")
    ] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="The same, and put the index right.")
    ] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Check Python, disk, home, record, index, embedder and extras; exit code 3 if one is wrong."""
    compared = None if not verify and not repair else repair
    findings = [*_machine(), *_parts(home, compared), *_extras()]
    wrong = any(each.state == "wrong" for each in findings)
    if as_json:
        write_json({"ok": not wrong, "findings": findings})
    else:
        out = console()
        for each in findings:
            line = Text(f"{each.state:<6}", STYLES[each.state]).append(f"{each.name:<11} ", "bold")
            out.print(line.append(safe(each.detail), "none"))
            if each.todo:
                out.print(Text(f"      → {each.todo}", "cyan"))
    return UNAVAILABLE if wrong else 0


def _machine() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= (3, 11):  # noqa: UP036 - somebody may run the sources with less
        yield Finding("python", "ok", f"{version} at {sys.executable}")
    else:
        yield Finding("python", "wrong", version, "install Python 3.11 or newer")


def _parts(home: Path | None, compared: bool | None) -> Iterator[Finding]:
    try:
        settings = settings_of(home)
    except PromptuaryError as error:
        yield Finding("settings", "wrong", str(error), "see: promptuary config show")
        return
    yield Finding("settings", "ok", "sound")
    folder = settings.home.expanduser().absolute()
    yield from _home(folder)
    try:
        with opened(home) as promptuary:
            health = promptuary.health()
            index = promptuary.index_health()
            report = None if compared is None else promptuary.verify_index(repair=compared)
    except PromptuaryError as error:
        yield Finding("open", "wrong", f"{error} [{error.code}]", "do what the message says")
        return
    yield from anyio.run(_models, settings)
    for part in health.parts:
        fine = part.state == "ok"
        todo = "" if fine else TODO.get(part.name, f"look at the settings of the {part.name}")
        detail = part.detail or f"answers in {part.took_ms:.0f} ms"
        yield Finding(part.name, "ok" if fine else "wrong", detail, todo)
    if index.state != "ok":
        yield Finding(
            "index", "note", index.detail or "is being rebuilt", "promptuary index rebuild"
        )
    if report is not None:
        fine = report.clean
        todo = "" if fine else "promptuary doctor --repair"
        yield Finding("digests", "ok" if fine else "wrong", said_of(report), todo)


async def _models(settings: Settings) -> list[Finding]:
    """Whether each gives what it is there for; a checkup does not ask them. They are opened without
    caches, so that it is the model that is tried."""
    found = [await _embedder("embedder", settings.embedder, settings)]
    second = settings.second_embedder or "static"
    if settings.embedder_failure in ("equivalent", "dual"):
        found.append(await _embedder("second embedder", second, settings))
    if settings.reranker:
        found.append(await _reranker(settings.reranker))
    return found


async def _embedder(name: str, spec: str, settings: Settings) -> Finding:
    from promptuary.models import Embeddings  # noqa: PLC0415 - numpy
    from promptuary.parts import wanted_by  # noqa: PLC0415 - likewise

    try:
        async with await Embeddings.aopen(
            spec, recent_bytes=0, wanted=wanted_by(settings)
        ) as embeddings:
            await embeddings.aembed("Is anybody there?")
            detail = f"{spec} gives vectors of {embeddings.dimensions} numbers"
    except PromptuaryError as error:
        todo = f"look at the {name.replace(' ', '_')} setting"
        return Finding(name, "wrong", f"{error} [{error.code}]", todo)
    return Finding(name, "ok", detail)


async def _reranker(url: str) -> Finding:
    from promptuary.plugins import open_reranker  # noqa: PLC0415 - a vendor

    try:
        reranker = await open_reranker(url)
        try:
            await reranker.score("Is anybody there?", ["Somebody is there."])
        finally:
            await reranker.aclose()
    except PromptuaryError as error:
        todo = "look at the reranker setting"
        return Finding("reranker", "wrong", f"{error} [{error.code}]", todo)
    return Finding("reranker", "ok", f"{reranker.name} gives scores")


def _home(folder: Path) -> Iterator[Finding]:
    there = next(each for each in (folder, *folder.parents) if each.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        todo = "choose another with --home or PROMPTUARY_HOME"
        yield Finding("home", "wrong", f"{folder} cannot be written", todo)
    else:
        yield Finding("home", "ok", str(folder))
    free = shutil.disk_usage(there).free
    detail = f"{free / 2**30:.1f} GiB free"
    enough = free >= LEAST_BYTES
    yield Finding("disk", "ok" if enough else "note", detail, "" if enough else "make room")


def _extras() -> Iterator[Finding]:
    for extra, package in EXTRAS.items():
        if find_spec(package):
            yield Finding(extra, "ok", "extra installed")
        else:
            todo = f"only if you need it: pip install 'promptuary[{extra}]'"
            yield Finding(extra, "note", "extra not installed", todo)
