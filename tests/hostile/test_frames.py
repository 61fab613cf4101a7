"""What no WebSocket client and no program of ours sends, after the handshake: each row is one trick.

A connection that breaks the protocol is closed with a code, one that sends nonsense within it is told what was wrong
and goes on; whoever else is there notices nothing, and the log has no traceback.
"""

import asyncio
import json
import logging
import struct
from collections.abc import Iterator
from typing import NamedTuple

import aiohttp
import pytest

from lanchat.protocol import MAX_TEXT, VERSION, Error, Hello, Opened
from lanchat.protocol.codec import encode
from lanchat.web.server import Server
from tests.support.clients import Client, guest
from tests.support.conditions import LONG
from tests.unit.web.test_entrance import MASK, Raw, raw

FIN, TEXT, BINARY, CLOSE, PING = 0x80, 0x1, 0x2, 0x8, 0x9
PROTOCOL, NO_UTF8, TOO_BIG, INVALID_CODE = 1002, 1007, 1009, 1002


def frame(first: int, payload: bytes = b"", *, masked: bool = True, claimed: int | None = None) -> bytes:
    """Make a frame by hand; `claimed` is the length that it says it has."""
    length = len(payload) if claimed is None else claimed
    bit = 0x80 if masked else 0
    if length < 126:
        head = bytes((first, bit | length))
    elif length < 1 << 16:
        head = bytes((first, bit | 126)) + struct.pack("!H", length)
    else:
        head = bytes((first, bit | 127)) + struct.pack("!Q", length)
    return head + (MASK if masked else b"") + payload


HELLO = encode(Hello(version=VERSION, client="guest"))
BROKEN = {
    "frame-larger-than-all-memory": (frame(FIN | TEXT, claimed=(1 << 63) - 1), TOO_BIG),
    "frame-one-byte-too-large": (frame(FIN | TEXT, b"x" * 65_537), TOO_BIG),
    "frame-too-large-in-pieces": (frame(TEXT, b"x" * 40_000) + frame(0, b"x" * 40_000), TOO_BIG),
    "frame-of-a-negative-length": (frame(FIN | TEXT, claimed=(1 << 64) - 1), TOO_BIG),
    "frame-compressed-though-not-agreed": (frame(FIN | 0x40 | TEXT, b"x"), PROTOCOL),
    "frame-with-a-reserved-bit": (frame(FIN | 0x20 | TEXT, b"x"), PROTOCOL),
    "frame-of-a-reserved-kind": (frame(FIN | 0x3, b"x"), PROTOCOL),
    "frame-of-a-reserved-control-kind": (frame(FIN | 0xB, b"x"), PROTOCOL),
    "frame-continues-nothing": (frame(FIN, b"x"), PROTOCOL),
    "frame-begins-within-another": (frame(TEXT, b"x") + frame(FIN | TEXT, b"x"), PROTOCOL),
    "frame-no-utf-8": (frame(FIN | TEXT, b"\xff\xfe"), NO_UTF8),
    "frame-half-a-character": (frame(FIN | TEXT, b"\xf0\x9f"), NO_UTF8),
    "ping-too-long": (frame(FIN | PING, b"x" * 126), PROTOCOL),
    "ping-in-pieces": (frame(PING, b"x"), PROTOCOL),
    "close-of-one-byte": (frame(FIN | CLOSE, b"x"), PROTOCOL),
    "close-with-a-code-of-nobody": (frame(FIN | CLOSE, struct.pack("!H", 999)), PROTOCOL),
    "close-with-no-utf-8": (frame(FIN | CLOSE, struct.pack("!H", 1000) + b"\xff"), NO_UTF8),
    "no-frame-at-all": (b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", PROTOCOL),
}
"""Raw bytes, and the code with which the connection is closed."""


class Nonsense(NamedTuple):
    """A text frame within the protocol, and the code of its error."""

    text: str | bytes
    code: str


def _post(**fields: object) -> str:
    return json.dumps({"type": "post", "room": "x", "nonce": "n", "text": "t", **fields})


NONSENSE = {
    "json-empty": Nonsense("", "not_json"),
    "json-space": Nonsense(" ", "not_json"),
    "json-half": Nonsense('{"type": "post"', "not_json"),
    "json-two-values": Nonsense('{"type": "leave", "room": "x"}{}', "not_json"),
    "json-nested-lists": Nonsense("[" * 60_000, "invalid_frame"),
    "json-nested-lists-closed": Nonsense("[" * 30_000 + "]" * 30_000, "invalid_frame"),
    "json-nested-objects": Nonsense('{"a":' * 10_000 + "1" + "}" * 10_000, "not_json"),
    "json-nested-in-a-field": Nonsense(f'{{"type": "post", "room": {"[" * 30_000}{"]" * 30_000}}}', "invalid_frame"),
    "json-list": Nonsense("[]", "invalid_frame"),
    "json-null": Nonsense("null", "invalid_frame"),
    "json-number": Nonsense("1e999", "invalid_frame"),
    "json-large-number": Nonsense("9" * 5_000, "invalid_frame"),
    "json-not-a-number": Nonsense('{"type": "read", "room": "x", "seq": NaN}', "not_json"),
    "json-half-a-pair": Nonsense(r'{"type": "post", "room": "x", "nonce": "n", "text": "\ud800"}', "not_json"),
    "json-nul": Nonsense('\x00{"type": "leave"}', "not_json"),
    "json-mark-of-byte-order": Nonsense('\ufeff{"type": "leave", "room": "x"}', "not_json"),
    "json-single-quotes": Nonsense("{'type': 'leave'}", "not_json"),
    "type-missing": Nonsense("{}", "invalid_frame"),
    "type-null": Nonsense('{"type": null}', "invalid_frame"),
    "type-list": Nonsense('{"type": ["post"]}', "invalid_frame"),
    "type-of-a-reply": Nonsense('{"type": "welcome"}', "unknown_frame"),
    "type-of-python": Nonsense('{"type": "__class__"}', "unknown_frame"),
    "type-very-long": Nonsense(json.dumps({"type": "x" * 60_000}), "unknown_frame"),
    "type-of-marks": Nonsense(json.dumps({"type": "\x1b[2J\u202e"}), "unknown_frame"),
    "field-missing": Nonsense('{"type": "join"}', "invalid_frame"),
    "field-of-another-type": Nonsense('{"type": "join", "room": 7}', "invalid_frame"),
    "field-true-for-a-number": Nonsense('{"type": "read", "room": "x", "seq": true}', "invalid_frame"),
    "field-half-a-number": Nonsense('{"type": "read", "room": "x", "seq": 1.5}', "invalid_frame"),
    "field-of-65-bits": Nonsense(f'{{"type": "read", "room": "x", "seq": {1 << 64}}}', "invalid_frame"),
    "field-negative": Nonsense('{"type": "read", "room": "x", "seq": -1}', "invalid_frame"),
    "field-ref-negative": Nonsense('{"type": "leave", "room": "x", "ref": -1}', "invalid_frame"),
    "field-ref-too-high": Nonsense(f'{{"type": "leave", "room": "x", "ref": {1 << 60}}}', "invalid_frame"),
    "field-limit-too-high": Nonsense('{"type": "join", "room": "x", "limit": 1000000}', "invalid_frame"),
    "post-text-too-long": Nonsense(_post(text="x" * (MAX_TEXT + 1)), "text_too_long"),
    "post-text-empty": Nonsense(_post(text=""), "invalid_frame"),
    "post-nonce-empty": Nonsense(_post(nonce=""), "invalid_frame"),
    "post-nonce-too-long": Nonsense(_post(nonce="x" * 65), "invalid_frame"),
    "post-kind-of-nobody": Nonsense(_post(kind="sudo"), "invalid_frame"),
    "post-edit-of-nothing": Nonsense(_post(kind="edit"), "invalid_frame"),
    "post-emoji-of-markup": Nonsense(
        _post(kind="reaction", target="n", emoji="<img src=x onerror=x>"), "invalid_frame"
    ),
    "post-emoji-of-marks": Nonsense(_post(kind="reaction", target="n", emoji="\u202e"), "invalid_frame"),
    "post-in-no-room": Nonsense(_post(room="../../etc/passwd"), "no_such_room"),
    "open-a-path": Nonsense('{"type": "open", "room": "../../etc/passwd"}', "no_such_room"),
    "open-controls": Nonsense(json.dumps({"type": "open", "name": "a\x1b[2Jb"}), "invalid_room_name"),
    "open-bidi": Nonsense(json.dumps({"type": "open", "name": "a\u202eb"}), "invalid_room_name"),
    "open-nothing-visible": Nonsense(json.dumps({"type": "open", "name": "\u3164\u2800"}), "invalid_room_name"),
    "open-too-long": Nonsense(json.dumps({"type": "open", "name": "x" * 41}), "invalid_room_name"),
    "rename-bidi": Nonsense(json.dumps({"type": "rename", "nick": "a\u202eb"}), "invalid_nick"),
    "rename-too-long": Nonsense(json.dumps({"type": "rename", "nick": "x" * 5_000}), "invalid_nick"),
    "announce-as-a-guest": Nonsense('{"type": "announce", "text": "Lunch"}', "not_owner"),
    "export-as-a-guest": Nonsense('{"type": "export", "room": "x"}', "not_owner"),
    "import-as-a-guest": Nonsense('{"type": "import", "size": 5}', "not_owner"),
    "hello-again": Nonsense(HELLO.decode(), "invalid_frame"),
    "bytes": Nonsense(b"\x00\x01", "not_text"),
    "bytes-of-json": Nonsense(HELLO, "not_text"),
}

FIRST: dict[str, tuple[str | bytes, int, str]] = {
    "hello-missing": ('{"type": "leave", "room": "x"}', 4000, "hello_first"),
    "hello-of-the-future": (
        json.dumps({"type": "hello", "version": 99, "client": "guest"}),
        4002,
        "unsupported_version",
    ),
    "hello-of-no-version": (json.dumps({"type": "hello", "client": "guest"}), 4000, "invalid_frame"),
    "hello-of-a-window-at-the-network": (
        json.dumps({"type": "hello", "version": VERSION, "client": "window"}),
        4000,
        "invalid_frame",
    ),
    "hello-of-a-link-without-a-node": (
        json.dumps({"type": "hello", "version": VERSION, "client": "link"}),
        4000,
        "invalid_frame",
    ),
    "hello-no-json": ("GET /", 4000, "not_json"),
    "hello-of-bytes": (HELLO, 4000, "not_text"),
}
"""What comes in the place of a hello, the code of the close and that of the error."""


@pytest.fixture(autouse=True)
def no_traceback(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """What a stranger sends is no error of ours."""
    yield
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


async def end_of(client: Raw) -> int | None:
    """Read until the node closes, and return the code of its close frame, which is the last frame.

    None when the connection was reset: the close frame of a node that has more to read may be lost.
    """
    data = bytearray()
    try:
        async with asyncio.timeout(LONG):
            while more := await client.reader.read(4096):
                data += more
    except ConnectionResetError:
        return None
    place = data.rfind(b"\x88")
    assert place >= 0, data[-100:]
    return int(struct.unpack("!H", data[place + 2 : place + 4])[0])


@pytest.mark.parametrize("door", ["plain", "tls"])
@pytest.mark.parametrize("greeted", [False, True])
@pytest.mark.parametrize("trick", BROKEN)
async def test_a_broken_frame_ends_the_connection(shared_node: Server, trick: str, greeted: bool, door: str) -> None:
    data, code = BROKEN[trick]
    async with guest(shared_node) as other:
        async with raw(shared_node.lan_url if door == "plain" else shared_node.secure_url) as (client,):
            await client.upgrade()
            if greeted:
                await client.send(frame(FIN | TEXT, HELLO))
            await client.send(data)
            assert await end_of(client) in ({code, None} if code == TOO_BIG else {code})
        assert (await other.open("general")).name == "general"


@pytest.mark.parametrize("trick", NONSENSE)
@pytest.mark.parametrize("door", ["plain", "tls"])
async def test_nonsense_is_told_and_the_connection_goes_on(shared_node: Server, trick: str, door: str) -> None:
    text, code = NONSENSE[trick]
    async with guest(shared_node, url="" if door == "plain" else shared_node.secure_url) as client:
        await client.tell(text)
        error = await client.hear(Error)
        assert error.code == code
        assert error.message.isprintable()
        assert len(error.message) < 500
        assert (await client.open("general")).name == "general"


@pytest.mark.parametrize("trick", FIRST)
async def test_what_is_no_hello_ends_the_connection(shared_node: Server, trick: str) -> None:
    text, close, code = FIRST[trick]
    url = f"{shared_node.lan_url}ws"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        client = Client(socket)
        await client.tell(text)
        assert (await client.hear(Error)).code == code
        assert await client.end() == close


@pytest.mark.parametrize("door", ["plain", "tls"])
async def test_an_unmasked_frame_is_no_way_in(shared_node: Server, door: str) -> None:
    """RFC 6455, section 5.1, wants it refused. aiohttp reads it; it says nothing that a masked one could not."""
    async with raw(shared_node.lan_url if door == "plain" else shared_node.secure_url) as (client,):
        await client.upgrade()
        await client.send(frame(FIN | TEXT, b'{"type": "leave", "room": "x"}', masked=False))
        assert await end_of(client) in {PROTOCOL, 4000}


async def test_fields_that_nobody_knows_are_passed_over(shared_node: Server) -> None:
    async with guest(shared_node) as client:
        said = '{"type": "open", "name": "general", "ref": 7, "__proto__": {"x": 1}, "constructor": 1, "type": "open"}'
        assert (await client.ask(said, Opened)).room.name == "general"
