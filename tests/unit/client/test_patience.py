import msgspec
import pytest

from lanchat.client import patience
from lanchat.client.find import Lookup
from lanchat.client.patience import patiently
from lanchat.client.send import send_text
from lanchat.config import Config
from lanchat.errors import NoSuchRoom, SlowDown
from lanchat.limits import Limits
from lanchat.web.server import Server
from tests.support.clients import serving


def elsewhere(server: Server, config: Config) -> Lookup:
    """As a program of somebody else, who is not the owner of the node."""
    return Lookup(config=config, host=server.lan_url)


async def test_a_program_that_is_told_to_slow_down_goes_on_in_its_order(config: Config) -> None:
    few = msgspec.structs.replace(config, limits=Limits(post_rate=20, post_burst=2, open_rate=20, open_burst=1))
    async with serving(few) as server:
        text = "\n".join(str(number) * 4000 for number in range(8))
        sent = [each.seq async for each in send_text(elsewhere(server, few), "build", text)]
        assert sent == list(range(1, 9))
        room = server.node.rooms.here("build")
        assert room is not None
        events = await server.node.journal.after(room.id, 0, 9)
        assert [event.body.text[0] for event in events] == list("01234567")
        assert [each.seq async for each in send_text(elsewhere(server, few), "another", "hi")] == [1]


async def test_its_patience_ends(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 5)
    few = msgspec.structs.replace(config, limits=Limits(post_rate=0.1, post_burst=1))
    async with serving(few) as server:
        events = send_text(elsewhere(server, few), "build", "x" * 4001)
        assert (await anext(events)).seq == 1
        with pytest.raises(SlowDown, match="try again in 10 seconds") as refused:
            await anext(events)
        assert 9 < refused.value.wait <= 10


async def test_other_errors_are_raised_at_once() -> None:
    async def ask() -> None:
        raise NoSuchRoom

    with pytest.raises(NoSuchRoom):
        await patiently(ask)
