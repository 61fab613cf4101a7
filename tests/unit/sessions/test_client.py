"""A client of our protocol, from its hello to its end, against a real node over a real socket."""

import json
import socket
from typing import Any

import aiohttp
import pytest

from lanchat import protocol
from lanchat.consumers.outbox import Outbox
from lanchat.layers import InMemoryChannelLayer
from lanchat.protocol import (
    MAX_TEXT,
    VERSION,
    Author,
    Error,
    Event,
    Heartbeat,
    Hello,
    History,
    Join,
    Leave,
    Opened,
    Page,
    Post,
    Presence,
    RoomList,
    Welcome,
    guest_id,
)
from lanchat.protocol.codec import decode_reply
from lanchat.rooms import VERIFICATIONS
from lanchat.sessions.context import LISTENERS, OWNERS
from lanchat.sessions.timers import HELLO_TIME
from lanchat.web.server import Server
from tests.support.clients import ELSEWHERE, Client, connected, guest, nicks, running, script, window
from tests.support.clock import Clock
from tests.support.conditions import eventually


@pytest.fixture
def server(shared_node: Server) -> Server:
    return shared_node


# Hello ----------------------------------------------------------------------------------------------------------------


async def test_a_hello_is_answered_with_a_welcome_before_everything_else(server: Server) -> None:
    async with connected(server.lan_url) as client:
        await client.tell(Hello(version=VERSION, client="guest", nick="Ada", id="ada-ada-ada"))
        first = json.loads(await client.socket.receive_str(timeout=5))
        assert first["type"] == "welcome"
        assert first["you"] == {"id": guest_id("ada-ada-ada"), "nick": "Ada"}
        assert first["node"]["id"] == server.node.info.id
        assert (first["heartbeat"], first["silence"], first["max_text"]) == (10.0, 25.0, 4000)
        assert json.loads(await client.socket.receive_str(timeout=5))["type"] == "rooms"


async def test_a_guest_without_a_name_is_called_guest_and_gets_an_id(server: Server) -> None:
    async with guest(server, nick="") as one, guest(server, nick="", id="short") as two:
        assert (one.me.nick, two.me.nick) == ("Guest", "Guest")
        assert len({one.me.id, two.me.id, "short"}) == 3


async def test_a_guest_cannot_be_the_owner(server: Server) -> None:
    async with guest(server, nick="Tester", id=server.node.me.id) as client:
        assert client.me.id != server.node.me.id


async def test_a_window_is_the_owner(server: Server) -> None:
    async with window(server) as client:
        assert client.me == server.node.me == Author(id=server.node.me.id, nick="Tester")
        await client.hear(RoomList)


async def test_a_script_at_the_window_may_be_the_owner_or_somebody_else(server: Server) -> None:
    key = running(server.node.config.data_dir).key
    async with connected(server.window_url) as mine, connected(server.window_url) as other:
        owner = await mine.ask(Hello(version=VERSION, client="script", token=key), Welcome)
        assert owner.you == server.node.me
        hello = Hello(version=VERSION, client="script", token=key, nick="Bot", id=owner.you.id)
        bot = await other.ask(hello, Welcome)
        assert bot.you.nick == "Bot"
        assert bot.you.id != owner.you.id


async def test_a_script_is_in_no_list_of_people_and_gets_no_list_of_rooms(server: Server) -> None:
    async with script(server) as bot, guest(server, "Ada") as ada:
        room = await bot.enter("quiet")
        await bot.say(room, "hello")
        await bot.said(room, 1)
        await ada.enter("quiet")
        assert nicks(await ada.hear(Presence)) == ["Ada"]
        await bot.heard_nothing(RoomList, room)


REFUSED_AT_HELLO = [
    (Hello(version=1, client="guest"), "unsupported_version", 4002),
    (Hello(version=0, client="guest"), "unsupported_version", 4002),
    (Hello(version=VERSION, client="window", token="x"), "invalid_frame", 4000),
    (Hello(version=VERSION, client="link"), "invalid_frame", 4000),
    (Hello(version=VERSION, client="guest", node=ELSEWHERE), "invalid_frame", 4000),
    (Hello(version=VERSION, client="guest", nick="x" * 25), "invalid_nick", 4000),
    (Hello(version=VERSION, client="guest", nick="a\u202eb"), "invalid_nick", 4000),
    (Join(room="x"), "hello_first", 4000),
    ("no json", "not_json", 4000),
    (b"bytes", "not_text", 4000),
    ('{"type":"hello","version":2,"client":"king"}', "invalid_frame", 4000),
    ('{"type":"hello"}', "invalid_frame", 4000),
    ('{"type":"goodbye"}', "unknown_frame", 4000),
    ("[]", "invalid_frame", 4000),
]


@pytest.mark.parametrize(("first", "code", "close"), REFUSED_AT_HELLO)
async def test_who_says_no_right_hello_is_told_why_and_turned_away(
    server: Server, first: str | bytes | Hello, code: str, close: int
) -> None:
    async with connected(server.lan_url) as client:
        assert (await client.ask(first, Error)).code == code
        assert await client.end() == close


@pytest.mark.parametrize("token", ["", "wrong", "\udc80".encode("utf-8", "surrogatepass").decode("latin-1")])
async def test_the_windows_door_wants_a_key(server: Server, token: str) -> None:
    async with connected(server.window_url) as client:
        error = await client.ask(Hello(version=VERSION, client="window", token=token), Error)
        assert error.code == "unauthorised"
        assert await client.end() == 4001


async def test_a_one_time_token_is_no_key_for_a_socket(server: Server) -> None:
    once = server.new_window_url().partition("#t=")[2]
    async with connected(server.window_url) as client:
        await client.tell(Hello(version=VERSION, client="window", token=once))
        assert await client.end() == 4001


async def test_a_guest_does_not_come_in_by_the_windows_door(server: Server) -> None:
    key = running(server.node.config.data_dir).key
    async with connected(server.window_url) as client:
        error = await client.ask(Hello(version=VERSION, client="guest", token=key), Error)
        assert error.code == "invalid_frame"


async def test_who_says_nothing_is_turned_away_in_time(server: Server, clock: Clock) -> None:
    async with connected(server.lan_url) as silent, guest(server, "Ada") as ada:
        clock.advance(HELLO_TIME)
        assert await silent.end() == 4000
        await ada.open("still here")


async def test_a_second_hello_is_refused(server: Server) -> None:
    async with guest(server) as client:
        error = await client.ask(Hello(version=VERSION, client="guest"), Error)
        assert error.code == "invalid_frame"
        await client.open("still here")


# Refusals -------------------------------------------------------------------------------------------------------------

BAD = [
    ("no json", "not_json"),
    ('{"type":"post"', "not_json"),
    (b"bytes", "not_text"),
    ("[1]", "invalid_frame"),
    ("null", "invalid_frame"),
    ('{"room":"x"}', "invalid_frame"),
    ('{"type":7}', "invalid_frame"),
    ('{"type":"dance"}', "unknown_frame"),
    ('{"type":"welcome"}', "unknown_frame"),
    ('{"type":"post","room":"x","text":"no nonce"}', "invalid_frame"),
    ('{"type":"join","room":7}', "invalid_frame"),
    ('{"type":"join","room":"x","since":-1}', "invalid_frame"),
    ('{"type":"join","room":"x","limit":501}', "invalid_frame"),
    ('{"type":"join","room":"x","since":99999999999999999999}', "invalid_frame"),
    ('{"type":"history","room":"x"}', "invalid_frame"),
    ('{"type":"history","room":"x","before":1,"after":1}', "invalid_frame"),
    ('{"type":"open","name":""}', "invalid_room_name"),
    ('{"type":"open","name":"   "}', "invalid_room_name"),
    ('{"type":"open","name":"' + "x" * 41 + '"}', "invalid_room_name"),
    ('{"type":"open","room":"nowhere"}', "no_such_room"),
    ('{"type":"open","name":"nobody made this","create":false}', "no_such_room"),
    ('{"type":"join","room":"nowhere"}', "no_such_room"),
    ('{"type":"leave","room":"nowhere"}', "no_such_room"),
    ('{"type":"rename","nick":""}', "invalid_nick"),
    ('{"type":"rename","nick":"two\\nlines"}', "invalid_nick"),
    ("[" * 20_000, "invalid_frame"),
    ('{"type":"open","name":"deep","x":' + "[" * 20_000 + "]" * 20_000 + "}", "not_json"),
]


@pytest.mark.parametrize(("frame", "code"), BAD)
async def test_a_bad_frame_is_answered_and_the_connection_goes_on(
    server: Server, frame: str | bytes, code: str
) -> None:
    async with guest(server) as client:
        error = await client.ask(frame, Error)
        assert (error.code, error.retry) == (code, False)
        assert error.message.endswith(".")
        assert "\n" not in error.message
        room = await client.enter("still here")
        await client.say(room, "hello")
        assert (await client.said(room, 1))[0].body.text == "hello"


async def test_unknown_fields_are_passed_over(server: Server) -> None:
    async with guest(server) as client:
        await client.ask('{"type":"open","name":"newer","colour":"red"}', Opened)


async def test_a_refused_post_names_its_nonce_and_its_room(server: Server) -> None:
    async with guest(server) as client:
        room = await client.enter("strict")
        too_long = Post(room=room, nonce="n1", text="x" * (MAX_TEXT + 1))
        error = await client.ask(too_long, Error)
        assert (error.code, error.nonce, error.room) == ("text_too_long", "n1", room)
        assert "4001" in error.message
        error = await client.ask(Post(room=room, nonce="n2", text=" \n "), Error)
        assert (error.code, error.nonce) == ("invalid_frame", "n2")
        error = await client.ask(Post(room=room, nonce="x" * 65, text="x"), Error)
        assert error.code == "invalid_frame"
        await client.say(room, "🍲" * MAX_TEXT)
        assert (await client.said(room, 1))[0].seq == 1


async def test_a_frame_of_64_kib_is_read_and_a_larger_one_ends_the_connection(server: Server) -> None:
    async with guest(server) as client:
        filler = '{"type":"open","name":"full","x":"' + "x" * (protocol.MAX_FRAME - 36) + '"}'
        assert len(filler) == protocol.MAX_FRAME
        await client.ask(filler, Opened)
        await client.tell("x" * (protocol.MAX_FRAME + 1))
        assert await client.end() == 1009


# Rooms ----------------------------------------------------------------------------------------------------------------


# Posts ----------------------------------------------------------------------------------------------------------------


async def test_a_heartbeat_tells_the_top_of_each_joined_room(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEARTBEAT", 0.05)
    async with guest(server) as ada:
        assert ada.welcome.heartbeat == 0.05
        room = await ada.enter("beating")
        await ada.hear(Heartbeat, lambda beat: beat.tops == {room: 0})
        await ada.say(room, "one")
        await ada.hear(Heartbeat, lambda beat: beat.tops == {room: 1})
        await ada.tell(Leave(room=room))
        await ada.hear(Heartbeat, lambda beat: beat.tops == {})


async def test_a_lost_last_message_is_repaired_after_a_heartbeat(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEARTBEAT", 0.05)
    async with guest(server, "Ada") as ada, guest(server, "Bob") as bob:
        room = await ada.enter("lossy")
        await bob.enter("lossy")

        async def lose(group: str, message: object) -> None:
            pass

        with monkeypatch.context() as patch:
            patch.setattr(server.node.layer, "group_send", lose)
            await bob.say(room, "the last")
            await eventually(lambda: server.node.rooms.get(room).top == 1)
        await ada.hear(Heartbeat, lambda beat: beat.tops.get(room) == 1)
        page = await ada.ask(History(room=room, after=0), Page)
        assert [event.body.text for event in page.events] == ["the last"]
        await bob.say(room, "after all")
        assert [event.seq for event in await ada.said(room, 2)] == [1, 2]


# People ---------------------------------------------------------------------------------------------------------------


# Notifications --------------------------------------------------------------------------------------------------------


# Slow readers ---------------------------------------------------------------------------------------------------------


def narrow(info: tuple[Any, ...]) -> socket.socket:
    """A socket into which little fits."""
    sock = socket.socket(*info[:3])
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    return sock


async def test_who_reads_too_slowly_is_cut_off_and_comes_back_by_the_cursor(server: Server) -> None:
    async with (
        guest(server, "Ada") as ada,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(socket_factory=narrow)) as session,
        session.ws_connect(f"{server.lan_url}ws", max_msg_size=0) as sock,
    ):
        slow = Client(sock)
        await slow.ask(Hello(version=VERSION, client="guest", nick="Slow"), Welcome)
        room = await slow.enter("torrent")
        await ada.enter("torrent")
        await ada.hear(Presence, lambda presence: nicks(presence) == ["Ada", "Slow"])
        (lagging,) = (peer for peer in _outboxes(server) if peer._transport.get_extra_info("peername") == _name(sock))
        said = 0
        while not lagging.cut:
            await ada.say(room, "🍲" * 4000, f"{said}")
            await ada.said(room, 1)
            said += 1
            assert said < 2000
        seqs: list[int] = []
        while (message := await sock.receive(timeout=5)).type is aiohttp.WSMsgType.TEXT:
            notice = decode_reply(message.data)
            seqs += [notice.seq] if isinstance(notice, Event) else []
        assert sock.close_code == 4008
        async with guest(server, "Slow") as back:
            joined = await back.join(room, since=seqs[-1], limit=500)
            seqs += [event.seq for event in joined.events]
        assert seqs == list(range(1, said + 1))


def _outboxes(server: Server) -> list[Outbox]:
    """What waits for each guest: those who want the list of rooms are an audience."""
    listeners = server.node.hub._groups[LISTENERS["guest"]]._listeners
    return [listener._session.socket._outbox for listener in listeners]  # type: ignore[attr-defined]


def _name(sock: aiohttp.ClientWebSocketResponse) -> Any:
    return sock.get_extra_info("sockname")


# The end --------------------------------------------------------------------------------------------------------------


async def test_nothing_of_a_client_stays_when_it_is_gone(server: Server) -> None:
    layer = server.node.layer
    assert isinstance(layer, InMemoryChannelLayer)
    await eventually(lambda: set(server.node.hub._groups) == {VERIFICATIONS})  # the node itself listens to this
    before = set(layer.channels)
    async with guest(server) as ada, window(server) as win:
        for client in (ada, win):
            await client.enter("gone")
        assert {OWNERS, *LISTENERS.values()} <= set(server.node.hub._groups)
        assert set(layer.channels) > before
    await eventually(lambda: set(server.node.hub._groups) == {VERIFICATIONS})
    assert set(layer.channels) == before
    assert set(layer.groups) == {VERIFICATIONS}
    assert len(next(iter(server.node.rooms)).presence) == 0
