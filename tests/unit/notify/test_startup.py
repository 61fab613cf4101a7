"""What every window is told once."""

from lanchat.notify.startup import MOST, StartupNotices
from lanchat.protocol import MAX_TEXT, Author, Notification
from lanchat.protocol.codec import decode_reply

ADA = Author(id="ada", nick="Ada")


def test_each_window_is_told_once() -> None:
    news = StartupNotices()
    news.add(ADA, "It was damaged.")
    [frame] = news.for_window("one")
    told = decode_reply(frame)
    assert isinstance(told, Notification)
    assert (told.kind, told.author, told.text, told.room) == ("announcement", ADA, "It was damaged.", None)
    assert news.for_window("one") == []
    assert news.for_window("other") == [frame]


def test_a_window_that_came_before_there_was_anything_hears_of_it_later() -> None:
    news = StartupNotices()
    assert news.for_window("one") == []
    news.add(ADA, "x" * (MAX_TEXT + 1))
    [frame] = news.for_window("one")
    told = decode_reply(frame)
    assert isinstance(told, Notification)
    assert len(told.text) == MAX_TEXT


def test_of_very_many_the_newest_are_kept() -> None:
    news = StartupNotices()
    for number in range(MOST + 5):
        news.add(ADA, f"{number}")
    told = [decode_reply(frame) for frame in news.for_window("one")]
    assert [each.text for each in told if isinstance(each, Notification)] == [f"{n}" for n in range(5, MOST + 5)]


def test_of_one_thing_the_newest_word_is_kept() -> None:
    news = StartupNotices()
    for text in ("5 guesses", "50 guesses"):
        news.add(ADA, text, "guesses")
        news.add(ADA, "something else")
    told = [decode_reply(frame) for frame in news.for_window("one")]
    assert [each.text for each in told if isinstance(each, Notification)] == [
        "something else",
        "50 guesses",
        "something else",
    ]
