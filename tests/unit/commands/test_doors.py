"""`room`, `invite` and `moderate`, with a real node."""

import pytest

from lanchat.commands.doors import qr_lines
from tests.support.here import Here
from tests.support.terminal import Done, lanchat_inside

WORDS = b"correct horse battery\n"


def run(here: Here, *arguments: str, said: bytes = b"") -> Done:
    return lanchat_inside(*arguments, "--data-dir", here.data_dir, said=said)


def test_what_holds_is_shown_and_changed(here: Here, room: str) -> None:
    here.do("send", room, "hello")
    assert "door         open" in run(here, "room", room).lines
    changed = run(here, "room", room, "--guests", "read", "--slow", "30", "--unlisted", "--lock")
    assert {"guests       read", "slow         30 s", "listed       no", "locked       yes"} <= set(changed.lines)
    assert "continues    by hand" in changed.lines
    assert "continues    after 60 s" in run(here, "room", room, "--continues", "60").lines
    run(here, "room", room, "--continues", "5").refused(1, "at least 10")
    (policy,) = run(here, "room", room, "--json", "--unlock", "--listed", "--door", "invite").objects
    assert (policy["door"], policy.get("locked", False), policy.get("listed", True)) == ("invite", False, True)


def test_a_room_gets_another_name_and_a_topic(here: Here, room: str) -> None:
    here.do("send", room, "hello")
    other = f"{room} too"
    changed = run(here, "room", room, "--rename", f" {room}   too ", "--topic", "Who brings cake?")
    assert {f"name         {other}", "topic        Who brings cake?"} <= set(changed.lines)
    assert f"{other}\t" in run(here, "rooms").out
    assert not any(line.startswith("topic") for line in run(here, "room", other, "--topic", "").lines)
    run(here, "room", other, "--rename", "").refused(2, "name")
    run(here, "room", other, "--topic", "x" * 201).refused(1, "topic")


def test_a_room_is_deleted_for_everybody_after_a_yes(here: Here, room: str) -> None:
    here.do("send", room, "hello")
    assert run(here, "room", room, "--delete", said=b"n\n").code == 1
    assert run(here, "room", room, "--delete", "--yes", "--topic", "gone").code == 2
    assert here.read(room) == ["hello"]
    assert run(here, "room", room, "--delete", "--yes").out == f"{room} is deleted for everybody.\n"
    run(here, "room", room).refused(3, room)


def test_a_passphrase_is_read_and_never_printed(here: Here, room: str) -> None:
    here.do("send", room, "hello")
    done = run(here, "room", room, "--door", "passphrase", said=WORDS)
    assert "door         passphrase" in done.lines
    assert "horse" not in done.out + done.err
    run(here, "room", room, "--door", "passphrase", said=b"short\n").refused(1, "8 characters")


def test_an_invitation_is_printed_and_taken_back(here: Here, room: str) -> None:
    here.do("send", room, "hello")
    (made,) = run(here, "invite", room, "--for", "2h", "--many", "--json").objects
    assert made["link"].startswith(here.ready["lan"])
    assert run(here, "invite", room, "--revoke", made["link"]).code == 0
    run(here, "invite", room, "--revoke", made["code"]).refused(1, "no such invitation")
    shown = run(here, "invite", room)
    assert "#r=" in shown.lines[0]
    assert "█" in shown.out


@pytest.mark.parametrize("time", ["10", "m", "10 m", "1.5h", "99999999s", ""])
def test_a_time_that_is_none_is_refused(here: Here, room: str, time: str) -> None:
    assert run(here, "invite", room, "--for", time).code == 2


def test_somebody_is_found_by_name_or_id(here: Here, room: str) -> None:
    here.do("send", room, "spam", "--nick", "Mallory")
    for action in ("mute", "unmute", "ban", "kick", "hide"):
        assert run(here, "moderate", room, action, "mallory").code == 0
    (policy,) = run(here, "room", room, "--json").objects
    (banned,) = policy["banned"]
    assert run(here, "moderate", room, "unban", banned).code == 0
    run(here, "moderate", room, "ban", "Nobody").refused(3, "Nobody")
    run(here, "moderate", room, "ban", "Ada").refused(1, "owner")


def test_where_no_node_runs_it_is_said(tmp_path_factory: pytest.TempPathFactory) -> None:
    empty = tmp_path_factory.mktemp("empty")
    for command in (["room", "x"], ["invite", "x"], ["moderate", "x", "kick", "y"]):
        lanchat_inside(*command, "--data-dir", empty).refused(4, "start it")


def test_a_qr_code_has_two_rows_in_a_line_and_its_quiet_zone() -> None:
    assert qr_lines(["10", "01"]) == ["██████", "██▄▀██", "██████"]
    assert len(qr_lines(["1" * 21] * 21)) == 13


def test_a_room_in_no_list_is_found_by_its_own_person_only(here: Here, room: str) -> None:
    here.do("send", room, "hello")
    run(here, "room", room, "--unlisted", "--lock")
    assert f"{room}\t" in run(here, "rooms").out
    assert "locked, in no list" in run(here, "rooms").out
    assert run(here, "tail", room, "--no-follow").lines[-1].endswith("locked the room")
    lan = here.ready["lan"]
    elsewhere = ("--host", lan)
    assert room not in lanchat_inside("rooms", *elsewhere).out
    lanchat_inside("tail", room, *elsewhere, "--no-follow").refused(3, "no room called")
    run(here, "room", room, "--unlock")


def test_what_a_rule_did_is_read_in_words(here: Here, room: str) -> None:
    here.do("send", room, "spam", "--nick", "Mallory")
    run(here, "moderate", room, "mute", "Mallory")
    run(here, "room", room, "--slow", "5")
    lines = run(here, "tail", room, "--no-follow").lines
    assert any(line.endswith("muted Mallory (guest)") and line[6:].startswith("* ") for line in lines)
    assert lines[-1].endswith("turned slow mode on: one message in 5 seconds")
    events = run(here, "tail", room, "--no-follow", "--json").objects
    assert events[-1]["kind"] == "rule"
