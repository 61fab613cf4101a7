"""A client of our protocol, from its hello to its end, against a real node over a real socket."""

import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from lanchat import protocol
from lanchat.consumers.outbox import Outbox
from lanchat.identity import fresh_nonce, prove
from lanchat.lan.connection import dialling_context
from lanchat.layers import InMemoryChannelLayer
from lanchat.protocol import (
    MAX_TEXT,
    VERSION,
    Author,
    Challenge,
    Command,
    Error,
    Event,
    Heartbeat,
    Hello,
    History,
    Join,
    Joined,
    Leave,
    NodeInfo,
    Open,
    Opened,
    Page,
    Post,
    Presence,
    Prove,
    RoomList,
    Welcome,
    guest_id,
    is_guest_id,
)
from lanchat.protocol.codec import decode_reply
from lanchat.rooms import VERIFICATIONS
from lanchat.sessions.context import LISTENERS, OWNERS
from lanchat.sessions.timers import HELLO_TIME
from lanchat.web.server import Server
from tests.support.certificates import certificate_of, certified
from tests.support.clients import ELSEWHERE, Client, connected, guest, link, nicks, running, script, window
from tests.support.clock import Clock
from tests.support.conditions import eventually
from tests.support.identity import OTHER_SEAL

SECRET = "0f3a9b52c4d1e87760b1a2c3d4e5f607"


@pytest.fixture
def server(shared_node: Server) -> Server:
    return shared_node


# Hello ----------------------------------------------------------------------------------------------------------------


async def test_a_hello_is_answered_with_a_welcome_before_everything_else(server: Server) -> None:
    async with connected(server.lan_url) as client:
        await client.tell(Hello(version=VERSION, client="guest", nick="Ada", secret=SECRET))
        first = json.loads(await client.socket.receive_str(timeout=5))
        assert first["type"] == "welcome"
        assert first["you"] == {"id": guest_id(SECRET), "nick": "Ada"}
        assert first["node"]["id"] == server.node.info.id
        assert (first["heartbeat"], first["silence"], first["max_text"]) == (10.0, 25.0, 4000)
        later = [json.loads(await client.socket.receive_str(timeout=5))["type"] for _ in range(2)]
        assert later == ["memberships", "rooms"]


async def test_a_guest_without_a_name_is_called_guest_and_gets_an_id(server: Server) -> None:
    async with guest(server, nick="") as one, guest(server, nick="") as two:
        assert (one.me.nick, two.me.nick) == ("Guest", "Guest")
        assert one.me.id != two.me.id
        assert is_guest_id(one.me.id)


async def test_a_guest_is_known_again_by_a_secret_and_by_nothing_else(server: Server) -> None:
    async with guest(server, "Ada", SECRET) as ada:
        room = await ada.enter("secrets")
        await ada.say(room, "mine")
        (said,) = await ada.said(room, 1)
    async with connected(server.lan_url) as thief:
        claim = {"type": "hello", "version": VERSION, "client": "guest", "nick": "Ada", "id": said.author.id}
        assert (await thief.ask(json.dumps(claim), Welcome)).you.id != said.author.id
        await thief.join(room)
        taken = Post(room=room, nonce="n", kind="edit", text="not mine", target=said.nonce)
        assert (await thief.ask(taken, Error)).code == "not_yours"
    for secret in (said.author.id, said.author.id.removeprefix("g-"), server.node.me.id):
        async with guest(server, "Ada", secret) as thief:
            assert thief.me.id not in {said.author.id, server.node.me.id}
    async with guest(server, "Ada", SECRET) as again:
        assert again.me == said.author


@pytest.mark.parametrize("secret", ["x", "x" * 21, "x" * 129, "with space and enough of it", "ä" * 30, "x" * 30 + "\n"])
async def test_a_secret_that_can_be_guessed_or_is_none_is_refused(server: Server, secret: str) -> None:
    async with connected(server.lan_url) as client:
        hello = Hello(version=VERSION, client="guest", secret=secret)
        assert (await client.ask(hello, Error)).code == "invalid_frame"


async def test_a_window_is_the_owner(server: Server) -> None:
    async with window(server) as client:
        assert client.me == server.node.me == Author(id=server.node.me.id, nick="Tester")
        await client.hear(RoomList)


async def test_a_script_at_the_window_may_be_the_owner_or_somebody_else(server: Server) -> None:
    key = running(server.node.config.data_dir).key
    async with connected(server.window_url) as mine, connected(server.window_url) as other:
        owner = await mine.ask(Hello(version=VERSION, client="script", token=key), Welcome)
        assert owner.you == server.node.me
        hello = Hello(version=VERSION, client="script", token=key, nick="Bot", secret=owner.you.id)
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
    await eventually(lambda: VERIFICATIONS in layer.groups)  # the node itself listens to this
    before = set(layer.channels)
    async with guest(server) as ada, window(server) as win:
        for client in (ada, win):
            await client.enter("gone")
        assert {OWNERS, *LISTENERS.values()} <= set(server.node.hub._groups)
        assert set(layer.channels) > before
    await eventually(lambda: server.node.hub._groups == {})
    assert set(layer.channels) == before
    assert set(layer.groups) == {VERIFICATIONS}
    assert len(next(iter(server.node.rooms)).presence) == 0


# The proof of a link --------------------------------------------------------------------------------------------------


@asynccontextmanager
async def by_tls(server: Server) -> AsyncIterator[Client]:
    """A client that came by TLS and has said nothing yet."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{server.secure_url}ws", ssl=dialling_context()) as socket,
    ):
        yield Client(socket)


def link_hello(room: str, nonce: str, node: NodeInfo = ELSEWHERE) -> Hello:
    seal = OTHER_SEAL
    vow = seal.vow(node.id)
    return Hello(version=VERSION, client="link", node=node, owner=seal.id, owner_signature=vow, room=room, nonce=nonce)


def proof_of(node: NodeInfo, server: str, room: str, nonces: tuple[str, str]) -> Prove:
    der, signature = prove(certificate_of(node.id), server, room, nonces)
    return Prove(certificate=der, signature=signature)


async def test_a_link_without_tls_is_turned_away(server: Server) -> None:
    room = (await server.node.rooms.open("linked")).id
    async with connected(server.lan_url) as client:
        assert (await client.ask(link_hello(room, fresh_nonce()), Error)).code == "not_secure"
        assert await client.end() == 4001


async def test_a_link_is_welcome_once_it_has_proved_which_node_it_is(server: Server) -> None:
    room, ours = (await server.node.rooms.open("linked")).id, fresh_nonce()
    async with by_tls(server) as client:
        await client.tell(link_hello(room, ours))
        theirs = (await client.hear(Challenge)).nonce
        await client.tell(proof_of(ELSEWHERE, server.node.keyring.node.fingerprint, room, (ours, theirs)))
        assert (await client.hear(Welcome)).node == server.node.info
        assert (await client.ask(proof_of(ELSEWHERE, "", room, (ours, theirs)), Error)).code == "invalid_frame"
        assert (await client.ask(Join(room=room), Joined)).top == 0


OTHER_SERVER = certificate_of(certified("other").id).fingerprint
SPOILT: dict[str, Callable[[str, str, tuple[str, str]], Prove]] = {
    "another node": lambda server, room, nonces: proof_of(certified("mallory"), server, room, nonces),
    "another server": lambda _, room, nonces: proof_of(
        ELSEWHERE, certificate_of(ELSEWHERE.id).fingerprint, room, nonces
    ),
    "another room": lambda server, _, nonces: proof_of(ELSEWHERE, server, "another", nonces),
    "another nonce": lambda server, room, nonces: proof_of(ELSEWHERE, server, room, (nonces[0], fresh_nonce())),
    "no signature": lambda server, room, nonces: Prove(
        certificate=proof_of(ELSEWHERE, server, room, nonces).certificate, signature=""
    ),
    "nothing": lambda *_: Prove(certificate="", signature=""),
}


@pytest.mark.parametrize("wrong", SPOILT)
async def test_a_link_that_proves_something_else_is_turned_away(server: Server, wrong: str) -> None:
    room, ours = (await server.node.rooms.open("linked")).id, fresh_nonce()
    async with by_tls(server) as client:
        await client.tell(link_hello(room, ours))
        theirs = (await client.hear(Challenge)).nonce
        await client.tell(SPOILT[wrong](server.node.keyring.node.fingerprint, room, (ours, theirs)))
        assert (await client.hear(Error)).code == "not_proven"
        assert await client.end() == 4001


async def test_a_proof_that_was_overheard_is_good_for_nothing(server: Server) -> None:
    room, ours = (await server.node.rooms.open("linked")).id, fresh_nonce()
    fingerprint = server.node.keyring.node.fingerprint
    async with by_tls(server) as client:
        await client.tell(link_hello(room, ours))
        overheard = proof_of(ELSEWHERE, fingerprint, room, (ours, (await client.hear(Challenge)).nonce))
        await client.tell(overheard)
        await client.hear(Welcome)
    async with by_tls(server) as again:
        await again.tell(link_hello(room, ours))
        await again.hear(Challenge)
        await again.tell(overheard)
        assert (await again.hear(Error)).code == "not_proven"


@pytest.mark.parametrize(
    "command",
    [Join(room="r"), Post(room="r", nonce="n", text="x"), Hello(version=VERSION, client="guest"), Leave(room="r")],
)
async def test_before_its_proof_nothing_else_is_taken_from_a_link(server: Server, command: Command) -> None:
    room = (await server.node.rooms.open("linked")).id
    async with by_tls(server) as client:
        await client.tell(link_hello(room, fresh_nonce()))
        await client.hear(Challenge)
        await client.tell(command)
        assert (await client.hear(Error)).code == "not_proven"
        assert await client.end() == 4001


@pytest.mark.parametrize(("nonce", "room"), [("", "r" * 32), ("x" * 42, "r" * 32), ("x" * 43, ""), ("x" * 43, "a b")])
async def test_a_link_says_a_nonce_and_a_room(server: Server, nonce: str, room: str) -> None:
    async with by_tls(server) as client:
        assert (await client.ask(link_hello(room, nonce), Error)).code == "invalid_frame"
        assert await client.end() == 4000


async def test_a_link_that_never_proves_anything_is_closed_in_time(server: Server, clock: Clock) -> None:
    room = (await server.node.rooms.open("linked")).id
    async with by_tls(server) as client:
        await client.tell(link_hello(room, fresh_nonce()))
        await client.hear(Challenge)
        clock.advance(HELLO_TIME + 1)
        assert (await client.socket.receive()).type is aiohttp.WSMsgType.CLOSE
        assert client.socket.close_code == 4000


async def test_a_link_is_for_its_room_only(server: Server) -> None:
    other = (await server.node.rooms.open("another room")).id
    async with link(server, ELSEWHERE, "linked") as far:
        for command in (Join(room=other), History(room=other, after=0), Post(room=other, nonce="n", text="x")):
            refused = await far.ask(command, Error)
            assert (refused.code, "another room" in refused.message) == ("invalid_frame", True)
        assert (await far.ask(Open(name="a third room"), Error)).code == "invalid_frame"
