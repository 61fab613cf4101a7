"""Who may connect: from which web pages, and as whom. ASGI apps around others, for every server and for aiohttp."""

from lanchat.consumers.access.allowed_hosts import AllowedHostsOriginValidator
from lanchat.consumers.access.authentication import AuthMiddleware, Identity
from lanchat.consumers.access.headers import cookies_of, header_of
from lanchat.consumers.access.middleware import BaseMiddleware, Inner, as_app
from lanchat.consumers.access.origins import (
    ANY_ORIGIN,
    SAME_ORIGIN,
    AllowedOrigins,
    OriginPattern,
    OriginValidator,
    is_admitted,
)
from lanchat.consumers.access.refusal import refuse

__all__ = [
    "ANY_ORIGIN",
    "SAME_ORIGIN",
    "AllowedHostsOriginValidator",
    "AllowedOrigins",
    "AuthMiddleware",
    "BaseMiddleware",
    "Identity",
    "Inner",
    "OriginPattern",
    "OriginValidator",
    "as_app",
    "cookies_of",
    "header_of",
    "is_admitted",
    "refuse",
]
