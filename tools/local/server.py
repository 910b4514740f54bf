"""The development server of ``make run``: the API on waitress, with a DynamoDB emulator of its own."""

from __future__ import annotations

import errno
import os
import shlex
import signal
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path

from api.app import create_app
from api.context import Dependencies
from api.settings import Settings
from api.store.client import open_table
from api.store.table import Table
from tools.cli import CliError, echo
from tools.local.bootstrap import EMULATOR_DATABASE, OWNER, bootstrap
from tools.local.data_dir import DataDir, RunInfo, local_settings
from tools.local.database_proxy import start_database_proxy
from tools.local.dynamodb import DynamoDBEmulator, random_loopback_address
from tools.local.photos import FolderBucket, PhotoProcessing, UploadForms, Wsgi
from tools.local.waitress_server import make_server, url_of

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 5000
BACKLOG = 128
CURSOR_KEY_BYTES = 48


def run_server(environ: Mapping[str, str]) -> None:
    """Start the emulator and the API, and serve until KeyboardInterrupt.

    Raises:
        CliError: the server cannot start, or the emulator ended.
    """
    host, port = read_address(environ)
    data_dir = DataDir.of(environ)
    data_dir.lock()
    with listen(host, port) as listener, ExitStack() as stack:
        external_url = environ.get("DYNAMODB_URL")
        emulator = None
        if not external_url:
            data_dir.terminate_stale()
            emulator = stack.enter_context(DynamoDBEmulator(data_dir.database, host=random_loopback_address()))
            stack.enter_context(_stop_with(emulator))
        dynamodb_url = emulator.url if emulator else str(external_url)
        tools_url = start_database_proxy(dynamodb_url, random_loopback_address()) if emulator else dynamodb_url
        cursor_key = data_dir.secret_file(data_dir.cursor_key, CURSOR_KEY_BYTES)
        settings = local_settings(environ, cursor_key, dynamodb_url)
        table = open_table(settings)
        url = url_of(listener)
        pid = emulator.process.pid if emulator else None
        data_dir.write_run_info(RunInfo(os.getpid(), url, pid, tools_url, table.name, settings.region))
        stack.callback(data_dir.remove_run_info)
        password = bootstrap(settings, table, data_dir, external_url or EMULATOR_DATABASE)
        app = _app_with_photos(settings, table, data_dir.photos)
        echo(_welcome_text(url, data_dir, environ, password))
        # It returns after Ctrl-C, when the requests in progress are completed.
        make_server(app, listener).run()


def _app_with_photos(settings: Settings, table: Table, folder: Path) -> Wsgi:
    """Return the application with its bucket in a folder. Finish the photos that an earlier process did not."""
    open_bucket = cache(lambda: FolderBucket(folder, settings.region, settings.cursor_key))
    processing = PhotoProcessing(Dependencies(settings, table, open_bucket=open_bucket))
    app = create_app(settings, table, open_bucket=open_bucket)
    processing.resume(folder)
    return UploadForms(app, open_bucket, settings.cursor_key, processing.process)


@contextmanager
def _stop_with(emulator: DynamoDBEmulator) -> Iterator[None]:
    """Stop the server when the emulator ends.

    Raises:
        CliError: the emulator ended before the server did.
    """
    closing = threading.Event()

    def watch() -> None:
        emulator.process.wait()
        if not closing.is_set():
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        closing.set()
    if (status := emulator.process.poll()) is not None:
        raise CliError(f"The DynamoDB emulator ended with status {status}; see {emulator.log} and run make run again.")


def _welcome_text(url: str, data_dir: DataDir, environ: Mapping[str, str], password: str | None) -> str:
    variable = f"DATA_DIR={shlex.quote(environ['DATA_DIR'])} " if environ.get("DATA_DIR") else ""
    owner = f"""
The owner's account was created: username {OWNER}, password {password}
The password is stored in {data_dir.password} and is not printed again.
"""
    return f"""{owner if password else ""}
The server is running at {url}   (Ctrl-C stops it)

Try these commands in another terminal:
  curl '{url}/cats?goodWith.children=yes&limit=3'
  curl {url}/cats/luna
  curl -H 'Accept: text/plain' {url}/pies
With a token of the staff (ROLE is member, staff or owner):
  TOKEN=$({variable}ROLE=staff make -s token)
  curl -H "Authorization: Bearer $TOKEN" '{url}/todos/next?explain=true'
  curl -H "Authorization: Bearer $TOKEN" -d name=pixel {url}/cats
In a browser: {url}/, and {url}/login to log in as the owner
API documentation: {url}/docs
"""


def read_address(environ: Mapping[str, str]) -> tuple[str, int]:
    """Return the host and the port of the environment variables HOST and PORT."""
    port = environ.get("PORT") or str(DEFAULT_PORT)
    if not (port.isascii() and port.isdigit() and int(port) <= 65535):
        raise CliError(f"PORT={port} is not a port: use a number from 0 (any free port) to 65535.")
    return environ.get("HOST") or DEFAULT_HOST, int(port)


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket. Connections wait in its backlog until the server accepts them."""
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise CliError(_not_an_address(host)) from None
    # IPv4 first, because localhost usually means 127.0.0.1.
    family, kind, _, _, address = min(addresses, key=lambda entry: entry[0] != socket.AF_INET)
    listener = socket.socket(family, kind)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise CliError(_bind_error(error, host, port)) from None
    return listener


def _not_an_address(host: str) -> str:
    return f"HOST={host} is not an address of this machine: use 127.0.0.1 or 0.0.0.0."


def _bind_error(error: OSError, host: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"Port {port} on {host} is in use. Choose another one, for example: PORT=8080 make run"
        case errno.EADDRNOTAVAIL:
            return _not_an_address(host)
        case errno.EACCES | errno.EPERM:
            return f"This user may not listen on port {port}. Choose another one, for example: PORT=8080 make run"
        case _:
            return f"Cannot listen on {host}, port {port}: {error.strerror}."
