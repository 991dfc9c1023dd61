"""What every PromptArchive promises. Subclass it and give it an `archive` fixture, empty and to be
filled with `lay`."""

from __future__ import annotations

import pytest

from promptuary.domain.older_prompts import OlderList, OlderPrompt
from promptuary.moving.prompts.made_up import made_up
from promptuary.ports.prompt_archive import RehearsingArchive
from promptuary.testing.contract import Contract

RAW = (
    b'{"response": {"refined_prompt": "Do it.", "detected_topics": ["Docker", "2. Linux"]}, '
    b'"request": {"domain": "DomainType.SECURITY"}}'
)
OTHER = RAW.replace(b"Docker", b"Podman").replace(b"SECURITY", b"GENERAL")


@pytest.mark.anyio
class PromptArchiveContract(Contract):
    """`archive` is empty."""

    async def test_what_was_laid_comes_back_page_by_page(self, archive: RehearsingArchive) -> None:
        assert await archive.empty()
        there = made_up(700)
        await archive.lay(there.prompts, there.lists)
        found, cursor = await archive.page()
        while cursor:
            some, cursor = await archive.page(cursor)
            found = [*found, *some]
        assert set(found) == set(there.prompts)
        lists = {(each.of, each.name): set(each.ids) async for each in archive.lists()}
        assert lists == {(each.of, each.name): set(each.ids) for each in there.lists}
        await archive.clear()
        assert await archive.empty()

    async def test_those_that_are_there_come_in_the_order_asked(
        self, archive: RehearsingArchive
    ) -> None:
        one, two = OlderPrompt("1", RAW), OlderPrompt("22", b"\xff no json")
        await archive.lay([one, two], [])
        assert list(await archive.get(["22", "3", "1"])) == [two, one]
        assert list(await archive.get([])) == []

    async def test_a_topic_is_the_name_of_a_list_and_a_domain_has_two(
        self, archive: RehearsingArchive
    ) -> None:
        for number in ("10", "9"):
            assert await archive.write(number, RAW, expected=None)
        assert [each.id for each in await archive.about(["DOCKER "], None, 5)] == ["9", "10"]
        assert [each.id for each in await archive.about(["docker"], "security", 1)] == ["9"]
        assert list(await archive.about(["docker"], "general", 5)) == []
        assert list(await archive.about(["linux"], None, 5)) == []
        assert len(await archive.about(["2. linux"], None, 5)) == 2

    async def test_what_is_written_moves_from_list_to_list(
        self, archive: RehearsingArchive
    ) -> None:
        assert await archive.write("7", RAW, expected=None)
        assert await archive.write("7", OTHER, expected=RAW)
        assert list(await archive.about(["docker"], None, 5)) == []
        assert len(await archive.about(["podman"], "general", 5)) == 1
        assert await archive.write("7", None, expected=OTHER)
        assert list(await archive.get(["7"])) == []
        assert list(await archive.about(["podman"], None, 5)) == []

    async def test_what_somebody_else_wrote_is_not_overwritten(
        self, archive: RehearsingArchive
    ) -> None:
        await archive.lay([OlderPrompt("7", OTHER)], [OlderList("podman", "topic", ("7",))])
        assert not await archive.write("7", RAW, expected=None)
        assert not await archive.write("7", None, expected=RAW)
        assert not await archive.write("8", RAW, expected=OTHER)
        assert list(await archive.get(["7", "8"])) == [OlderPrompt("7", OTHER)]

    async def test_it_keeps_how_far_a_relay_has_come(self, archive: RehearsingArchive) -> None:
        assert await archive.position("prompts") is None
        await archive.set_position("prompts", 0)
        assert await archive.position("prompts") == 0
        await archive.set_position("prompts", None)
        assert await archive.position("prompts") is None
        assert await archive.empty()
