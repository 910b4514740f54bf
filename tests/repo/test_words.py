"""Retired words: names and texts use the standard terms of the field. A violation is reported by file and line."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

RETIRED = {
    # retired word: what to write
    "told": "the noun of the value, for example body, problem, output",
    "spelt": "normalised",
    "kept": "stored",
    "noun": "resource or entity",
    "nouns": "resources or entities",
    "thing": "entity, item or the noun itself",
    "things": "entities, items or the noun itself",
    "herd": "cats",
    "shelf": "list",
    "shelves": "lists",
    "facet": "filter index",
    "facets": "filter indexes",
    "door": "login",
    "doors": "logins",
    "walk": "paginate or iterate",
    "walks": "paginates or iterates",
    "walked": "visited",
    "scales": "weights",
    "house": "application",
    "room": "layer",
    "rooms": "layers",
    "settle": "retry, or apply the settings",
    "settled": "stable or configured",
    "leash": "die with the parent process",
    "keeper": "supervisor",
    "leftover": "stale process",
    "dressed": "enriched",
    "sifted": "converted",
    "fleeting": "not cached",
    "seated": "stored session",
    "errand": "to-do",
    "errands": "to-dos",
}
PHRASES = {r"caf[ée] (?:is|was) (?:open|closed)": "the server is running or stopped"}

TEXTS_FOR_VISITORS = (
    # Ordinary English for the visitors of a café: sample data and HTML pages.
    "tools/local/sample/",
    "api/web/templates/",
)
ALLOWED = {
    # file: the retired words that it may contain, with the reason
    "tests/repo/test_words.py": set(RETIRED),  # the list itself
    "api/resources/about.py": {"herd"},  # the index, a text for visitors
    "tests/support/cost_requests.py": {"door"},  # the description of a cat
    "bench/workloads.py": {"door"},  # the description of a cat
}
EXCLUDED = re.compile(r"docs/openapi/\d.*\.json|tests/golden/.*\.json|package-lock\.json|LICENSE|.*\.svg")

STANDARD_LIBRARY = re.compile(r"\b(?:ast|os)\.walk\b")
WORD = re.compile(r"[A-Za-z]+")
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def tracked_files() -> list[str]:
    """Return the paths of the text files in git that the rule applies to."""
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [
        path
        for path in listing.splitlines()
        if not EXCLUDED.fullmatch(path) and not path.startswith(TEXTS_FOR_VISITORS) and (ROOT / path).is_file()
    ]


def find_retired_words(path: str, text: str) -> list[str]:
    """Return a line for each retired word in the text of a file: as a word or as a part of a name."""
    allowed = ALLOWED.get(path, set())
    violations = []
    for number, line in enumerate(text.splitlines(), 1):
        names = WORD.findall(STANDARD_LIBRARY.sub("", line))
        words = {part.lower() for name in names for part in CAMEL.split(name)}
        violations += [
            f"{path}:{number}: {word!r} is retired; write: {RETIRED[word]}"
            for word in sorted(words & RETIRED.keys() - allowed)
        ]
        if path not in ALLOWED:
            violations += [
                f"{path}:{number}: write: {plain}" for pattern, plain in PHRASES.items() if re.search(pattern, line)
            ]
    return violations


def test_no_file_contains_a_retired_word() -> None:
    paths = [path for path in tracked_files() if not path.endswith(".webp")]
    assert len(paths) > 300
    violations = [line for path in paths for line in find_retired_words(path, (ROOT / path).read_text("utf-8"))]
    violations += [line for path in paths for line in find_retired_words(path, path)]
    assert not violations, "\n" + "\n".join(violations)


@pytest.mark.parametrize(
    "text",
    ["def told(): ...", "is_kept = 1", "class NounResource: ...", "# Every thing has a key.", "shelf-by_name",
     "The café is open at http://127.0.0.1:5000.", "toldTwice"],
)  # fmt: skip
def test_retired_word_is_reported_with_its_line(text: str) -> None:
    (violation,) = find_retired_words("api/http/example.py", f"x = 1\n{text}\n")
    assert violation.startswith("api/http/example.py:2: ")


@pytest.mark.parametrize("text", ["something and nothing", "keep, keeps", "mushroom", "indoors", "twofold"])
def test_other_words_are_not_reported(text: str) -> None:
    assert find_retired_words("api/http/example.py", text) == []


def test_no_message_assumes_the_sex_of_a_cat() -> None:
    pronouns = re.compile(r"\b(?:she|her|hers|herself|he|him|his|himself)\b", re.I)
    paths = [path for path in tracked_files() if path.startswith("api/") and path.endswith(".py")]
    assert [path for path in paths if pronouns.search((ROOT / path).read_text("utf-8"))] == []
    assert pronouns.search("She is not known to be neutered.")
