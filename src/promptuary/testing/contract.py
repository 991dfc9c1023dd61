"""What a published contract is: a class of tests that may be subclassed and not be softened."""

from __future__ import annotations

from typing import ClassVar

import pytest


class Contract:
    """Subclass a contract, give it its fixtures, and you are done.

    A promise that an adapter cannot keep yet is declared in `gaps` with its reason: the test then
    must fail, and turns red as soon as the promise is kept.
    """

    gaps: ClassVar[dict[str, str]] = {}

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        promised = {name for base in cls.__mro__[1:] for name in vars(base)}
        changed = [name for name in vars(cls) if name.startswith("test_") and name in promised]
        if changed:
            raise TypeError(f"{cls.__name__} may not change the contract, only gaps: {changed}")
        if unknown := set(cls.gaps) - {name for name in dir(cls) if name.startswith("test_")}:
            raise TypeError(f"{cls.__name__} declares gaps in no promise: {sorted(unknown)}")

    @pytest.fixture(autouse=True)
    def _declared_gaps(self, request: pytest.FixtureRequest) -> None:
        if reason := self.gaps.get(request.node.originalname):
            request.applymarker(pytest.mark.xfail(reason=reason, strict=True))
