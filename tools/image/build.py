"""Builds the targets of the Dockerfile."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from api import __version__
from tools.cli import CliError
from tools.image.buildah import ISOLATION, buildah, exists
from tools.image.contents import ARCHITECTURES
from tools.image.mounts import mounts
from tools.package.sources import ASSETS, ROOT, VENDOR

PLATFORMS = {ours: f"linux/{theirs}" for theirs, ours in ARCHITECTURES.items()}
"""Lambda's architectures, as buildah calls them."""
NO_SOURCE = "unknown"


def build(base: str, architecture: str, tag: str, stage: str = "lambda", source: str = NO_SOURCE) -> str:
    """Build an image and return its id: a digest of all that it holds and says.

    Args:
        base: the image to build on.
        architecture: as Lambda calls it; of the image and of its base.
        tag: the name that it gets.
        stage: the Dockerfile's target, ``lambda`` or ``local``.
        source: the URL of the sources, for the image's label.

    Raises:
        CliError: there is no such base, or buildah cannot build on it.
    """
    platform = PLATFORMS[architecture]
    _fetch(base, platform)
    told = {
        "BASE_IMAGE": base,
        "TARGETARCH": platform.rpartition("/")[2],
        "ASSETS": "context" if all((ROOT / VENDOR / name).is_file() for name in ASSETS) else "npm",
        "VERSION": __version__,
        "SOURCE": source,
    }
    with TemporaryDirectory(prefix="clowder-image-") as name:
        note = Path(name) / "id"
        options = [*ISOLATION, *mounts(Path(name)), *(f"--build-arg={key}={value}" for key, value in told.items())]
        # All times are the epoch, and buildah does not sign: an image is the same whenever and wherever it is built.
        options += ["--timestamp=0", "--identity-label=false", f"--platform={platform}", f"--target={stage}"]
        buildah("bud", "--quiet", f"--iidfile={note}", f"--tag={tag}", *options, str(ROOT))
        return note.read_text(encoding="ascii").strip()


def _fetch(base: str, platform: str) -> None:
    """Have the base image here before anything is built."""
    if exists(base):
        return
    try:
        buildah("pull", "--quiet", f"--platform={platform}", base)
    except CliError:
        raise CliError(
            f"The base image {base} cannot be fetched (see above). Where there is no registry, "
            "BASE_IMAGE=localhost/clowder-base makes a base on this machine."
        ) from None
