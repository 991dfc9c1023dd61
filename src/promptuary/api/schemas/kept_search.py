"""Searching the library: what is asked in an address, and what is asked with a body."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from promptuary.api.schemas.basics import CLEAN, Moment, Name, Wire
from promptuary.api.schemas.search import MODE, Where, Words
from promptuary.domain.library import Domain, Expertise
from promptuary.library.searching import Sorting


class _Sought(Wire):
    """What both ways of asking have."""

    mode: MODE = "hybrid"
    sort: Sorting = "relevance"
    cursor: Annotated[str, StringConstraints(max_length=2048, pattern=CLEAN)] | None = None
    limit: int = Field(default=10, ge=1, le=100)
    explain: bool = Field(default=True, description="Whether each hit says why it was found.")
    phrase: bool = False
    prefix: bool = Field(default=False, description="The last word is still being typed.")
    typos: bool = True


class LibraryQuery(_Sought):
    """A search of the library. Every filter that is given must hold; `where` is one as text."""

    q: Words = Field(description="What to look for.")
    domain: Domain | None = None
    expertise: Expertise | None = None
    tag: list[Name] = Field(default_factory=list, max_length=20, description="All of them.")
    folder: Name | None = Field(default=None, description="This one and those inside it.")
    created_after: Moment | None = None
    min_rating: float | None = Field(default=None, ge=0, le=5)
    archived: bool = Field(default=False, description="Archived ones instead.")
    where: str | None = Field(default=None, max_length=8192, description="A filter.")
    facet: list[Name] = Field(default_factory=list, max_length=8, description="Fields to count.")


class LibraryFilters(Wire):
    """What must hold of a kept prompt: all that is given. With `archived` null archived ones are
    among the others."""

    model_config = ConfigDict(extra="forbid")

    domain: Domain | None = None
    expertise_level: Expertise | None = None
    tags: list[Name] = Field(default_factory=list, max_length=20)
    folder: Name | None = None
    created_after: Moment | None = None
    min_rating: float | None = Field(default=None, ge=0, le=5)
    archived: bool | None = False


class LibrarySearchIn(_Sought):
    """A search of the library. `where` is a further filter, as text or as JSON; `facets` are fields
    to count by."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "query": "answer somebody who wants money back",
                    "filters": {"tags": ["mail"], "min_rating": 4},
                    "facets": ["domain"],
                }
            ]
        },
    )

    query: Words
    filters: LibraryFilters = LibraryFilters()
    where: Where | None = None
    facets: list[Name] = Field(default_factory=list, max_length=8)
