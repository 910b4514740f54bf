"""``make run``: run the development server until Ctrl-C, SIGTERM or SIGHUP, then exit with status 0."""

from __future__ import annotations

import os
from contextlib import suppress

from tools.cli import echo, interrupt_on_signals, run_main


def main() -> None:
    """Run the server and report its end."""
    interrupt_on_signals()
    with suppress(KeyboardInterrupt):
        # The import is slow. It is here so that Ctrl-C during the import also exits with status 0.
        from tools.local.server import run_server

        run_server(os.environ)
    echo("The server has stopped.")


if __name__ == "__main__":
    run_main(main)
