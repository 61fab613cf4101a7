"""The errors of the library, in one tree; the half of it that is about connections is in `lanchat.consumers.errors`.

```
LibraryError
├── LayerError
│   ├── ChannelFull           channel_full (retry)
│   ├── MessageTooLarge       message_too_large
│   ├── LayerUnreachable      layer_unreachable (retry)
│   └── InvalidMessage        invalid_message
└── ConsumerError
    ├── NoHandler             no_handler
    ├── NotConnected          not_connected
    ├── HandlerCancelled      handler_cancelled
    ├── ClientGone            client_gone
    ├── NotLoadable           not_loadable
    ├── TooManyUsers          too_many_users (retry)
    └── WorkerStuck           worker_stuck
```
"""

from lanchat.fault import LanchatError


class LibraryError(LanchatError):
    """The library cannot do this."""

    code = "library_error"


class LayerError(LibraryError):
    """The channel layer cannot carry this."""

    code = "layer_error"


class ChannelFull(LayerError):
    """The channel has no room for another message."""

    code = "channel_full"
    retry = True


class MessageTooLarge(LayerError):
    """The message is too large for the channel layer."""

    code = "message_too_large"


class LayerUnreachable(LayerError):
    """The server behind the channel layer cannot be reached now; it will be tried again."""

    code = "layer_unreachable"
    retry = True


class InvalidMessage(LayerError, TypeError):
    """The message is not one that every channel layer can carry."""

    code = "invalid_message"
