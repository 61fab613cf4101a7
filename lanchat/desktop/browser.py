"""What remains without a toolkit: a browser's window without bars, or a tab in whatever browser there is.

The token must not stand on a command line, which every user of the machine can read. So the browser is given a file
that only its owner can read and that leads to the page.
"""

import html
import os
import subprocess
import webbrowser
from pathlib import Path

_FILE = "open.html"
_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Lanchat</title>'
    '<meta http-equiv="refresh" content="0; url={url}"><p><a href="{url}">Open Lanchat</a>'
)


def lead_to(url: str, data_dir: Path) -> Path:
    """Write the file that leads to `url`, mode 0600, and give its path."""
    path = data_dir / _FILE
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(_PAGE.format(url=html.escape(url)))
    return path


def remove_lead(data_dir: Path) -> None:
    """Remove that file."""
    (data_dir / _FILE).unlink(missing_ok=True)


def open_app(program: str, lead: Path, data_dir: Path, *, root: bool) -> subprocess.Popen[bytes]:
    """Open a Chromium-like browser's window without bars. Its end is the end of the window."""
    arguments = [f"--app={lead.as_uri()}", f"--user-data-dir={data_dir / 'browser'}", "--no-first-run"]
    if root:
        # Chromium refuses to start as root with its sandbox on.
        arguments.append("--no-sandbox")
    return subprocess.Popen(
        [program, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def open_tab(lead: Path) -> bool:
    """Open a tab in the user's browser; False when there is none."""
    return webbrowser.open(lead.as_uri())
