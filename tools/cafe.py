"""Opens the café on this machine, with a database of its own, and closes it in the opposite order."""

from __future__ import annotations

import os
import secrets
import shlex
from collections.abc import Mapping
from contextlib import ExitStack

from api.app import create_app
from api.store.client import open_table
from tools.engine import Engine
from tools.first_start import OWNER, first_start
from tools.keeper import Keeper
from tools.local import Folder, Running, local_settings
from tools.problem import say
from tools.serve import listen, read_address, serve, url_of


def open_cafe(environ: Mapping[str, str]) -> None:
    """Start all that there is, from the database to the server, and serve until KeyboardInterrupt."""
    host, port = read_address(environ)
    folder = Folder.of(environ)
    folder.claim()
    with listen(host, port) as listener, ExitStack() as started:
        elsewhere = environ.get("DYNAMODB_URL")
        engine = None if elsewhere else started.enter_context(_own_engine(folder))
        dynamodb_url = engine.url if engine else str(elsewhere)
        cursor_key = folder.secret(folder.cursor_key, lambda: secrets.token_urlsafe(48))
        settings = local_settings(environ, cursor_key, dynamodb_url)
        table = open_table(settings)
        url = url_of(listener)

        def note() -> None:
            pid = engine.process.pid if engine else None
            folder.note(Running(os.getpid(), url, pid, dynamodb_url, table.name, settings.region))

        note()
        started.callback(folder.forget)
        if engine:
            started.enter_context(Keeper(engine, restarted=note))
        app = create_app(settings, table)
        password = first_start(settings, table, folder, elsewhere or "engine")
        say(_welcome(url, folder, environ, password))
        serve(app, listener)


def _own_engine(folder: Folder) -> Engine:
    folder.end_leftover()
    return Engine(folder.database)


def _welcome(url: str, folder: Folder, environ: Mapping[str, str], password: str | None) -> str:
    where = f"DATA_DIR={shlex.quote(environ['DATA_DIR'])} " if environ.get("DATA_DIR") else ""
    owner = f"""
The owner's account is new: username {OWNER}, password {password}
It is kept in {folder.password} and not shown again.
"""
    return f"""{owner if password else ""}
The café is open at {url}   (Ctrl-C closes it)

Try, in another terminal:
  curl '{url}/cats?goodWith.children=yes&limit=3'
  curl {url}/cats/luna
  curl -H 'Accept: text/plain' {url}/pies
As staff (ROLE can be member, staff or owner):
  TOKEN=$({where}ROLE=staff make -s token)
  curl -H "Authorization: Bearer $TOKEN" '{url}/todos/next?explain=true'
  curl -H "Authorization: Bearer $TOKEN" -d name=pixel {url}/cats
In a browser: {url}/ and, as the owner, {url}/login
To read and to try: {url}/docs
"""
