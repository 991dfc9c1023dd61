"""`promptuary index health|rebuild`."""

from __future__ import annotations

from promptuary.cli.lazy import bare
from promptuary.cli.opening import opened
from promptuary.cli.options import AsJson, Home
from promptuary.cli.printing import console, plural, write_json
from promptuary.cli.progress import progress
from promptuary.cli.running import UNAVAILABLE
from promptuary.ports.index import IndexHealth

app = bare("Check or rebuild the search index. It is derived from the record: nothing can be lost.")


@app.command()
def health(home: Home = None, as_json: AsJson = False) -> int:
    """Say whether searches are complete; the exit code is 3 while they are not."""
    with opened(home) as promptuary:
        found = promptuary.index_health()
    return _print(found, as_json=as_json)


@app.command()
def rebuild(home: Home = None, as_json: AsJson = False) -> int:
    """Throw the index away and derive it again from the record."""
    with opened(home) as promptuary, progress() as told:
        found = promptuary.rebuild_index(progress=told)
    return _print(found, as_json=as_json)


def _print(found: IndexHealth, *, as_json: bool) -> int:
    if as_json:
        write_json(found)
    else:
        detail = f" ({found.detail})" if found.detail else ""
        entries = plural(found.entries, "entry")
        console().print(f"index {found.state}: {entries}, up to change {found.watermark:,}{detail}")
    return 0 if found.state == "ok" else UNAVAILABLE
