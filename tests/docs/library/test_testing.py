"""docs/library/testing.md: what it prints are tests, and pytest runs them."""

import subprocess
import sys

from tests.docs.tutorial import Tutorial


def test_the_tests_of_the_page_pass(book: Tutorial) -> None:
    assert all((book.folder / f"{name}.py").exists() for name in ("chat", "test_chat"))
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-o",
        "asyncio_mode=auto",
        "-p",
        "no:cacheprovider",
        "test_chat.py",
    ]
    done = subprocess.run(command, cwd=book.folder, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout
