"""`promptuary models list|doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from promptuary.cli.lazy import bare
from promptuary.cli.options import AsJson
from promptuary.cli.printing import console, safe, write_json
from promptuary.cli.running import MISCONFIGURED
from promptuary.domain.errors import PromptuaryError
from promptuary.embeddings.catalogue import MODELS, STATIC
from promptuary.embeddings.ladder import Source, Step, find
from promptuary.embeddings.specs import parse
from promptuary.models import Outlook, outlook

app = bare("Embedding models: which are here, which one is used, and why.")


@dataclass(frozen=True, slots=True)
class Listed:
    """A model of the catalogue, and where it lies; empty when it is not on this machine."""

    name: str
    hub: str
    dimensions: int
    max_tokens: int
    languages: str
    megabytes: int
    here: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Which source a spec comes to, or the error, and every step on the way."""

    ok: bool
    spec: str
    source: str
    error: str
    code: str
    steps: tuple[Step, ...]


@app.command(name="list")
def list_(as_json: AsJson = False) -> int:
    """List the models that have a name of their own; any other opens as hf:org/name or ./folder."""
    rows = _listed(outlook())
    if as_json:
        write_json({"models": rows})
        return 0
    table = Table(box=None, pad_edge=False)
    for heading in ("name", "dimensions", "languages", "here"):
        table.add_column(heading)
    for row in rows:
        here = row.here or f"no: promptuary models pull {row.name} ({row.megabytes} MB)"
        table.add_row(row.name, str(row.dimensions), row.languages, here)
    console().print(table)
    return 0


@app.command()
def doctor(
    spec: Annotated[str, typer.Argument(help="The model that is asked for.")] = "auto",
    as_json: AsJson = False,
) -> int:
    """Say which source a model would come from and why; loads nothing."""
    seen = outlook()
    found = diagnose(spec, seen)
    if as_json:
        write_json({**_facts(found), "here": seen.here, "policy": seen.policy})
    else:
        _print(found, seen)
    return 0 if found.ok else MISCONFIGURED


def diagnose(spec: str, seen: Outlook) -> Diagnosis:
    """What opening that spec would come to."""
    try:
        found = find(parse(spec), seen.wishes, seen.policy)
    except PromptuaryError as error:
        return Diagnosis(False, spec, "", str(error), error.code, ())
    if isinstance(found, Source):
        return Diagnosis(True, spec, found.url, "", "", found.steps)
    return Diagnosis(False, spec, "", str(found.error), found.error.code, found.steps)


def _listed(seen: Outlook) -> list[Listed]:
    rows = [Listed(STATIC, "", 256, 0, "English first", 0, "comes with the package")]
    for known in MODELS.values():
        found = diagnose(known.name, seen)
        rows.append(
            Listed(
                known.name,
                known.hub,
                known.dimensions,
                known.max_tokens,
                known.languages,
                known.megabytes,
                found.steps[-1].why if found.ok else "",
            )
        )
    return rows


def _facts(found: Diagnosis) -> dict[str, object]:
    return {name: getattr(found, name) for name in Diagnosis.__slots__}


def _print(found: Diagnosis, seen: Outlook) -> None:
    out = console()
    out.print(Text(f"{found.spec} → {safe(found.source) if found.ok else 'nothing'}", "bold"))
    for step in found.steps:
        mark = "→" if step.verdict == "used" else "·"
        out.print(Text(f"  {mark} {step.rung}: {step.verdict}, {safe(step.why)}"))
    if found.error:
        out.print(Text(f"  {safe(found.error)} [{found.code}]", "red"))
    out.print(f"here: {seen.here.words()}")
    out.print(f"downloads: {seen.policy.downloads}, because {seen.policy.why}")
    out.print(f"models folder: {seen.wishes.models_folder}")
