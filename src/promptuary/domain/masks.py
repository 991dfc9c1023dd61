"""What stands in a text where something was taken out of it before it was kept.

`[EMAIL]` says that an e-mail address stood here, and nothing about which: there is no way back.
"""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias, get_args

MaskKind: TypeAlias = Literal["secret", "card", "iban", "email", "phone", "term"]
MASKS: Final = re.compile(rf"\[({'|'.join(kind.upper() for kind in get_args(MaskKind))})\]")
"""A placeholder; its group is the kind in capitals."""


def mask(kind: MaskKind) -> str:
    """The placeholder of that kind."""
    return f"[{kind.upper()}]"


def masked_as(value: str) -> str | None:
    """The kind of a value that is one placeholder and nothing else, else None."""
    found = MASKS.fullmatch(value.strip())
    return found[1].lower() if found else None
