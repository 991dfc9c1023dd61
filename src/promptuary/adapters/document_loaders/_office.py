"""What files of Office share: a ZIP of XML parts that refer to each other."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from xml.etree.ElementTree import Element

from promptuary.adapters.document_loaders._unpacking import Unpacking
from promptuary.adapters.document_loaders._xml import below, parsed
from promptuary.domain.errors import InvalidInput
from promptuary.domain.loading import Limits, RawFile


class Package:
    """The parts of a file of Office. Macros and whatever else is in it stay unread."""

    def __init__(self, file: RawFile, limits: Limits) -> None:
        if file.data.startswith(b"\xd0\xcf\x11\xe0"):
            raise InvalidInput(
                f"{file.name} is encrypted, or of the format before 2007; save it anew"
            )
        self._name = file.name
        self._unpacking = Unpacking(file, limits)
        self._unpacking.members()

    def part(self, name: str) -> Element | None:
        """The root of that part; None when there is no such part."""
        data = self._unpacking.named(name)
        return None if data is None else parsed(data, name)

    def needed(self, name: str) -> Element:
        """The same of a part without which the file is none."""
        found = self.part(name)
        if found is None:
            raise InvalidInput(f"{self._name} has no {name}: it is damaged or of another kind")
        return found

    def relations(self, name: str) -> Mapping[str, str]:
        """What a part refers to inside the file: names of parts by the ids it uses."""
        folder, last = posixpath.split(name)
        root = self.part(f"{folder}/_rels/{last}.rels")
        return {
            each.get("Id", ""): _resolved(folder, each.get("Target", ""))
            for each in below(root, "Relationship")
            if each.get("TargetMode") != "External"
        }

    def title(self) -> str:
        """The title that its author gave it, or nothing."""
        try:
            root = self.part("docProps/core.xml")
        except InvalidInput:
            return ""
        return next((each.text or "" for each in below(root, "title")), "").strip()


def _resolved(folder: str, target: str) -> str:
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
