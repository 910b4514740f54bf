"""Error handling of the command-line tools: one sentence and a non-zero exit status, no traceback."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import NoReturn


class CliError(Exception):
    """An error that ends a tool. The message is all that the user sees, so it says what to do."""


def echo(line: str = "") -> None:
    """Print a line and flush, so that it appears at once even in a pipe."""
    print(line, flush=True)


def run_main(main: Callable[[], None]) -> NoReturn:
    """Run the main function of a tool and exit with its status. ``DEBUG=1`` shows the traceback of an error."""
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if os.environ.get("DEBUG"):
            raise
        sys.exit(error_message(error))
    sys.exit(0)


def library_path() -> dict[str, str]:
    """Return LD_LIBRARY_PATH, if it is set, for a child with an environment of its own.

    A Python with a shared library outside of the default folders does not start without this variable.
    """
    return {name: value for name, value in os.environ.items() if name == "LD_LIBRARY_PATH"}


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
    """Return the message for an error."""
    if isinstance(error, CliError):
        return str(error)
    # Imported here: a slow import at the top would delay interrupt_on_signals (see tools/local/__main__.py), and
    # tools.package runs without these packages.
    from botocore import exceptions as aws

    from api.domain.errors import ClowderError
    from api.settings import SettingsError

    match error:
        case SettingsError() | ClowderError():
            return str(error)
        case aws.ClientError():
            details = error.response["Error"]
            return f"AWS refused {error.operation_name}: {details.get('Message') or details.get('Code')}"
        case aws.ConnectionError() | aws.HTTPClientError():
            return f"AWS cannot be reached: {error}"
        case aws.BotoCoreError():
            reason = str(error).rstrip(".")
            return (
                f"There are no AWS credentials ({reason}). Log in, for example with aws sso login, or set AWS_PROFILE."
            )
        case OSError() if error.filename:
            return f"{error.filename}: {error.strerror}."
        case _:
            name = type(error).__name__
            return f"Unexpected error ({name}: {error}). DEBUG=1 shows the traceback. Please report it."
