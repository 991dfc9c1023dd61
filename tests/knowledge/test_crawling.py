from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from knowledge.reading_here import knowledge
from promptuary.domain.errors import InvalidInput, TimedOut
from promptuary.domain.fetching import Fetched
from promptuary.domain.reports import SyncReport
from promptuary.knowledge.crawling import Reach, crawl
from promptuary.knowledge.keeping import Knowledge
from promptuary.knowledge.links import leads_of, normal
from promptuary.knowledge.robots import read_robots
from promptuary.testing.fakes.clock import START

pytestmark = pytest.mark.anyio
SITE = "https://example.org"
FAR = Reach(depth=5, pages=100, delay=0)


@dataclass
class Web:
    """A fake web: pages by their path on one site; remembers what it was asked for."""

    pages: dict[str, Fetched | Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def put(self, path: str, text: str, **more: object) -> None:
        """A page of HTML, with its text as its tag."""
        made = Fetched(path, 200, "text/html", text.encode(), etag=f'"{hash(text)}"')
        self.pages[path] = replace(made, **more)

    async def get(self, url: str, *, etag: str = "", modified: str = "") -> Fetched:
        self.asked.append(url.removeprefix(SITE))
        found = self.pages.get(url.removeprefix(SITE), Fetched(url, 404))
        if isinstance(found, Exception):
            raise found
        if etag and found.etag == etag:
            return Fetched(url, 304)
        return replace(found, url=url)


class TickingClock:
    """Sleeping moves it on at once."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> datetime:
        return START

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += max(seconds, 0)


def site(**pages: str) -> Web:
    """Pages by their names; `home` is the start."""
    web = Web()
    for name, text in pages.items():
        web.put("/" if name == "home" else f"/{name}", text)
    return web


async def run(
    web: Web, parts: Knowledge | None = None, *, start: str = SITE, reach: Reach = FAR
) -> SyncReport:
    return await crawl(parts or knowledge(), web, start, "default", reach=reach)


async def texts(parts: Knowledge) -> dict[str, str]:
    async with parts.record.read() as tx:
        found = (await tx.documents.every_passage()).items
    return {each.source.removeprefix(SITE): each.text for each in found}


async def test_pages_come_in_as_far_as_links_lead() -> None:
    web = site(home='<a href="/a">a</a>', a='A <a href="b#part">b</a>', b="B", c="not linked")
    parts = knowledge()
    assert (await run(web, parts)).counts == {"new": 3}
    assert await texts(parts) == {"/": "a", "/a": "A b", "/b": "B"}


async def test_depth_and_pages_are_bounds() -> None:
    web = site(home='x <a href="/a">', a='A <a href="/b">', b="B")
    assert (await run(web, reach=Reach(depth=1, delay=0))).counts == {"new": 2}
    assert (await run(web, reach=Reach(depth=5, pages=1, delay=0))).counts == {"new": 1}


async def test_other_hosts_and_schemes_are_left_alone() -> None:
    web = site(home='x <a href="https://other.example/"><a href="mailto:a@b"><a href="//h:9/">')
    await run(web)
    assert web.asked == ["/robots.txt", "/"]


async def test_circles_end() -> None:
    web = site(home='x <a href="/a"><a href="/"><a href="/?">', a='A <a href="/"><a href="/a">')
    assert (await run(web)).counts == {"new": 2}


async def test_what_robots_forbid_is_not_asked_for() -> None:
    web = site(home='x <a href="/private/a"><a href="/open">', open="o")
    web.put("/robots.txt", "User-agent: *\nDisallow: /private/\n", kind="text/plain")
    report = await run(web)
    assert "/private/a" not in web.asked
    assert report.counts == {"new": 2, "skipped": 1}


@pytest.mark.parametrize(
    ("answer", "counts"),
    [
        (Fetched("", 404), {"new": 1}),
        (Fetched("", 503), {"skipped": 1}),
        (TimedOut("slow"), {"skipped": 1}),
        (Fetched("", 200, body=b"Disallow: /\n" * 900_000), {"new": 1}),
    ],
)
async def test_a_site_without_rules_is_open_and_one_that_is_away_is_left_alone(
    answer: Fetched | Exception, counts: dict[str, int]
) -> None:
    web = site(home="x")
    web.pages["/robots.txt"] = answer
    assert (await run(web)).counts == counts


@pytest.mark.parametrize(
    ("trusted", "counts"),
    [
        ("example.org", {"new": 2}),
        ("org", {"new": 2}),
        ("ample.org", {"new": 1, "skipped": 1}),
        ("www.example.org", {"new": 1, "skipped": 1}),
    ],
)
async def test_the_rules_of_a_trusted_domain_are_not_asked_for(
    trusted: str, counts: dict[str, int]
) -> None:
    web = site(home='x <a href="/private/a">', **{"private/a": "A"})
    web.put("/robots.txt", "User-agent: *\nDisallow: /private/\n", kind="text/plain")
    parts = replace(knowledge(), trusted=frozenset({trusted}))
    assert (await run(web, parts)).counts == counts
    assert ("/robots.txt" in web.asked) is ("skipped" in counts)


async def test_a_forced_crawl_reads_every_page_again() -> None:
    web = site(home='x <a href="/a">', a="A")
    parts = knowledge()
    await run(web, parts)
    again = await crawl(parts, web, f"{SITE}/", "default", reach=FAR, force=True)
    assert (again.unchanged, again.counts, again.passages) == (0, {"changed": 2}, 0)


async def test_a_host_rests_between_requests_as_it_wishes() -> None:
    web = site(home='x <a href="/a"><a href="/b">', a="a", b="b")
    web.put("/robots.txt", "User-agent: promptuary\nCrawl-delay: 7\n")
    clock = TickingClock()
    await run(web, replace(knowledge(), clock=clock))
    assert clock.at == 14


async def test_pages_that_are_as_they_were_are_not_read_again() -> None:
    web = site(home='x <a href="/a">', a="A", b="B")
    parts = knowledge()
    await run(web, parts)
    web.put("/a", 'A2 <a href="/b">')
    report = await run(web, parts)
    assert (report.unchanged, report.counts) == (1, {"changed": 1, "new": 1})
    assert await texts(parts) == {"/": "x", "/a": "A2", "/b": "B"}


async def test_pages_that_are_gone_are_removed_and_those_that_are_away_stay() -> None:
    web = site(home='x <a href="/a"><a href="/b"><a href="/c">', a="A", b="B", c="C")
    parts = knowledge()
    await run(web, parts)
    web.pages["/a"] = Fetched("", 404)
    web.pages["/b"] = Fetched("", 503)
    web.pages["/c"] = TimedOut("slow")
    report = await run(web, parts)
    assert report.counts == {"skipped": 1, "failed": 2, "removed": 1}
    assert await texts(parts) == {"/": "x", "/b": "B", "/c": "C"}


async def test_what_nothing_leads_to_any_more_is_removed() -> None:
    web = site(home='x <a href="/a">', a="A")
    parts = knowledge()
    await run(web, parts)
    web.put("/", "y")
    assert (await run(web, parts)).counts == {"changed": 1, "removed": 1}


async def test_a_crawl_that_meets_its_bound_removes_nothing() -> None:
    web = site(home='x <a href="/a">', a="A")
    parts = knowledge()
    await run(web, parts)
    assert (await run(web, parts, reach=Reach(depth=1, pages=1, delay=0))).counts == {}
    assert len(await texts(parts)) == 2


async def test_redirects_are_pages_like_any_other() -> None:
    web = site(target="T")
    web.pages["/"] = Fetched("", 301, location="/target")
    parts = knowledge()
    assert (await run(web, parts)).counts == {"skipped": 1, "new": 1}
    assert await texts(parts) == {"/target": "T"}
    web.pages["/"] = Fetched("", 302, location="http://169.254.169.254/latest")
    await run(web, parts)
    assert not any("169.254" in url for url in web.asked)


async def test_a_chain_of_redirects_ends() -> None:
    web = Web({f"/{n}": Fetched("", 302, location=f"/{n + 1}") for n in range(50)})
    await run(web, start=f"{SITE}/0")
    assert len(web.asked) < 10


async def test_a_page_may_ask_not_to_be_kept_or_followed() -> None:
    web = site(
        home='x <a href="/a"><a href="/b"><a rel="nofollow" href="/c">',
        a='<meta name="robots" content="noindex"><a href="/d">',
        b='b <meta name="robots" content="NOFOLLOW"><a href="/e">',
        d="D",
    )
    parts = knowledge()
    await run(web, parts)
    assert await texts(parts) == {"/": "x", "/b": "b", "/d": "D"}


async def test_a_file_is_read_as_what_the_server_says_it_is() -> None:
    web = site(home='x <a href="/data"><a href="/photo">')
    web.put("/data", "what,price\nbread,3\n", kind="text/csv")
    web.put("/photo", "jpeg", kind="image/jpeg")
    parts = knowledge()
    report = await run(web, parts)
    assert (await texts(parts))["/data"] == "what | price\nwhat: bread; price: 3"
    assert report.counts == {"new": 2, "skipped": 1}


@pytest.mark.parametrize("start", ["file:///etc/hosts", "example.org", "ftp://h/", "", "http://"])
async def test_what_is_no_address_is_refused(start: str) -> None:
    with pytest.raises(InvalidInput):
        await run(Web(), start=start)


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("HTTPS://Example.ORG:443/a#b", "https://example.org/a"),
        ("http://h:8080", "http://h:8080/"),
        ("http://h:99999/", ""),
        ("mailto:a@b", ""),
    ],
)
def test_one_address_is_written_one_way(url: str, same: str) -> None:
    assert normal(url) == same


def test_links_are_meant_from_the_base() -> None:
    page = b'<base href="https://b.example/x/"><a href="y">1</a><a href="https://[bad">2</a>'
    assert leads_of(page, SITE).links == ("https://b.example/x/y",)


ROBOTS = b"""
User-agent: other
Disallow: /
User-agent: promptuary
User-agent: friend
Allow: /a/open$
Disallow: /a/   # all of it
Disallow: /*.pdf$
Disallow: /b*c*d
Disallow:
Sitemap: https://example.org/map.xml
Allow: /b/1/c/2/d/kept
"""


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", True),
        ("/a/x", False),
        ("/a/open", True),
        ("/a/opened", False),
        ("/%61/x", False),
        ("/x.pdf", False),
        ("/x.pdf?y", True),
        ("/bXcYdZ", False),
        ("/bdc", True),
        ("/b/1/c/2/d/kept", True),
    ],
)
def test_the_longest_rule_decides(path: str, allowed: bool) -> None:
    assert read_robots(ROBOTS, "promptuary").allow(f"{SITE}{path}") is allowed


def test_a_rule_of_many_stars_is_never_slow() -> None:
    rules = read_robots(b"User-agent: *\nDisallow: /" + b"*a" * 5_000 + b"$", "promptuary")
    assert rules.allow(f"{SITE}/" + "a" * 4_000 + "b")
