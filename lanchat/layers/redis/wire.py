"""What travels to Redis, to the byte: names of keys and topics, the shard of a name, and the form of a message.

The format is that of the channel layers of channels_redis and Fast Channels, in both directions. Nothing here does I/O.
"""

import base64
import functools
import hashlib
import importlib
import os
import re
import time
import uuid
import zlib
from collections.abc import Sequence
from typing import Protocol

from lanchat.layers.errors import InvalidMessage, LayerError
from lanchat.layers.message import Message
from lanchat.layers.serializers import forms

IN_FLIGHT = "$inflight"
"""What the originals append to a queue's key for what they have taken and not yet handled."""

_SHARDS = 4096
_VERSION_AT = 12
_OURS = "8"
_CLIENT = re.compile(r"\.([0-9a-f]{32})!$")


def shard_of(name: str, count: int) -> int:
    """Return which of `count` servers is responsible for `name`."""
    return 0 if count == 1 else int((zlib.crc32(name.encode()) & 0xFFF) / (_SHARDS / count))


def non_local(channel: str) -> str:
    """Return the part of a channel's name that its process has in common: up to the exclamation mark, with it."""
    head, mark, _ = channel.partition("!")
    return head + mark


def group_key(prefix: str, group: str) -> str:
    """Return the key of a group's members in the queue layer."""
    return f"{prefix}:group:{group}"


def group_topic(prefix: str, group: str) -> str:
    """Return the topic to which a group's messages are published in the pub/sub layer."""
    return f"{prefix}__group__{group}"


def roll_key(prefix: str, group: str) -> str:
    """Return the key of a group's members in the pub/sub layer; the originals have none and do not read it."""
    return f"{prefix}__members__{group}"


def new_client() -> str:
    """Return a random id for the channels of one event loop.

    It is a UUID of version 8, so that its members are known as leased; the originals use version 4 of the same form.
    """
    drawn = uuid.uuid4().hex
    return drawn[:_VERSION_AT] + _OURS + drawn[_VERSION_AT + 1 :]


def client_of(channel: str) -> str | None:
    """Return the id of the process or event loop that alone receives `channel`; None when its name names none."""
    return _client_in(non_local(channel))


def is_leased(channel: str) -> bool:
    """Return whether a member's process renews its membership; the members of the originals last by `group_expiry`."""
    client = client_of(channel)
    return client is not None and client[_VERSION_AT] == _OURS


def history_keys(prefix: str, group: str) -> tuple[str, str]:
    """Return the keys of a group's history: its stream, and how far that is. They are in one slot of a cluster."""
    stream = f"{prefix}:history:{{{group}}}"
    return stream, f"{stream}:top"


class Cipher(Protocol):
    """What encrypts: a MultiFernet of the package cryptography."""

    def encrypt(self, msg: bytes) -> bytes:
        """Return the token for `msg`."""

    def decrypt(self, msg: bytes, ttl: int | None) -> bytes:
        """Return the content of the token `msg`, when it is at most `ttl` seconds old."""


class Codec:
    """Turns messages into bytes and back.

    Args:
        form: a format by its name; see `forms.MessageForm`.
        keys: passphrases; the first encrypts, all decrypt. None are used without encryption.
        prefix_length: random bytes put in front, so that equal messages are different members of a sorted set.
        ttl: seconds that an encrypted message is valid; None for ever.

    Raises:
        LayerError: the form is not known, or `keys` are given and the package for them is missing.
    """

    def __init__(
        self,
        form: str = "msgpack",
        *,
        keys: Sequence[str | bytes] = (),
        prefix_length: int = 0,
        ttl: int | None = None,
    ) -> None:
        if isinstance(keys, str | bytes):
            raise TypeError("symmetric_encryption_keys is a list of keys, not one key.")
        self._form = forms.MessageForm(form)
        self._prefix_length = max(0, prefix_length)
        self._ttl = ttl
        self._cipher: Cipher | None = None
        self._invalid: type[Exception] = ValueError
        if keys:
            self._cipher, self._invalid = _cipher(keys)

    def encode(self, message: Message, kind: str = "channel", name: str = "") -> bytes:
        """Return the bytes of `message`. Takes and raises what `MessageForm.encode` does."""
        body = self._form.encode(message, kind, name)
        if self._cipher is not None:
            body = self._cipher.encrypt(body)
        return os.urandom(self._prefix_length) + body if self._prefix_length else body

    def decode(self, body: bytes) -> Message:
        """Return the message of `body`. Raises InvalidMessage when it is not valid."""
        body = body[self._prefix_length :]
        if self._cipher is not None:
            try:
                body = self._cipher.decrypt(body, self._ttl)
            except self._invalid:
                raise InvalidMessage("The bytes are no message: no key fits, or it is too old.") from None
        return self._form.decode(body)


@functools.lru_cache(maxsize=4096)
def _client_in(head: str) -> str | None:
    named = _CLIENT.search(head)
    return named[1] if named else None


def cutoff(expiry: float) -> float:
    """Return the score up to which what was queued or joined has expired, in seconds since 1970."""
    return time.time() - expiry


def _cipher(keys: Sequence[str | bytes]) -> tuple[Cipher, type[Exception]]:
    """Return what encrypts with `keys`, and what it raises for a token that is not valid."""
    try:
        package = importlib.import_module("cryptography.fernet")
    except ModuleNotFoundError:
        raise LayerError(
            "Encryption needs the package cryptography; install it with: pip install 'lanchat[redis]'"
        ) from None
    raw = [key.encode() if isinstance(key, str) else key for key in keys]
    single = [package.Fernet(base64.urlsafe_b64encode(hashlib.sha256(key).digest())) for key in raw]
    return package.MultiFernet(single), package.InvalidToken
