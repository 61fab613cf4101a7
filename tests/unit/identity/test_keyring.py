"""The files of the secret keys."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lanchat.errors import DataDirUnusable
from lanchat.identity import machine
from lanchat.identity.keyring import FOLDER, Keyring
from lanchat.identity.machine import Machine


def test_keys_are_made_once_and_nobody_else_can_read_them(tmp_path: Path) -> None:
    first, again = Keyring.load(tmp_path), Keyring.load(tmp_path)
    assert (first.person.id, first.node.id) == (again.person.id, again.node.id)
    assert (tmp_path / FOLDER).stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / FOLDER).iterdir()} == {
        "person.pem": 0o600,
        "node.pem": 0o600,
        "machine.json": 0o600,
    }
    assert (again.former, again.is_new_here) == (frozenset(), False)


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


# A copy on another machine --------------------------------------------------------------------------------------------


HERE, THERE = Machine("here", frozenset({"card"})), Machine("there", frozenset({"another card"}))


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> Callable[[Machine], None]:
    """Takes the data to a machine."""

    def move(to: Machine) -> None:
        monkeypatch.setattr(Machine, "here", lambda _salt: to)

    move(HERE)
    return move


def test_keys_that_came_by_a_copy_are_set_aside_and_new_ones_made(
    tmp_path: Path, moved: Callable[[Machine], None]
) -> None:
    first = Keyring.load(tmp_path)
    moved(THERE)
    now = Keyring.load(tmp_path)
    assert now.node.id != first.node.id
    assert now.person.id != first.person.id
    assert (now.former, now.is_new_here) == (frozenset({first.node.id}), True)
    again = Keyring.load(tmp_path)
    assert (again.node.id, again.person.id) == (now.node.id, now.person.id)
    assert (again.former, again.is_new_here) == (frozenset({first.node.id}), False)
    (aside,) = (tmp_path / FOLDER).glob("former-*")
    assert aside.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in aside.iterdir()} == {0o600}


def test_a_copy_of_a_copy_has_keys_of_its_own_as_well(tmp_path: Path, moved: Callable[[Machine], None]) -> None:
    ids = [Keyring.load(tmp_path).node.id]
    for place in (THERE, Machine("third"), HERE):
        moved(place)
        ids.append(Keyring.load(tmp_path).node.id)
    assert len(set(ids)) == 4
    assert Keyring.load(tmp_path).former == set(ids[:3])


def test_keys_of_a_machine_that_is_not_known_stay(tmp_path: Path, moved: Callable[[Machine], None]) -> None:
    first = Keyring.load(tmp_path)
    (tmp_path / FOLDER / "machine.json").unlink()
    moved(THERE)
    assert Keyring.load(tmp_path).node.id == first.node.id
    moved(HERE)
    assert Keyring.load(tmp_path).node.id != first.node.id


def test_a_folder_on_another_machine_is_used_from_many(
    tmp_path: Path, moved: Callable[[Machine], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "is_remote", lambda folder: folder == tmp_path / FOLDER)
    first = Keyring.load(tmp_path)
    moved(THERE)
    assert Keyring.load(tmp_path).node.id == first.node.id


def test_who_has_moved_takes_the_keys_again_and_brings_along_what_was_made_meanwhile(
    tmp_path: Path, moved: Callable[[Machine], None]
) -> None:
    first = Keyring.load(tmp_path)
    moved(THERE)
    meanwhile = Keyring.load(tmp_path)
    restored = Keyring.restore(tmp_path)
    assert (restored.node.id, restored.person.id, restored.former) == (first.node.id, first.person.id, frozenset())
    again = Keyring.load(tmp_path)
    assert (again.node.id, again.is_new_here, again.former) == (first.node.id, False, frozenset())
    assert meanwhile.node.id not in again.former
    with pytest.raises(DataDirUnusable, match="No keys were set aside"):
        Keyring.restore(tmp_path)


def test_a_crash_while_keys_are_set_aside_leaves_no_foreign_key_in_use(
    tmp_path: Path, moved: Callable[[Machine], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Keyring.load(tmp_path)
    moved(THERE)
    replace = Path.replace
    done: list[Path] = []
    places: list[int] = []

    def crash(path: Path, target: Path) -> Path:
        if len(done) == places[-1]:
            raise OSError("crash")
        done.append(path)
        return replace(path, target)

    for place in range(3):
        done.clear()
        places.append(place)
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", crash)
            with pytest.raises(DataDirUnusable):
                Keyring.load(tmp_path)
    now = Keyring.load(tmp_path)
    assert now.node.id != first.node.id
    assert now.person.id != first.person.id
    assert now.former == {first.node.id}


def test_looking_at_keys_makes_and_moves_none(tmp_path: Path, moved: Callable[[Machine], None]) -> None:
    with pytest.raises(DataDirUnusable, match="no keys"):
        Keyring.peek(tmp_path)
    first = Keyring.load(tmp_path)
    moved(THERE)
    assert Keyring.peek(tmp_path).node.id == first.node.id


def test_who_asked_for_new_keys_gets_them_at_the_next_start_and_once(tmp_path: Path) -> None:
    first = Keyring.load(tmp_path)
    Keyring.ask_renewal(tmp_path)
    assert Keyring.peek(tmp_path).node.id == first.node.id
    second = Keyring.load(tmp_path)
    assert second.node.id != first.node.id
    assert second.former == {first.node.id}
    assert Keyring.load(tmp_path).node.id == second.node.id
    assert Keyring.restore(tmp_path).node.id == first.node.id


def test_new_keys_cannot_be_asked_for_where_there_are_none(tmp_path: Path) -> None:
    with pytest.raises(DataDirUnusable):
        Keyring.ask_renewal(tmp_path / "nowhere")
