"""Which cameras somebody may see: nobody sees what nobody gave them, once anything was given."""

from __future__ import annotations

from collections.abc import Sequence

ALL = "*"


def cameras_seen(
    rules: Sequence[str], caller: str, claimed: Sequence[str] | None = None
) -> tuple[str, ...] | None:
    """The ids of the cameras that a caller may see; None: all.

    `rules` are `CALLER=gate|hall`, as the settings give them; `claimed` is what a signed token
    grants (None: it does not say). Who is named several times may see what each of them says. Who
    is named in neither, while there are rules, sees none; who is named in both, what both say.
    """
    given = _given(rules, caller)
    if given is None:
        if claimed is None:
            return () if rules else None
        return _seen(claimed)
    return _seen(given) if claimed is None else _both(_seen(given), _seen(claimed))


def _given(rules: Sequence[str], caller: str) -> list[str] | None:
    """What the rules name for a caller; None when they do not name them."""
    split = (each.partition("=") for each in rules)
    own = [cameras for key, _, cameras in split if key.strip() == caller]
    if not own:
        return None
    return [each.strip() for cameras in own for each in cameras.split("|") if each.strip()]


def _seen(cameras: Sequence[str]) -> tuple[str, ...] | None:
    return None if ALL in cameras else tuple(dict.fromkeys(cameras))


def _both(one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if one is None or other is None:
        return other if one is None else one
    return tuple(each for each in one if each in other)
