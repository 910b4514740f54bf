"""Lends the build this machine's way to the package index. It is mounted while something runs, and not in the image."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CERTIFICATES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
"""The variables that may name the certificates which this machine trusts, the first of them first."""
OPTIONS = ("index-url", "extra-index-url", "trusted-host", "proxy")
"""The options of pip that say where packages come from."""
INSIDE = "/etc/pip.crt"


def mounts(folder: Path) -> list[str]:
    """Return buildah's options that lend the build what this machine needs to install packages.

    Args:
        folder: for files that must be there while buildah runs.
    """
    options = _pip_options()
    lent = []
    bundle = next(filter(None, map(os.environ.get, CERTIFICATES)), "")
    if Path(bundle).is_file():
        options["cert"] = INSIDE
        lent.append(f"{bundle}:{INSIDE}:ro")
    if options:
        config = folder / "pip.conf"
        config.write_text("[global]\n" + "".join(f"{name} = {value}\n" for name, value in options.items()))
        lent.append(f"{config}:/etc/pip.conf:ro")
    return [f"--volume={volume}" for volume in lent]


def _pip_options() -> dict[str, str]:
    """Return what pip is told on this machine, by files or variables, about where packages come from.

    A folder of this machine is not there in the build.
    """
    ask = [sys.executable, "-m", "pip", "config", "list"]
    told = subprocess.run(ask, capture_output=True, text=True, check=True).stdout
    options = {}
    for line in told.splitlines():
        name, _, value = line.partition("=")
        option = name.rpartition(".")[2]
        reachable = [word for word in value.strip("'\"").split() if not word.startswith("file:")]
        if option in OPTIONS and reachable:
            options[option] = " ".join(reachable)
    return options
