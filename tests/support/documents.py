"""Read and run the examples of a document."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

SHELLS = {
    # Interactive, as if the examples were pasted: zsh then knows no comments, and no line is skipped after an error.
    "bash": ["bash", "--norc", "-i"],
    "zsh": ["zsh", "-f", "-i", "-o", "no_prompt_sp", "-o", "no_prompt_cr"],
}
SEPARATOR = "\x1e"


@dataclass(frozen=True)
class Example:
    """A code block of a document."""

    language: str
    code: str
    response: str | None
    """The JSON, HTTP or text that follows the code as the response."""


def read_section(document: Path, heading: str) -> str:
    """Return the text under a heading, with the sections below it."""
    text = document.read_text(encoding="utf-8")
    (rest,) = text.split(f"\n{heading}\n")[1:]
    # A line of code can look like a heading, so code is skipped.
    headings = re.finditer(rf"^```.*?^```$|^(?P<heading>#{{1,{heading.count('#')}}} )", rest, re.M | re.S)
    return rest[: next((match.start() for match in headings if match["heading"]), None)]


def find_examples(text: str) -> list[Example]:
    """Return the code blocks of a text. A block of json, http or text is the response of the block before it."""
    examples: list[Example] = []
    for language, code in re.findall(r"^```(\w+)\n(.*?)^```$", text, re.M | re.S):
        if language not in ("json", "http", "text"):
            examples.append(Example(language, code, None))
        elif examples and examples[-1].response is None:
            examples[-1] = Example(examples[-1].language, examples[-1].code, code)
        else:
            raise AssertionError(f"This response follows no command:\n{code}")
    return examples


def require_program(name: str) -> None:
    """Skip the test if a program is missing; in CI the test fails."""
    if shutil.which(name) is None:
        message = f"This test needs {name}: apt-get install {name}"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)


def run_in_shell(shell: str, script: str, folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Type a script into an interactive shell, which stops after the first command that fails."""
    require_program(shell)
    return subprocess.run(
        SHELLS[shell],
        input=f"set -eu -o pipefail\n{script}",
        cwd=folder,
        env=os.environ | {"PS1": "", "PS2": "", "HISTFILE": ""} | environ,
        capture_output=True,
        text=True,
        timeout=120,
    )


def assert_response(expected: str, output: str) -> None:
    """Compare an output with a response of a document, in which ``...`` marks what is left out.

    White space does not count.
    """
    pattern = re.escape("".join(expected.split())).replace(r"\.\.\.", ".*")
    assert re.fullmatch(pattern, "".join(output.split()), re.S), f"Documented:\n{expected}\nReal:\n{output}"
