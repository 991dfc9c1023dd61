"""Files into a library and out of it, over its face."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from exchange_samples import LANGFUSE, MLFLOW, OPENAI, PROMPTS_CHAT, SAMPLES

from promptuary.domain.errors import InvalidInput, NotFound, TooLarge, Unsupported
from promptuary.domain.progress import Progress
from promptuary.library import importing
from promptuary.library.exchange.formats import FORMATS
from promptuary.library.face import Library

pytestmark = pytest.mark.anyio


async def slugs(library: Library) -> list[str]:
    return [prompt.slug for prompt in (await library.list(limit=100)).items]


@pytest.mark.parametrize(
    ("format", "sample"), [(name, each) for name, files in SAMPLES.items() for each in files]
)
async def test_a_file_goes_through_a_library_and_comes_back_as_it_was(
    library: Library, format: str, sample: bytes
) -> None:
    report = await library.import_file(format, sample, name="some file")
    assert {outcome.status for outcome in report.outcomes} == {"new"}
    order = [outcome.slug for outcome in report.outcomes]
    assert (await library.export_file(format, order)).data == sample


@pytest.mark.parametrize(
    ("format", "sample", "labels"),
    [("openai", OPENAI, 1), ("langfuse", LANGFUSE, 1), ("mlflow", MLFLOW, 1)],
)
async def test_prompts_of_hosted_stores_come_in_with_versions_and_labels(
    library: Library, format: str, sample: bytes, labels: int
) -> None:
    report = await library.import_file(format, sample)
    assert report.refused == 0
    first = report.outcomes[0].slug
    kept = await library.get(first, label="production")
    assert kept.prompt.unknown
    assert len(kept.labels) == labels + 1  # and the latest
    assert (await library.versions(first)).total == report.outcomes[0].versions


async def test_a_dry_run_tells_everything_and_writes_nothing(library: Library) -> None:
    report = await library.import_file("prompts-chat", PROMPTS_CHAT, dry_run=True)
    assert [outcome.status for outcome in report.outcomes] == ["new", "new", "new"]
    assert {note.field for note in report.unmapped} == {"columns", "name"}
    assert await slugs(library) == []


async def test_importing_again_changes_nothing_that_was_done_here(library: Library) -> None:
    await library.import_file("langfuse", LANGFUSE)
    await library.rate("summaries/short", 5)
    await library.label("summaries/short", "production", 1)
    report = await library.import_file("langfuse", LANGFUSE)
    assert {outcome.status for outcome in report.outcomes} == {"same"}
    kept = await library.get("summaries/short", label="production", count=False)
    assert (kept.prompt.average_rating, kept.version.number) == (5.0, 1)


async def test_a_newer_export_brings_its_versions_and_leaves_ratings_and_labels(
    library: Library,
) -> None:
    older = json.dumps(json.loads(LANGFUSE)[:1]).encode()
    await library.import_file("langfuse", older)
    await library.rate("summaries/short", 2)
    await library.label("summaries/short", "mine", 1)
    report = await library.import_file("langfuse", LANGFUSE)
    assert [outcome.status for outcome in report.outcomes] == ["changed", "new"]
    kept = await library.get("summaries/short", count=False)
    assert kept.version.number == 2
    assert kept.prompt.average_rating == 2.0
    assert {label.name for label in kept.labels} == {"latest", "mine", "production"}
    await library.unlabel("summaries/short", "mine")
    assert (await library.export_file("langfuse")).data == LANGFUSE


async def test_another_prompt_of_the_same_slug_is_a_conflict_that_a_folder_avoids(
    library: Library,
) -> None:
    await library.save("support", "Mine.")
    report = await library.import_file("langfuse", LANGFUSE)
    assert [(each.slug, each.status) for each in report.outcomes] == [
        ("summaries/short", "new"),
        ("support", "conflict"),
    ]
    assert report.outcomes[1].code == "CONFLICT"
    assert (await library.get("support", count=False)).version.content.text == "Mine."
    inside = await library.import_file("langfuse", LANGFUSE, folder="Old store")
    assert [each.slug for each in inside.outcomes] == [
        "old-store/summaries/short",
        "old-store/support",
    ]
    assert (await library.export_file("langfuse", folder="old-store")).data == LANGFUSE
    replaced = await library.import_file("langfuse", LANGFUSE, replace_it=True)
    assert [each.status for each in replaced.outcomes] == ["same", "changed"]


async def test_a_long_import_is_written_in_parts_tells_how_far_it_is_and_goes_on_when_stopped(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "TOGETHER", 2)
    rows = [{"name": name, "prompt": "Say it.", "version": 1} for name in "abcd"]
    file = json.dumps(rows).encode()
    told: list[Progress] = []

    def stop(at: Progress) -> None:
        told.append(at)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await library.import_file("langfuse", file, progress=stop)
    assert await slugs(library) == ["a", "b"]
    report = await library.import_file("langfuse", file, progress=told.append)
    assert [each.status for each in report.outcomes] == ["same", "same", "new", "new"]
    assert [(at.done, at.total) for at in told] == [(2, 4), (2, 4), (4, 4)]
    assert (await library.audit(limit=100)).total == 4


async def test_one_prompt_that_cannot_be_kept_keeps_none_of_its_part_out(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"name": name, "prompt": "Say it.", "version": 1} for name in ("a", "b", "c")]
    await library.save("b", "Mine, kept while the import was under way.")

    async def nothing_yet(*_: object) -> dict[str, frozenset[str]]:
        return {}

    monkeypatch.setattr(importing, "_known", nothing_yet)
    report = await library.import_file("langfuse", json.dumps(rows).encode())
    assert [each.status for each in report.outcomes] == ["new", "conflict", "new"]
    assert (await library.get("b", count=False)).version.content.text.startswith("Mine")


@pytest.mark.parametrize("format", FORMATS)
async def test_a_broken_file_leaves_nothing_behind(library: Library, format: str) -> None:
    with pytest.raises((InvalidInput, TooLarge)):
        await library.import_file(format, b"\xff\xfe{[broken")
    assert await slugs(library) == []


async def test_prompts_that_include_each_other_in_a_circle_are_refused_whole(
    library: Library,
) -> None:
    rows = [
        {"name": "alone", "prompt": "fine"},
        {"name": "a", "prompt": "{{> b }}"},
        {"name": "b", "prompt": "{{> c@production }}"},
        {"name": "c", "prompt": "{{> a }}"},
    ]
    with pytest.raises(InvalidInput, match="a -> b -> c -> a"):
        await library.import_file("langfuse", json.dumps(rows).encode())
    assert await slugs(library) == []


async def test_one_prompt_that_cannot_be_kept_is_named_and_the_rest_is_taken(
    library: Library,
) -> None:
    rows = [{"name": "huge", "prompt": "x" * 1_000_001}, {"name": "good", "prompt": "x"}]
    report = await library.import_file("langfuse", json.dumps(rows).encode())
    assert [(each.status, each.code) for each in report.outcomes] == [
        ("failed", "TOO_LARGE"),
        ("new", ""),
    ]
    assert await slugs(library) == ["good"]


async def test_a_bundle_carries_everything_from_one_library_to_another(library: Library) -> None:
    await library.import_file("langfuse", LANGFUSE)
    await library.rate("support", 3, comment="fair", author="ada")
    await library.save("support", "Another way.", branch="try")
    bundle = (await library.export_file("bundle")).data
    before = await library.export_history("support")
    await library.archive("support")
    await library.import_file("bundle", bundle, replace_it=True, tenant="other")
    after = await library.export_history("support", tenant="other")
    own = replace(after.prompt, id=before.prompt.id, tenant="")
    versions = tuple(replace(each, prompt_id=before.prompt.id) for each in after.versions)
    assert replace(after, prompt=own, versions=versions) == before
    again = await library.export_file("bundle", tenant="other")
    assert again.data == bundle


async def test_formats_slugs_and_tenants_that_are_unknown_are_refused(library: Library) -> None:
    with pytest.raises(Unsupported):
        await library.import_file("word", b"x")
    with pytest.raises(NotFound):
        await library.export_file("langfuse", ["nobody"])
    with pytest.raises(Unsupported, match="no folder"):
        await library.import_file("bundle", b"x", folder="a")
    await library.import_file("langfuse", LANGFUSE)
    assert (await library.export_file("langfuse", tenant="other")).data == b"[]\n"
