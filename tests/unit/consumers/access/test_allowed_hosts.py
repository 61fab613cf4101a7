"""The hosts of a Django project."""

from types import SimpleNamespace
from typing import Any

import pytest

from lanchat.consumers import AsyncWebsocketConsumer
from lanchat.consumers.access.allowed_hosts import AllowedHostsOriginValidator
from tests.support.consumers.asgi_servers import SERVERS, Serving
from tests.support.consumers.listening import knock


class Echo(AsyncWebsocketConsumer):
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.send(text_data)


def allow(monkeypatch: pytest.MonkeyPatch, hosts: list[str], *, debug: bool = False) -> Any:
    with monkeypatch.context() as patched:
        patched.setattr("django.conf.settings", SimpleNamespace(ALLOWED_HOSTS=hosts, DEBUG=debug))
        return AllowedHostsOriginValidator(Echo)


@pytest.mark.parametrize("serving", SERVERS.values(), ids=SERVERS)
async def test_the_projects_hosts_are_let_in(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(allow(monkeypatch, [".example.org", "192.0.2.7"])) as at:
        for origin in ("https://example.org", "http://www.example.org:8000", "http://192.0.2.7"):
            assert await knock(f"ws://{at}/", Origin=origin) == 101
        for origin in (f"http://{at}", "https://evil.example"):
            assert await knock(f"ws://{at}/", Origin=origin) == 403


async def test_without_hosts_it_is_this_machine_while_debugging(monkeypatch: pytest.MonkeyPatch) -> None:
    async with SERVERS["uvicorn"](allow(monkeypatch, [], debug=True)) as at:
        assert await knock(f"ws://{at}/", Origin="http://[::1]:8000") == 101
        assert await knock(f"ws://{at}/", Origin="https://evil.example") == 403
    async with SERVERS["uvicorn"](allow(monkeypatch, [])) as at:
        assert await knock(f"ws://{at}/", Origin="http://localhost") == 403


def test_a_host_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="'two words' is no pattern"):
        allow(monkeypatch, ["two words"])
