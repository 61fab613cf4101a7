"""What a consumer raises, and what may be raised in it to decide about its connection.

The errors are drawn in `lanchat.layers.errors`. What decides about a connection is none of them: a handler that catches
errors must let it through.
"""

from lanchat.layers import LibraryError


class StopConsumer(Exception):
    """Raised in any handler to end the consumer; its connection is closed with code 1000."""


class AcceptConnection(Exception):
    """Raised in `connect` to accept the connection."""


class DenyConnection(Exception):
    """Raised in `connect` to refuse the connection."""


class ConsumerError(LibraryError):
    """The consumer cannot do this."""

    code = "consumer_error"


class NoHandler(ConsumerError, ValueError):
    """No method of the consumer takes messages of this type.

    Attributes:
        kind: the type.
    """

    code = "no_handler"

    def __init__(self, sentence: str = "", kind: object = None) -> None:
        super().__init__(sentence)
        self.kind = kind


class NotConnected(ConsumerError, RuntimeError):
    """The consumer has no connection yet."""

    code = "not_connected"


class HandlerCancelled(ConsumerError):
    """A handler was cancelled by what it waited for, and not by the end of its consumer."""

    code = "handler_cancelled"


class ClientGone(ConsumerError, ConnectionError):
    """The client left before the handshake was answered."""

    code = "client_gone"


class NotLoadable(ConsumerError, ValueError):
    """A command line names something that cannot be imported."""

    code = "not_loadable"


class TooManyUsers(ConsumerError):
    """There are as many users as there may be."""

    code = "too_many_users"
    retry = True


class WorkerStuck(ConsumerError, RuntimeError):
    """So many handlers block their threads for ever that the process has to be started anew."""

    code = "worker_stuck"
