"""What the clients do when a server is slow, away, or says no."""

from __future__ import annotations

import json

import anyio
import httpx2
import pytest

from promptuary import AsyncRemoteClient
from promptuary.api.problems import CODES, Problem, response
from promptuary.api.tracing import begin
from promptuary.domain import errors, plain
from promptuary.domain.jobs import Job, JobState

pytestmark = pytest.mark.anyio
JOB = "3f0e6a52-70c3-5c53-9a3d-6c1a3b0c2f11"
PAGE = b'{"items":[],"next_cursor":null,"total":0}'
RAISED = {kind.code: kind for kind in vars(errors).values() if hasattr(kind, "code")}


class Server:
    """Answers from a list, the last of it for ever, and remembers what was asked."""

    def __init__(self, *answers) -> None:
        self.answers = list(answers)
        self.asked: list[httpx2.Request] = []
        self.slept: list[float] = []

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        await request.aread()
        self.asked.append(request)
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer() if callable(answer) else answer

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def client(self, **options) -> AsyncRemoteClient:
        transport = httpx2.MockTransport(self)
        given = {"api_key": "key-1", "timeout": 60.0, **options}
        return AsyncRemoteClient("http://far", transport=transport, sleep=self.sleep, **given)


def problem(code: str, **headers: str):
    scope = {"type": "http", "path": "/", "headers": [], "state": {}}
    begin(scope, None, None)
    body = response(scope, Problem(code, "so it is", fields={"a": "wrong"}))
    return lambda: httpx2.Response(body.status_code, content=body.body, headers=headers)


def good(body: bytes = PAGE):
    return lambda: httpx2.Response(200, content=body)


def taken(job_id: str | None):
    report = {"batch_id": "b", "job_id": job_id, "accepted": 1, "duplicates": 0}
    return good(json.dumps({**report, "rejected_count": 0, "rejected": []}).encode())


def job(state: JobState):
    return good(plain.encode(Job(JOB, "place", state, {}, 1, 1, error="no room")))


async def test_what_is_unavailable_is_tried_again_after_what_the_server_asks():
    server = Server(problem("UNAVAILABLE", **{"Retry-After": "7"}), problem("BUSY"), good())
    async with server.client() as client:
        assert (await client.families()).total == 0
    assert len(server.asked) == 3
    assert server.slept[0] == 7
    assert 0 <= server.slept[1] <= 1


async def test_too_many_requests_are_waited_out_but_not_beyond_the_timeout():
    server = Server(problem("RATE_LIMITED", **{"Retry-After": "61"}), good())
    async with server.client() as client:
        with pytest.raises(errors.RateLimited) as limited:
            await client.families()
    assert limited.value.retry_after == 61
    assert server.slept == []


async def test_a_server_that_is_away_is_given_up_after_every_attempt():
    server = Server(httpx2.ConnectError("refused"))
    async with server.client(attempts=4) as client:
        with pytest.raises(errors.Unavailable, match="http://far"):
            await client.families()
    assert len(server.asked) == 4


async def test_what_was_sent_again_carries_the_same_idempotency_key():
    server = Server(httpx2.ReadError("cut"), taken(None))
    async with server.client() as client:
        await client.ingest(["One."])
        await client.ingest(["One."])
    first, again, other = (request.headers["Idempotency-Key"] for request in server.asked)
    assert first == again != other
    assert server.asked[0].content == server.asked[1].content == b'"One."\n'


@pytest.mark.parametrize("code", sorted(CODES.keys() & RAISED.keys()))
async def test_every_code_of_the_library_becomes_its_own_error(code):
    async with Server(problem(code)).client(attempts=1) as client:
        with pytest.raises(errors.PromptuaryError, match="so it is") as raised:
            await client.families()
    expected = errors.Unavailable if code == "PROMPTUARY_ERROR" else RAISED[code]
    assert type(raised.value) is expected


@pytest.mark.parametrize("code", sorted(CODES.keys() - RAISED.keys()))
async def test_every_code_that_only_http_has_becomes_an_error_of_ours(code):
    async with Server(problem(code)).client(attempts=1) as client:
        with pytest.raises(errors.PromptuaryError, match="so it is"):
            await client.families()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (502, errors.Unavailable),
        (404, errors.Misconfigured),
        (302, errors.Misconfigured),
        (401, errors.Unauthenticated),
        (403, errors.Forbidden),
        (429, errors.RateLimited),
        (418, errors.Rejected),
        (100, errors.BadReply),
    ],
)
async def test_a_gateway_that_knows_no_codes_is_understood_by_its_status(status, kind):
    async with Server(httpx2.Response(status, content=b"<html>")).client(attempts=1) as client:
        with pytest.raises(kind):
            await client.families()


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"items": 3}', b'{"items":[1]}'])
async def test_an_answer_of_another_shape_is_a_bad_reply(body):
    async with Server(good(body)).client(attempts=1) as client:
        with pytest.raises(errors.BadReply):
            await client.families()


async def test_a_server_that_never_answers_is_given_up_in_time():
    async def silent(_request: httpx2.Request) -> httpx2.Response:
        await anyio.sleep_forever()
        raise AssertionError

    transport = httpx2.MockTransport(silent)
    async with AsyncRemoteClient("http://far", timeout=0.01, transport=transport) as client:
        with pytest.raises(errors.TimedOut):
            await client.families()


async def test_a_call_can_be_cancelled():
    begun = anyio.Event()

    async def silent(_request: httpx2.Request) -> httpx2.Response:
        begun.set()
        await anyio.sleep_forever()
        raise AssertionError

    transport = httpx2.MockTransport(silent)
    client = AsyncRemoteClient("http://far", transport=transport)
    async with client, anyio.create_task_group() as group:
        group.start_soon(client.families)
        await begun.wait()
        group.cancel_scope.cancel()
    assert group.cancel_scope.cancelled_caught


async def test_the_key_is_sent_and_never_shown():
    server = Server(problem("FORBIDDEN"))
    async with server.client(api_key="secret-key") as client:
        with pytest.raises(errors.Forbidden) as refused:
            await client.families()
    assert server.asked[0].headers["X-API-Key"] == "secret-key"
    assert "secret-key" not in f"{refused.value!r} {vars(client)!r} {vars(client._line)!r}"


@pytest.mark.parametrize("key", ["", " ", "a\nb", "clé"])
def test_what_is_no_key_is_refused_before_anything_is_sent(key):
    with pytest.raises(errors.Misconfigured) as refused:
        AsyncRemoteClient("http://far", api_key=key)
    assert "clé" not in str(refused.value)


@pytest.mark.parametrize("address", ["", "far", "ftp://far", "http://", "file:///x"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(errors.Misconfigured):
        AsyncRemoteClient(address)


@pytest.mark.parametrize("wrong", ["", "../../keys?x=1", "notes/office.md", "a\nb"])
async def test_an_id_that_cannot_be_one_is_not_found_and_leads_nowhere(wrong):
    server = Server(good())
    async with server.client() as client:
        for method in (client.family, client.document, client.prompt, client.job):
            with pytest.raises(errors.NotFound):
                await method(wrong)
    assert server.asked == []


async def test_a_job_is_asked_after_less_and_less_often_until_it_is_done():
    server = Server(taken(JOB), *(job("waiting") for _ in range(9)), job("running"), job("done"))
    async with server.client() as client:
        await client.ingest(["One."])
    assert len(server.slept) == 10
    assert server.slept == sorted(server.slept)
    assert (server.slept[0], server.slept[-1]) == (0.5, 5.0)


async def test_a_job_that_failed_is_told_and_what_was_saved_is_said_to_be():
    async with Server(taken(JOB), job("failed")).client() as client:
        with pytest.raises(errors.Unavailable, match=r"saved.*no room"):
            await client.ingest(["One."])
