"""`promptuary models list|doctor|pull|preload|verify|bench`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from promptuary.cli.lazy import bare
from promptuary.cli.options import AsJson
from promptuary.cli.printing import console, plural, safe, write_json
from promptuary.cli.progress import progress
from promptuary.cli.running import MISCONFIGURED
from promptuary.domain.errors import PromptuaryError
from promptuary.embeddings.catalogue import COMMON, MODELS, STATIC
from promptuary.embeddings.ladder import Source, Step, find, resolve
from promptuary.embeddings.preload import verify as verify_folder
from promptuary.embeddings.specs import parse
from promptuary.models import Embeddings, Outlook, outlook, prepare

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


@app.command(name="pull")
def pull_(
    spec: Annotated[str, typer.Argument(help="A model by its name, or hf:org/name@revision.")],
    as_json: AsJson = False,
) -> int:
    """Fetch a model: resumed, verified by hash, there all at once; then have it give a vector."""
    return _prepare([spec], as_json=as_json)


@app.command()
def preload(
    specs: Annotated[list[str] | None, typer.Argument(help="Else the common models.")] = None,
    as_json: AsJson = False,
) -> int:
    """Make models ready, for an image or a start: fetch what is not here, and try each."""
    return _prepare(specs or list(COMMON), as_json=as_json)


@app.command()
def verify(
    spec: Annotated[str, typer.Argument(help="A model that was fetched.")],
    as_json: AsJson = False,
) -> int:
    """Hash every file of a fetched model and compare with what the hub said."""
    seen = outlook()
    source = resolve(spec, seen.wishes, seen.policy)
    folder = Path(source.url.partition(":")[2].partition("?")[0])
    files = verify_folder(folder)
    if as_json:
        write_json({"folder": str(folder), "files": files, "ok": True})
    else:
        console().print(f"{plural(files, 'file')} of {safe(spec)} are what was fetched")
    return 0


@app.command()
def bench(
    spec: Annotated[str, typer.Argument(help="The model to measure.")] = "auto",
    as_json: AsJson = False,
) -> int:
    """Measure how many prompts and paragraphs a second a model embeds here."""
    with Embeddings.open(spec, recent_bytes=0) as embeddings:
        embeddings.embed(["warm up"])
        speeds = {
            "prompts_per_second": _speed(embeddings, [f"{_PROMPT} {n}?" for n in range(256)]),
            "paragraphs_per_second": _speed(embeddings, [f"{n} {_PROMPT * 12}" for n in range(64)]),
        }
        found = {"spec": spec, "source": embeddings.source.url, **speeds}
    if as_json:
        write_json(found)
    else:
        console().print(
            f"{safe(embeddings.source.url)}: {speeds['prompts_per_second']:,.0f} prompts/s, "
            f"{speeds['paragraphs_per_second']:,.0f} paragraphs/s"
        )
    return 0


_PROMPT = "What would be the quickest way to translate this short text for a customer in Porto"


def _speed(embeddings: Embeddings, texts: list[str]) -> float:
    started = monotonic()
    embeddings.embed(texts)
    return len(texts) / (monotonic() - started)


def _prepare(specs: list[str], *, as_json: bool) -> int:
    with progress() as told:
        prepared = [prepare(spec, told) for spec in specs]
    if as_json:
        write_json({"models": prepared})
        return 0
    for each in prepared:
        console().print(
            f"{safe(each.spec)} is ready: {safe(each.source)}, {each.dimensions} dimensions, "
            f"{each.seconds:.1f} s"
        )
    return 0


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
