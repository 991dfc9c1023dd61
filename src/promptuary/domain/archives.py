"""Archives: a collection, or a whole home, as one file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from promptuary.domain.judgements import CollectionCalibration


@dataclass(frozen=True, slots=True)
class CollectionArchive:
    """What an archive of a collection says of itself.

    `digest` is the SHA-256 of its contents; `settings` are those that the passages were made with.
    It holds `originals` files as they were; `missing` more were kept, and are gone or altered.
    """

    collection: str
    made_at: datetime
    made_by: str
    sources: int
    documents: int
    passages: int
    digest: str
    settings: Mapping[str, str] = field(default_factory=dict)
    calibration: CollectionCalibration | None = None
    originals: int = 0
    missing: int = 0


@dataclass(frozen=True, slots=True)
class HomeArchive:
    """What a backup of a home says of itself: the files in it, by name, with their SHA-256.

    It holds `originals` files as they were read, of `original_bytes` in all; `missing` more were
    kept, and are gone or altered.
    """

    made_at: datetime
    made_by: str
    files: Mapping[str, str]
    bytes: int
    originals: int = 0
    original_bytes: int = 0
    missing: int = 0
