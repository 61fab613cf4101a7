from contextlib import closing
from pathlib import Path

import apsw
import pytest
from msgspec.structs import replace

from lanchat.errors import JournalDamaged, JournalReadOnly
from lanchat.identity import Seal, check
from lanchat.journal import Draft, numbering, outbox, reading, rooms, schema
from lanchat.journal.door import rows as doors
from lanchat.journal.repair import recovery
from lanchat.journal.repair.recovery import recover, resume
from lanchat.journal.schema import VERSION, open_writer
from lanchat.journal.transaction import Transaction
from lanchat.journal.words import index
from lanchat.protocol import (
    Author,
    Policy,
    Rule,
    proof_of,
    room_id,
    ticket_of,
    unverified_id,
    write_rule,
)
from lanchat.protocol.policy import fold
from tests.support.identity import GUEST, MAX, OTHER_SEAL, SEAL
from tests.support.journal.before import GARDEN, KITCHEN, leave, readings
from tests.support.journal.damage import PAGE, contents, cut, furnish, furnish_first, overwrite
from tests.support.journal.sayings import about, append, matches, say
from tests.support.rooms.doors import said as said_rule
from tests.support.rooms.said import draft, record


def texts(connection: apsw.Connection, name: str) -> list[str]:
    return [event.body.text for event in contents(connection)[name]]


def is_sound(connection: apsw.Connection) -> bool:
    for room in rooms.rooms(connection):
        run = reading.after(connection, room.id, 0, 100_000)
        assert [event.seq for event in run] == list(range(1, len(run) + 1))
        messages = {event.nonce: event.seq for event in run if event.kind == "message"}
        for event in run:
            if event.kind != "message":
                assert (
                    messages[event.body.target]
                    == connection.execute("SELECT target & 0xffffffffff FROM entry WHERE nonce = ?", (event.nonce,)).get
                )
    return bool(connection.execute("PRAGMA integrity_check").get == "ok")


def test_a_whole_database_comes_through_as_it_was(database: Path) -> None:
    before = furnish(database)
    report = recover(database)
    with closing(open_writer(database)) as connection:
        assert {room.id: contents(connection)[room.name] for room in rooms.rooms(connection)} == before
        assert rooms.settings(connection) == {"node": "here", "owner": "ada"}
        index.follow(connection, 10_000)
        assert [hit.event.seq for hit in matches(connection, "home", "edited")] == [3]
        assert is_sound(connection)
    assert (report.kept, report.lost, report.renewed) == (sum(map(len, before.values())), 0, ())


def test_a_page_of_a_room_is_lost_and_the_room_is_another_one(database: Path) -> None:
    before = furnish(database)
    overwrite(database, b"say 200.")
    damaged = database.read_bytes()
    report = recover(database)
    assert report.aside.read_bytes() == damaged
    with closing(open_writer(database)) as connection:
        kitchen, garden = sorted(rooms.rooms(connection), key=lambda room: room.name, reverse=True)
        assert (kitchen.name, kitchen.home.id) == ("Kitchen", "here")
        assert kitchen.id != "home"
        assert reading.after(connection, garden.id, 0, 9_999) == before["copy"]
        left = texts(connection, "Kitchen")
        said = [event.body.text for event in before["home"]]
        assert left == [text for text in said if text in set(left)]
        assert "say 200. " + "x" * 400 not in left
        assert report.lost == len(said) - len(left) > 0
        assert is_sound(connection)
        assert [event.body.text for event in say(connection, draft("on", room=kitchen.id))] == ["on"]
    assert report.renewed == ("Kitchen",)
    assert "recovered" in str(report)
    assert str(report.aside) in str(report)


def test_a_mirror_that_lost_its_beginning_is_filled_anew(database: Path) -> None:
    furnish(database)
    overwrite(database, b"copy 1.")
    recover(database)
    with closing(open_writer(database)) as connection:
        assert contents(connection)["Garden"] == []
        assert len(texts(connection, "Kitchen")) > 390


def test_the_newest_page_of_a_room_is_missed_although_nothing_comes_after_it(database: Path) -> None:
    before = furnish(database)
    with closing(apsw.Connection(str(database))) as connection:
        connection.execute("DELETE FROM entry WHERE key >> 40 = 2")
    overwrite(database, before["home"][-1].nonce.encode() + b"a1Ada")
    report = recover(database)
    assert report.renewed == ("Kitchen",)
    assert report.lost > 0


def test_a_mirror_keeps_what_comes_before_the_hole(database: Path) -> None:
    before = furnish(database)
    overwrite(database, b"copy 150.")
    report = recover(database)
    with closing(open_writer(database)) as connection:
        copy = reading.after(connection, "copy", 0, 9_999)
        assert 50 < len(copy) < 150
        assert copy == before["copy"][: len(copy)]
        assert reading.after(connection, "home", 0, 9_999) == before["home"]
    assert (report.renewed, report.lost) == ((), 0)


@pytest.mark.parametrize("part", [0.9, 0.7, 0.5])
def test_of_a_cut_file_the_beginning_is_kept(database: Path, part: float) -> None:
    furnish(database, 1_000)
    cut(database, part)
    report = recover(database)
    with closing(open_writer(database)) as connection:
        assert is_sound(connection)
        assert report.kept == connection.execute("SELECT count(*) FROM entry").get > 10
    assert report.renewed == ("Kitchen",)


def test_without_its_first_page_the_rest_is_kept(database: Path) -> None:
    before = furnish(database)
    data = database.read_bytes()
    database.write_bytes(bytes(PAGE) + data[PAGE:])
    report = recover(database)
    with closing(open_writer(database)) as connection:
        assert texts(connection, "Kitchen") == [event.body.text for event in before["home"]]
        assert rooms.settings(connection)["node"] == "here"
    assert report.renewed == ("Kitchen",), "nobody can know what else was there"


def test_a_node_that_lost_its_name_finds_it_in_its_rooms(database: Path) -> None:
    furnish(database)
    overwrite(database, b"ownerada")
    recover(database)
    with closing(open_writer(database)) as connection:
        assert rooms.settings(connection) == {"node": "here"}


def test_what_stands_only_in_the_log_is_kept(database: Path, tmp_path: Path) -> None:
    furnish(database)
    with closing(open_writer(database)) as connection:
        [said] = say(connection, draft("in the log", room="home"))
        crashed = tmp_path / "crashed"
        crashed.mkdir()
        for path in (database, database.with_name("lanchat.db-wal")):
            (crashed / path.name).write_bytes(path.read_bytes())
    database = crashed / database.name
    report = recover(database)
    with closing(open_writer(database)) as connection:
        assert reading.after(connection, "home", said.seq - 1, 9) == [said]
    assert report.aside.with_name(report.aside.name + "-wal").exists()


def test_what_was_deleted_does_not_come_back(database: Path) -> None:
    furnish(database)
    with closing(apsw.Connection(str(database))) as connection:
        connection.execute("DELETE FROM entry WHERE key >> 40 = 2; DELETE FROM room WHERE number = 2")
    recover(database)
    with closing(open_writer(database)) as connection:
        assert list(contents(connection)) == ["Kitchen"]


def test_what_is_about_a_lost_message_goes_with_it(database: Path) -> None:
    furnish(database)
    with closing(open_writer(database)) as connection:
        say(connection, about(200, "edit", "was 200", room="home"))
    overwrite(database, b"say 200.")
    recover(database)
    with closing(open_writer(database)) as connection:
        assert is_sound(connection)
        assert "was 200" not in texts(connection, "Kitchen")
        assert "edited" in texts(connection, "Kitchen")


@pytest.mark.parametrize("content", [b"my diary\n" * 900, b"", b"x" * 100])
def test_what_is_none_of_ours_is_let_be(database: Path, content: bytes) -> None:
    database.write_bytes(content)
    with pytest.raises(JournalDamaged):
        recover(database)
    assert database.read_bytes() == content
    assert list(database.parent.iterdir()) == [database]


def test_two_damaged_files_lie_beside_each_other(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.strftime", lambda _: "now")
    furnish(database, 20)
    first, second = recover(database), recover(database)
    assert first.aside != second.aside
    assert first.aside.exists()
    assert second.aside.exists()


def test_a_recovery_that_was_interrupted_goes_on(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = furnish(database, 30)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(recovery, "_exchange", crash)
        with pytest.raises(KeyboardInterrupt):
            recover(database)
    with closing(apsw.Connection(str(database))) as connection:
        connection.execute("DELETE FROM entry")
    resume(database)
    with closing(open_writer(database)) as connection:
        assert contents(connection)["Kitchen"] == before["home"]
    resume(database)


def test_a_place_that_cannot_be_written_is_told_and_nothing_is_touched(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    furnish(database, 30)
    before = database.read_bytes()

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(JournalReadOnly, match="Permission denied"):
        recover(database)
    assert database.read_bytes() == before
    assert [path.name for path in database.parent.iterdir()] == [database.name]


def test_what_waits_for_a_home_goes_on_waiting(database: Path) -> None:
    furnish(database, 30)
    waits = SEAL.said(draft("waits", room="copy", author=GUEST))
    with closing(open_writer(database)) as connection:
        outbox.enqueue(Transaction(connection), waits)
    recover(database)
    with closing(open_writer(database)) as connection:
        assert outbox.waiting(connection, "copy", 0) == [(1, waits)]


def test_a_whole_database_of_the_first_version_comes_through_in_this_one(database: Path) -> None:
    furnish_first(database)
    old = database.read_bytes()
    report = recover(database)
    assert report.aside.read_bytes() == old
    assert (report.kept, report.lost, report.renewed) == (800, 0, ())
    with closing(open_writer(database)) as connection:
        assert connection.pragma("user_version") == VERSION
        kitchen, garden = rooms.rooms(connection)
        assert (kitchen.id, kitchen.home.id, kitchen.term, kitchen.addresses) == ("home", "here", 3, ())
        assert (garden.id, garden.addresses) == ("copy", ("192.0.2.1:28280",))
        said = reading.after(connection, "home", 0, 9_999)
        assert [(event.seq, event.term, event.nonce, event.at) for event in said] == [
            (seq, 3, f"home {seq}", seq) for seq in range(1, 401)
        ]
        assert said[199].body.text == "say 200. " + "x" * 400
        [(place, waits)] = outbox.waiting(connection, "copy", 0)
        assert (place, waits.nonce, waits.kind, waits.body.text) == (4, "waits", "message", "waits")
        assert rooms.settings(connection) == {"node": "here", "owner": "ada"}
        assert is_sound(connection)
        assert say(connection, draft("on", room="home"))[0].seq == 401


def test_what_a_database_of_the_first_version_lost_is_known(database: Path) -> None:
    furnish_first(database)
    overwrite(database, b"say 200.")
    report = recover(database)
    assert report.renewed == ("Kitchen",)
    assert report.lost + report.kept == 800
    assert report.lost > 5
    with closing(open_writer(database)) as connection:
        assert len(texts(connection, "Garden")) == 400
        assert is_sound(connection)


def test_targets_by_seq_of_a_damaged_database_are_carried_over(database: Path) -> None:
    """Without its first page nobody knows of which version the file is."""
    leave("lanchat.db", database)
    data = database.read_bytes()
    database.write_bytes(bytes(PAGE) + data[PAGE:])
    recover(database)
    with closing(open_writer(database)) as connection:
        [kitchen, garden] = sorted(rooms.rooms(connection), key=lambda room: room.name, reverse=True)
        assert (kitchen.name, garden.id) == ("Kitchen", "garden")
        assert readings(connection, kitchen.id) == KITCHEN
        assert readings(connection, "garden") == GARDEN
        waiting = {draft.nonce: draft.body.target for _, draft in outbox.waiting(connection, "garden", 0)}
        assert waiting == {"w-text": "", "w-edit": "roses", "w-off": "gate", "w-nowhere": "w-nowhere"}
        assert is_sound(connection)


def test_what_waits_finds_the_name_of_a_lost_message_in_the_index(database: Path) -> None:
    leave("lanchat.db", database)
    data = database.read_bytes()
    database.write_bytes(data.replace(b"rosesa1Ada", b"roses\xff\xff\xffda"))
    recover(database)
    with closing(open_writer(database)) as connection:
        assert [event.nonce for event in contents(connection)["Garden"]] == ["gate"]
        waiting = {draft.nonce: draft.body.target for _, draft in outbox.waiting(connection, "garden", 0)}
        assert waiting["w-edit"] == "roses"


def test_old_pages_of_a_database_that_was_led_on_do_not_come_back(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its first page nobody knows which pages are free; those of the first version may still be there."""
    furnish_first(database)
    lead_on = schema._prepare

    def without_overwriting(connection: apsw.Connection, path: Path) -> None:
        """As a Lanchat did it that did not overwrite what it deleted."""
        connection.pragma("secure_delete", False)
        lead_on(connection, path)

    monkeypatch.setattr(schema, "_prepare", without_overwriting)
    with closing(open_writer(database)) as connection:
        connection.execute("DELETE FROM entry WHERE key BETWEEN (1 << 40) + 1 AND (1 << 40) + 10")
    data = database.read_bytes()
    assert b"home 5a1Ada" in data, "pages of the first version are still there"
    database.write_bytes(bytes(PAGE) + data[PAGE:])
    recover(database)
    with closing(open_writer(database)) as connection:
        nonces = {event.nonce for event in contents(connection)["Kitchen"]}
        assert "home 5" not in nonces
        assert len(nonces) > 380


def test_in_a_room_with_another_id_stands_what_this_node_can_sign_anew(database: Path) -> None:
    """A signature is about one room. What was lost was more than words: who said what others had signed."""
    furnish(database)
    mine = Author(id=SEAL.id, nick="Ada")
    said = [
        SEAL.said(draft("mine", room="home", nonce="mine", author=mine)),
        SEAL.said(draft("my guest's", room="home", nonce="guest", author=GUEST)),
        OTHER_SEAL.said(draft("theirs", room="home", nonce="theirs", author=MAX)),
        OTHER_SEAL.leaving(OTHER_SEAL.said(draft("their guest's", room="home", nonce="theirs too", author=GUEST))),
    ]
    with closing(open_writer(database)) as connection:
        rooms.put_setting(connection, "person", SEAL.id)
        append(connection, *said)
    overwrite(database, b"say 200.")
    recover(database)
    recover(database)  # once more, when it is damaged again
    with closing(open_writer(database)) as connection:
        [kitchen] = [room for room in rooms.rooms(connection) if room.name == "Kitchen"]
        kept = [SEAL.leaving(event) for event in reading.after(connection, kitchen.id, 0, 9_999)][-4:]
    for event in kept:
        check(event)
    assert [event.body.text for event in kept] == [each.body.text for each in said]
    assert [event.author.id for event in kept] == [
        SEAL.id,
        GUEST.id,
        unverified_id(MAX.id),
        unverified_id(GUEST.id),
    ]


def test_in_a_room_with_another_id_hold_the_rules_that_this_node_can_sign_anew(database: Path) -> None:
    """Those as well that are older than what is kept of the history; what had no right before has none now."""
    furnish(database, 10)
    mine = Author(id=SEAL.id, nick="Ada")
    with closing(open_writer(database)) as connection:
        rooms.put_setting(connection, "person", SEAL.id)
        transaction = Transaction(connection)
        rooms.put_room(transaction, replace(record("home", name="Kitchen"), owner=SEAL.id))
        rules = [rule(SEAL, mine, 1), rule(OTHER_SEAL, MAX, 2), rule(SEAL, mine, 3), rule(OTHER_SEAL, MAX, 4)]
        append(connection, *rules)
        older = reading.find(connection, "home", rules[1].nonce)
        assert older is not None
        base = transaction.head("home").base
        transaction.remove(base, base + older.seq)
        append(connection, *(draft(f"more {number}. " + "x" * 300, room="home") for number in range(200)))
    overwrite(database, b"more 100.")
    assert recover(database).renewed == ("Kitchen",)
    with closing(open_writer(database)) as connection:
        [kitchen] = [room for room in rooms.rooms(connection) if room.name == "Kitchen"]
        assert (kitchen.owner, kitchen.id) == (SEAL.id, room_id(SEAL.id, kitchen.salt))
        kept = [SEAL.leaving(event) for event in doors.rules(connection, kitchen.id, 0, -1)]
        assert [event.seq for event in kept] == [1, 2, 3, 4]
        assert reading.after(connection, kitchen.id, 0, 1)[0].seq == 3
    for event in kept:
        check(event)
    assert [event.author.id for event in kept] == [SEAL.id, unverified_id(MAX.id), SEAL.id, unverified_id(MAX.id)]


def rule(seal: Seal, author: Author, seconds: int) -> Draft:
    return ordered(seal, author, Rule(change="slow", seconds=seconds))


def ordered(seal: Seal, author: Author, made: Rule) -> Draft:
    return seal.said(replace(draft(write_rule(made), room="home", author=author), kind="rule"))


ADA = Author(id=SEAL.id, nick="Ada")
RULES = [
    (OTHER_SEAL, MAX, Rule(change="locked")),  # by nobody who may
    (SEAL, ADA, Rule(change="moderator", person=MAX.id)),
    (SEAL, ADA, Rule(change="door", door="invite")),
    (OTHER_SEAL, MAX, Rule(change="mute", person=GUEST.id)),
    (OTHER_SEAL, MAX, Rule(change="invite", ticket=ticket_of(proof_of("code")), single=True, seconds=600)),
    (OTHER_SEAL, MAX, Rule(change="invite", ticket=ticket_of(proof_of("used")), seconds=600)),
    (OTHER_SEAL, MAX, Rule(change="admit", person="b" * 43, proof=proof_of("used"))),
    (OTHER_SEAL, MAX, Rule(change="hide", person=GUEST.id)),
]


def governed(database: Path, owner: str, rules: list[tuple[Seal, Author, Rule]], *, older: int = 0) -> Policy:
    """Make a room of an owner with rules at this node, the first `older` of them not in the history any more."""
    furnish(database, 10)
    with closing(open_writer(database)) as connection:
        rooms.put_setting(connection, "person", SEAL.id)
        rooms.put_setting(connection, "nick", "Ada")
        transaction = Transaction(connection)
        rooms.put_room(transaction, replace(record("home", name="Kitchen"), owner=owner))
        doors.put_key(connection, "home", b"k" * 32)
        append(connection, *(ordered(*each) for each in rules))
        made = doors.rules(connection, "home", 0, -1)
        if older:
            base = transaction.head("home").base
            transaction.remove(base, base + made[older - 1].seq)
        append(connection, *(draft(f"more {number}. " + "x" * 300, room="home") for number in range(200)))
        return fold(owner, made)


def held(policy: Policy) -> Policy:
    """What holds, apart from whose words they are and which numbers they have."""
    hidden = tuple(replace(each, seq=0) for each in policy.hidden)
    made = tuple(replace(each, by="") for each in policy.invitations)
    return replace(policy, owner="", hidden=hidden, invitations=made)


@pytest.mark.parametrize("older", [0, 4])
def test_rules_of_moderators_hold_on_in_the_name_of_the_owner_who_can_sign_them(database: Path, older: int) -> None:
    before = governed(database, SEAL.id, RULES, older=older)
    assert (before.locked, before.door) == (False, "invite")
    assert before.muted == {GUEST.id}
    overwrite(database, b"more 100.")
    report = recover(database)
    assert (report.renewed, report.restated, report.keyless) == (("Kitchen",), ("Kitchen",), ("Kitchen",))
    assert "stand in your name" in str(report)
    assert "Set the passphrase of 'Kitchen' again" in str(report)
    with closing(open_writer(database)) as connection:
        [kitchen] = [room for room in rooms.rooms(connection) if room.name == "Kitchen"]
        made = doors.rules(connection, kitchen.id, 0, -1)
        assert reading.rules(connection, kitchen.id) == made[older:]
        assert doors.record(connection, kitchen.id).key == b""
    for event in made:
        check(SEAL.leaving(event))
    assert [event.author.id for event in made] == [unverified_id(MAX.id), *[SEAL.id] * (len(RULES) - 1)]
    assert {event.author.nick for event in made[1:]} == {"Ada"}
    after = fold(SEAL.id, made)
    assert held(after) == held(before)
    assert [each.seq > 0 for each in after.hidden] == [True]
    if not older:
        assert (recover(database).restated, held(fold(SEAL.id, made))) == ((), held(before))


def test_a_room_that_was_anothers_is_this_persons_then_and_its_door_stays_closed(database: Path) -> None:
    rules = [
        (OTHER_SEAL, MAX, Rule(change="door", door="invite")),
        (OTHER_SEAL, MAX, Rule(change="ban", person=GUEST.id)),
        (SEAL, ADA, Rule(change="locked")),  # who has no office here
    ]
    before = governed(database, MAX.id, rules)
    overwrite(database, b"more 100.")
    assert recover(database).restated == ("Kitchen",)
    with closing(open_writer(database)) as connection:
        [kitchen] = [room for room in rooms.rooms(connection) if room.name == "Kitchen"]
        after = fold(kitchen.owner, doors.rules(connection, kitchen.id, 0, -1))
    assert (kitchen.owner, kitchen.id) == (SEAL.id, room_id(SEAL.id, kitchen.salt))
    assert (after.door, after.banned) == (before.door, before.banned)
    assert after.moderators == {MAX.id}


def test_whose_node_it_is_is_found_in_its_rooms(database: Path) -> None:
    governed(database, SEAL.id, RULES)
    with closing(open_writer(database)) as connection:
        connection.execute("DELETE FROM setting WHERE key = 'person'")
    overwrite(database, b"more 100.")
    assert recover(database).restated == ("Kitchen",)
    with closing(open_writer(database)) as connection:
        assert rooms.settings(connection)["person"] == SEAL.id


def test_rules_of_a_mirror_are_read_again_from_its_history(database: Path) -> None:
    furnish(database)
    with closing(open_writer(database)) as connection:
        top = reading.top(connection, "copy")
        lock = said_rule(Rule(change="locked"), top + 1, MAX.id, room="copy")
        numbering.mirror(Transaction(connection), "copy", [lock])
        connection.execute("DELETE FROM rule")
    overwrite(database, b"say 200.")
    recover(database)
    with closing(open_writer(database)) as connection:
        assert [event.seq for event in doors.rules(connection, "copy", 0, -1)] == [top + 1]
