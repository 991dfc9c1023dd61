"""The fake endpoint speaks as the real one does: the provider's own SDK understands it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import openai
import pytest

from promptuary.testing.fakes.chat_upstream import FakeChatUpstream

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
ASKED = [{"role": "user", "content": "one two three four"}]


@pytest.fixture
def upstream() -> Iterator[FakeChatUpstream]:
    with FakeChatUpstream() as fake:
        yield fake


@pytest.fixture
async def sdk(upstream: FakeChatUpstream) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(
        api_key="sk-none", base_url=upstream.url, max_retries=0, timeout=60
    ) as client:
        yield client


async def test_the_sdk_of_openai_reads_a_reply(sdk: openai.AsyncOpenAI) -> None:
    reply = await sdk.chat.completions.create(model="small", messages=ASKED, max_tokens=3)
    (choice,) = reply.choices
    assert (choice.message.content, choice.finish_reason) == ("one two three", "length")
    assert reply.usage
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (4, 3)


async def test_the_sdk_of_openai_reads_a_stream(sdk: openai.AsyncOpenAI) -> None:
    stream = await sdk.chat.completions.create(
        model="small", messages=ASKED, stream=True, stream_options={"include_usage": True}
    )
    *said, last = [chunk async for chunk in stream]
    text = "".join(chunk.choices[0].delta.content or "" for chunk in said)
    assert text == "one two three four"
    assert last.usage
    assert last.usage.completion_tokens == 4


async def test_the_sdk_of_openai_sees_an_error_for_what_it_is(
    upstream: FakeChatUpstream, sdk: openai.AsyncOpenAI
) -> None:
    upstream.faults.extend(["429", "401"])
    with pytest.raises(openai.RateLimitError):
        await sdk.chat.completions.create(model="small", messages=ASKED)
    with pytest.raises(openai.AuthenticationError):
        await sdk.chat.completions.create(model="small", messages=ASKED)


async def test_the_sdk_of_openai_lets_garbage_through(
    upstream: FakeChatUpstream, sdk: openai.AsyncOpenAI
) -> None:
    # Why replies are checked here and not by the SDK.
    upstream.faults.append("null")
    assert (await sdk.chat.completions.create(model="small", messages=ASKED)).choices is None
