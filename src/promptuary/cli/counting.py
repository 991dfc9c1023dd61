"""`promptuary metrics`: what there is and what was done, in numbers."""

from __future__ import annotations

from promptuary.cli.opening import opened
from promptuary.cli.options import AsJson, Home, InCollection
from promptuary.cli.printing import console, write_json


def metrics(collection: InCollection = None, home: Home = None, as_json: AsJson = False) -> None:
    """Say in numbers what there is, what waits, and what people think of answers.

    A server tells its own at /metrics and /api/v1/admin/metrics.
    """
    with opened(home) as promptuary:
        held = promptuary.holdings(collection=collection)
        figures = promptuary.figures()
        rated = promptuary.satisfaction(collection=collection)
    rows = {
        "sources read": held.read,
        "sources failed": held.failed,
        "sources without text": held.empty,
        "documents": held.documents,
        "passages": held.passages,
        "characters": held.characters,
        "clusters": figures.clusters,
        "templates ever made": figures.templates_extracted,
        "jobs waiting": figures.waiting_jobs,
        "answers rated up": rated.up,
        "answers rated down": rated.down,
    }
    if as_json:
        satisfaction = {"up": rated.up, "down": rated.down, "share": rated.share}
        write_json({"documents": held, "figures": figures, "satisfaction": satisfaction})
        return
    out = console()
    for name, count in rows.items():
        out.print(f"{name:<22}{count:>14,}")
    if rated.share is not None:
        out.print(f"{'satisfaction':<22}{rated.share:>14.0%}")
