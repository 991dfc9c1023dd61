"""Where this runs, and what follows for downloads, threads and batches. Each answer has a reason.

Only small files and variables are looked at: no network, no vendor, well below a millisecond.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from promptuary.embeddings.settings import Downloads, Wishes, environment

_CI = ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "JENKINS_URL", "BUILDKITE", "TF_BUILD")
_CGROUPS = ("docker", "kubepods", "containerd", "libpod", "lxc")
_GIBIBYTE = 1024**3


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What kind of place this process runs in. `memory` is the limit in bytes, 0 for none."""

    container: bool
    kubernetes: bool
    serverless: bool
    ci: bool
    terminal: bool
    writable: bool
    cpus: int
    memory: int

    def words(self) -> str:
        """For a person: `container, Kubernetes, read-only home, 2 CPUs`."""
        marks = {
            "container": self.container,
            "Kubernetes": self.kubernetes,
            "serverless": self.serverless,
            "CI": self.ci,
            "terminal": self.terminal,
            "read-only models folder": not self.writable,
        }
        found = [name for name, holds in marks.items() if holds]
        return ", ".join([*found, f"{self.cpus} CPU{'s' if self.cpus != 1 else ''}"])


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be done here, and why."""

    downloads: Downloads
    why: str
    threads: int
    texts_at_once: int


def look(
    wanted: Wishes,
    variables: Mapping[str, str] | None = None,
    *,
    root: Path = Path("/"),
    terminal: bool | None = None,
) -> Surroundings:
    """Look around. `root` stands for the file system, `terminal` for whether a person watches."""
    known = environment() if variables is None else variables
    kubernetes = "KUBERNETES_SERVICE_HOST" in known
    return Surroundings(
        container=kubernetes or _in_a_container(known, root),
        kubernetes=kubernetes,
        serverless="AWS_LAMBDA_FUNCTION_NAME" in known or "K_SERVICE" in known,
        ci=any(known.get(name, "").lower() not in {"", "false", "0"} for name in _CI),
        terminal=sys.stderr.isatty() if terminal is None else terminal,
        writable=_writable(wanted.models_folder),
        cpus=_cpus(root),
        memory=_memory_limit(root),
    )


def decide(wanted: Wishes, here: Surroundings) -> Policy:
    """What follows. A download policy that was set counts; else no place without a person and with
    somebody waiting for it to start may fetch a model."""
    downloads, why = _downloads(wanted, here)
    small = 0 < here.memory < 2 * _GIBIBYTE
    return Policy(downloads, why, threads=here.cpus, texts_at_once=64 if small else 256)


def _downloads(wanted: Wishes, here: Surroundings) -> tuple[Downloads, str]:
    if wanted.offline:
        return "never", "HF_HUB_OFFLINE is set"
    if wanted.downloads:
        return wanted.downloads, f"PROMPTUARY_MODEL_DOWNLOADS is {wanted.downloads}"
    places = {
        "this is a serverless function": here.serverless,
        "this is a container": here.container,
        "this is a CI run": here.ci,
        "the models folder cannot be written": not here.writable,
        "nobody sits at a terminal": not here.terminal,
    }
    for why, holds in places.items():
        if holds:
            return "never", why
    return "ask", "a person sits at a terminal"


def _in_a_container(known: Mapping[str, str], root: Path) -> bool:
    marks = (root / ".dockerenv", root / "run" / ".containerenv")
    if "container" in known or any(mark.exists() for mark in marks):
        return True
    groups = _text(root / "proc" / "1" / "cgroup")
    return any(word in groups for word in _CGROUPS)


def _writable(folder: Path) -> bool:
    there = next((each for each in (folder, *folder.parents) if each.exists()), None)
    return there is not None and there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def _cpus(root: Path) -> int:
    """The CPUs this process may use; a quota of the container counts, rounded up."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    quota, period = _quota(root)
    limit = -(-quota // period) if quota > 0 and period > 0 else 0
    return max(1, min(allowed or 1, limit or allowed or 1))


def _quota(root: Path) -> tuple[int, int]:
    cgroup = root / "sys" / "fs" / "cgroup"
    newer = _text(cgroup / "cpu.max").split()
    if len(newer) == 2:
        return _number(newer[0]), _number(newer[1])
    older = cgroup / "cpu"
    return _number(_text(older / "cpu.cfs_quota_us")), _number(_text(older / "cpu.cfs_period_us"))


def _memory_limit(root: Path) -> int:
    """In bytes; 0 for none, or one so large that it means none."""
    cgroup = root / "sys" / "fs" / "cgroup"
    text = _text(cgroup / "memory.max") or _text(cgroup / "memory" / "memory.limit_in_bytes")
    limit = _number(text)
    return limit if 0 < limit < 2**50 else 0


def _number(text: str) -> int:
    plain = text.strip()
    return int(plain) if plain.lstrip("-").isdecimal() else 0


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
