"""The command of Promptuary without its start: a process that has imported everything forks once a
call. A page of the docs calls it a dozen times, and each start costs more than what it does.

`python warm.py SOCKET` serves; `shim` writes a `promptuary` that asks it, with the caller's folder,
environment, arguments and descriptors.
"""

from __future__ import annotations

import array
import json
import os
import select
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import NoReturn, TextIO

STANDARD = (0, 1, 2)
LONGEST = 1 << 20

SHIM = """#!{python} -SE
import array, json, os, signal, socket, sys
if sys.argv[1:2] in (["serve"], ["worker"]):
    os.execv({command!r}, ["promptuary", *sys.argv[1:]])
asked = {{"cwd": os.getcwd(), "env": dict(os.environ), "argv": sys.argv[1:]}}
with socket.socket(socket.AF_UNIX) as door:
    door.connect({door!r})
    ours = array.array("i", [0, 1, 2])
    right = (socket.SOL_SOCKET, socket.SCM_RIGHTS, ours)
    content = json.dumps(asked).encode()
    door.sendmsg([len(content).to_bytes(4)], [right])
    door.sendall(content)
    code = int.from_bytes(door.recv(4), signed=True)
if code < 0:
    signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)
sys.exit(code)
"""


@contextmanager
def shim(folder: Path) -> Iterator[Path]:
    """A folder to put before the others in PATH: in it is a `promptuary` that is started already.

    What stays, `promptuary serve` and `promptuary worker`, is the installed command as ever.
    """
    door, command = folder / "door", Path(sys.executable).with_name("promptuary")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(door))
        listener.listen(16)
        server = subprocess.Popen(
            [sys.executable, __file__, str(listener.fileno())],
            pass_fds=[listener.fileno()],
            stdin=subprocess.DEVNULL,
        )
    script = folder / "promptuary"
    script.write_text(SHIM.format(python=sys.executable, command=str(command), door=str(door)))
    script.chmod(0o755)
    try:
        yield folder
    finally:
        server.kill()
        server.wait()


def serve(listener: socket.socket) -> NoReturn:
    """Fork for every call; a child of the child runs it, and the child tells how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        caller, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _answer(caller)
            os._exit(0)
        caller.close()


def _answer(caller: socket.socket) -> None:
    size, rights, _, _ = caller.recvmsg(4, socket.CMSG_SPACE(len(STANDARD) * 4))
    if not rights:
        return
    given = array.array("i", rights[0][2])
    content = b""
    while len(content) < int.from_bytes(size):
        content += caller.recv(LONGEST)
    asked = json.loads(content)
    pid = os.fork()
    if pid == 0:
        caller.close()
        for ours, theirs in zip(STANDARD, given, strict=True):
            os.dup2(theirs, ours)
            os.close(theirs)
        _run(asked["argv"], asked["cwd"], asked["env"])
    for each in given:
        os.close(each)  # else whoever reads from the other end waits for us
    ended = os.pidfd_open(pid)
    ready, _, _ = select.select([ended, caller.fileno()], [], [])
    if ended not in ready:
        os.kill(pid, signal.SIGTERM)  # the caller is gone
    _, status = os.waitpid(pid, 0)
    caller.sendall(os.waitstatus_to_exitcode(status).to_bytes(4, signed=True))


def _run(argv: list[str], folder: str, environment: dict[str, str]) -> NoReturn:
    from promptuary.cli import main

    code: str | int | None = 1
    try:
        os.setpgid(0, 0)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        sys.stdin, sys.stdout, sys.stderr = _streams()
        sys.argv = ["promptuary", *argv]
        main()
        code = 0
    except SystemExit as left:
        code = left.code
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else int(code is not None))


def _streams() -> tuple[TextIO, TextIO, TextIO]:
    """What Python makes of the standard descriptors when it starts."""
    said, complained = os.fdopen(1, "w"), os.fdopen(2, "w", 1, errors="backslashreplace")
    return os.fdopen(0), said, complained


def warm() -> None:
    """Import what a command would import; nothing here may start a thread."""
    import promptuary.adapters.caches.sqlite
    import promptuary.adapters.embedders.static
    import promptuary.adapters.indexes.edge
    import promptuary.adapters.moderators.rules
    import promptuary.adapters.units_of_work.sqlite
    import promptuary.blocking
    import promptuary.cli.running  # noqa: F401 - imported for speed
    from promptuary.cli.verbs import VERBS

    for verb in VERBS.values():
        import_module(f"promptuary.cli.{verb.module}")


if __name__ == "__main__":
    warm()
    serve(socket.socket(fileno=int(sys.argv[1])))
