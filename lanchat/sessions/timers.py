"""What time brings to clients: who says no hello is turned away, and who did is sent heartbeats."""

from typing import Protocol

from lanchat import protocol
from lanchat.consumers import TimerWheel

HELLO_TIME = 5.0
"""Most seconds from the handshake to a client's hello."""


class TimedClient(Protocol):
    """A client, as far as time goes by for it."""

    def beat(self) -> None:
        """Send a heartbeat to the client."""

    def give_up(self) -> None:
        """Turn the client away, because it said no hello in time."""


class ClientTimers:
    """The timers of all clients at one door."""

    def __init__(self) -> None:
        self._waiting: TimerWheel[TimedClient] = TimerWheel(lambda: HELLO_TIME, self._give_up)
        self._greeted: TimerWheel[TimedClient] = TimerWheel(lambda: protocol.HEARTBEAT, lambda client: client.beat())

    def await_hello(self, client: TimedClient) -> None:
        """Give a client up, once, unless it is greeted or gone before."""
        self._waiting.add(client)

    def greet(self, client: TimedClient) -> None:
        """Send heartbeats to a client from now on."""
        self._waiting.discard(client)
        self._greeted.add(client)

    def forget(self, client: TimedClient) -> None:
        """Do nothing more for a client, because it is gone."""
        self._waiting.discard(client)
        self._greeted.discard(client)

    def _give_up(self, client: TimedClient) -> None:
        self._waiting.discard(client)
        client.give_up()
