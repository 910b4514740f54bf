"""What a local café keeps in its data folder: the database, its secrets, and a note of what runs there."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from api.settings import Settings, read_settings
from tools.cli import CliError
from tools.local.processes import command_line, terminate_stale

ROOT = Path(__file__).resolve().parents[2]
RUNNER = "tools.local"
"""What the command line of a process that serves mentions."""

_DEFAULTS = {"TABLE_NAME": "clowder", "STAGE": "local"}


@dataclass(frozen=True)
class RunInfo:
    """A café that serves now."""

    pid: int
    url: str
    engine_pid: int | None
    """None where another DynamoDB is used."""
    dynamodb_url: str
    table_name: str
    region: str


class DataDir:
    """The data folder. Only its user may look into it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.database = path / "clowder.db"
        self.cursor_key = path / "cursor.key"
        self.password = path / "owner.password"
        self.unfinished = path / "first-start"
        """Stands there while a first start is not finished."""
        self._running = path / "run.json"
        self._lock: int | None = None

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> DataDir:
        """Return the folder that DATA_DIR names; .data beside the sources if it does not."""
        return cls(Path(environ.get("DATA_DIR") or ROOT / ".data").resolve())

    def lock(self) -> None:
        """Make the folder if need be, and hold it alone until this process ends."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise CliError(
                f"The data folder {self.path} cannot be written ({error.strerror}). DATA_DIR chooses another one."
            ) from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            running = self.run_info()
            where = f" at {running.url} (process {running.pid})" if running else ""
            raise CliError(f"The café of {self.path} is open already{where}. Stop it first.") from None

    def secret_file(self, path: Path, make: Callable[[], str]) -> str:
        """Return a secret that is kept in a file of the folder, made when it is first asked for."""
        if not path.exists():
            _write(path, make())
        return path.read_text(encoding="utf-8").strip()

    def write_run_info(self, running: RunInfo) -> None:
        """Write down what runs, for the other tools and for the next start."""
        _write(self._running, json.dumps(asdict(running), indent=2))

    def remove_run_info(self) -> None:
        """Take the note away."""
        self._running.unlink(missing_ok=True)

    def run_info(self) -> RunInfo | None:
        """Return what serves from this folder now, if anything does."""
        noted = self._noted()
        return noted if noted and RUNNER in command_line(noted.pid) else None

    def terminate_stale(self) -> None:
        """End the engine of an earlier start that could not do it itself: two engines would fight for the file."""
        noted = self._noted()
        if noted and noted.engine_pid:
            terminate_stale(noted.engine_pid, str(self.database))

    def _noted(self) -> RunInfo | None:
        try:
            return RunInfo(**json.loads(self._running.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None


def _write(path: Path, text: str) -> None:
    """Write a file that only its user may read, whole or not at all."""
    fresh = path.with_name(f"{path.name}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(f"{text}\n")
    fresh.replace(path)


def local_settings(environ: Mapping[str, str], cursor_key: str, dynamodb_url: str) -> Settings:
    """Return the settings of a local café: the environment's, with defaults for what the cloud would give."""
    told = {name: value for name, value in environ.items() if value}
    return read_settings({**_DEFAULTS, "CURSOR_KEY": cursor_key, **told, "DYNAMODB_URL": dynamodb_url})
