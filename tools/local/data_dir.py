"""The data directory of the development server: the database, the secrets, and the file that describes the server."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from api.settings import Settings, read_settings
from tools.cli import CliError

ROOT = Path(__file__).resolve().parents[2]
SERVER_MODULE = "tools.local"
"""Identifies a server process by its command line."""
TERMINATE_SECONDS = 3.0
POLL_SECONDS = 0.02

_DEFAULTS = {"TABLE_NAME": "clowder", "STAGE": "local"}


@dataclass(frozen=True)
class RunInfo:
    """The description of a running server, stored in ``run.json``."""

    pid: int
    url: str
    engine_pid: int | None
    """The process of the emulator; None if the server uses another DynamoDB."""
    dynamodb_url: str
    table_name: str
    region: str


class DataDir:
    """The data directory. Only its owner can read it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.database = path / "clowder.db"
        self.cursor_key = path / "cursor.key"
        self.password = path / "owner.password"
        self.photos = path / "photos"
        self.unfinished = path / "first-start"
        """Exists while a first start has not finished."""
        self._run_file = path / "run.json"

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> DataDir:
        """Return the directory of the variable DATA_DIR, by default ``.data`` in the repository."""
        return cls(Path(environ.get("DATA_DIR") or ROOT / ".data").resolve())

    def lock(self) -> None:
        """Create the directory if it does not exist, and lock it until this process ends."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise CliError(
                f"The data directory {self.path} is not writable ({error.strerror}). Set DATA_DIR to another directory."
            ) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            running = self.run_info()
            where = f" at {running.url} (process {running.pid})" if running else ""
            raise CliError(f"A server already uses the data directory {self.path}{where}. Stop it first.") from None

    def secret_file(self, path: Path, size: int) -> str:
        """Return the secret in a file of the directory. Create it from random bytes if the file does not exist."""
        if not path.exists():
            _write(path, secrets.token_urlsafe(size))
        return path.read_text(encoding="utf-8").strip()

    def write_run_info(self, running: RunInfo) -> None:
        """Store the description of the server for the other tools and for the next start."""
        _write(self._run_file, json.dumps(asdict(running), indent=2))

    def remove_run_info(self) -> None:
        """Delete the description of the server."""
        self._run_file.unlink(missing_ok=True)

    def run_info(self) -> RunInfo | None:
        """Return the description of the server if it is running."""
        stored = self._stored_run_info()
        return stored if stored and SERVER_MODULE in _command_line(stored.pid) else None

    def require_run_info(self) -> RunInfo:
        """Return the description of the running server.

        Raises:
            CliError: the server is not running.
        """
        running = self.run_info()
        if running is None:
            raise CliError("The server is not running: start it with make run.")
        return running

    def settings_of(self, running: RunInfo, environ: Mapping[str, str]) -> Settings:
        """Return settings for the table of the running server."""
        table = {"TABLE_NAME": running.table_name, "AWS_REGION": running.region}
        cursor_key = self.cursor_key.read_text(encoding="utf-8").strip()
        return local_settings({**environ, **table}, cursor_key, running.dynamodb_url)

    def terminate_stale(self) -> None:
        """Terminate an emulator that outlived its server: two emulators must not share a database file."""
        stored = self._stored_run_info()
        if stored and stored.engine_pid:
            _terminate(stored.engine_pid, str(self.database))

    def _stored_run_info(self) -> RunInfo | None:
        try:
            return RunInfo(**json.loads(self._run_file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None


def _write(path: Path, text: str) -> None:
    """Replace a file atomically. Only its owner can read it."""
    temporary = path.with_name(f"{path.name}.new")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(f"{text}\n")
    temporary.replace(path)


def _command_line(pid: int) -> str:
    """Return the command line of a process, or an empty string if it cannot be read."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        pass
    try:
        ps = subprocess.run(
            ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return ps.stdout.strip()


def _terminate(pid: int, argument: str) -> None:
    """Terminate a process whose command line contains the argument. Another process may have the id by now."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + TERMINATE_SECONDS
        if argument not in _command_line(pid):
            return
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        while argument in _command_line(pid) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)


def local_settings(environ: Mapping[str, str], cursor_key: str, dynamodb_url: str) -> Settings:
    """Return the settings from the environment, with defaults for the values that a deployment sets."""
    variables = {name: value for name, value in environ.items() if value}
    return read_settings({**_DEFAULTS, "CURSOR_KEY": cursor_key, **variables, "DYNAMODB_URL": dynamodb_url})
