"""`promptuary index DIR|health|rebuild`, and what `tending` adds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from promptuary.cli.opening import opened, settings_of
from promptuary.cli.options import AsJson, Home
from promptuary.cli.printing import console, plural, write_json
from promptuary.cli.progress import progress
from promptuary.cli.running import UNAVAILABLE
from promptuary.cli.syncing import told_of
from promptuary.cli.tending import add
from promptuary.ports.index import IndexHealth

if TYPE_CHECKING:
    from promptuary.blocking import Promptuary


class FolderGroup(TyperGroup):
    """A group to which anything that is none of its commands is a folder to sync."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - click's own
        """`index DIR` means `index sync DIR`, and `index` alone the folder of the settings."""
        known = {*self.list_commands(ctx), *ctx.help_option_names}
        return super().parse_args(ctx, args if args and args[0] in known else ["sync", *args])


app = typer.Typer(
    cls=FolderGroup,
    help="Sync a folder (`index DIR`); or check or rebuild the search index, which is derived from "
    "the record: nothing can be lost.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command()
def sync(
    directory: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="The folder; else that of the settings.")
    ] = None,
    docs_path: Annotated[
        Path | None, typer.Option("--docs-path", metavar="DIR", help="The folder, said otherwise.")
    ] = None,
    reset: Annotated[
        bool, typer.Option("--reset", help="Forget what came from it first, and read all again.")
    ] = False,
    collection: Annotated[
        str, typer.Option("--collection", metavar="NAME", help="Where the documents go.")
    ] = "default",
    home: Home = None,
    as_json: AsJson = False,
) -> int:
    """Bring the documents of a folder in, as `promptuary sync` does; only what changed is read."""
    folder = directory or docs_path or settings_of(home).docs_folder
    with opened(home) as promptuary, progress() as told:
        if reset:
            _forget(promptuary, folder, collection)
        report = promptuary.sync(folder, collection=collection, progress=told)
    return told_of([report], as_json=as_json)


def _forget(promptuary: Promptuary, folder: Path, collection: str) -> None:
    root = str(folder.expanduser().resolve())
    doomed, cursor = list[str](), None
    while True:
        page = promptuary.sources(collection=collection, cursor=cursor, limit=100)
        doomed += [each.id for each in page.items if each.lies_in(root)]
        if (cursor := page.next_cursor) is None:
            break
    promptuary.forget(doomed)


@app.command()
def health(home: Home = None, as_json: AsJson = False) -> int:
    """Say whether searches are complete; the exit code is 3 while they are not."""
    with opened(home) as promptuary:
        found = promptuary.index_health()
    return _print(found, as_json=as_json)


@app.command()
def rebuild(home: Home = None, as_json: AsJson = False) -> int:
    """Derive the index again from the record: beside the one that serves, where the engine can."""
    with opened(home) as promptuary, progress() as told:
        found = promptuary.rebuild_index(progress=told)
    return _print(found, as_json=as_json)


add(app)


def _print(found: IndexHealth, *, as_json: bool) -> int:
    if as_json:
        write_json(found)
    else:
        detail = f" ({found.detail})" if found.detail else ""
        entries = plural(found.entries, "entry")
        console().print(f"index {found.state}: {entries}, up to change {found.watermark:,}{detail}")
    return 0 if found.state == "ok" else UNAVAILABLE
