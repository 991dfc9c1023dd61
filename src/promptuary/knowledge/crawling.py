"""The path of a crawl: a page, what it links to on its site, and so on, as far as one may."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol
from urllib.parse import urljoin, urlsplit

from anyio import to_thread

from promptuary.domain.documents import Source
from promptuary.domain.errors import InvalidInput, PromptuaryError, Unavailable
from promptuary.domain.fetching import Fetched
from promptuary.domain.loading import RawFile, ReadFile, Unread
from promptuary.domain.prompts import collection_id
from promptuary.domain.reports import Progress, SyncReport, Told, silent
from promptuary.knowledge.keeping import Keeping, Knowledge
from promptuary.knowledge.links import Leads, leads_of, normal
from promptuary.knowledge.reading import Named
from promptuary.knowledge.robots import NOBODY, Robots, read_robots

AGENT = "promptuary"
REDIRECTS = 5
KINDS = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/markdown": ".md",
    "text/plain": ".txt",
    "text/csv": ".csv",
    "application/json": ".json",
    "application/pdf": ".pdf",
    "application/epub+zip": ".epub",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
GONE = frozenset({404, 410})


class Fetching(Protocol):
    """Asks servers; `promptuary.fetching.Fetcher` does."""

    async def get(self, url: str, *, etag: str = "", modified: str = "") -> Fetched:
        """The answer to one request. Raises InvalidInput for what may not be fetched, TooLarge,
        TimedOut, Unavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a crawl goes: so many links away from its start, so many pages in all, on the host of
    the start alone or (`same_site` off) anywhere; with how many seconds between requests to a host.
    Raises InvalidInput for numbers that make no sense."""

    depth: int = 1
    pages: int = 40
    same_site: bool = True
    delay: float = 0.5

    def __post_init__(self) -> None:
        if not (0 <= self.depth <= 10 and 1 <= self.pages <= 100_000 and self.delay >= 0):
            message = "a crawl goes 0 to 10 links deep and takes 1 to 100,000 pages"
            raise InvalidInput(message, fields={"depth": "0 to 10", "pages": "1 to 100,000"})


async def crawl(
    parts: Knowledge,
    web: Fetching,
    start: str,
    collection: str,
    *,
    reach: Reach,
    force: bool = False,
    told: Told = silent,
) -> SyncReport:
    """Make the collection hold the pages that are found from `start` on.

    What robots.txt forbids is not asked for, and a page that asks not to be kept is not. Pages that
    are as they were are not read again. Pages that are gone, and after a crawl that came to its end
    those that nothing leads to any more, are removed. With `force` all are read again.

    Raises InvalidInput for a start that is no address of the web.
    """
    root = normal(start)
    if urlsplit(root).scheme not in {"http", "https"}:
        raise InvalidInput(f"this is no address of the web: {start}", fields={"url": start})
    async with parts.record.read() as tx:
        known = await tx.documents.manifest(collection_id(collection), root)
    keeping = Keeping(parts, collection, root, known)
    crawling = _Crawling(parts, web, root, reach, keeping, force)
    await crawling.run(told)
    return keeping.report(unchanged=crawling.unchanged)


@dataclass(slots=True)  # changes: it goes from page to page
class _Crawling:
    """One crawl."""

    parts: Knowledge
    web: Fetching
    root: str
    reach: Reach
    keeping: Keeping
    force: bool = False
    unchanged: int = 0
    _seen: set[str] = field(default_factory=set)
    _left: deque[tuple[str, int]] = field(default_factory=deque)
    _hops: dict[str, int] = field(default_factory=dict)
    _robots: dict[str, Robots] = field(default_factory=dict)
    _asked: dict[str, float] = field(default_factory=dict)
    _stayed: set[str] = field(default_factory=set)

    @property
    def _known(self) -> Mapping[str, Source]:
        return self.keeping.known

    async def run(self, told: Told) -> None:
        """Breadth first, so that what is near the start comes in before the limit does."""
        self._add(self.root, 0)
        done = 0
        while self._left and done < self.reach.pages:
            url, depth = self._left.popleft()
            done += await self._visit(url, depth)
            told(Progress("read", done, min(self.reach.pages, done + len(self._left))))
        await self.keeping.flush()
        if not self._left:
            lost = [each for path, each in self._known.items() if path not in self._stayed]
            await self.keeping.remove(lost)

    def _add(self, url: str, depth: int) -> None:
        parts = urlsplit(url)
        if url in self._seen or parts.scheme not in {"http", "https"} or depth > self.reach.depth:
            return
        if self.reach.same_site and parts.netloc != urlsplit(self.root).netloc:
            return
        self._seen.add(url)
        self._left.append((url, depth))

    async def _visit(self, url: str, depth: int) -> bool:
        """One page; whether it was asked for."""
        if not (await self._rules(url)).allow(url):
            self.keeping.note(url, "skipped", "", "robots.txt asks robots to stay away")
            return False
        try:
            fetched = await self._fetch(url)
        except PromptuaryError as error:
            self._stayed.add(url)
            await self.keeping.take(self._named(url), _failed(error.code, str(error)))
            return True
        await self._take(url, fetched, depth)
        return True

    async def _take(self, url: str, fetched: Fetched, depth: int) -> None:
        if fetched.status == 304:
            self.unchanged += 1
            self._stayed.add(url)
            for path in self._known:  # its links lead to pages that are known, as it is as it was
                self._add(path, min(depth + 1, self.reach.depth))
        elif 300 <= fetched.status < 400:
            self._redirect(url, fetched.location, depth)
        elif fetched.status in GONE:
            self.keeping.note(url, "skipped", "", f"the server says {fetched.status}")
        elif fetched.status != 200:
            self._stayed.add(url)
            error = f"the server says {fetched.status}"
            await self.keeping.take(self._named(url), _failed(Unavailable.code, error))
        else:
            await self._read(url, fetched, depth)

    def _redirect(self, url: str, location: str, depth: int) -> None:
        """Where it leads is a page like any other: in reach or not, allowed or not."""
        hops = self._hops.get(url, 0) + 1
        target = normal(urljoin(url, location)) if location and hops <= REDIRECTS else ""
        self.keeping.note(url, "skipped", "", f"it leads to {target or 'nowhere'}")
        if target:
            self._hops.setdefault(target, hops)
            self._add(target, depth)

    async def _read(self, url: str, fetched: Fetched, depth: int) -> None:
        suffix = KINDS.get(fetched.kind)
        if suffix is None or suffix not in self.parts.reader.suffixes:
            self.keeping.note(url, "skipped", "", f"no loader reads {fetched.kind or 'this'}")
            return
        leads = Leads()
        if suffix == ".html":
            leads = await to_thread.run_sync(leads_of, fetched.body, url)
        for link in leads.links:
            self._add(link, depth + 1)
        if not leads.keep:
            self.keeping.note(url, "skipped", "", "the page asks not to be kept")
            return
        self._stayed.add(url)
        file = RawFile(f"page{suffix}", fetched.body)
        known = None if self.force else self.keeping.digest(url)
        read = await self.parts.reader.read_bytes(file, known=known)
        stamp = f"{fetched.etag}\n{fetched.modified}"
        kept = replace(read, stamp=stamp)
        await self.keeping.take(self._named(url, suffix), kept, fetched.body)

    async def _fetch(self, url: str) -> Fetched:
        """Ask for it, if it has changed since it was read."""
        was = self._known.get(url)
        etag = modified = ""
        if not self.force and was and was.status != "failed" and was.recipe == self.parts.recipe:
            etag, _, modified = was.stamp.partition("\n")
        await self._wait(url, (await self._rules(url)).delay)
        return await self.web.get(url, etag=etag, modified=modified)

    async def _rules(self, url: str) -> Robots:
        """What the site of that page asks of robots; nothing where it has no such file (4xx) or
        is trusted, and to stay away where it does not answer (RFC 9309, 2.3.1)."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._robots:
            trusted = _lies_under(parts.hostname or "", self.parts.trusted)
            rules = Robots() if trusted else await self._fetched_rules(f"{site}/robots.txt")
            self._robots[site] = rules
        return self._robots[site]

    async def _fetched_rules(self, url: str) -> Robots:
        for _ in range(REDIRECTS):
            try:
                fetched = await self.web.get(url)
            except InvalidInput:
                return Robots()  # the page itself will be refused, and say why
            except PromptuaryError:
                return NOBODY
            if 300 <= fetched.status < 400 and fetched.location:
                url = normal(urljoin(url, fetched.location))
                continue
            if fetched.status == 200:
                return read_robots(fetched.body, AGENT)
            return NOBODY if fetched.status >= 500 else Robots()
        return Robots()

    async def _wait(self, url: str, wish: float) -> None:
        """Until the host has rested since the last request."""
        host = urlsplit(url).netloc
        clock = self.parts.clock
        rest = max(self.reach.delay, wish)
        if host in self._asked:
            await clock.sleep(self._asked[host] + rest - clock.monotonic())
        self._asked[host] = clock.monotonic()

    def _named(self, url: str, suffix: str = "") -> Named:
        return Named(self.keeping.collection, self.root, url, url, suffix)


def _lies_under(host: str, domains: frozenset[str]) -> bool:
    """Whether the host is one of the domains, or one of theirs."""
    labels = host.split(".")
    return any(".".join(labels[start:]) in domains for start in range(len(labels)))


def _failed(code: str, reason: str) -> ReadFile:
    return ReadFile(failed=Unread("", code, reason))
