"""When clients are given up and when they are sent heartbeats, on a clock that the tests move."""

from collections.abc import Callable, Iterator
from random import Random

import pytest

from lanchat.protocol import HEARTBEAT
from lanchat.sessions.timers import HELLO_TIME, ClientTimers
from tests.model.clockwork import Clockwork


class Client:
    """Counts what time brings."""

    def __init__(self) -> None:
        self.beats = 0
        self.given_up = 0

    def beat(self) -> None:
        self.beats += 1

    def give_up(self) -> None:
        self.given_up += 1


@pytest.fixture
def clock() -> Iterator[Clockwork]:
    loop = Clockwork(Random(0))
    yield loop
    loop.close()


@pytest.fixture
def timers() -> ClientTimers:
    return ClientTimers()


@pytest.fixture
def client() -> Client:
    return Client()


def do(clock: Clockwork, what: Callable[[Client], None], client: Client) -> None:
    async def doing() -> None:
        what(client)

    clock.run_until_complete(doing())


def test_who_says_no_hello_is_given_up_once(clock: Clockwork, timers: ClientTimers, client: Client) -> None:
    do(clock, timers.await_hello, client)
    clock.run_for(HELLO_TIME * 0.89)
    assert client.given_up == 0
    clock.run_for(HELLO_TIME * 5)
    assert (client.given_up, client.beats) == (1, 0)


def test_who_was_greeted_is_sent_heartbeats(clock: Clockwork, timers: ClientTimers, client: Client) -> None:
    do(clock, timers.await_hello, client)
    do(clock, timers.greet, client)
    clock.run_for(HEARTBEAT * 3 + 0.1)
    assert (client.given_up, client.beats) == (0, 3)


@pytest.mark.parametrize("greeted", [False, True])
def test_nothing_comes_to_who_is_gone(clock: Clockwork, timers: ClientTimers, client: Client, greeted: bool) -> None:
    do(clock, timers.await_hello, client)
    if greeted:
        do(clock, timers.greet, client)
    do(clock, timers.forget, client)
    do(clock, timers.forget, client)
    clock.run_for(HEARTBEAT * 3)
    assert (client.given_up, client.beats) == (0, 0)
