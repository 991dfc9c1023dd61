"""`promptuary library analytics|experiment`: how prompts do, and which version does better."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from promptuary.cli.kept_prompts import show_kept
from promptuary.cli.opening import looked_at
from promptuary.cli.options import AsJson, Home, Limit
from promptuary.cli.printing import console, plural, safe, write_json
from promptuary.domain.analytics import Analysis, GroupBy
from promptuary.domain.experiments import Experiment, Verdict


def analytics(
    first: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="The first day; else 30 days ago."),
    ] = None,
    last: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="The last day; else today."),
    ] = None,
    by: Annotated[GroupBy, typer.Option("--by", help="What is counted together.")] = "prompt",
    limit: Limit = 20,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Say how kept prompts are used and liked, which are alike, and what nobody found."""
    with looked_at(home) as promptuary:
        found = promptuary.library.analytics(
            since=_day(first), until=_day(last), group_by=by, limit=limit
        )
    if as_json:
        write_json(found)
    else:
        _show(found)


def experiment(
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="The prompt.")],
    *,
    candidate: Annotated[
        str | None, typer.Option("--try", metavar="VERSION", help="Put this version on trial.")
    ] = None,
    label: Annotated[str, typer.Option(help="What it is compared with.")] = "production",
    share: Annotated[float, typer.Option(min=0.01, max=0.99, help="How many of all get it.")] = 0.5,
    promote: Annotated[
        bool, typer.Option("--promote", help="Move the label to a candidate that has won.")
    ] = False,
    override: Annotated[
        bool, typer.Option("--protected", help="Move it although it is protected.")
    ] = False,
    stop: Annotated[bool, typer.Option("--stop", help="End it.")] = False,
    key: Annotated[
        str | None, typer.Option("--key", metavar="KEY", help="Only show what this key is given.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Try a version beside another, see how it stands at any time, or end it."""
    with looked_at(home) as promptuary:
        library = promptuary.library
        if key is not None:
            show_kept(library.serve(slug, key, label=label), as_json=as_json)
            return
        if candidate is not None:
            library.begin_experiment(slug, candidate, label=label, share=share)
        if stop:
            library.stop_experiment(slug)
        verdict = library.judge(slug, promote=promote, override=override)
    if as_json:
        write_json(verdict)
    else:
        _print_verdict(verdict)
        if promote:
            _print_promotion(verdict.experiment)


def _show(found: Analysis) -> None:
    out = console()
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name in (found.group_by, "uses", "ratings", "average", "good (95 %)"):
        named = name == found.group_by
        table.add_column(name, justify="left" if named else "right", overflow="fold")
    for each in found.groups:
        good = each.effective
        said = f"{good.share:.0%} ({good.low:.0%}–{good.high:.0%})" if good else ""
        average = "" if each.average is None else f"{each.average:.1f}"
        table.add_row(safe(each.key), f"{each.uses:,}", f"{each.ratings:,}", average, said)
    out.print(table)
    out.print(Text(f"{plural(found.prompts, 'prompt')}, {found.since} to {found.until}", "dim"))
    for slugs in found.duplicates:
        out.print(Text(f"alike: {safe(', '.join(slugs))}", "yellow"))
    if found.unused:
        out.print(Text(f"unused: {safe(', '.join(found.unused))}", "dim"))
    for miss in found.misses:
        out.print(Text(f"not found {miss.count}×: {safe(miss.query)}", "yellow"))


def _print_verdict(verdict: Verdict) -> None:
    out, test, gap = console(), verdict.experiment, verdict.difference
    out.print(Text(f"{safe(test.slug)}: {test.state}", "bold"))
    for name, tally, share in (
        (f"control ({safe(test.label)})", verdict.control, verdict.old),
        ("candidate", verdict.candidate, verdict.new),
    ):
        said = f"{tally.good} good of {plural(tally.trials, 'rating')}"
        out.print(f"{name}: {said}, surely {share.low:.0%} to {share.high:.0%}")
    out.print(f"difference {gap.share:+.0%}, surely between {gap.low:+.0%} and {gap.high:+.0%}")
    out.print(Text(verdict.reason, "dim"))


def _print_promotion(test: Experiment) -> None:
    won = "points at the candidate now"
    said = won if test.state == "won" else "stays where it is: the candidate has not won"
    console().print(f"{safe(test.label)} {said}")


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()
