"""Every error Promptuary raises on purpose. The branch says what the caller should do.

PromptuaryError
├── Rejected            do not repeat: the request is wrong
│   ├── InvalidInput        a value is malformed; `fields` says which
│   ├── TooLarge            the request is over a stated limit
│   ├── NotFound            nothing lives under that id
│   ├── Conflict            the stored state contradicts the request
│   │   ├── SpaceMismatch       a vector of another embedding space
│   │   ├── RevisionMismatch    somebody changed it since it was read
│   │   ├── IdempotencyMismatch the same key came with another payload
│   │   └── GuardRefused        a step that would risk something may not be taken yet
│   ├── Unsupported         this backend cannot do that
│   ├── BudgetSpent         the money or tokens set aside are used up
│   ├── Unauthenticated     no key, or a key nobody knows
│   └── Forbidden           the key is good but lacks the scope
├── Unavailable         retry or fall back: a dependency is down or slow
│   ├── TimedOut
│   ├── RateLimited         slow down; `retry_after` says how long
│   ├── BadReply            a model answered with something that cannot be used
│   ├── Busy                another process holds what this one needs
│   ├── StorageFull         the disk has no room; nothing acknowledged was lost
│   └── LeaseLost           another worker took the job over
└── Misconfigured       fix the settings and start again
    ├── MissingExtra        an optional package is not installed
    ├── ModelMissing        the model that was named is not on this machine
    └── ModelDamaged        its files are incomplete, altered, or not to be trusted
"""

from __future__ import annotations

from collections.abc import Mapping
from errno import EDQUOT, EFBIG, ENOSPC
from typing import ClassVar, Final

NO_ROOM: Final = frozenset({ENOSPC, EDQUOT, EFBIG})
"""What the operating system says (`OSError.errno`) of a disk that is full, a quota that is used up,
or a file that has reached a limit on its size."""


class PromptuaryError(Exception):
    """Base of every error raised on purpose. `code` is stable and documented."""

    code: ClassVar[str] = "PROMPTUARY_ERROR"


class Rejected(PromptuaryError):
    """The request is wrong; sending it again will not help."""

    code: ClassVar[str] = "REJECTED"


class InvalidInput(Rejected):
    """A value is malformed. `fields` maps a field (or file position) to what is wrong with it."""

    code: ClassVar[str] = "INVALID_INPUT"

    def __init__(self, message: str, *, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields: Mapping[str, str] = dict(fields or {})


class TooLarge(Rejected):
    """The request is over a stated limit."""

    code: ClassVar[str] = "TOO_LARGE"


class NotFound(Rejected):
    """Nothing lives under that id. `what` names the kind of thing, `id` the id asked for; `said`
    is the message, where a thing is not named by an id."""

    code: ClassVar[str] = "NOT_FOUND"

    def __init__(self, what: str, id: str, *, said: str = "") -> None:
        super().__init__(said or f"no {what} has the id {id!r}")
        self.what = what
        self.id = id


class Conflict(Rejected):
    """The stored state contradicts the request."""

    code: ClassVar[str] = "CONFLICT"


class SpaceMismatch(Conflict):
    """A vector of one embedding space was offered to a collection of another."""

    code: ClassVar[str] = "SPACE_MISMATCH"


class RevisionMismatch(Conflict):
    """Something was changed since it was read; read it again and decide anew."""

    code: ClassVar[str] = "REVISION_MISMATCH"


class IdempotencyMismatch(Conflict):
    """An idempotency key or batch id was used again with other content."""

    code: ClassVar[str] = "IDEMPOTENCY_MISMATCH"


class GuardRefused(Conflict):
    """A step of a move may not be taken yet; the message says what has to come first."""

    code: ClassVar[str] = "GUARD_REFUSED"


class Unsupported(Rejected):
    """This backend cannot do that."""

    code: ClassVar[str] = "UNSUPPORTED"


class BudgetSpent(Rejected):
    """The budget of tokens or money is used up; nothing more is sent until it is raised."""

    code: ClassVar[str] = "BUDGET_SPENT"


class Unauthenticated(Rejected):
    """No API key was given, or nobody knows it, or it has expired or was revoked."""

    code: ClassVar[str] = "INVALID_API_KEY"


class Forbidden(Rejected):
    """The API key is good but lacks the scope."""

    code: ClassVar[str] = "FORBIDDEN"


class Unavailable(PromptuaryError):
    """A dependency is down or slow; retry later or fall back."""

    code: ClassVar[str] = "UNAVAILABLE"


class TimedOut(Unavailable):
    """The dependency did not answer in time."""

    code: ClassVar[str] = "TIMED_OUT"


class RateLimited(Unavailable):
    """Too many requests. `retry_after` is in seconds."""

    code: ClassVar[str] = "RATE_LIMITED"

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class BadReply(Unavailable):
    """A model answered, but with something that cannot be used: no JSON, another count of vectors,
    another dimension, NaN."""

    code: ClassVar[str] = "BAD_REPLY"


class Busy(Unavailable):
    """Another process holds what this one needs; the message names it."""

    code: ClassVar[str] = "BUSY"


class StorageFull(Unavailable):
    """The disk has no room left. What was acknowledged before is safe."""

    code: ClassVar[str] = "STORAGE_FULL"


class LeaseLost(Unavailable):
    """The job's lease ran out and another worker holds it now; this worker must stop."""

    code: ClassVar[str] = "LEASE_LOST"


class Misconfigured(PromptuaryError):
    """The settings are wrong; fix them and start again."""

    code: ClassVar[str] = "MISCONFIGURED"


class MissingExtra(Misconfigured):
    """An optional package is not installed."""

    code: ClassVar[str] = "MISSING_EXTRA"

    def __init__(self, backend: str, extra: str) -> None:
        super().__init__(f"{backend} needs: pip install 'promptuary[{extra}]'")


class ModelMissing(Misconfigured):
    """The model that was named is not on this machine, and was not or could not be fetched. The
    message says what to do; another model never takes its place unasked."""

    code: ClassVar[str] = "MODEL_MISSING"


class ModelDamaged(Misconfigured):
    """A model's files are incomplete, do not fit together, differ from their hash, or are of a kind
    that runs code when read."""

    code: ClassVar[str] = "MODEL_DAMAGED"
