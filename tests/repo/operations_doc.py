"""Checks of docs/operations.md. Each check returns the names in the page that do not exist."""

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
QUERY_WORDS = {
    "filter", "fields", "stats", "sort", "limit", "desc", "by", "as", "or", "like", "count", "sum", "max", "pct", "bin",
    "m",
}  # fmt: skip
"""The keywords and functions of CloudWatch Logs Insights."""

Check = Callable[[str], list[str]]


def read_yaml(path: str) -> dict[str, Any]:
    """Return the content of a YAML file of the repository."""
    content: dict[str, Any] = yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))
    return content


def blocks(page: str) -> list[str]:
    """Return the shell blocks."""
    return re.findall(r"```sh\n(.*?)```", page, re.S)


def section(page: str, title: str) -> str:
    """Return a section of the page."""
    return page.split(f"\n## {title}\n")[1].split("\n## ")[0]


def log_fields(page: str) -> list[str]:
    """Return the log fields that the page explains."""
    table = section(page, "The log").split("| field |")[1].split("\n\n")[0]
    return [field for row in re.findall(r"^\| (`[^|]+) \|", table, re.M) for field in re.findall(r"`([^`]+)`", row)]


def access_fields() -> list[str]:
    """Return the fields of the access log of the gateway."""
    return list(json.loads(read_yaml("serverless.yml")["provider"]["logs"]["httpApi"]["format"]))


def alarms() -> set[str]:
    """Return the names of the alarms without the name of the stack."""
    resources = read_yaml("infra/alarms.yml")["Resources"].values()
    definitions = [each for each in resources if each["Type"] == "AWS::CloudWatch::Alarm"]
    return {alarm["Properties"]["AlarmName"]["Fn::Sub"].removeprefix("${AWS::StackName}-") for alarm in definitions}


def syntax_errors(page: str) -> list[str]:
    """Every block is valid shell syntax."""
    results = [subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True) for block in blocks(page)]
    return [result.stderr for result in results if result.returncode]


def targets(page: str) -> list[str]:
    """Every make target and variable exists in the Makefile."""
    existing = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.M))
    code = "\n".join([*blocks(page), *re.findall(r"`[^`\n]+`", page)])
    calls = re.findall(r"\bmake ([a-z][a-z-]+)([^\n#`]*)", code)
    variables = {name for _, rest in calls for name in re.findall(r"(?<!\S)([A-Z][A-Z0-9]+)=", rest)}
    read = set(re.findall(r"\$\((?:value )?([A-Z][A-Z0-9]+)", MAKEFILE))
    return _missing({target for target, _ in calls}, existing) + _missing(variables, read)


def tools(page: str) -> list[str]:
    """Every tool exists and has the options in the page."""
    missing = []
    for tool, arguments in re.findall(r"python -m (tools(?:\.\w+)+)([^\n#]*)", page):
        file = ROOT / f"{tool.replace('.', '/')}.py"
        source = re.sub(r"\(\s+", "(", file.read_text(encoding="utf-8")) if file.exists() else ""
        missing += [] if source else [tool]
        source = source.replace("add_region_option(parser)", 'add_argument("--region"')
        missing += [flag for flag in re.findall(r"--[a-z-]+", arguments) if f'add_argument("{flag}"' not in source]
    return missing


def parameters(page: str) -> list[str]:
    """Every deployment parameter exists in serverless.yml."""
    values = re.findall(r'PARAMS=(?:"([^"]+)"|([^\s`]+))', page)
    names = {pair.split("=")[0] for quoted, bare in values for pair in shlex.split(quoted or bare)}
    # Names in camel case in the text are parameters of a deployment, log fields, or the query parameter.
    names |= set(re.findall(r"`([a-z]+[A-Z]\w+)(?:[=:][^`]*)?`", page)) - {
        *log_fields(page),
        *access_fields(),
        "updatedSince",
    }
    return _missing(names, read_yaml("serverless.yml")["params"]["default"])


def alarm_sections(page: str) -> list[str]:
    """Every alarm has a section, and every section and the table of the log name an existing alarm."""
    sections = re.findall(r"^### `([\w-]+)`$", section(page, "The alarms"), re.M)
    rows = section(page, "The log").split("Where each failure is visible:")[1].splitlines()
    listed = {name for row in rows for name in re.findall(r"`([\w-]+)`", row.rpartition(" | ")[2])}
    return sorted(set(sections) ^ alarms()) + _missing(listed, alarms())


def widgets(page: str) -> list[str]:
    """The page explains every widget of the dashboard, in the same order."""
    body = read_yaml("infra/dashboard.yml")["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"][0]
    existing = re.findall(r'"title": "([^"]+)"', body)
    explained = re.findall(r"^\| `([^`]+)` \|", section(page, "Health check"), re.M)
    return [] if explained == existing else [f"{explained}, not {existing}"]


def outputs(page: str) -> list[str]:
    """Every output exists in the stack."""
    files = [read_yaml(f"infra/{file.name}") or {} for file in (ROOT / "infra").glob("*.yml")]
    existing = {name for file in files for name in file.get("Outputs", {})}
    return _missing(re.findall(r"\$\(output (\w+)\)", page), existing)


def queries(page: str) -> Iterator[tuple[str, bool]]:
    """Yield the log queries, and whether a query reads the access log of the gateway."""
    for query, gateway in re.findall(r"insights '([^']+)'( /aws/http-api)?", page):
        yield query, bool(gateway)


def query_fields(page: str) -> list[str]:
    """Every field in a query exists in the log."""
    missing = []
    for query, gateway in queries(page):
        names = re.findall(r"(?<![@\w])[A-Za-z]\w*", re.sub(r'"[^"]*"', "", query))
        known = {*QUERY_WORDS, *re.findall(r" as (\w+)", query), *(access_fields() if gateway else log_fields(page))}
        missing += _missing(names, known)
    return missing


def log_groups(page: str) -> list[str]:
    """Every log group has the name of a log group of the stack."""
    groups = {"/aws/lambda/$STACK-api", "/aws/lambda/$STACK-photos", "/aws/http-api/$STACK"}
    return _missing(re.findall(r"/aws/[\w/-]+\$STACK(?:-\w+)?", page), groups)


def anchors(page: str) -> list[str]:
    """Every link within the page has a target."""
    titles = re.findall(r"^#+ (.+)$", page, re.M)
    existing = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
    return _missing(re.findall(r"\]\(#([\w-]+)\)", page), existing)


def files(page: str) -> list[str]:
    """Every file exists."""
    names = re.findall(r"`((?:infra|tools|\.github)/[\w./-]+|serverless\.yml)`", page)
    return [name for name in names if not (ROOT / name).exists()]


def _missing(names: Iterable[str], existing: Iterable[str]) -> list[str]:
    return sorted(set(names) - set(existing))
