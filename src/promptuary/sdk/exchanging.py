"""Files of prompts to and from a server; `RemoteLibrary` has these functions as methods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from promptuary.domain.errors import Unsupported
from promptuary.domain.exchange import Exported, ImportReport
from promptuary.domain.progress import Progress, Told, silent
from promptuary.sdk import sending
from promptuary.sdk.line import PREFIX, Line, Sent


class Connected(Protocol):
    """What these methods need of the library that they belong to."""

    @property
    def _line(self) -> Line: ...


async def import_file(
    self: Connected,
    format: str,
    data: bytes,
    *,
    name: str = "prompt",
    folder: str = "",
    dry_run: bool = False,
    replace_it: bool = False,
    trusted: Sequence[str] = (),
    progress: Told = silent,
) -> ImportReport:
    """Take the prompts of a file in; with `dry_run` only say what that would do. `progress` hears
    of it when it is done: a server does not tell meanwhile."""
    query = {
        "format": format,
        "name": name,
        "folder": folder or None,
        "dry_run": dry_run,
        "replace": replace_it,
        "trust": list(trusted),
    }
    file, key = "application/octet-stream", sending.new_key()
    sent = Sent("POST", f"{PREFIX}/library/import", query, data, media_type=file, key=key)
    report = await self._line.ask(ImportReport, sent)
    progress(Progress("save", len(report.outcomes), len(report.outcomes)))
    return report


async def export_file(
    self: Connected,
    format: str,
    slugs: Sequence[str] | None = None,
    *,
    folder: str | None = None,
    private_key: bytes | None = None,
) -> Exported:
    """A file of these prompts, or of all that are not archived. A key stays where it is: raises
    Unsupported for one; sign the bundle that comes."""
    if private_key is not None:
        raise Unsupported("a private key goes to no server: sign the bundle that it gives")
    if slugs is not None and not slugs:
        raise Unsupported("a server exports all prompts, or those that are named")
    asked = {"format": format, "slug": None if slugs is None else list(slugs), "folder": folder}
    return await self._line.ask(Exported, Sent("GET", f"{PREFIX}/library/export", asked))
