import stat
from pathlib import Path

import pytest

from lanchat.desktop import browser
from tests.support.conditions import wait_until

URL = "http://127.0.0.1:1/?room=a&b#t=secret"


def stand_in(path: Path, script: str) -> str:
    """Make a program that stands in for a browser."""
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_the_file_that_leads_to_the_page_is_the_owners_alone(tmp_path: Path) -> None:
    path = browser.lead_to(URL, tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert 'href="http://127.0.0.1:1/?room=a&amp;b#t=secret"' in path.read_text("utf-8")
    browser.remove_lead(tmp_path)
    browser.remove_lead(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_others_could_read_is_replaced(tmp_path: Path) -> None:
    old = tmp_path / "open.html"
    old.write_text("old")
    old.chmod(0o644)
    path = browser.lead_to(URL, tmp_path)
    assert path == old
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("root", [True, False])
def test_the_token_is_on_no_command_line(tmp_path: Path, root: bool) -> None:
    program = stand_in(tmp_path / "chromium", f'printf "%s\\n" "$@" > "{tmp_path}/arguments"')
    lead = browser.lead_to(URL, tmp_path)
    with browser.open_app(program, lead, tmp_path, root=root) as process:
        assert process.wait(10) == 0
    arguments = (tmp_path / "arguments").read_text().splitlines()
    assert arguments[0] == f"--app={lead.as_uri()}"
    assert f"--user-data-dir={tmp_path / 'browser'}" in arguments
    assert ("--no-sandbox" in arguments) is root
    assert "secret" not in " ".join(arguments)


def test_a_tab_opens_in_the_users_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = stand_in(tmp_path / "my-browser", f'printf "%s" "$1" > "{tmp_path}/opened"')
    monkeypatch.setenv("BROWSER", f"{program} %s")
    monkeypatch.setattr("webbrowser._tryorder", None)
    lead = browser.lead_to(URL, tmp_path)
    assert browser.open_tab(lead)
    wait_until(lambda: (tmp_path / "opened").exists() and (tmp_path / "opened").read_text() == lead.as_uri())


def test_no_browser_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webbrowser._tryorder", [])
    assert not browser.open_tab(browser.lead_to(URL, tmp_path))
