"""Opening Promptuary for a verb."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from promptuary.blocking import Promptuary
    from promptuary.sdk.blocking import RemoteClient
    from promptuary.settings import Settings

    Face: TypeAlias = Promptuary | RemoteClient


def settings_of(home: Path | None, **given: object) -> Settings:
    """The settings of this process, with `--home` and what else was given. Raises Misconfigured."""
    from promptuary.settings import Settings  # noqa: PLC0415 - pydantic is slow to import

    return Settings(**given) if home is None else Settings(home=home, **given)


@contextmanager
def opened(home: Path | None, **given: object) -> Iterator[Promptuary]:
    """Promptuary on that folder, with these settings, closed again at the end."""
    from promptuary.blocking import Promptuary  # noqa: PLC0415 - vendors are slow to import

    with Promptuary.open(settings=settings_of(home, **given)) as promptuary:
        yield promptuary


@contextmanager
def looked_at(home: Path | None) -> Iterator[Face]:
    """Promptuary on that folder; without one, on the server that the settings name, if any."""
    settings = settings_of(home)
    if home is not None or not settings.api_endpoint:
        with opened(home) as promptuary:
            yield promptuary
        return
    from promptuary.sdk.blocking import RemoteClient  # noqa: PLC0415 - vendors are slow to import

    key = settings.api_endpoint_key
    secret = key.get_secret_value() if key else None
    cache = settings.api_endpoint_cache
    with RemoteClient(settings.api_endpoint, api_key=secret or None, cache=cache) as client:
        yield client
