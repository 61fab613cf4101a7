"""Every command can be told apart: whatever becomes of it, exactly one answer carries its ref."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from lanchat.config import Config
from lanchat.errors import JournalFailed, NotOwner
from lanchat.protocol import (
    MAX_REF,
    Announce,
    Author,
    Bring,
    Command,
    Diagnosis,
    Done,
    Error,
    Event,
    Forget,
    Found,
    Hello,
    History,
    Invite,
    Issued,
    JobStatus,
    Join,
    Joined,
    Leave,
    Open,
    Opened,
    Page,
    Post,
    Presence,
    Purged,
    Read,
    Receipts,
    Rename,
    Ruled,
    Search,
    Shared,
    StartOver,
    TicketList,
    Typing,
    Verify,
    Waits,
    You,
    guest_id,
)
from lanchat.sessions.commands.table import TABLE
from lanchat.web.server import Server
from tests.support.clients import ELSEWHERE, Client, connected, guest, link, serving, window
from tests.support.commands import one_of_each
from tests.support.identity import MAX, signed

ANSWERS: dict[str, type[Any]] = {
    "open": Opened,
    "join": Joined,
    "history": Page,
    "search": Found,
    "rename": You,
    "export": JobStatus,
    "import": JobStatus,
    "hello": Error,
    "prove": Error,
    "cancel": Error,
    "reveal": Error,
    "continue": Error,
    "unite": Error,
    "move": Error,
    "compare": Error,
    "purge": Purged,
    "knock": Error,
    "confirm": Error,
    "rules": Ruled,
    "issue": Issued,
    "tickets": TicketList,
    "revoke": Error,
    "waiting": Waits,
    "diagnose": Diagnosis,
    "look": Error,
    "bridge": Error,
    "share": Shared,
}
"""What answers the examples when an owner or a link sends them; `done` answers the others."""
TAGS = [str(kind.__struct_config__.tag) for kind in Command.__args__]
LINKS_ONLY = {"bring", "presence", "receipts", "verify", "quorum"}


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    async with serving(config) as server:
        yield server


async def answers(client: Client, room: str, ref: int) -> list[Any]:
    """Everything that carries this ref, as far as it has come by the answer to a later question."""
    await client.settled(room)
    return [reply for reply in client.passed if getattr(reply, "ref", 0) == ref]


async def everything(room: str, client: Client) -> dict[str, Command]:
    examples = one_of_each(room, client.me, ELSEWHERE)
    return {str(command.__struct_config__.tag): command for command in examples}


def test_there_is_an_example_of_each() -> None:
    examples = one_of_each("r", Author(id="ada-ada-ada", nick="Ada"), ELSEWHERE)
    assert {type(command) for command in examples} == set(Command.__args__) == {row.command for row in TABLE}


@pytest.mark.parametrize("tag", TAGS)
async def test_every_command_has_one_answer_with_its_ref(server: Server, tag: str) -> None:
    async with window(server) as owner, link(server, ELSEWHERE, "told apart") as far:
        client = far if tag in LINKS_ONLY else owner
        room = await client.enter("told apart")
        command = msgspec.structs.replace((await everything(room, owner))[tag], ref=MAX_REF)
        if isinstance(command, Presence):
            command = msgspec.structs.replace(command, members=[])  # nobody speaks for the owner
        if isinstance(command, Forget):
            command = msgspec.structs.replace(command, room=(await owner.open("another to forget")).id)
        if isinstance(command, Verify):
            command = msgspec.structs.replace(command, author=MAX)
        if isinstance(command, Bring):
            posts = [signed(msgspec.structs.replace(each, author=MAX)) for each in command.posts]
            command = msgspec.structs.replace(command, posts=posts)
        await client.tell(command)
        answer = await client.hear(ANSWERS.get(tag, Done), lambda reply: reply.ref == MAX_REF)
        assert answer.ref == MAX_REF
        assert await answers(client, room, MAX_REF) == []


@pytest.mark.parametrize("tag", TAGS)
async def test_every_command_that_the_gate_refuses_is_answered_with_its_ref_and_changes_nothing(
    server: Server, monkeypatch: pytest.MonkeyPatch, tag: str
) -> None:
    def closed(*_: object) -> None:
        raise NotOwner

    async with window(server) as owner:
        room = await owner.enter("told apart")
        command = (await everything(room, owner))[tag]
        with monkeypatch.context() as patch:
            patch.setattr(server.node.access, "check", closed)
            error = await owner.ask(command, Error)
        assert (error.code, error.room) == ("not_owner", getattr(command, "room", ""))
        assert [each.name for each in server.node.rooms] == ["told apart"]
        assert server.node.rooms.get(room).top == 0
        assert (await owner.ask(History(room=room, after=0), Page)).events == []


async def test_a_command_without_a_ref_that_has_no_answer_of_its_own_gets_none(server: Server) -> None:
    async with guest(server) as ada:
        room = await ada.enter("quiet")
        for command in (Typing(room=room), Read(room=room, seq=0), Leave(room=room)):
            await ada.tell(command)
        await ada.heard_nothing(Done, room)


@pytest.mark.parametrize("ref", [-1, MAX_REF + 1, 10**30, 1.5, "1", True, None, [], {}])
async def test_a_ref_that_cannot_be_is_refused_and_not_repeated(server: Server, ref: object) -> None:
    async with guest(server) as ada:
        room = await ada.enter("strict")
        frame = {"type": "post", "room": room, "nonce": "n", "text": "x", "ref": ref}
        error = await ada.ask(json.dumps(frame), Error)
        assert (error.code, error.ref, error.nonce, error.room) == ("invalid_frame", 0, "n", room)
        assert server.node.rooms.get(room).top == 0


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        ('{"type":"dance","ref":7,"room":"r"}', (7, "", "r")),
        ('{"type":"post","ref":7,"room":"r","nonce":"n","text":1}', (7, "n", "r")),
        ('{"type":"post","ref":7,"room":8,"nonce":[9],"text":""}', (7, "", "")),
        ('{"type":"post","ref":"7","room":"r","nonce":"n","text":""}', (0, "n", "r")),
        ('{"ref":7}', (7, "", "")),
        ('[{"ref":7}]', (0, "", "")),
        ('{"ref":7', (0, "", "")),
    ],
)
async def test_a_frame_that_is_no_command_is_answered_with_what_can_be_read_of_it(
    server: Server, frame: str, told: tuple[int, str, str]
) -> None:
    async with guest(server) as ada:
        error = await ada.ask(frame, Error)
        assert (error.ref, error.nonce, error.room) == told


async def test_several_of_one_kind_in_flight_are_told_apart(server: Server) -> None:
    async with guest(server) as ada:
        room = await ada.enter("many")
        for number in range(1, 7):
            await ada.say(room, f"{number}")
        await ada.said(room, 6)
        for command in (
            History(room=room, after=4, ref=100),
            History(room="nowhere", after=0, ref=101),
            History(room=room, before=3, ref=102),
            Search(room=room, text="5", ref=103),
            History(room="elsewhere", after=0, ref=104),
            Search(room=room, text="6", ref=105),
        ):
            await ada.tell(command)
        refused = [await ada.hear(Error, lambda error, ref=ref: error.ref == ref) for ref in (104, 101)]  # type: ignore[misc]
        assert [error.room for error in refused] == ["elsewhere", "nowhere"]
        page = await ada.hear(Page, lambda page: page.ref == 102)
        assert [event.seq for event in page.events] == [1, 2]
        page = await ada.hear(Page, lambda page: page.ref == 100)
        assert [event.seq for event in page.events] == [5, 6]
        for ref, seq in ((105, 6), (103, 5)):
            found = await ada.hear(Found, lambda found, ref=ref: found.ref == ref)  # type: ignore[misc]
            assert [hit.event.seq for hit in found.hits] == [seq]


async def test_a_ref_may_come_again_and_is_answered_each_time(server: Server) -> None:
    async with guest(server) as ada:
        room = await ada.enter("again")
        for _ in range(3):
            await ada.tell(Typing(room=room, ref=5))
        assert [(await ada.hear(Done)).ref for _ in range(3)] == [5, 5, 5]


async def test_who_joins_again_is_answered_each_time_and_what_comes_unasked_has_no_ref(server: Server) -> None:
    async with guest(server) as ada:
        room = await ada.enter("again")
        await ada.tell(Join(room=room, ref=1))
        await ada.tell(Join(room=room, since=9, ref=2))
        await ada.tell(Join(room=room, ref=3))
        assert (await ada.hear(Joined)).ref == 1
        assert await ada.hear(StartOver) == StartOver(room=room, top=0, ref=2)
        assert (await ada.hear(Joined)).ref == 3
        await server.node.rooms.get(room).start_over()
        assert await ada.hear(StartOver) == StartOver(room=room, top=0)


async def test_a_post_is_done_after_its_event_and_also_when_it_was_kept_before(server: Server) -> None:
    async with guest(server) as ada, guest(server) as bob:
        room = await ada.enter("posts")
        await bob.enter("posts")
        kinds = list[str]()
        for ref in (1, 2):
            await ada.tell(Post(room=room, nonce="same", text="hello", ref=ref))
            while not kinds or kinds[-1] != f"done {ref}":
                reply = json.loads(await ada.socket.receive_str(timeout=5))
                if reply["type"] in {"event", "done"}:
                    kinds.append(f"{reply['type']} {reply.get('ref', reply.get('seq'))}")
        assert kinds == ["event 1", "done 1", "event 1", "done 2"]
        await bob.said(room, 1)
        await bob.heard_nothing(Done, room)
        await bob.heard_nothing(Event, room)


async def test_a_post_that_is_not_kept_is_refused_with_its_ref(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    async with guest(server) as ada:
        room = await ada.enter("posts")
        failed = asyncio.get_running_loop().create_future()
        monkeypatch.setattr(server.node.rooms.get(room), "post", lambda draft, **_: failed)
        await ada.tell(Post(room=room, nonce="n", text="hello", ref=9))
        await ada.ask(Open(room=room), Opened)
        failed.set_exception(JournalFailed())
        error = await ada.hear(Error)
        assert (error.code, error.ref, error.nonce, error.room) == ("journal_failed", 9, "n", room)


@pytest.mark.parametrize("command", [Hello(version=1, client="guest", ref=3), Rename(nick="x", ref=3)])
async def test_who_is_not_let_in_is_told_with_the_ref(server: Server, command: Command) -> None:
    async with connected(server.lan_url) as stranger:
        await stranger.tell(command)
        assert (await stranger.hear(Error)).ref == 3


async def test_what_a_node_passes_on_has_no_ref(server: Server) -> None:
    async with guest(server, "Ada") as ada, guest(server, "Bob") as bob, link(server, ELSEWHERE, "passed on") as far:
        room = await ada.enter("passed on")
        await bob.enter("passed on")
        await far.enter("passed on")
        await ada.ask(Typing(room=room), Done)
        assert (await bob.hear(Typing)).ref == 0
        eve = Author(id=guest_id("eve"), nick="Eve")
        await far.ask(Presence(room=room, node=ELSEWHERE, members=[eve]), Done)
        assert (await bob.hear(Presence, lambda presence: presence.node == ELSEWHERE)).ref == 0
        await far.ask(Receipts(room=room, node=ELSEWHERE, kept=0), Done)
        assert (await bob.hear(Receipts)).ref == 0
        into = (await everything(room, ada))["invite"]
        assert isinstance(into, Invite)
        await ada.ask(msgspec.structs.replace(into, to=eve.id), Done)
        assert (await far.hear(Invite)).ref == 0
        assert (await bob.ask(Announce(text="x"), Error)).code == "not_owner"
