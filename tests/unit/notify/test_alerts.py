"""Who wants quiet has it until its end, at every window and after a restart; strangers cannot fill the journal."""

import pytest

from lanchat.notify import alerts as module
from lanchat.notify.alerts import MOST, AlertBook
from lanchat.protocol import QUIET_FOR_GOOD, Alerts, NodeInfo


class Kept:
    """Settings in memory."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    async def settings(self) -> dict[str, str]:
        return dict(self.values)

    async def put_setting(self, key: str, value: str) -> None:
        self.values[key] = value

    async def adopt(self, former: str, node: NodeInfo) -> None:
        raise NotImplementedError


async def loaded(kept: Kept) -> AlertBook:
    book = AlertBook()
    await book.load(kept)
    return book


async def test_quiet_has_an_end_and_survives_a_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_795_000_000_000]
    monkeypatch.setattr(module, "_now", lambda: now[0])
    kept = Kept()
    book = await loaded(kept)
    assert book.of("ana") == Alerts(quiet=0, sound=True)
    assert await book.put("ana", quiet=3600, sound=None) == Alerts(quiet=3600, sound=True)
    now[0] += 600_000
    again = await loaded(kept)
    assert again.of("ana") == Alerts(quiet=3000, sound=True)
    assert again.of("ben") == Alerts(quiet=0, sound=True)
    now[0] += 3_000_000
    assert again.of("ana").quiet == 0


async def test_what_is_left_out_stays() -> None:
    kept = Kept()
    book = await loaded(kept)
    await book.put("ana", quiet=QUIET_FOR_GOOD, sound=False)
    assert (await loaded(kept)).of("ana") == Alerts(quiet=QUIET_FOR_GOOD, sound=False)
    assert await book.put("ana", quiet=None, sound=True) == Alerts(quiet=QUIET_FOR_GOOD, sound=True)
    assert await book.put("ana", quiet=0, sound=None) == Alerts(quiet=0, sound=True)


async def test_so_many_people_are_kept_the_last_ones() -> None:
    kept = Kept()
    book = await loaded(kept)
    for number in range(MOST):
        await book.put(str(number), quiet=None, sound=False)
    await book.put("0", quiet=None, sound=False)
    await book.put("new", quiet=None, sound=False)
    again = await loaded(kept)
    assert [again.of(person).sound for person in ("0", "1", "2", "new")] == [False, True, False, False]


async def test_what_cannot_be_read_is_as_if_nobody_had_said_anything() -> None:
    kept = Kept()
    kept.values["alerts"] = '{"ana": 7}'
    assert (await loaded(kept)).of("ana") == Alerts(quiet=0, sound=True)
