"""One suite for every face: the library, its blocking twin, and both clients of a server."""

from __future__ import annotations

import inspect
import shutil
from dataclasses import replace

import pytest

from api.running import running
from promptuary import AsyncRemoteClient, IncomingPrompt, Promptuary, RemoteClient, blocking
from promptuary.domain.answers import Answer, Refusal
from promptuary.domain.documents import GivenText
from promptuary.domain.errors import Conflict, InvalidInput, NotFound, Unsupported
from promptuary.domain.filters import AllOf, Between, Eq, Exists, Not
from promptuary.domain.reports import PlacedPrompt

from .faces import FACES, opened

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
NOWHERE = "00000000-0000-0000-0000-000000000000"
TEXT = "The office opens at nine. Parcels are kept for ten days."
PLANTS = [
    (plant, aunt)
    for plant in ("fern", "rose", "cactus", "ivy")
    for aunt in ("Ada", "Berta", "Cleo")
]
HARBOUR = GivenText("harbour", TEXT, "Harbour")


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module", params=FACES)
async def face(request, mined, tmp_path_factory):
    async with opened(request.param, mined, tmp_path_factory.mktemp("faces")) as held:
        yield held


OLDER = {"query", "index"}
"""What the older client has and the library does not."""
METHODS = [
    name
    for name, member in vars(AsyncRemoteClient).items()
    if not name.startswith("_") and name not in {"aclose", *OLDER} and callable(member)
]


@pytest.mark.parametrize("name", METHODS)
def test_parameters_and_results_are_those_of_the_library(name):
    own = inspect.signature(getattr(Promptuary, name))
    remote = inspect.signature(getattr(AsyncRemoteClient, name))
    assert [(p.name, p.kind, p.default) for p in remote.parameters.values()] == [
        (p.name, p.kind, p.default) for p in own.parameters.values()
    ]
    assert remote.return_annotation == own.return_annotation


def test_the_blocking_client_has_every_method_that_the_blocking_library_has_in_common():
    common = {name for name in METHODS if hasattr(blocking.Promptuary, name)}
    assert common <= set(vars(RemoteClient))


async def test_lists_come_in_pages_that_hold_everything_once(face):
    seen, cursor = [], None
    while True:
        page = await face.prompts(collection="default", cursor=cursor, limit=20)
        seen += page.items
        if (cursor := page.next_cursor) is None:
            break
    assert len({prompt.id for prompt in seen}) == len(seen) == page.total
    assert {prompt.verdict.allowed for prompt in seen} == {True}


async def test_templates_have_slots_versions_and_a_family(face):
    page = await face.templates(limit=2)
    lineage = page.items[0]
    assert lineage.template.slots
    assert sum(lineage.tallies[lineage.template.slots[0].name].counts.values()) > 0
    assert await face.lineage(lineage.id) == lineage
    assert await face.template(lineage.id) == lineage.template
    assert (await face.versions(lineage.id))[-1] == lineage.template
    assert (await face.events(lineage.id))[0].type == "CREATED"
    told = await face.evolution.history(lineage.family_id)
    assert lineage in [each.lineage for each in told.lineages]
    assert told == await face.evolution.history(lineage.id)
    found = await face.evolution.list(family_id=lineage.family_id, types=["CREATED"])
    assert {each.id for each in told.events if each.type == "CREATED"} == {
        each.id for each in found.items
    }
    assert (await face.diff(lineage.template.id, lineage.template.id)).moved_prompts >= 0
    family = await face.family(lineage.family_id)
    assert family in (await face.families()).items
    held = await face.templates(family_id=family.id, collection="default")
    assert lineage.id in [each.id for each in held.items]
    assert [each.id for each in (await face.templates(limit=1, offset=1)).items] == [
        page.items[1].id
    ]


async def test_people_correct_what_was_found_and_it_is_an_event(face):
    family = (await face.families()).items[0]
    made = await face.corrections.rename(family.id, "Leisure")
    assert (await face.family(family.id)).name == "Leisure"
    (event,) = (await face.evolution.list(family_id=family.id, types=["UPDATED"])).items
    assert event.detected_by == f"person:{made.by}"
    assert (await face.corrections.undo(made.id)).undone_at
    assert (await face.corrections.list()).items[0].id == made.id
    assert (await face.family(family.id)).name == family.name


async def test_naming_says_what_is_missing_where_there_is_no_chat_model(face):
    lineage = (await face.templates(limit=1)).items[0]
    with pytest.raises(Unsupported, match="PROMPTUARY_CHAT_MODELS"):
        await face.naming.name([lineage.id], most_calls=1)
    with pytest.raises(Unsupported, match="PROMPTUARY_CHAT_MODELS"):
        await face.naming.settle_doubts()
    assert (await face.naming.list("default")).total == 0


async def test_search_gives_whole_hits_under_a_typed_filter(face):
    where = AllOf((Eq("collection", "default"), Between("size", 2), Not(Exists("nothing"))))
    answer = await face.search(
        "translate to Greek", kinds=["template"], where=where, facets=["kind"], limit=1
    )
    (hit,) = answer.hits
    assert (hit.payload["kind"], answer.partial) == ("template", None)
    assert answer.facets["kind"].keys() == {"template"}
    assert hit.reasons
    again = await face.search("translate", kinds=["template"], where=where, limit=1)
    assert again.took_ms > 0


async def test_a_prompt_is_placed_at_once_and_read_again(face):
    prompt = IncomingPrompt(
        "Translate the following text to Frisian: my kettle is broken", id="a1", metadata={"n": 1.5}
    )
    placed = await face.submit(prompt)
    assert isinstance(placed, PlacedPrompt)
    assert "Frisian" in placed.placement.slots.values()
    assert placed.prompt.metadata == {"n": 1.5}
    assert await face.prompt(placed.prompt.id) == placed
    with pytest.raises(Conflict):
        await face.submit(replace(prompt, text="Something else."))


async def test_a_prompt_that_moderation_refuses_is_given_back_as_such(face):
    placed = await face.submit(IncomingPrompt("Charge 4111 1111 1111 1111"))
    assert (placed.prompt.status, placed.prompt.verdict.allowed) == ("rejected", False)


async def test_many_prompts_go_in_and_the_bad_ones_are_named(face):
    told = []
    batch = ["One of many.", IncomingPrompt("Two of many.", source="x"), ""]
    report = await face.ingest(batch, batch_id="b1", place=False, progress=told.append)
    assert (report.accepted, report.rejected_count, report.batch_id) == (2, 1, "b1")
    assert report.rejected[0].position == 3
    assert report.job_id is not None
    again = await face.ingest(batch, batch_id="b1", place=False)
    assert (again.accepted, again.duplicates) == (0, 2)


async def test_no_prompts_are_no_trouble(face):
    report = await face.ingest([], place=False)
    assert (report.accepted, report.rejected_count) == (0, 0)


@pytest.mark.parametrize("method", ["family", "lineage", "template", "prompt", "job", "source"])
async def test_what_is_not_there_is_not_found(face, method):
    with pytest.raises(NotFound) as missing:
        await getattr(face, method)(NOWHERE)
    assert missing.value.id == NOWHERE


async def test_wrong_values_are_named(face):
    with pytest.raises(InvalidInput) as wrong:
        await face.families(cursor="made-up")
    assert wrong.value.fields.keys() == {"cursor"}
    with pytest.raises(NotFound):
        await face.families(collection="nowhere")


async def test_documents_are_kept_found_asked_and_forgotten(face, tmp_path):
    assert await face.add_documents([HARBOUR]) == 1
    page = await face.sources(status="read")
    source = next(each for each in page.items if each.name == "harbour")
    assert await face.source(source.id) == source
    (document,) = await face.documents(source.id)
    assert (document.text, document.title) == (TEXT, "Harbour")
    assert await face.document(document.id) == document
    with pytest.raises(NotFound):
        await face.document(source.id)
    found = await face.search("parcels", kinds=["passage"])
    (passage,) = await face.passages([found.hits[0].id, NOWHERE])
    assert passage.document_id == document.id
    answer = await face.ask("How long are parcels kept?", where=Not(Exists("nothing")))
    assert isinstance(answer, Answer)
    assert answer.citations[0].quote == TEXT[answer.citations[0].start : answer.citations[0].end]
    assert answer.considered[0].passage == passage
    assert (await face.rate_answer(answer.id, "up", comment="Yes.")).answer_id == answer.id
    with pytest.raises(NotFound):
        await face.rate_answer(NOWHERE, "down")
    refusal = await face.ask("How are llamas shorn in Bolivia?")
    assert isinstance(refusal, Refusal)
    assert refusal.missing
    assert (await face.holdings()).passages == 1
    assert await face.forget([source.id, NOWHERE]) == 1
    assert await face.documents(source.id) == []


async def test_a_crawl_tells_of_a_page_that_may_not_be_fetched(face):
    report = await face.crawl("http://127.0.0.1/", depth=1, pages=3)
    assert (report.root, report.failed, report.counts) == ("http://127.0.0.1/", 1, {"failed": 1})
    with pytest.raises(InvalidInput):
        await face.crawl("ftp://example.org/")
    await face.forget([each.id for each in (await face.sources(status="failed")).items])


async def test_health_is_told_part_by_part(face):
    health = await face.health()
    assert health.status == "healthy"
    assert {part.name for part in health.parts} >= {"record", "index", "cache"}


async def test_a_file_is_kept_by_its_name_or_another(face, tmp_path):
    path = tmp_path / "notes.md"
    path.write_text("# Notes\n\nThe attic leaks.\n")
    added = await face.add_file(path)
    other = await face.add_file(path, name="attic", title="Attic")
    assert (added.source.name, other.source.name) == ("notes.md", "attic")
    assert added.changed == 1
    assert (await face.documents(other.source.id))[0].title == "Attic"
    kept = await face.original(other.source.id, tmp_path / "kept.md")
    assert (tmp_path / "kept.md").read_bytes() == path.read_bytes()
    assert (kept.digest, kept.source) == (other.source.digest, "attic")
    with pytest.raises(NotFound):
        await face.original(NOWHERE, tmp_path / "kept.md")
    with pytest.raises(InvalidInput):
        await face.original(other.source.id, tmp_path / "no" / "kept.md")
    (tmp_path / "notes.exe").write_bytes(b"x")
    with pytest.raises(Unsupported):
        await face.add_file(tmp_path / "notes.exe")
    await face.forget([added.source.id, other.source.id])


@pytest.mark.parametrize("name", ["local", "remote"])
async def test_an_answer_comes_in_pieces_and_whole_at_the_end(name, mined, tmp_path):
    async with opened(name, mined, tmp_path) as held:
        await held.add_documents([HARBOUR])
        said = [each async for each in held.ask_stream("How long are parcels kept?")]
    *pieces, answer = said
    assert isinstance(answer, Answer)
    assert pieces
    assert all(isinstance(piece, str) for piece in pieces)


async def test_ingest_waits_until_the_worker_of_the_server_has_placed(mined, tmp_path):
    home = shutil.copytree(mined, tmp_path / "home")
    with running(home, rate_limit_enabled="false", settle_after_seconds=0) as server:
        async with AsyncRemoteClient(server.url) as client:
            report = await client.ingest(
                [f"Water the {plant} twice a week, said aunt {aunt}." for plant, aunt in PLANTS]
            )
            assert report.accepted == len(PLANTS)
            assert (await client.job(report.job_id)).state == "done"
            found = await client.search("water plants", kinds=["template"], limit=1)
    assert found.hits[0].payload["size"] == len(PLANTS)
