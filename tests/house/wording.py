"""What no tracked file may say: where it was written, and where packages come from."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from packaging.requirements import Requirement

PLACES = re.compile(
    r"(?<![\w.])/(work|tmp|root|home|Users)/\w"  # a folder of somebody's machine
    r"|(pypi|pythonhosted|npmjs)\.(org|com)|/simple/?\b|index-url\s*="  # a package registry
)
ALLOWED = {"tests/house/wording.py"}
"""Files that may name such places: this one, to look for them."""

UNREAD = {".lock", ".png", ".svg", ".db"}


def files(root: Path) -> list[Path]:
    """The files that are or would be tracked."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    return [path for name in listed.stdout.splitlines() if (path := root / name).is_file()]


def places(root: Path, among: Iterable[Path]) -> list[str]:
    """Every line that names a machine's folder or a registry."""
    return [
        f"{path}:{number}: {found[0]}"
        for path in among
        if path.suffix not in UNREAD and str(path.relative_to(root)) not in ALLOWED
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if (found := PLACES.search(line))
    ]


def unlocked(lock: str) -> list[str]:
    """Requirements without a hash, and lines that say where to look for packages."""
    requirements = re.split(r"\n(?=\S)", lock.strip())
    return [r for r in requirements if "--hash=sha256:" not in r or "==" not in r or "://" in r]


def outdated(wanted: Iterable[str], lock: str) -> list[str]:
    """Requirements that the lock does not fulfil."""
    pinned = dict(re.findall(r"^([\w.-]+)==([\w.]+)", lock, re.MULTILINE))
    return [
        each
        for each in wanted
        if (need := Requirement(each)) and not need.specifier.contains(pinned.get(need.name, "0"))
    ]
