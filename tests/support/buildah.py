"""Builds the targets of the Dockerfile with buildah, which needs no daemon and no container engine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from ssl import get_default_verify_paths
from tempfile import TemporaryDirectory
from typing import Any

from tools.package.sources import ROOT

# Needs no user namespaces and no container runtime, so that it works inside a container.
ISOLATION = ("--isolation", "chroot")
ASSETS = (ROOT / "node_modules").resolve()
"""The folder with Swagger UI, which replaces the stage that needs an image of Node."""
OPTIONS = ("--timestamp=0", "--identity-label=false")
"""Buildah's options for a reproducible image: all times are the epoch, and no label has the version of buildah."""
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
"""The trusted certificates of Debian, which pip uses. With ``UV``, uv uses them too."""
UV = ("/etc/uv/uv.toml", "system-certs = true\n")
"""The path and the content of the configuration of uv."""


def buildah(*arguments: str) -> str:
    """Run a command of buildah and return its output."""
    command = ["buildah", *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=sys.stderr, text=True, check=True).stdout.strip()


def exists(image: str) -> bool:
    """Return whether the image exists on this machine."""
    return bool(buildah("images", "--quiet", "--filter", f"reference={image}"))


def build(base: str, tag: str, stage: str) -> None:
    """Build a target of the Dockerfile without a cache, with the Swagger UI and the certificates of this machine.

    Args:
        base: the base image.
        tag: the name for the image.
        stage: the target in the Dockerfile, ``lambda`` or ``local``.
    """
    arguments = [f"--build-arg=BASE_IMAGE={base}", f"--build-context=assets={ASSETS}", f"--target={stage}"]
    with TemporaryDirectory(prefix="clowder-image-") as folder:
        buildah("bud", "--quiet", *ISOLATION, *OPTIONS, *_mounts(Path(folder)), *arguments, f"--tag={tag}", str(ROOT))


def _mounts(folder: Path) -> list[str]:
    """Return the options that mount the certificates of this machine. The mounted files are not part of the image.

    Args:
        folder: a folder for files that must exist while buildah runs.
    """
    (configuration := folder / "uv.toml").write_text(UV[1])
    return [f"--volume={get_default_verify_paths().cafile}:{BUNDLE}:ro", f"--volume={configuration}:{UV[0]}:ro"]


def inspect(image: str) -> dict[str, Any]:
    """Return the OCI configuration of an image (https://github.com/opencontainers/image-spec)."""
    configuration: dict[str, Any] = json.loads(buildah("inspect", "--type=image", image))["OCIv1"]
    return configuration
