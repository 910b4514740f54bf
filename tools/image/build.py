"""Builds the targets of the Dockerfile."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from api import __version__
from tools.cli import CliError
from tools.image.buildah import ISOLATION, buildah, exists
from tools.image.contents import ARCHITECTURES
from tools.package.sources import ASSETS, ROOT, VENDOR

PLATFORMS = {architecture: f"linux/{name}" for name, architecture in ARCHITECTURES.items()}
"""The platforms of buildah, by the architecture of Lambda."""
NO_SOURCE = "unknown"

CERTIFICATES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
"""The variables that can name a file of trusted certificates. The first one that is set is used."""
PIP_OPTIONS = ("index-url", "extra-index-url", "trusted-host", "proxy")
"""The options of pip that say where packages come from."""
MOUNTED_CERTIFICATES = "/etc/pip.crt"


def build(base: str, architecture: str, tag: str, stage: str = "lambda", source: str = NO_SOURCE) -> str:
    """Build an image and return its id, a digest of its content and configuration.

    Args:
        base: the base image.
        architecture: the Lambda architecture of the image and its base.
        tag: the name for the image.
        stage: the target in the Dockerfile, ``lambda`` or ``local``.
        source: the URL of the source code, for a label of the image.

    Raises:
        CliError: the base image cannot be pulled, or the build failed.
    """
    platform = PLATFORMS[architecture]
    _pull(base, platform)
    arguments = {
        "BASE_IMAGE": base,
        "TARGETARCH": platform.rpartition("/")[2],
        "ASSETS": "context" if all((ROOT / VENDOR / name).is_file() for name in ASSETS) else "npm",
        "VERSION": __version__,
        "SOURCE": source,
    }
    with TemporaryDirectory(prefix="clowder-image-") as name:
        id_file = Path(name) / "id"
        options = [*ISOLATION, *mounts(Path(name)), *(f"--build-arg={key}={value}" for key, value in arguments.items())]
        # All timestamps are the epoch and buildah adds no label of its own, so that the image is reproducible.
        options += ["--timestamp=0", "--identity-label=false", f"--platform={platform}", f"--target={stage}"]
        buildah("bud", "--quiet", f"--iidfile={id_file}", f"--tag={tag}", *options, str(ROOT))
        return id_file.read_text(encoding="ascii").strip()


def _pull(base: str, platform: str) -> None:
    """Pull the base image unless it exists on this machine."""
    if exists(base):
        return
    try:
        buildah("pull", "--quiet", f"--platform={platform}", base)
    except CliError:
        raise CliError(
            f"The base image {base} could not be pulled (see above). Without a registry, use "
            "BASE_IMAGE=localhost/clowder-base, which creates a base image on this machine."
        ) from None


def mounts(folder: Path) -> list[str]:
    """Return the options of buildah that mount this machine's pip configuration and certificates during the build.

    The mounted files do not become part of the image.

    Args:
        folder: a folder for files that must exist while buildah runs.
    """
    options = _pip_options()
    volumes = []
    bundle = next(filter(None, map(os.environ.get, CERTIFICATES)), "")
    if Path(bundle).is_file():
        options["cert"] = MOUNTED_CERTIFICATES
        volumes.append(f"{bundle}:{MOUNTED_CERTIFICATES}:ro")
    if options:
        config = folder / "pip.conf"
        config.write_text("[global]\n" + "".join(f"{name} = {value}\n" for name, value in options.items()))
        volumes.append(f"{config}:/etc/pip.conf:ro")
    return [f"--volume={volume}" for volume in volumes]


def _pip_options() -> dict[str, str]:
    """Return the options of this machine's pip that say where packages come from, except local folders."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    options = {}
    for line in output.splitlines():
        name, _, value = line.partition("=")
        option = name.rpartition(".")[2]
        remote = [word for word in value.strip("'\"").split() if not word.startswith("file:")]
        if option in PIP_OPTIONS and remote:
            options[option] = " ".join(remote)
    return options
