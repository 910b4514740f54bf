"""Finds what docs/operations.md names and what is not there: one function for each kind of name."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "operations.md"
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
OF_OSLS = {"HttpApiUrl"}
"""Outputs that osls adds."""
LANGUAGE = {
    "filter", "fields", "stats", "sort", "limit", "desc", "by", "as", "or", "count", "sum", "max", "pct", "bin", "m",
}  # fmt: skip
"""What belongs to the language of CloudWatch Logs Insights."""

Check = Callable[[str], list[str]]


def read_yaml(path: str) -> dict[str, Any]:
    """Return what is in a file of the repository."""
    told: dict[str, Any] = yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))
    return told


def blocks(page: str) -> list[str]:
    """Return what is to be pasted."""
    return re.findall(r"```sh\n(.*?)```", page, re.S)


def section(page: str, title: str) -> str:
    """Return a section of the page."""
    return page.split(f"\n## {title}\n")[1].split("\n## ")[0]


def log_fields(page: str) -> list[str]:
    """Return the fields of the log that the page explains."""
    table = section(page, "The log").split("| field |")[1].split("\n\n")[0]
    return [field for row in re.findall(r"^\| (`[^|]+) \|", table, re.M) for field in re.findall(r"`([^`]+)`", row)]


def access_fields() -> list[str]:
    """Return the fields of the gateway's log."""
    return list(json.loads(read_yaml("serverless.yml")["provider"]["logs"]["httpApi"]["format"]))


def alarms() -> set[str]:
    """Return the names of the alarms, without the stack's."""
    resources = read_yaml("infra/alarms.yml")["Resources"].values()
    told = [one["Properties"]["AlarmName"]["Fn::Sub"] for one in resources if one["Type"] == "AWS::CloudWatch::Alarm"]
    return {name.removeprefix("${AWS::StackName}-") for name in told}


def unreadable(page: str) -> list[str]:
    """Every block can be pasted into a shell."""
    done = [subprocess.run(["bash", "-n"], input=one, capture_output=True, text=True) for one in blocks(page)]
    return [one.stderr for one in done if one.returncode]


def targets(page: str) -> list[str]:
    """Every target is one of the Makefile, and every variable given to it is read there."""
    there = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.M))
    code = "\n".join([*blocks(page), *re.findall(r"`[^`\n]+`", page)])
    calls = re.findall(r"\bmake ([a-z][a-z-]+)([^\n#`]*)", code)
    variables = {name for _, told in calls for name in re.findall(r"(?<!\S)([A-Z][A-Z0-9]+)=", told)}
    read = set(re.findall(r"\$\((?:value )?([A-Z][A-Z0-9]+)", MAKEFILE))
    return _missing({target for target, _ in calls}, there) + _missing(variables, read)


def tools(page: str) -> list[str]:
    """Every tool is there, and takes what it is told."""
    found = []
    for tool, arguments in re.findall(r"python -m (tools(?:\.\w+)+)([^\n#]*)", page):
        file = ROOT / f"{tool.replace('.', '/')}.py"
        source = re.sub(r"\(\s+", "(", file.read_text(encoding="utf-8")) if file.exists() else ""
        found += [] if source else [tool]
        found += [f for f in re.findall(r"--[a-z-]+", arguments) if f'add_argument("{f}"' not in source]
    return found


def parameters(page: str) -> list[str]:
    """Every parameter of a deployment is one of serverless.yml's."""
    given = re.findall(r'PARAMS=(?:"([^"]+)"|([^\s`]+))', page)
    names = {pair.split("=")[0] for quoted, bare in given for pair in shlex.split(quoted or bare)}
    # What is written like one in the text, and is no field of a log.
    names |= set(re.findall(r"`([a-z]+[A-Z]\w+)(?:[=:][^`]*)?`", page)) - {*log_fields(page), *access_fields()}
    return _missing(names, read_yaml("serverless.yml")["params"]["default"])


def paragraphs(page: str) -> list[str]:
    """Every alarm has its part, and every part its alarm; so has the table of who sees what."""
    told = re.findall(r"^### `([\w-]+)`$", section(page, "The alarms"), re.M)
    rows = section(page, "The log").split("Where each failure is visible:")[1].splitlines()
    seen = {name for row in rows for name in re.findall(r"`([\w-]+)`", row.rpartition(" | ")[2])}
    return sorted(set(told) ^ alarms()) + _missing(seen, alarms())


def widgets(page: str) -> list[str]:
    """Every widget of the dashboard is explained, in their order."""
    body = read_yaml("infra/dashboard.yml")["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"][0]
    there = re.findall(r'"title": "([^"]+)"', body)
    told = re.findall(r"^\| `([^`]+)` \|", section(page, "Health check"), re.M)
    return [] if told == there else [f"{told}, not {there}"]


def outputs(page: str) -> list[str]:
    """Every output is one of the stack's."""
    files = [read_yaml(f"infra/{file.name}") or {} for file in (ROOT / "infra").glob("*.yml")]
    there = {name for file in files for name in file.get("Outputs", {})}
    return _missing(re.findall(r"\$\(output (\w+)\)", page), there | OF_OSLS)


def queries(page: str) -> Iterator[tuple[str, bool]]:
    """Yield the questions to the logs, and whether it is the gateway's that is asked."""
    for query, gateway in re.findall(r"insights '([^']+)'( /aws/http-api)?", page):
        yield query, bool(gateway)


def asked(page: str) -> list[str]:
    """Every query asks for fields that the log has."""
    found = []
    for query, gateway in queries(page):
        names = re.findall(r"(?<![@\w])[A-Za-z]\w*", re.sub(r'"[^"]*"', "", query))
        known = {*LANGUAGE, *re.findall(r" as (\w+)", query), *(access_fields() if gateway else log_fields(page))}
        found += _missing(names, known)
    return found


def logs(page: str) -> list[str]:
    """Every log is called as the stack calls it: the function's by its name, the gateway's by the stack's."""
    return _missing(
        re.findall(r"/aws/[\w/-]+\$STACK(?:-\w+)?", page), {"/aws/lambda/$STACK-api", "/aws/http-api/$STACK"}
    )


def anchors(page: str) -> list[str]:
    """Every link within the page leads somewhere."""
    titles = re.findall(r"^#+ (.+)$", page, re.M)
    there = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
    return _missing(re.findall(r"\]\(#([\w-]+)\)", page), there)


def files(page: str) -> list[str]:
    """Every file that is named is there."""
    told = re.findall(r"`((?:infra|tools|\.github)/[\w./-]+|serverless\.yml)`", page)
    return [name for name in told if not (ROOT / name).exists()]


def _missing(told: Iterable[str], there: Iterable[str]) -> list[str]:
    return sorted(set(told) - set(there))
