"""Bytes and numbers that the originals were seen to use."""

import base64
import hashlib
import json
from typing import Any

import pytest

from lanchat.layers import InvalidMessage, LayerError
from lanchat.layers.redis import wire
from lanchat.layers.redis.wire import Codec

CLIENT = "0" * 32
TARGET = f"specific.{CLIENT}!{'a' * 32}"


@pytest.mark.parametrize(
    ("name", "shards"),
    [
        ("key_one", {1: 0, 2: 1, 10: 6}),
        ("key_two", {1: 0, 2: 0, 10: 4}),
        ("room_general", {1: 0, 2: 1, 3: 1, 4: 2, 10: 6}),
        ("asgi__group__room_general", {2: 0, 3: 0, 4: 0, 10: 2}),
    ],
)
def test_a_name_belongs_to_a_server(name: str, shards: dict[int, int]) -> None:
    assert {count: wire.shard_of(name, count) for count in shards} == shards


def test_names_of_keys_and_topics() -> None:
    assert wire.non_local(TARGET) == f"specific.{CLIENT}!"
    assert wire.non_local("jobs") == "jobs"
    assert wire.group_key("asgi", "room_general") == "asgi:group:room_general"
    assert wire.group_topic("chat", "room_general") == "chat__group__room_general"


def test_only_our_own_members_are_leased() -> None:
    ours, theirs = wire.new_client(), "c0ffee00c0ff4e00a0ffee00c0ffee00"
    assert len(ours) == len(theirs) == 32
    assert wire.new_client() != ours
    assert wire.is_leased(f"specific.{ours}!x")
    assert not wire.is_leased(f"specific.{theirs}!x")
    assert not any(map(wire.is_leased, ["jobs", "a!", "specific.inmemory!x", ours, f"{ours}!"]))


@pytest.mark.parametrize(
    ("message", "body"),
    [
        ({"type": "job.run", "n": 1}, b"\x82\xa4type\xa7job.run\xa1n\x01"),
        ({"type": "room_message", "message": "hi"}, b"\x82\xa4type\xacroom_message\xa7message\xa2hi"),
        (
            {"type": "chat.message", "message": "hi", "__asgi_channel__": TARGET},
            b"\x83\xa4type\xacchat.message\xa7message\xa2hi\xb0__asgi_channel__\xd9\x4a" + TARGET.encode(),
        ),
        (
            {"type": "chat.message", "message": "hi", "__asgi_channel__": [TARGET, TARGET]},
            b"\x83\xa4type\xacchat.message\xa7message\xa2hi\xb0__asgi_channel__\x92"
            + (b"\xd9\x4a" + TARGET.encode()) * 2,
        ),
    ],
)
def test_bytes_of_a_message(message: dict[str, Any], body: bytes) -> None:
    assert Codec().encode(message) == body
    assert Codec().decode(body) == message


def test_bytes_of_json() -> None:
    body = b'{"type": "a", "x": "\\u00e9"}'
    assert Codec("json").encode({"type": "a", "x": "é"}) == body
    assert Codec("json").decode(body) == {"type": "a", "x": "é"}


@pytest.mark.parametrize(
    "value",
    [
        *(
            0,
            127,
            128,
            2**16,
            2**32,
            2**64 - 1,
            -1,
            -32,
            -33,
            -(2**63),
            0.1,
            1e300,
            True,
            None,
            "é" * 300,
            "x" * 70_000,
        ),
        *(b"\x00\xff", b"x" * 70_000, [], list(range(20)), list(range(70_000)), {}, {str(n): n for n in range(20)}),
    ],
)
def test_every_value_has_the_bytes_of_the_msgpack_package(value: Any) -> None:
    msgpack = pytest.importorskip("msgpack")
    message = {"type": "t", "value": value, "tuple": (1, (2,))}
    assert Codec().encode(message) == msgpack.packb(message)
    assert Codec().decode(msgpack.packb(message)) == msgpack.unpackb(msgpack.packb(message))


def test_random_bytes_come_first_and_differ() -> None:
    codec = Codec(prefix_length=12)
    first, second = codec.encode({"type": "t"}), codec.encode({"type": "t"})
    assert first[12:] == second[12:] == Codec().encode({"type": "t"})
    assert first[:12] != second[:12]
    assert codec.decode(first) == {"type": "t"}
    assert Codec(prefix_length=-1).encode({}) == b"\x80"


@pytest.mark.parametrize(
    "body", [b"", b"\x81", b"\xc1", b"\x93\x01\x02\x03", b"\xa3abc", b"\x81\x01\x02", b"\xff" * 40, b"\x80\x80"]
)
def test_what_is_no_message_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidMessage, match="no message"):
        Codec().decode(body)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"1", b"\xff", b"[" * 100_000])
def test_what_is_no_json_message_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidMessage, match="no message"):
        Codec("json").decode(body)


def test_a_message_that_the_format_cannot_carry_is_refused() -> None:
    with pytest.raises(InvalidMessage):
        Codec("json").encode({"type": "t", "bytes": b"x"})


def test_another_format_is_refused() -> None:
    with pytest.raises(LayerError, match="No serializer is called 'pickle'; known are json, msgpack"):
        Codec("pickle")


def test_one_key_is_not_a_list_of_keys() -> None:
    with pytest.raises(TypeError):
        Codec(keys="secret")


class TestEncryption:
    @pytest.fixture(autouse=True)
    def needed(self) -> None:
        self.package: Any = pytest.importorskip("cryptography.fernet")

    def test_the_key_is_the_hash_of_the_passphrase(self) -> None:
        key = base64.urlsafe_b64encode(hashlib.sha256(b"k1").digest())
        assert key == b"arnx6499M4j0-dWG9m6Z_VQIDfLERvDlhmiwnAihbdA="
        token = Codec("json", keys=["k1"]).encode({"type": "t"})
        assert json.loads(self.package.Fernet(key).decrypt(token)) == {"type": "t"}

    def test_random_bytes_stay_outside(self) -> None:
        assert Codec(keys=["k1"], prefix_length=12).encode({"type": "t"})[12:].startswith(b"gAAAAA")

    def test_the_first_key_encrypts_and_all_decrypt(self) -> None:
        old, both, new = Codec(keys=["old"]), Codec(keys=["new", "old"]), Codec(keys=["new"])
        assert both.decode(old.encode({"n": 1})) == new.decode(both.encode({"n": 1})) == {"n": 1}
        for foreign in (both.encode({"n": 1}), b"\x80", b""):
            with pytest.raises(InvalidMessage, match="no key fits"):
                old.decode(foreign)


def test_without_its_package_encryption_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "cryptography.fernet", None)
    with pytest.raises(LayerError, match=r"pip install 'lanchat\[redis\]'"):
        Codec(keys=["k1"])
