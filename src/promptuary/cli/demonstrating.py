"""`promptuary demo`: a small traffic, what is found in it, on whatever index is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from promptuary.cli.opening import settings_of
from promptuary.cli.options import AsJson
from promptuary.cli.printing import console, safe, write_json
from promptuary.domain.filters import Eq
from promptuary.domain.prompts import IncomingPrompt

if TYPE_CHECKING:
    from promptuary.blocking import Promptuary

CITIES = ("Turin", "Graz", "Cork", "Lille", "Porto", "Basel", "Riga", "Ghent", "Split", "Bergen")
TRADES = ("baker", "mason", "tailor", "painter", "printer", "joiner", "potter", "welder")
ALONE = ("Why do cats purr at night?", "List kings of Portugal.", "Is glass a slow liquid?")
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Shown:
    """What one search found, best first, and in how many prompts of each status that was."""

    asked: str
    how: str
    found: list[str]
    counts: dict[str, int]


def demo(
    index: Annotated[
        str | None,
        typer.Option("--index", metavar="URL", help="An index that nobody used; else an own one."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take a small traffic in, in a folder of its own that goes away, and show what is found.

    The answers are the same on every index.
    """
    from promptuary.blocking import Promptuary  # noqa: PLC0415 - vendors are slow to import

    with TemporaryDirectory(prefix="promptuary-demo-") as folder:
        settings = settings_of(Path(folder))
        if index:
            settings = type(settings).model_validate({**settings.model_dump(), "index_url": index})
        with Promptuary.open(settings=settings) as promptuary:
            promptuary.ingest(list(_traffic()), complete=True)
            templates = sorted(each.template.text for each in promptuary.templates(limit=50).items)
            shown = list(_searches(promptuary))
    if as_json:
        write_json({"templates": templates, "searches": shown})
    else:
        _print(templates, shown)


def _traffic() -> Iterator[IncomingPrompt]:
    texts = [
        *(f"Plan a weekend in {city} for two people, without museums." for city in CITIES),
        *(f"Write a short advert for a {trade} who is looking for work." for trade in TRADES),
        *(f"Which {trade} in {city} works on Sundays?" for trade in TRADES for city in CITIES[:5]),
        *ALONE,
    ]
    for at, text in enumerate(texts):
        yield IncomingPrompt(text, id=f"demo-{at:03}")


def _searches(promptuary: Promptuary) -> Iterator[Shown]:
    asked = (
        ("weekend Porto", "hybrid"),
        ("wekend in Basle", "words"),
        ("somebody who bakes bread", "meaning"),
        ("looking for work", "words"),
        ("animals", "meaning"),
    )
    for text, mode in asked:
        answer = promptuary.search(
            text,
            kinds=("prompt",),
            mode=mode,  # type: ignore[arg-type]  # one of the modes, as it stands above
            where=Eq("collection", "default"),
            facets=("status",),
            limit=SHOWN,
        )
        counts = {str(value): count for value, count in answer.facets["status"].items()}
        yield Shown(text, mode, [hit.texts["text"] for hit in answer.hits], counts)


def _print(templates: list[str], shown: list[Shown]) -> None:
    out = console()
    out.print(f"{len(templates)} templates:")
    for text in templates:
        out.print(f"  {safe(text)}")
    for each in shown:
        out.print(f"{each.how}: {each.asked}")
        for text in each.found:
            out.print(f"  {safe(text)}")
