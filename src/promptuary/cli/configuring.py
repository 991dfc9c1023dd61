"""`promptuary config show|check|example`."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

import typer
from rich.table import Table
from rich.text import Text

from promptuary.cli.lazy import bare
from promptuary.cli.opening import settings_of
from promptuary.cli.options import AsJson, Home
from promptuary.cli.printing import console, safe, write_json

app = bare("Show, check or start the configuration.")


@app.command()
def show(home: Home = None, as_json: AsJson = False) -> None:
    """Every setting, its value and where that comes from. Secrets are hidden."""
    from promptuary.settings.sources import read_sources  # noqa: PLC0415 - pydantic is slow

    settings = settings_of(home)
    shown = settings.shown()
    origins = {name: given.where for name, given in read_sources(shown).winners().items()}
    if home is not None:
        origins["home"] = "--home"
    if as_json:
        write_json({n: {"value": v, "from": origins.get(n, "default")} for n, v in shown.items()})
        return
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    table.add_column(style="dim")
    for name, value in shown.items():
        table.add_row(name, safe(value), origins.get(name, "default"))
    console().print(table)


@app.command()
def check(home: Home = None, as_json: AsJson = False) -> None:
    """Read every source and say what is wrong (exit code 4) or odd (exit code 0)."""
    from promptuary.plugins import Kind, schemes  # noqa: PLC0415 - slow to import
    from promptuary.settings.sources import read_sources  # noqa: PLC0415 - pydantic is slow

    settings = settings_of(home)
    sources = read_sources(type(settings).model_fields)
    known: dict[str, Kind] = {
        "record": "units_of_work",
        "index": "indexes",
        "embedder": "embedders",
        "cache": "caches",
        "embedding_cache": "caches",
        "moderator": "moderators",
        "spending": "caches",
    }
    urls = settings.urls()
    for part, kind in known.items():
        _check_scheme(part, getattr(urls, part), schemes(kind))
    for url in settings.chat_models:
        _check_scheme("chat_models", url, schemes("chat_models"))
    conflicts, notes = sources.conflicts(), sources.notes
    if as_json:
        write_json({"ok": True, "conflicts": conflicts, "notes": notes})
        return
    out = console()
    for each in conflicts:
        out.print(Text(f"two names, two values: {safe(each)}", "yellow"))
    for each in notes:
        out.print(Text(safe(each), "yellow"))
    out.print("the configuration is sound")


@app.command()
def example(
    form: Annotated[
        Literal["yaml", "env"], typer.Argument(help="config/config.yaml, or .env.")
    ] = "yaml",
) -> None:
    """Print a file with every setting, what it means and its default."""
    from promptuary.settings.examples import example_env, example_yaml  # noqa: PLC0415 - slow to import

    sys.stdout.write(example_yaml() if form == "yaml" else example_env())


def _check_scheme(part: str, url: str, known: tuple[str, ...]) -> None:
    from promptuary.domain.errors import Misconfigured  # noqa: PLC0415 - slow to import

    scheme = url.partition(":")[0].partition("+")[0]
    aliases = {"https": "http", "postgres": "postgresql", "rediss": "redis"}
    if aliases.get(scheme, scheme) not in known:
        choices = ", ".join(f"{each}:" for each in known)
        raise Misconfigured(f"{part}: nothing opens {scheme + ':'!r}; known are {choices}")
