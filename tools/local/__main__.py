"""``make run``: run the development server until Ctrl-C, SIGTERM or SIGHUP. Each of them ends it with status 0."""

from __future__ import annotations

import os
from contextlib import suppress

from tools.cli import echo, interrupt_on_signals, run_main


def main() -> None:
    """Run the server and report its end."""
    interrupt_on_signals()
    with suppress(KeyboardInterrupt):
        # The import takes a moment. It is here so that Ctrl-C during the import ends with status 0 too.
        from tools.local.server import run_server

        run_server(os.environ)
    echo("Closed.")


if __name__ == "__main__":
    run_main(main)
