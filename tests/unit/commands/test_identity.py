"""`lanchat identity`: which keys there are, and taking former ones again."""

import json
from pathlib import Path

import pytest

from lanchat.commands.identity import grouped, renew, restore, short, show
from lanchat.config import Config
from lanchat.errors import AlreadyRunning, DataDirUnusable
from lanchat.identity import Keyring
from lanchat.identity.machine import Machine
from lanchat.runtime import occupy


@pytest.fixture
def settings(tmp_path: Path) -> Config:
    return Config(data_dir=tmp_path)


async def test_keys_are_shown_as_people_compare_them(settings: Config, capsys: pytest.CaptureFixture[str]) -> None:
    keyring = Keyring.load(settings.data_dir)
    await show(settings, as_json=False)
    said = capsys.readouterr().out
    for shown in (short(keyring.node.id), grouped(keyring.node.fingerprint), keyring.person.id):
        assert shown in said
    await show(settings, as_json=True)
    assert json.loads(capsys.readouterr().out) == {
        "node": keyring.node.id,
        "fingerprint": keyring.node.fingerprint,
        "person": keyring.person.id,
        "former": [],
    }


def test_a_key_is_shown_in_groups() -> None:
    assert short("0123456789abcdef0123456789abcdef") == "0123 4567 89ab cdef"
    assert grouped("0a1b2c") == "0A:1B:2C"


async def test_where_no_keys_are_none_are_made(settings: Config) -> None:
    with pytest.raises(DataDirUnusable, match="no keys"):
        await show(settings, as_json=False)
    assert list(settings.data_dir.iterdir()) == []


async def test_former_keys_are_shown_and_taken_again(
    settings: Config, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    former = Keyring.load(settings.data_dir)
    monkeypatch.setattr(Machine, "here", lambda _salt: Machine("another machine"))
    Keyring.load(settings.data_dir)
    await show(settings, as_json=False)
    assert f"another machine has it:  {short(former.node.id)}" in capsys.readouterr().out
    await restore(settings, as_json=True)
    assert json.loads(capsys.readouterr().out)["node"] == former.node.id
    with pytest.raises(DataDirUnusable, match="set aside"):
        await restore(settings, as_json=False)


async def test_a_copy_begins_anew_and_can_take_its_keys_again(
    settings: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(DataDirUnusable, match="no keys"):
        await renew(settings, as_json=True)
    former = Keyring.load(settings.data_dir)
    await renew(settings, as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert former.node.id != said["node"]
    assert former.person.id != said["person"]
    assert said["former"] == [former.node.id]
    await restore(settings, as_json=True)
    assert json.loads(capsys.readouterr().out)["node"] == former.node.id


async def test_nothing_is_taken_from_under_a_running_node(settings: Config) -> None:
    for change in (restore, renew):
        with occupy(settings.data_dir), pytest.raises(AlreadyRunning):
            await change(settings, as_json=False)
