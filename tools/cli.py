"""How a tool ends when something is wrong: a clear sentence and a non-zero exit, never a traceback."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import NoReturn


class CliError(Exception):
    """What stops a tool. Its text is all that the user gets to read, so it says what to do."""


def echo(line: str = "") -> None:
    """Tell the user something, at once even where the output is a pipe."""
    print(line, flush=True)


def run_main(main: Callable[[], None]) -> NoReturn:
    """Run a tool's main function and end the process as it went; ``DEBUG=1`` shows the traceback."""
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if os.environ.get("DEBUG"):
            raise
        sys.exit(error_message(error))
    sys.exit(0)


def interrupt_on_signals() -> None:
    """Raise KeyboardInterrupt on the first SIGINT, SIGTERM or SIGHUP, and ignore the later ones."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop(*_: object) -> None:
        for sign in signals:
            signal.signal(sign, signal.SIG_IGN)
        raise KeyboardInterrupt

    for sign in signals:
        signal.signal(sign, stop)


def error_message(error: Exception) -> str:
    """Return the sentence that an error is worth."""
    # Imported only now, so that a tool which is stopped while it starts can say so (see tools/local/__main__.py).
    from botocore.exceptions import BotoCoreError, ClientError

    from api.domain.errors import ClowderError
    from api.settings import SettingsError

    match error:
        case CliError() | SettingsError() | ClowderError():
            return str(error)
        case ClientError():
            told = error.response["Error"]
            return f"AWS refused {error.operation_name}: {told.get('Message') or told.get('Code')}"
        case BotoCoreError():
            return f"AWS cannot be reached: {error}"
        case OSError() if error.filename:
            return f"{error.filename}: {error.strerror}."
        case _:
            name = type(error).__name__
            return f"Something unexpected went wrong ({name}: {error}). DEBUG=1 shows where; please report it."
