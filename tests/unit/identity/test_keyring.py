"""The files of the secret keys."""

from pathlib import Path

import pytest

from lanchat.errors import DataDirUnusable
from lanchat.identity.keyring import FOLDER, Keyring


def test_keys_are_made_once_and_nobody_else_can_read_them(tmp_path: Path) -> None:
    first, again = Keyring.load(tmp_path), Keyring.load(tmp_path)
    assert (first.person.id, first.node.id) == (again.person.id, again.node.id)
    assert (tmp_path / FOLDER).stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / FOLDER).iterdir()} == {
        "person.pem": 0o600,
        "node.pem": 0o600,
    }


def test_a_half_written_key_of_a_crash_is_made_again(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "person.new").write_bytes(b"-----BEGIN")
    assert Keyring.load(tmp_path).person.id == Keyring.load(tmp_path).person.id


@pytest.mark.parametrize("name", ["person.pem", "node.pem"])
@pytest.mark.parametrize("what", [b"", b"junk", "the other"])
def test_damaged_keys_are_named_and_never_replaced(tmp_path: Path, name: str, what: bytes | str) -> None:
    Keyring.load(tmp_path)
    file, other = tmp_path / FOLDER / name, {"person.pem": "node.pem", "node.pem": "person.pem"}[name]
    damaged = (tmp_path / FOLDER / other).read_bytes() if isinstance(what, str) else what
    file.write_bytes(damaged)
    with pytest.raises(DataDirUnusable, match="damaged"):
        Keyring.load(tmp_path)
    assert file.read_bytes() == damaged


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("a file")
    with pytest.raises(DataDirUnusable, match="cannot be used"):
        Keyring.load(tmp_path)
