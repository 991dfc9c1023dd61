"""What is kept in the prompt library as rows, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import RowMapping

from promptuary.adapters.units_of_work._sql.library_given import LABEL, VERSION
from promptuary.domain import plain
from promptuary.domain.library import (
    About,
    AuditEntry,
    Carried,
    Label,
    LibraryPrompt,
    Origin,
    PromptContent,
    PromptVersion,
    Rating,
    SearchMiss,
)

Row: TypeAlias = RowMapping | Mapping[str, Any]


def prompt_row(prompt: LibraryPrompt) -> dict[str, Any]:
    """A prompt as a row of `library_prompts`."""
    about = prompt.about
    return {
        "id": prompt.id,
        "tenant": prompt.tenant,
        "slug": prompt.slug,
        "title": about.title,
        "description": about.description,
        "folder": about.folder,
        "tags": list(about.tags),
        "domain": about.domain,
        "expertise_level": about.expertise_level,
        "detected_topics": list(about.detected_topics),
        "topic_details": dict(about.topic_details),
        "revision": prompt.revision,
        "versions": prompt.versions,
        "latest": prompt.latest,
        "usage_count": prompt.usage_count,
        "ratings": prompt.ratings,
        "average_rating": prompt.average_rating,
        "archived": prompt.archived,
        "unknown": list(prompt.unknown),
        "created_at": prompt.created_at,
        "updated_at": prompt.updated_at,
    }


def to_prompt(row: RowMapping) -> LibraryPrompt:
    """A prompt from a row of `library_prompts`."""
    about = About(
        title=row["title"],
        description=row["description"],
        folder=row["folder"],
        tags=tuple(row["tags"]),
        domain=row["domain"],
        expertise_level=row["expertise_level"],
        detected_topics=tuple(row["detected_topics"]),
        topic_details=row["topic_details"],
    )
    return LibraryPrompt(
        id=row["id"],
        slug=row["slug"],
        about=about,
        revision=row["revision"],
        versions=row["versions"],
        latest=row["latest"],
        usage_count=row["usage_count"],
        ratings=row["ratings"],
        average_rating=row["average_rating"],
        archived=row["archived"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        tenant=row["tenant"],
        unknown=tuple(row["unknown"]),
    )


def version_row(version: PromptVersion) -> dict[str, Any]:
    """A version as a row of `library_versions`."""
    return {
        "prompt_id": version.prompt_id,
        "id": version.id,
        "number": version.number,
        "branch": version.branch,
        "content": plain.encode(version.content).decode(),
        "parents": list(version.parents),
        "message": version.message,
        "author": version.author,
        "origins": [[each.kind, each.id, each.part] for each in version.origins],
        "created_at": version.created_at,
    }


def to_version(row: Row) -> PromptVersion:
    """A version from a row of `library_versions`."""
    return PromptVersion(
        id=row["id"],
        prompt_id=row["prompt_id"],
        number=row["number"],
        branch=row["branch"],
        content=plain.decode(PromptContent, row["content"].encode()),
        parents=tuple(row["parents"]),
        message=row["message"],
        author=row["author"],
        created_at=row["created_at"],
        origins=tuple(Origin(*each) for each in row["origins"]),
    )


def to_given(
    found: Sequence[RowMapping],
) -> tuple[LibraryPrompt, PromptVersion | None, list[Label]]:
    """A prompt with a version and its labels, from rows of `library_given`."""
    row = found[0]
    version = None if row[f"{VERSION}id"] is None else to_version(_part(row, VERSION))
    named = [each for each in found if each[f"{LABEL}name"] is not None]
    return to_prompt(row), version, [to_label(_part(each, LABEL)) for each in named]


def _part(row: RowMapping, prefix: str) -> Row:
    size = len(prefix)
    return {name[size:]: value for name, value in row.items() if name.startswith(prefix)}


def to_label(row: Row) -> Label:
    """A label from a row of `library_labels`."""
    return Label(
        name=row["name"],
        version_id=row["version_id"],
        protected=row["protected"],
        updated_at=row["updated_at"],
        updated_by=row["updated_by"],
    )


def label_row(prompt_id: str, label: Label) -> dict[str, Any]:
    """A label as a row of `library_labels`."""
    return {
        "prompt_id": prompt_id,
        "name": label.name,
        "version_id": label.version_id,
        "protected": label.protected,
        "updated_at": label.updated_at,
        "updated_by": label.updated_by,
    }


def branch_row(prompt_id: str, name: str, version_id: str) -> dict[str, Any]:
    """A branch as a row of `library_branches`."""
    return {"prompt_id": prompt_id, "name": name, "version_id": version_id}


def rating_row(prompt_id: str, rating: Rating) -> dict[str, Any]:
    """A rating as a row of `library_ratings`."""
    return {
        "prompt_id": prompt_id,
        "version_id": rating.version_id,
        "stars": rating.stars,
        "comment": rating.comment,
        "author": rating.author,
        "created_at": rating.created_at,
    }


def to_rating(row: RowMapping) -> Rating:
    """A rating from a row of `library_ratings`."""
    return Rating(
        version_id=row["version_id"],
        stars=row["stars"],
        comment=row["comment"],
        author=row["author"],
        created_at=row["created_at"],
    )


def carried_rows(prompt_id: str, carried: Sequence[Carried]) -> list[dict[str, Any]]:
    """What formats say as rows of `library_carried`: of each format the last."""
    last = {each.format: each for each in carried}.values()
    return [{"prompt_id": prompt_id, "format": e.format, "extras": e.extras} for e in last]


def to_carried(row: RowMapping) -> Carried:
    """What a format says, from a row of `library_carried`."""
    return Carried(row["format"], row["extras"])


def audit_row(entry: AuditEntry, tenant: str) -> dict[str, Any]:
    """What was done as a row of `library_audit`."""
    return {
        "tenant": tenant,
        "prompt_id": entry.prompt_id,
        "slug": entry.slug,
        "action": entry.action,
        "detail": entry.detail,
        "author": entry.author,
        "revision": entry.revision,
        "at": entry.at,
    }


def to_audit(row: RowMapping) -> AuditEntry:
    """What was done, from a row of `library_audit`."""
    return AuditEntry(
        prompt_id=row["prompt_id"],
        slug=row["slug"],
        action=row["action"],
        detail=row["detail"],
        author=row["author"],
        revision=row["revision"],
        at=row["at"],
    )


def to_miss(row: RowMapping) -> SearchMiss:
    """What was not found, from a row of `library_misses`."""
    return SearchMiss(row["query"], row["count"], row["first_at"], row["last_at"])
