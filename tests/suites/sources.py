"""The tests of other packages: from what the registry keeps of a release, or from the repository that it names."""

import importlib.metadata
import re
import subprocess
import sys
import tarfile
from email.parser import Parser
from pathlib import Path

_REPOSITORY = re.compile(r"https?://[^\s/]+/[^\s/]+/[^\s/]+?(?:\.git)?/?")


class NoTests(Exception):
    """A release has no tests, and names no repository that could be had."""


def fetch(distribution: str, folder: Path) -> tuple[Path, str]:
    """Put the tests of a package, of the version that is installed here, into a folder.

    Returns the folder above its `tests`, and in words where it comes from. Raises NoTests.
    """
    version = importlib.metadata.version(distribution)
    release = _release(distribution, version, folder)
    if (release / "tests").is_dir():
        return release, f"the release {version}"
    repository = _repository(release / "PKG-INFO")
    if repository is None:
        raise NoTests(f"The release {version} of {distribution} has no tests and names no repository.")
    return _clone(repository, version, folder / "repository")


def _release(distribution: str, version: str, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps"]
    options = ["--no-binary", ":all:", "--dest", str(folder), f"{distribution}=={version}"]
    subprocess.run([*command, *options], check=True)
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz")


def _repository(about: Path) -> str | None:
    headers = Parser().parsestr(about.read_text("utf-8"))
    named = [each.partition(",") for each in headers.get_all("Project-URL", ())]
    addresses = [url.strip() for name, _, url in named if name.lower() in ("repository", "source", "homepage")]
    found = [url for url in (*addresses, headers.get("Home-page", "")) if _REPOSITORY.fullmatch(url)]
    return found[0].rstrip("/") if found else None


def _clone(repository: str, version: str, folder: Path) -> tuple[Path, str]:
    clone = ["git", "clone", "-q", "--depth", "1", "-c", "advice.detachedHead=false"]
    for tag in (version, f"v{version}"):
        tagged = [*clone, "--branch", tag, repository, str(folder)]
        if subprocess.run(tagged, stderr=subprocess.DEVNULL, check=False).returncode == 0:
            return folder, f"the repository at {tag}"
    if subprocess.run([*clone, repository, str(folder)], check=False).returncode != 0:
        raise NoTests(f"{repository} cannot be had.")
    return folder, f"the repository as it is, which has no tag for {version}"
