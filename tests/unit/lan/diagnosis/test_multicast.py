"""Hearing oneself, on loopback."""

import socket

import pytest

from lanchat.lan.diagnosis import multicast
from lanchat.lan.diagnosis.multicast import hear_oneself


async def test_a_question_to_everybody_is_heard_here() -> None:
    echo = await hear_oneself("lo", "127.0.0.1")
    assert (echo.interface, echo.sent, echo.heard) == ("lo", True, True)


async def test_an_address_that_is_gone_is_a_reason_and_no_traceback() -> None:
    echo = await hear_oneself("eth9", "192.0.2.77")
    assert not echo.sent
    assert echo.reason


async def test_what_nobody_lets_in_is_not_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    def deaf(_address: str) -> socket.socket:
        listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        listener.setblocking(False)
        listener.bind(("127.0.0.1", 0))
        return listener

    monkeypatch.setattr(multicast, "_listener", deaf)
    monkeypatch.setattr(multicast, "PATIENCE", 0.03)
    echo = await hear_oneself("lo", "127.0.0.1")
    assert (echo.sent, echo.heard) == (True, False)
