"""Lanchat for a script of ten lines: `from lanchat import send, announce`. No node and no window is started.

The plain functions wait until it is done; those that end in `_async` are for programs with an event loop. Settings come
from `lanchat.toml` and the environment, as for `lanchat send`.
"""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

from lanchat.client import send as client
from lanchat.client.find import Lookup
from lanchat.config import load_config

T = TypeVar("T")


def send(room: str, text: str, *, nick: str = "", host: str = "", nonce: str = "", once: bool = False) -> int:
    """Send a text to a room, and return once its home has kept it, or this machine where the home does not answer.

    Args:
        room: its name. It is looked for on this machine's node, which makes it when there is none, then on the network.
        text: what to send; more than 4000 characters become several messages.
        nick: the name to send it under; empty: that of the person whose node it is.
        host: the one node to ask, as `192.0.2.5:28280`; empty to search.
        nonce: by which the message is known: what is sent again under it is there once.
        once: whether the same text, sent again within ten minutes, is there once.

    Returns:
        The number of the message in its room, of the last one if there are several; 0 while it waits for the home.

    Raises:
        LanchatError: it was not kept; the text of the error is one sentence that says why.
        RuntimeError: an event loop runs in this thread.
    """
    return _run(send_async(room, text, nick=nick, host=host, nonce=nonce, once=once))


def announce(text: str, *, nick: str = "") -> None:
    """Announce something to everybody on this machine's node and in the rooms that have their home there.

    Args:
        text: what to announce, at most 4000 characters.
        nick: the name to announce it under; empty: that of the person whose node it is.

    Raises:
        LanchatError: it was not announced; the text of the error is one sentence that says why.
        RuntimeError: an event loop runs in this thread.
    """
    _run(announce_async(text, nick=nick))


async def send_async(
    room: str, text: str, *, nick: str = "", host: str = "", nonce: str = "", once: bool = False
) -> int:
    """The same as `send`, for programs with an event loop."""
    config = load_config({"nick": nick or None})
    search, how = Lookup(config=config, host=host), client.Saying(nonce=nonce, once=once)
    return [sent.seq async for sent in client.send_text(search, room, text, how)][-1]


async def announce_async(text: str, *, nick: str = "") -> None:
    """The same as `announce`, for programs with an event loop."""
    await client.announce(load_config({"nick": nick or None}), text)


def _run(work: Coroutine[None, None, T]) -> T:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    work.close()
    raise RuntimeError("An event loop runs in this thread; await send_async or announce_async there.")
