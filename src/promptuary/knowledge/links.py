"""Where a page leads, and whether it wants to be found."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

MOST_BYTES = 2 * 1024 * 1024
MOST_LINKS = 2_000


@dataclass(frozen=True, slots=True)
class Leads:
    """The addresses that a page links to, in order, and whether it may be kept and followed."""

    links: tuple[str, ...] = ()
    keep: bool = True
    follow: bool = True


def leads_of(body: bytes, url: str) -> Leads:
    """What stands in the first part of the page, up to a limit."""
    reader = _Reader(url)
    reader.feed(body[:MOST_BYTES].decode("utf-8", "replace"))
    reader.close()
    wishes = {each.strip() for each in ",".join(reader.wishes).lower().split(",")}
    follow = not wishes & {"nofollow", "none"}
    links = tuple(dict.fromkeys(reader.links))[:MOST_LINKS] if follow else ()
    return Leads(links, keep=not wishes & {"noindex", "none"}, follow=follow)


def normal(url: str) -> str:
    """One way to write an address: no fragment, host in lower case, no default port."""
    parts = urlsplit(urldefrag(url)[0])
    try:
        port = parts.port
    except ValueError:
        return ""
    host = (parts.hostname or "").lower()
    default = {"http": 80, "https": 443}.get(parts.scheme)
    at = host if port in {None, default} else f"{host}:{port}"
    return parts._replace(netloc=at, path=parts.path or "/").geturl() if host else ""


class _Reader(HTMLParser):
    """Collects links; a page may say that they are meant from elsewhere (`<base>`)."""

    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.wishes: list[str] = []
        self._base = url

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag begins."""
        named = {name: value or "" for name, value in attrs}
        if tag == "base" and named.get("href"):
            self._base = _joined(self._base, named["href"])
        elif tag == "meta" and named.get("name", "").lower() in {"robots", "promptuary"}:
            self.wishes.append(named.get("content", ""))
        elif tag == "a" and "nofollow" not in named.get("rel", "").lower():
            link = normal(_joined(self._base, named.get("href", "").strip()))
            self.links += [link] if link and named.get("href") else []


def _joined(base: str, link: str) -> str:
    try:
        return urljoin(base, link)
    except ValueError:
        return ""
