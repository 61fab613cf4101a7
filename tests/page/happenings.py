"""What happens around the people before a page: a room fills, a disk is full."""

import resource
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from msgspec.structs import replace

from lanchat.lan.connection.dial import dial
from lanchat.protocol import VERSION, Event, Hello, Join, Joined, Open, Opened, Post
from tests.page.conftest import House
from tests.page.person import LOBBY


@contextmanager
def no_space() -> Iterator[None]:
    """This process, and so the node in it, can write to no file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def fill(house: House, count: int) -> list[str]:
    """Say so many things in LOBBY before anybody comes."""
    texts = [f"Message {number}" for number in range(1, count + 1)]
    await say(house, [Post(room="", nonce=text.replace(" ", "-"), text=text) for text in texts])
    return texts


async def say(house: House, posts: Sequence[Post]) -> None:
    """Let a program post in LOBBY, and wait until the last post is kept."""
    hello = Hello(version=VERSION, client="script", secret="a-script-of-the-tests-of-the-page", nick="Script")
    async with dial(house.guest_url, hello) as connection:
        room = (await connection.ask(Open(name=LOBBY), Opened)).room
        await connection.ask(Join(room=room.id), Joined)
        for post in posts:
            await connection.send(replace(post, room=room.id))
        async for notice in connection:
            if isinstance(notice, Event) and notice.nonce == posts[-1].nonce:
                break
