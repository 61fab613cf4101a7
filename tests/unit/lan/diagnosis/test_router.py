"""Whether the router answers."""

import asyncio
from pathlib import Path

import pytest

from lanchat.lan.diagnosis import router

NEIGHBOURS = """IP address       HW type     Flags       HW address            Mask     Device
192.0.2.1        0x1         {flags}         02:00:00:00:00:01     *        eth0
"""


async def test_a_router_that_refuses_is_there() -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    server.close()
    await server.wait_closed()
    assert await router.answers("127.0.0.1") is True
    assert await router.answers("") is None


@pytest.mark.parametrize(("flags", "there"), [("0x2", True), ("0x0", False)])
async def test_one_that_says_nothing_is_looked_for_among_the_neighbours(
    flags: str, there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nobody(*_: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(asyncio, "open_connection", nobody)
    neighbours = tmp_path / "arp"
    monkeypatch.setattr(router, "_NEIGHBOURS", neighbours)
    assert await router.answers("192.0.2.1") is None
    neighbours.write_text(NEIGHBOURS.format(flags=flags))
    assert await router.answers("192.0.2.1") is there
