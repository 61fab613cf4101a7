"""Everything is said three times, in any order, on two connections."""

import asyncio
import random
from collections import defaultdict
from pathlib import Path

import pytest

from lanchat.lan.connection.connection import Connection
from lanchat.lan.connection.dial import dial
from lanchat.protocol import VERSION, Event, Hello, Join, Joined, Post
from tests.recovery.crowd import CATCH_UP, one_node
from tests.support.conditions import eventually


@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.soak)])
async def test_a_storm_of_retries(
    tmp_path: Path, dice: random.Random, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("POST", "ROOM_POST", "FRAME", "BYTE"):  # otherwise it is told to slow down, and read slowly
        monkeypatch.setenv(f"LANCHAT_LIMITS_{name}_BURST", "100000000")
    async with one_node(tmp_path) as crowd:
        await crowd.come(2, crowd.home.url)
        nonces = [f"storm {number}" for number in range(count)]
        posts = [Post(room=crowd.room, nonce=nonce, text=nonce) for nonce in nonces * 3]
        dice.shuffle(posts)
        for nonce in nonces:
            crowd.history.invoke("storm", nonce)
        heard: list[Event] = []
        hello = Hello(version=VERSION, client="guest", secret="retries-storm-of-one-guest", nick="Storm")
        async with dial(crowd.home.url, hello) as one, dial(crowd.home.url, hello) as two:
            for connection in (one, two):
                await connection.ask(Join(room=crowd.room), Joined)
            tasks = [asyncio.create_task(hear(connection, heard)) for connection in (one, two)]
            await asyncio.gather(send(one, posts[::2]), send(two, posts[1::2]))
            # Each connection hears each event once; whoever says it a second and a third time hears it again.
            await eventually(lambda: len(heard) == 4 * count, CATCH_UP, "every post is answered")
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        answers = defaultdict(set)
        for event in heard:
            answers[event.nonce].add(event.seq)
            crowd.history.acknowledge(event.nonce)
        assert sorted(seq for seqs in answers.values() for seq in seqs) == list(range(1, count + 1))
        await crowd.verdict(authors_in_order=False)


async def hear(connection: Connection, heard: list[Event]) -> None:
    async for notice in connection:
        assert isinstance(notice, Event) or not hasattr(notice, "code"), notice
        if isinstance(notice, Event):
            heard.append(notice)


async def send(connection: Connection, posts: list[Post]) -> None:
    for post in posts:
        await connection.send(post)
