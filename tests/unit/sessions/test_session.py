"""What a session answers, and what reaches it of the rooms that it follows."""

from collections.abc import AsyncIterator

import pytest

from lanchat.errors import DiskFull, NoSuchRoom, NotJoined
from lanchat.layers import LayerUnreachable
from lanchat.protocol import Author, Done, Error, Held, Join, Joined, Leave, Post, StartOver, codec, encode
from lanchat.rooms.access import Visitor
from lanchat.sessions.session import Session
from lanchat.web.server import Server
from tests.support.clients import ELSEWHERE, guest, link
from tests.support.sessions import Recorder

ADA = Author(id="ada-ada-ada", nick="Ada")


@pytest.fixture
def server(shared_node: Server) -> Server:
    return shared_node


@pytest.fixture
async def socket() -> Recorder:
    return Recorder()


@pytest.fixture
async def session(server: Server, socket: Recorder) -> AsyncIterator[Session]:
    session = Session(server.node.door(), Visitor("guest", ADA), socket)
    yield session
    await session.end()


async def test_an_answer_has_the_ref_and_done_is_said_to_nobody_who_has_none(
    session: Session, socket: Recorder
) -> None:
    held = Held(room="r", nonce="n")
    session.answer(Leave(room="r"), Done())
    session.answer(Leave(room="r", ref=4), Done())
    session.answer(Post(room="r", nonce="n"), held)
    session.answer(Post(room="r", nonce="n", ref=5), held)
    assert socket.heard == [Done(ref=4), held, Held(room="r", nonce="n", ref=5)]


async def test_a_refusal_names_the_command_and_is_counted(session: Session, socket: Recorder, server: Server) -> None:
    session.refuse(DiskFull(), codec.Subject(7, "n", "r"))
    (error,) = socket.heard
    assert isinstance(error, Error)
    assert (error.code, error.ref, error.nonce, error.room) == ("disk_full", 7, "n", "r")


async def test_a_room_is_followed_or_it_is_not(session: Session, server: Server) -> None:
    with pytest.raises(NoSuchRoom):
        session.room("nowhere")
    room = await server.node.rooms.open("followed")
    with pytest.raises(NotJoined):
        session.room(room.id)
    await session.follow(room)
    assert session.room(room.id) is room
    await session.leave(room.id)
    await session.leave(room.id)
    assert session.joined == {}


async def test_a_refusal_by_the_home_reaches_its_author_only(server: Server) -> None:
    async with guest(server, "Ada") as ada, guest(server, "Bob") as bob, link(server, ELSEWHERE, "mirrored") as far:
        room = await ada.enter("mirrored")
        for other in (bob, far):
            await other.enter("mirrored")
        frame = encode(Error(code="not_yours", message="It is not yours.", retry=False, nonce="n", room=room))
        message = {"type": "room.refused", "author": ada.me.id, "frame": frame}
        await server.node.layer.group_send(server.node.rooms.get(room).group, message)
        error = await ada.hear(Error)
        assert (error.code, error.nonce, error.ref) == ("not_yours", "n", 0)
        for other in (bob, far):
            await other.heard_nothing(Error, room)


async def test_a_join_that_fails_changes_nothing(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(group: str, channel: str) -> None:
        raise LayerUnreachable

    async with guest(server, "Ada") as ada:
        room = (await ada.open("away")).id
        with monkeypatch.context() as patch:
            patch.setattr(server.node.layer, "group_add", away)
            assert (await ada.ask(Join(room=room), Error)).code == "layer_unreachable"
        assert (await ada.ask(Leave(room=room), Error)).code == "not_joined"
        assert len(server.node.rooms.get(room).presence) == 0
        assert (await ada.ask(Join(room=room), Joined)).top == 0
        await ada.heard_nothing(StartOver, room)
