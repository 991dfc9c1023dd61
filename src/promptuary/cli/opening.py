"""Opening Promptuary for a verb."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from promptuary.blocking import Promptuary
    from promptuary.settings import Settings


def settings_of(home: Path | None) -> Settings:
    """The settings of this process, with `--home` where it was given. Raises Misconfigured."""
    from promptuary.settings import Settings  # noqa: PLC0415 - pydantic is slow to import

    return Settings() if home is None else Settings(home=home)


@contextmanager
def opened(home: Path | None) -> Iterator[Promptuary]:
    """Promptuary on that folder, closed again at the end."""
    from promptuary.blocking import Promptuary  # noqa: PLC0415 - vendors are slow to import

    with Promptuary.open(settings=settings_of(home)) as promptuary:
        yield promptuary
