"""How a tool ends when something is wrong: a clear sentence and a non-zero exit, never a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import NoReturn


class Problem(Exception):
    """What stops a tool. Its text is all that the user gets to read, so it says what to do."""


def say(line: str = "") -> None:
    """Tell the user something, at once even where the output is a pipe."""
    print(line, flush=True)


def run_command(main: Callable[[], None]) -> NoReturn:
    """Run a tool's main function and end the process as it went; ``DEBUG=1`` shows the traceback."""
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if os.environ.get("DEBUG"):
            raise
        sys.exit(explain(error))
    sys.exit(0)


def explain(error: Exception) -> str:
    """Return the sentence that an error is worth."""
    # Imported only now, so that a tool which is stopped while it starts can say so (see tools/run.py).
    from botocore.exceptions import BotoCoreError, ClientError

    from api.domain.errors import ClowderError
    from api.settings import SettingsError

    match error:
        case Problem() | SettingsError() | ClowderError():
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
