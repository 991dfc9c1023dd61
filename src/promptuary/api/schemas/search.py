"""Searching: the question, the filter language as text and as JSON, and the hits."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import (
    ConfigDict,
    Discriminator,
    Field,
    RootModel,
    StringConstraints,
    Tag,
    model_validator,
)

from promptuary.api.schemas.basics import CLEAN, Name, Real, ScalarIn, ScalarOut, Short, Text, Wire
from promptuary.domain import filters
from promptuary.domain.found import Found
from promptuary.domain.reports import SearchAnswer

KIND: TypeAlias = Literal["prompt", "template", "family", "passage"]
USUAL: tuple[KIND, ...] = ("prompt", "template", "family")
MODE: TypeAlias = Literal["hybrid", "words", "meaning"]
Words: TypeAlias = Annotated[
    str, StringConstraints(min_length=1, max_length=4000, pattern=r"^[^\x00]*$")
]
OLDER = frozenset({"query", "k", "domains"})
"""The fields of a search that older clients send; with any other it is ours."""
LONGEST_OLD = 500
Some: TypeAlias = Annotated[list["Condition"], Field(max_length=64)]


class _Strict(Wire):
    model_config = ConfigDict(extra="forbid")


class EqIn(_Strict):
    """The field equals the value."""

    op: Literal["eq"]
    field: Name
    value: ScalarIn


class OneOfIn(_Strict):
    """The field equals one of the values."""

    op: Literal["one_of"]
    field: Name
    values: list[ScalarIn] = Field(max_length=256)


class BetweenIn(_Strict):
    """The field is a number within the bounds."""

    op: Literal["between"]
    field: Name
    low: Real | None = None
    high: Real | None = None


class ExistsIn(_Strict):
    """The field is there."""

    op: Literal["exists"]
    field: Name


class AllOfIn(_Strict):
    """Every part holds."""

    op: Literal["all_of"]
    parts: Some


class AnyOfIn(_Strict):
    """At least one part holds."""

    op: Literal["any_of"]
    parts: Some


class NotIn(_Strict):
    """The part does not hold."""

    op: Literal["not"]
    part: Condition


Condition: TypeAlias = Annotated[
    EqIn | OneOfIn | BetweenIn | ExistsIn | AllOfIn | AnyOfIn | NotIn, Field(discriminator="op")
]


class Filtered(RootModel[Condition]):
    """A filter on its own."""


def _form(where: object) -> str:
    return "text" if isinstance(where, str) else "json"


Where: TypeAlias = Annotated[
    Annotated[Short, Tag("text")] | Annotated[Condition, Tag("json")], Discriminator(_form)
]
"""A filter in either of its forms."""


class SearchIn(_Strict):
    """A search. `where` is a filter as text, such as `size >= 10`, or as JSON; `facets` are
    payload fields to count by. `k` (how many) and `domains` (hosts or collections) are what older
    clients send, beside a `query` of at most 500 characters and nothing else."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "query": "translate to another language",
                    "kinds": ["template"],
                    "where": "size >= 10 and collection = default",
                    "limit": 5,
                }
            ]
        }
    )

    query: Words
    kinds: list[KIND] = Field(default=list(USUAL), min_length=1, max_length=4)
    collection: Name | None = None
    where: Where | None = None
    mode: MODE = "hybrid"
    facets: list[Name] = Field(default_factory=list, max_length=8)
    cursor: Annotated[str, StringConstraints(max_length=2048, pattern=CLEAN)] | None = None
    limit: int = Field(default=10, ge=1, le=100)
    phrase: bool = False
    prefix: bool = False
    typos: bool = True
    k: int | None = Field(default=None, ge=1, le=50)
    domains: list[Name] | None = Field(default=None, min_length=1, max_length=64)

    @model_validator(mode="after")
    def _of_one_form(self) -> SearchIn:
        if (self.k or self.domains) and not self.model_fields_set <= OLDER:
            others = ", ".join(sorted(self.model_fields_set - OLDER))
            raise ValueError(f"k and domains are of another form than {others}")
        if (self.k or self.domains) and len(self.query) > LONGEST_OLD:
            raise ValueError(f"with k or domains a query has at most {LONGEST_OLD} characters")
        return self


class SearchQuery(Wire):
    """A search asked for in the address. `where` is a filter as text, or as JSON."""

    q: Words = Field(description="What to look for.")
    kinds: list[KIND] = Field(default=list(USUAL), max_length=4)
    collection: Name | None = Field(default=None, description="Only of that collection.")
    where: str | None = Field(default=None, max_length=8192, description="A filter.")
    mode: MODE = "hybrid"
    facets: list[Name] = Field(default_factory=list, max_length=8, description="Fields to count.")
    cursor: Annotated[str, StringConstraints(max_length=2048, pattern=CLEAN)] | None = None
    limit: int = Field(default=10, ge=1, le=100)
    phrase: bool = False
    prefix: bool = False
    typos: bool = True


class FoundOut(Wire):
    """A hit: what it is, how well it fits, why it was found. Matched words stand between `**`."""

    id: str
    kind: str
    score: float
    reasons: list[Text]
    highlights: dict[Text, list[Text]]
    texts: dict[Text, Text]
    payload: dict[Text, ScalarOut | list[Text]]

    @classmethod
    def of(cls, found: Found) -> FoundOut:
        """From the facade's answer."""
        return cls(
            id=found.id,
            kind=str(found.payload.get("kind", "")),
            score=found.score,
            reasons=list(found.reasons),
            highlights={name: list(parts) for name, parts in found.highlights.items()},
            texts=dict(found.texts),
            payload={
                name: list(value) if isinstance(value, tuple) else value
                for name, value in found.payload.items()
            },
        )


class FacetOut(Wire):
    """How many hits carry a value."""

    value: ScalarOut
    count: int


class SearchOut(Wire):
    """A page of hits, best first. `partial` says why answers may be incomplete."""

    hits: list[FoundOut]
    next_cursor: str | None
    facets: dict[Text, list[FacetOut]]
    partial: str | None

    @classmethod
    def of(cls, answer: SearchAnswer) -> SearchOut:
        """From the facade's answer."""
        return cls(
            hits=[FoundOut.of(hit) for hit in answer.hits],
            next_cursor=answer.next_cursor,
            facets={
                name: [FacetOut(value=value, count=count) for value, count in counts.items()]
                for name, counts in answer.facets.items()
            },
            partial=answer.partial,
        )


def filter_of(condition: Condition) -> filters.Filter:
    """The filter that a condition means."""
    match condition:
        case AllOfIn():
            return filters.AllOf(tuple(map(filter_of, condition.parts)))
        case AnyOfIn():
            return filters.AnyOf(tuple(map(filter_of, condition.parts)))
        case NotIn():
            return filters.Not(filter_of(condition.part))
        case _:
            return _on_field(condition)


def _on_field(condition: EqIn | OneOfIn | BetweenIn | ExistsIn) -> filters.Filter:
    match condition:
        case EqIn():
            return filters.Eq(condition.field, condition.value)
        case OneOfIn():
            return filters.OneOf(condition.field, tuple(condition.values))
        case BetweenIn():
            return filters.Between(condition.field, condition.low, condition.high)
        case ExistsIn():
            return filters.Exists(condition.field)
