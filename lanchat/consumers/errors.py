"""What a consumer raises, and what may be raised in it to decide about its connection."""


class StopConsumer(Exception):
    """Raised in any handler to end the consumer; its connection is closed with code 1000."""


class AcceptConnection(Exception):
    """Raised in `connect` to accept the connection."""


class DenyConnection(Exception):
    """Raised in `connect` to refuse the connection."""


class NoHandler(ValueError):
    """No method of the consumer takes messages of this type.

    Attributes:
        kind: the type.
    """

    def __init__(self, sentence: str, kind: object) -> None:
        super().__init__(sentence)
        self.kind = kind


class NotConnected(RuntimeError):
    """The consumer has no connection yet."""
