"""`promptuary correct`: people's say in families, names and texts."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Column, Table

from promptuary.cli.lazy import bare
from promptuary.cli.opening import looked_at
from promptuary.cli.options import AsJson, Cursor, Home, InCollection, Limit
from promptuary.cli.printing import console, foot, page_json, safe, write_json
from promptuary.domain.corrections import Correction

app = bare("Correct families, names and texts; what you say stands from then on.")

By = Annotated[
    str, typer.Option("--by", metavar="NAME", help="Who says so; it is kept with the correction.")
]
Cluster = Annotated[str, typer.Argument(metavar="CLUSTER", help="A template's cluster.")]
NOBODY = "somebody"


@app.command()
def merge(
    families: Annotated[list[str], typer.Argument(metavar="FAMILY...", help="At least two.")],
    by: By = NOBODY,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Make one family of several: that of the first that has templates, else of the first."""
    with looked_at(home) as promptuary:
        made = promptuary.corrections.merge(families, by=by)
    _done(made, as_json)


@app.command()
def move(
    cluster: Cluster,
    family: Annotated[str, typer.Argument(metavar="FAMILY", help="Where it belongs.")],
    by: By = NOBODY,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Put a cluster into another family."""
    with looked_at(home) as promptuary:
        made = promptuary.corrections.move(cluster, family, by=by)
    _done(made, as_json)


@app.command()
def split(
    ids: Annotated[
        list[str],
        typer.Argument(
            metavar="ID...",
            help="Clusters of one family, or prompts that belong to it by themselves; they leave.",
        ),
    ],
    by: By = NOBODY,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Make clusters or single prompts of one family a family of their own."""
    with looked_at(home) as promptuary:
        made = promptuary.corrections.split(ids, by=by)
    _done(made, as_json)


@app.command()
def join(
    clusters: Annotated[
        list[str], typer.Argument(metavar="CLUSTER...", help="At least two; the first stays.")
    ],
    by: By = NOBODY,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Make one cluster of several: the first gets all their prompts and keeps its template."""
    with looked_at(home) as promptuary:
        made = promptuary.corrections.join(clusters, by=by)
    _done(made, as_json)


@app.command()
def apart(
    cluster: Cluster,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="Another cluster.")],
    by: By = NOBODY,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Never put these two clusters into one family; if they are, the first leaves it."""
    with looked_at(home) as promptuary:
        made = promptuary.corrections.apart(cluster, other, by=by)
    _done(made, as_json)


@app.command()
def rename(
    id: Annotated[str, typer.Argument(metavar="ID", help="Of a cluster or family.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called.")],
    by: By = NOBODY,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Call a cluster or family something else."""
    with looked_at(home) as promptuary:
        made = promptuary.corrections.rename(id, name, by=by)
    _done(made, as_json)


@app.command()
def lock(cluster: Cluster, by: By = NOBODY, home: Home = None, as_json: AsJson = False) -> None:
    """Keep a cluster's template as it is; prompts still join it."""
    with looked_at(home) as promptuary:
        made = promptuary.corrections.lock(cluster, by=by)
    _done(made, as_json)


@app.command()
def place(
    prompt: Annotated[str, typer.Argument(metavar="PROMPT", help="A prompt's id.")],
    cluster: Annotated[str, typer.Argument(metavar="CLUSTER", help="Where it belongs.")],
    by: By = NOBODY,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Put one prompt under another cluster's template; it stays there."""
    with looked_at(home) as promptuary:
        made = promptuary.corrections.place(prompt, cluster, by=by)
    _done(made, as_json)


@app.command()
def undo(
    correction: Annotated[str, typer.Argument(metavar="CORRECTION", help="Its id.")],
    by: By = NOBODY,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Take a correction back; what else was said holds on."""
    with looked_at(home) as promptuary:
        undone = promptuary.corrections.undo(correction, by=by)
    _done(undone, as_json)


@app.command("list")
def list_(
    collection: InCollection = None,
    limit: Limit = 20,
    cursor: Cursor = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List corrections, undone ones too, the last made first."""
    with looked_at(home) as promptuary:
        page = promptuary.corrections.list(collection, cursor=cursor, limit=limit)
    if as_json:
        page_json(page)
        return
    whole = (Column(name, overflow="fold") for name in ("about", "id"))  # ids are to be copied
    table = Table("made", "by", "what", *whole)
    for each in page.items:
        what = f"{each.kind}, undone by {each.undone_by}" if each.undone_at else each.kind
        about = ", ".join((*each.ids, *((each.name,) if each.name else ())))
        table.add_row(
            f"{each.created_at:%Y-%m-%d %H:%M}", safe(each.by), safe(what), safe(about), each.id
        )
    console().print(table)
    foot(console(), page, "correction")


def _done(correction: Correction, as_json: bool) -> None:
    if as_json:
        write_json(correction)
    elif correction.undone_at:
        console().print(f"undone: {correction.kind} {correction.id}")
    else:
        console().print(f"{correction.kind}: done; take it back with `correct undo`")
        console().print(correction.id, style="dim")
