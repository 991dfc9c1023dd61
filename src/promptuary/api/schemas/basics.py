"""Types that several models share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SkipValidation,
    StrictBool,
    StrictFloat,
    StrictInt,
    StringConstraints,
)

CLEAN = r"^[^\x00-\x1f\x7f]+$"
"""No control characters: a NUL ends a text in some databases, a line break ends one in a log."""
LARGEST = 2**63 - 1


def in_utc(moment: datetime) -> datetime:
    """The same moment in UTC; a time without a zone is UTC already."""
    try:
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except OverflowError:
        raise ValueError("is too far away") from None


Name: TypeAlias = Annotated[str, StringConstraints(max_length=255, pattern=CLEAN)]
Moment: TypeAlias = Annotated[datetime, AfterValidator(in_utc)]
Number: TypeAlias = Annotated[StrictInt, Field(ge=-LARGEST, le=LARGEST)]
Real: TypeAlias = Annotated[StrictFloat, Field(allow_inf_nan=False)]
Short: TypeAlias = Annotated[str, StringConstraints(max_length=4096, pattern=r"^[^\x00]*$")]
ScalarIn: TypeAlias = StrictBool | Number | Real | Short
Text: TypeAlias = Annotated[str, SkipValidation]
"""Text out. It is shown as it is kept, even where it is not valid Unicode."""
ScalarOut: TypeAlias = Annotated[bool | int | float | str, SkipValidation]


class Wire(BaseModel):
    """Base of what goes out and comes in: immutable, unknown fields ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Problem(Wire):
    """RFC 9457 problem, with the members that older clients read."""

    type: str = Field(examples=["/docs#NOT_FOUND"])
    title: str
    status: int
    detail: str
    instance: str
    code: str = Field(description="Stable; see the list of codes.", examples=["NOT_FOUND"])
    error_code: str
    error: str
    message: str
    details: dict[str, object] | None
    timestamp: datetime
    request_id: str
    correlation_id: str
    field_errors: dict[str, list[str]]
    path: str
    error_type: str
