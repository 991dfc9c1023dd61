"""Which cameras somebody may see."""

import pytest

from promptuary.access.cameras import cameras_seen


@pytest.mark.parametrize(
    ("rules", "claimed", "seen"),
    [
        ((), None, None),
        (("b=gate",), None, ()),
        (("a=gate",), None, ("gate",)),
        (("a=gate | hall", "a=yard|"), None, ("gate", "hall", "yard")),
        (("a=*",), None, None),
        (("a=",), None, ()),
        (("a",), None, ()),
        ((), ["gate"], ("gate",)),
        ((), [], ()),
        ((), ["*"], None),
        (("b=gate",), ["hall"], ("hall",)),
        (("a=gate|hall",), ["hall", "yard"], ("hall",)),
        (("a=gate",), ["*"], ("gate",)),
        (("a=*",), ["hall"], ("hall",)),
    ],
)
def test_nobody_sees_what_nobody_gave_them(
    rules: tuple[str, ...], claimed: list[str] | None, seen: tuple[str, ...] | None
) -> None:
    assert cameras_seen(rules, "a", claimed) == seen
