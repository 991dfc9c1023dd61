"""XML read without trust: no document type, so no entities and nothing fetched from anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers.expat import ExpatError, ParserCreate

from promptuary.domain.errors import InvalidInput

_DEEPEST = 250


def parsed(data: bytes, name: str) -> Element:
    """The root, with names bare of their namespaces. Raises InvalidInput."""
    builder = TreeBuilder()
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise InvalidInput(f"{name} is nested too deep")
        builder.start(bare(tag), {_attribute(key): value for key, value in attributes.items()})

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(bare(tag))

    def refuse(*_: object) -> None:
        raise InvalidInput(f"{name} declares a document type, which could hold entities")

    parser = ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except (ExpatError, ValueError, LookupError) as error:
        raise InvalidInput(f"{name} is damaged: {error}") from error
    return builder.close()


def bare(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition("}")[2]


def _attribute(name: str) -> str:
    """An attribute's name; one that refers to another part goes on to say so (`r:id`), as there is
    often one of the same name that does not."""
    space, _, local = name.rpartition("}")
    return f"r:{local}" if space.endswith("/relationships") else local


def below(element: Element | None, *path: str) -> Iterator[Element]:
    """The elements at that path of names, as there may be none."""
    if element is None:
        return
    if not path:
        yield element
        return
    for child in element:
        if child.tag == path[0]:
            yield from below(child, *path[1:])


def first(element: Element | None, *path: str) -> Element | None:
    """The first element at that path."""
    return next(below(element, *path), None)
