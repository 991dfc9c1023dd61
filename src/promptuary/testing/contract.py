"""What every contract class shares: it may not be changed, and gaps are declared, with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import pytest


@dataclass(frozen=True, slots=True)
class Gap:
    """A promise that is not kept: why, and the only way in which its test may fail."""

    reason: str
    raises: type[BaseException]


class Contract:
    """Subclass one of the contracts in this package, give it its fixture, and you are done.

    A promise that an adapter cannot keep is declared in `gaps` (test name -> reason, or a `Gap`
    that says how it fails) and is then expected to fail: the run turns red once it holds, or fails
    in another way. Tests of a contract cannot be overridden.
    """

    gaps: ClassVar[Mapping[str, str | Gap]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        promised = {name for base in cls.__mro__[1:] for name in vars(base) if _is_test(name)}
        if changed := sorted(promised & vars(cls).keys()):
            raise TypeError(f"{cls.__name__} may not change its contract: {changed}")
        if unknown := sorted(cls.gaps.keys() - promised - vars(cls).keys()):
            raise TypeError(f"{cls.__name__} declares gaps in promises nobody made: {unknown}")

    @pytest.fixture(autouse=True)
    def _declared_gaps(self, request: pytest.FixtureRequest) -> None:
        match self.gaps.get(request.node.originalname):
            case Gap(reason, raises):
                request.applymarker(pytest.mark.xfail(reason=reason, raises=raises, strict=True))
            case str(reason):
                request.applymarker(pytest.mark.xfail(reason=reason, strict=True))


def _is_test(name: str) -> bool:
    return name.startswith("test_")
