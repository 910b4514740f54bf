"""``make run``: opens the café until Ctrl-C, SIGTERM or the end of the terminal, which are good ends."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

from tools.problem import run_command, say


def main() -> None:
    """Serve, and say when it is over."""
    stop_on_signals()
    with suppress(KeyboardInterrupt):
        # Imported only now: that takes a moment, in which Ctrl-C is as good an end as later.
        from tools.cafe import open_cafe

        open_cafe(os.environ)
    say("Closed.")


def stop_on_signals() -> None:
    """Let each of the three raise KeyboardInterrupt, once: the way out is not interrupted again."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop(*_: object) -> None:
        for sign in signals:
            signal.signal(sign, signal.SIG_IGN)
        raise KeyboardInterrupt

    for sign in signals:
        signal.signal(sign, stop)


if __name__ == "__main__":
    run_command(main)
