"""Telling the person whose node it is."""

import logging

import pytest

from lanchat.chores import Chores
from lanchat.layers import InMemoryChannelLayer
from lanchat.notify import Notifications, OwnerNotices, StartupNotices
from lanchat.protocol import Author, Notification
from lanchat.protocol.codec import decode_reply
from tests.support.conditions import eventually

ADA = Author(id="a" * 43, nick="Ada")


def texts(startup: StartupNotices, window: str) -> list[str]:
    found = [decode_reply(frame) for frame in startup.for_window(window)]
    return [frame.text for frame in found if isinstance(frame, Notification)]


async def test_what_happens_is_said_in_windows_that_open_later_of_one_thing_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    startup, chores = StartupNotices(), Chores()
    async with InMemoryChannelLayer() as layer, Notifications(layer) as notifications:
        notices = OwnerNotices(ADA, notifications, startup, chores)
        with caplog.at_level(logging.WARNING):
            notices.keep("before anybody looked")
            await notices.tell("guessed 1", "guesses")
            notices.begin_to_tell("guessed 2", "guesses")
            notices.cut_off("192.0.2.66")
            await eventually(lambda: "192.0.2.66" in caplog.text)
        shown = texts(startup, "one")
        assert shown[:2] == ["before anybody looked", "guessed 2"]
        assert shown[2].startswith("192.0.2.66 asked for too much and was cut off.")
        assert texts(startup, "one") == []
        await chores.close()
