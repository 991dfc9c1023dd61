import pytest

from promptuary.domain.filters import AllOf, AnyOf, Between, Eq, Exists, Filter, Not, OneOf, matches

PAYLOAD = {"kind": "prompt", "size": 3, "half": 0.5, "live": True, "tags": ("a", "b"), "none": ()}
NAN = float("nan")


@pytest.mark.parametrize(
    "wanted",
    [
        Eq("kind", "prompt"),
        Eq("size", 3.0),
        Eq("live", True),
        Eq("tags", "b"),
        OneOf("size", (9, 3)),
        Between("size", 3, 3),
        Between("half", high=0.5),
        Between("size"),
        Exists("kind"),
        AllOf(()),
        Not(AnyOf(())),
        Not(Eq("nowhere", 1)),
        Not(Exists("none")),
        AllOf((Eq("kind", "prompt"), AnyOf((Eq("size", 9), Eq("size", 3))))),
    ],
    ids=str,
)
def test_a_filter_holds(wanted: Filter) -> None:
    assert matches(wanted, PAYLOAD)


@pytest.mark.parametrize(
    "wanted",
    [
        Eq("kind", "Prompt"),
        Eq("live", 1),
        Eq("size", True),
        Eq("size", "3"),
        Eq("nowhere", ""),
        Eq("none", ""),
        OneOf("kind", ()),
        Between("kind", 0),
        Between("live", 0, 1),
        Between("tags"),
        Between("size", NAN),
        AnyOf(()),
        Exists("none"),
        Not(AllOf(())),
    ],
    ids=str,
)
def test_a_filter_does_not_hold(wanted: Filter) -> None:
    assert not matches(wanted, PAYLOAD)


def test_integers_beyond_the_floats_are_told_apart() -> None:
    assert not matches(Eq("n", 2**53 + 1), {"n": 2**53})
    assert not matches(Between("n", 2**53 + 1), {"n": 2.0**53})


def test_nan_equals_nothing_and_lies_nowhere() -> None:
    assert not matches(Eq("n", NAN), {"n": NAN})
    assert not matches(Between("n", float("-inf")), {"n": NAN})
    assert matches(Exists("n"), {"n": NAN})
