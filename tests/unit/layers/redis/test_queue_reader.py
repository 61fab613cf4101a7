import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from typing import Any

from lanchat.layers.redis.connection import Pipeline, servers_of
from lanchat.layers.redis.queue_reader import QueueReader
from tests.support.conditions import eventually
from tests.support.redis.servers import RedisServer, in_thread


class Taken:
    """An reader, and what it brought. A queue is left alone after each message while `single` is set."""

    def __init__(self, port: int) -> None:
        self.pipeline = Pipeline(servers_of([("127.0.0.1", port)], 5)[0])
        self.keys: Counter[str] = Counter()
        self.messages: list[tuple[str, bytes]] = []
        self.told: list[str] = []
        self.single = False
        self.reader = QueueReader(
            self.pipeline,
            wake="wake",
            keys=self.keys,
            take=self._take,
            on_wrong_type=lambda key, _: self.told.append(key),
            on_lost=lambda _: self.told.append("lost"),
            on_back=lambda: self.told.append("back"),
        )

    def want(self, key: str) -> None:
        self.keys[key] += 1
        self.reader.wanted(key)

    def _take(self, key: str, member: bytes, score: float, reader: QueueReader) -> None:
        self.messages.append((key, member))
        if self.single:
            del self.keys[key]


@asynccontextmanager
async def reader(port: int) -> Any:
    taken = Taken(port)
    try:
        yield taken
    finally:
        await taken.reader.close()
        await taken.pipeline.close()


def blocked(given: Taken, *keys: str) -> bool:
    return given.reader._awaited == frozenset(keys)


async def test_nothing_is_taken_that_nobody_wants(server: RedisServer) -> None:
    server.ask("ZADD", "a", 1, "m")
    async with reader(server.port) as given:
        given.want("b")
        await eventually(lambda: blocked(given, "b"))
        server.ask("ZADD", "b", 1, "m")
        await eventually(lambda: given.messages == [("b", b"m")])
    assert server.ask("ZCARD", "a") == 1


async def test_a_queue_wanted_while_it_waits_is_read_at_once(server: RedisServer) -> None:
    server.ask("ZADD", "b", 1, "m")
    async with reader(server.port) as given:
        given.want("a")
        await eventually(lambda: blocked(given, "a"))
        given.want("b")
        await eventually(lambda: given.messages == [("b", b"m")], timeout=2)


async def test_an_own_queue_is_emptied_in_order_and_a_shared_one_is_not(server: RedisServer) -> None:
    server.ask("ZADD", "own!", *(each for number in range(250) for each in (number, f"{number}")))
    server.ask("ZADD", "jobs", 1, "1", 2, "2")
    async with reader(server.port) as given:
        given.single = True
        given.want("jobs")
        await eventually(lambda: given.messages == [("jobs", b"1")])
        given.single = False
        given.want("own!")
        await eventually(lambda: len(given.messages) == 251)
    assert given.messages[1:] == [("own!", str(number).encode()) for number in range(250)]
    assert server.ask("ZRANGE", "jobs", 0, -1) == [b"2"]


async def test_no_queue_starves(server: RedisServer) -> None:
    server.ask("ZADD", "busy", *(each for number in range(200) for each in (number, f"{number}")))
    server.ask("ZADD", "quiet", 1, "m")
    async with reader(server.port) as given:
        given.want("busy")
        given.want("quiet")
        await eventually(lambda: ("quiet", b"m") in given.messages[:5])


async def test_what_is_given_back_is_there_before_the_next_is_taken(server: RedisServer) -> None:
    server.ask("ZADD", "jobs", 1, "1", 2, "2")
    async with reader(server.port) as given:
        given.single = True
        given.want("jobs")
        await eventually(lambda: given.messages == [("jobs", b"1")])
        given.reader.give_back("jobs", b"1", 1.0, 60)
        given.want("jobs")
        await eventually(lambda: given.messages == [("jobs", b"1")] * 2)
        given.reader.give_back("jobs", b"1", 1.0, 60)
        await eventually(lambda: server.ask("ZRANGE", "jobs", 0, -1) == [b"1", b"2"])
        assert server.ask("TTL", "jobs") > 0


async def test_a_key_of_a_wrong_type_hurts_no_other_queue(server: RedisServer) -> None:
    server.ask("SET", "jobs", "x")
    server.ask("SET", "own!", "x")
    async with reader(server.port) as given:
        for key in ("jobs", "own!", "fine"):
            given.want(key)
        await eventually(lambda: sorted(given.told) == ["jobs", "own!"])
        server.ask("ZADD", "fine", 1, "m")
        server.ask("ZADD", "own!", 1, "m")
        await eventually(lambda: sorted(given.messages) == [("fine", b"m"), ("own!", b"m")])
        server.ask("DEL", "jobs")
        server.ask("ZADD", "jobs", 1, "m")
        given.want("another")
        await eventually(lambda: ("jobs", b"m") in given.messages)
        assert sorted(given.told) == ["jobs", "own!"]


async def test_only_keys_of_wrong_types(server: RedisServer) -> None:
    server.ask("SET", "jobs", "x")
    async with reader(server.port) as given:
        given.want("jobs")
        await eventually(lambda: given.told == ["jobs"])
        server.ask("DEL", "jobs")
        server.ask("ZADD", "jobs", 1, "m")
        await eventually(lambda: given.messages == [("jobs", b"m")])


async def test_it_goes_on_by_itself_after_every_restart(own_server: RedisServer) -> None:
    async with reader(own_server.port) as given:
        given.want("a!")
        await eventually(lambda: blocked(given, "a!"))
        for number in range(3):
            await in_thread(own_server.restart)
            await eventually(lambda n=number: given.told == ["lost", "back"] * (n + 1))  # type: ignore[misc]
            own_server.ask("ZADD", "a!", 1, number)
            await eventually(lambda n=number: given.messages[-1:] == [("a!", str(n).encode())])  # type: ignore[misc]


async def test_a_message_that_cannot_be_handed_out_ends_nothing(server: RedisServer) -> None:
    async with reader(server.port) as given:
        take = given.reader._take
        failed: list[bytes] = []

        def fail(key: str, member: bytes, *_: object) -> None:
            failed.append(member)
            raise ZeroDivisionError

        given.reader._take = fail
        given.want("a!")
        server.ask("ZADD", "a!", 1, "bad")
        await eventually(lambda: failed == [b"bad"])
        given.reader._take = take
        server.ask("ZADD", "a!", 2, "good")
        await eventually(lambda: given.messages == [("a!", b"good")])


async def test_close_takes_nothing_along_from_a_shared_queue(server: RedisServer) -> None:
    for number in range(20):
        async with reader(server.port) as given:
            given.want("jobs")
            await eventually(lambda given=given: blocked(given, "jobs"))  # type: ignore[misc]
            sending = asyncio.create_task(in_thread(server.ask, "ZADD", "jobs", 1, number))
            await asyncio.sleep(0)
        await sending
        left = [member.decode() for member in server.ask("ZRANGE", "jobs", 0, -1)]
        assert left + [member.decode() for _, member in given.messages] == [str(number)]
        server.ask("DEL", "jobs")
