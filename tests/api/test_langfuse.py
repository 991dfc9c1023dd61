"""Langfuse's own Python client against a real server of ours."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from promptuary import Promptuary
from promptuary.domain.library import About, ChatTurn, PromptContent

from .running import running

CHAT = PromptContent(
    turns=(
        ChatTurn("system", "Help {{ who }}. {{> tone }}"),
        ChatTurn("user", "", "history"),
        ChatTurn("user", "{{question}}"),
    ),
    config='{"model": "small"}',
)


async def keep(home: Path) -> tuple[str, str]:
    async with await Promptuary.open(home) as promptuary:
        library = promptuary.library
        about = About("Refund", tags=("shop",))
        await library.save(
            "support/refund", "Refund {{ amount }}.", about=about, message="first", author="ada"
        )
        await library.label("support/refund", "production", 1)
        await library.save("support/refund", PromptContent("Pay {amount} {{}}", syntax="fstring"))
        await library.save("tone", "Be kind to {{ who }}.")
        await library.save("chat", CHAT, labels=["production"])
        _, good = await promptuary.create_key("reader", ["library:read"])
        _, other = await promptuary.create_key("other", ["prompts:read"])
        return good, other


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, str]]:
    home = tmp_path_factory.mktemp("home")
    good, other = asyncio.run(keep(home))
    with running(home) as server:
        yield f"{server.url}/compat/langfuse", good, other


def client(base_url: str, secret: str) -> Any:
    from langfuse import Langfuse  # slow to import

    return Langfuse(
        public_key=f"pk-{secret[:8]}",
        secret_key=secret,
        base_url=base_url,
        tracing_enabled=False,
    )


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_langfuses_client_reads_prompts_by_label_and_version(site: tuple[str, str, str]) -> None:
    url, secret, _ = site
    langfuse = client(url, secret)
    assert langfuse.auth_check()
    served = langfuse.get_prompt("support/refund")
    assert (served.name, served.version, served.labels) == ("support/refund", 1, ["production"])
    assert (served.tags, served.commit_message) == (["shop"], "first")
    assert served.compile(amount="5 euros") == "Refund 5 euros."
    newest = langfuse.get_prompt("support/refund", label="latest")
    assert newest.version == 2
    assert newest.compile(amount="5") == "Pay 5 {}"
    assert langfuse.get_prompt("support/refund", version=1).prompt == "Refund {{ amount }}."
    fallback = langfuse.get_prompt("no such", fallback="Plain.", max_retries=0)
    assert fallback.is_fallback


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_langfuses_client_reads_chats_with_placeholders_and_what_they_include(
    site: tuple[str, str, str],
) -> None:
    url, secret, _ = site
    chat = client(url, secret).get_prompt("chat", type="chat")
    assert chat.config == {"model": "small"}
    before = [{"role": "assistant", "content": "Yes?"}]
    messages = chat.compile(who="Ada", question="Why?", history=before)
    assert [(each["role"], each["content"]) for each in messages] == [
        ("system", "Help Ada. Be kind to Ada."),
        ("assistant", "Yes?"),
        ("user", "Why?"),
    ]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_langfuses_client_lists_prompts_page_by_page(site: tuple[str, str, str]) -> None:
    url, secret, _ = site
    prompts = client(url, secret).api.prompts
    first = prompts.list(limit=2)
    assert [each.name for each in first.data] == ["chat", "support/refund"]
    assert first.data[1].versions == [1, 2]
    assert sorted(first.data[1].labels) == ["latest", "production"]
    assert (first.meta.total_items, first.meta.total_pages) == (3, 2)
    assert [each.name for each in prompts.list(limit=2, page=2).data] == ["tone"]
    assert [each.name for each in prompts.list(label="production").data] == [
        "chat",
        "support/refund",
    ]
    assert [each.name for each in prompts.list(tag="shop", name="support/refund").data] == [
        "support/refund"
    ]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_keys_that_are_unknown_or_lack_the_scope_read_nothing(site: tuple[str, str, str]) -> None:
    from langfuse.api.core.api_error import ApiError

    url, good, other = site
    for secret, status in (("wrong", 401), (other, 403)):
        with pytest.raises(ApiError) as refused:
            client(url, secret).api.prompts.get("chat")
        assert refused.value.status_code == status
    elsewhere = url.removesuffix("/compat/langfuse") + "/api/v1/library/export"
    assert httpx2.get(elsewhere, auth=("pk", good)).status_code == 401
