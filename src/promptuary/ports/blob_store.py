"""Files kept under names: backups, exports."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol


class BlobStore(Protocol):
    """Files under names such as `exports/handbook.zip`; see `domain.blobs.checked_name`.

    A name that is none raises InvalidInput. Safe to call from several tasks at once; the event
    loop is never held up. Raises Unavailable when the store cannot be reached, Misconfigured where
    it does not let us in, StorageFull where it has no room.
    """

    async def put(self, name: str, source: Path) -> None:
        """Keep the content of a file under that name, in place of what was there. Nobody ever sees
        a part of it; when it is interrupted, what was there stays."""
        ...

    async def fetch(self, name: str, target: Path) -> None:
        """Write what is kept under that name to a file, in place of what it held. Raises NotFound,
        and then leaves the file alone."""
        ...

    async def size(self, name: str) -> int:
        """How many bytes are kept under that name. Raises NotFound."""
        ...

    async def remove(self, names: Sequence[str]) -> None:
        """Forget these; unknown ones are ignored."""
        ...

    async def list(self, prefix: str = "", *, after: str = "", limit: int = 100) -> list[str]:
        """Names that begin with `prefix` and come after `after`, in the order of code points."""
        ...

    async def aclose(self) -> None:
        """Release what is held; closing twice is harmless."""
        ...
