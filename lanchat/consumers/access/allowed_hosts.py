"""The hosts that a Django project allows, as the web pages that may connect."""

import importlib
from typing import Any

from lanchat.consumers.access.middleware import Inner
from lanchat.consumers.access.origins import OriginValidator

_WHILE_DEBUGGING = ("localhost", "127.0.0.1", "[::1]", ".localhost")


class AllowedHostsOriginValidator(OriginValidator):
    """Lets in the pages of the hosts in Django's setting ALLOWED_HOSTS, as that of Django Channels.

    While DEBUG is set and the setting is empty, those are the names of this machine.

    Args:
        inner: what is wrapped.

    Raises:
        ModuleNotFoundError: Django is not installed.
        ValueError: a host in the setting is none.
    """

    def __init__(self, inner: Inner) -> None:
        settings: Any = importlib.import_module("django.conf").settings
        super().__init__(inner, settings.ALLOWED_HOSTS or (_WHILE_DEBUGGING if settings.DEBUG else ()))
