"""A guest's tab goes on at another node of the room when its own dies: nodes that are killed, and a real Chromium."""

import base64
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.page.conftest import Come, House
from tests.page.heard import ACT, DRAFT, Heard, moved
from tests.page.person import Person
from tests.recovery.crowd import CATCH_UP, Crowd
from tests.recovery.node import Node
from tests.recovery.test_shared import SAFE, redis_server, three_nodes
from tests.recovery.test_takeover import five_nodes, home_of
from tests.support.conditions import eventually
from tests.support.faults import stopped

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def crowd(tmp_path: Path) -> AsyncIterator[Crowd]:
    """Three nodes of one room, all of which vote."""
    async with five_nodes(tmp_path, ("ann", "bob", "cleo")) as crowd:
        yield crowd


async def enter(come: Come, node: Node) -> tuple[Person, Heard]:
    """Bring a guest to a node, who knows of another one."""
    guest = await come(wait=False, url="about:blank")
    await guest.page.add_init_script(ACT)
    heard = Heard(guest.page)
    await guest.go(node.url)
    return guest, heard


async def test_the_same_tab_goes_on_at_another_node_with_everything_once(crowd: Crowd, come: Come) -> None:
    """Two homes die, and each time a quorum has to find out first: a third of a minute."""
    first, *others = crowd.nodes
    guest, heard = await enter(come, first)
    watcher, _ = await enter(come, others[0])
    await eventually(lambda: heard.knows(2), CATCH_UP, "the page knows where else it could be")
    await guest.say("before")
    for person in (guest, watcher):
        await person.reads("before")
    name = await guest.see("nick").input_value()
    await guest.see("composer").fill("while it was gone")
    first.kill()
    begun = time.monotonic()
    await moved(guest, f"127.0.0.1:{first.port}")
    print(f"{time.monotonic() - begun:.1f} s from the death of the home to the room at another node")
    await expect(guest.see("through")).to_contain_text("connected through")
    await expect(guest.see("composer")).to_have_value(DRAFT)
    await expect(guest.see("nick")).to_have_value(name)
    for person in (guest, watcher):
        await person.reads("before", "while it was gone")
    assert len(set(heard.ids())) == 1
    assert len(heard.ids()) > 1
    # Nothing of it is left for whoever reads over a shoulder, and a reload leaves them where and who they are.
    assert "#" not in guest.page.url
    await guest.page.reload()
    await guest.connected()
    await guest.reads("before", "while it was gone")
    assert len(set(heard.ids())) == 1
    await expect(guest.see("through")).to_have_count(0)
    # The first comes back, and nobody goes anywhere.
    first.again()
    await first.ready()
    where = guest.page.url
    await guest.say("after")
    for person in (guest, watcher):
        await person.reads("before", "while it was gone", "after")
    assert guest.page.url == where
    await guest.page.close()
    await watcher.page.close()


async def test_a_node_that_is_silent_is_left_as_well(crowd: Crowd, come: Come) -> None:
    home = await eventually(lambda: home_of(crowd), CATCH_UP, "one of them is home")
    guest, heard = await enter(come, home)
    await eventually(lambda: heard.knows(2), CATCH_UP, "the page knows where else it could be")
    with stopped(home.pid):
        await moved(guest, f"127.0.0.1:{home.port}")
        await guest.say("its cable was pulled")
        await guest.reads("its cable was pulled")
    await guest.page.close()


async def test_where_the_node_of_a_shared_room_dies_its_guest_misses_nothing(tmp_path: Path, come: Come) -> None:
    """No quorum has to find out here: the time is the patience of the page, and that of Chromium."""
    with redis_server(tmp_path / "redis", *SAFE) as redis:
        async with three_nodes(tmp_path, redis.url) as crowd:
            first, other, _ = crowd.nodes
            guest, heard = await enter(come, first)
            await eventually(lambda: heard.knows(2), CATCH_UP, "the page knows where else it could be")
            await guest.say("before")
            await guest.reads("before")
            await guest.see("composer").fill("while it was gone")
            first.kill()
            begun = time.monotonic()
            crowd.chatters[1].say("meanwhile, elsewhere")
            await crowd.more(1)
            await moved(guest, f"127.0.0.1:{first.port}")
            print(f"{time.monotonic() - begun:.1f} s from the death of the node to the room at another one")
            await expect(guest.see("composer")).to_have_value(DRAFT)
            await guest.reads("before", "meanwhile, elsewhere", "while it was gone")
            assert len(set(heard.ids())) == 1
            await eventually(lambda: len(other.journal().entries) == 3, CATCH_UP, "all of it is at the others")
            await guest.page.close()


def passage(secret: str, **more: object) -> str:
    """Return the fragment that anybody could put behind an address."""
    unsent = [{"nonce": "evil", "kind": "message", "body": {"text": "I hate you all"}, "at": 1}]
    said = {
        "at": time.time_ns() // 1_000_000,
        "room": {"id": "0" * 32, "name": "Lobby"},
        "guest": {"secret": secret, "id": "g-" + "0" * 32, "nick": "Eve"},
        "seen": 0,
        "code": "",
        "draft": "",
        "unsent": unsent,
        "left": 0,
    }
    return "#m=" + base64.urlsafe_b64encode(json.dumps(said | more).encode()).decode().rstrip("=")


async def test_an_address_of_a_stranger_makes_nobody_somebody_else_and_says_nothing(
    house: House, window: Person, guest: Person, come: Come
) -> None:
    await guest.see("nick").fill("Ada")
    await guest.see("nick").press("Enter")
    await guest.say("I am Ada")
    await window.reads("I am Ada")
    page = await guest.page.context.new_page()
    victim = Person(page)
    await victim.go(house.guest_url + passage("e" * 32))
    assert "#" not in page.url
    await expect(victim.see("doubtful")).to_contain_text("Eve")
    await expect(victim.see("nick")).to_have_value("Ada")
    await victim.see("decline-passage").click()
    await expect(victim.see("doubtful")).to_have_count(0)
    # Who is nobody here yet is Eve, as the address wants it, in this tab; nothing that they have not typed is said.
    nobody = await come(house.guest_url + passage("e" * 32))
    await nobody.say("typed")
    # Not even the owner at their own window says what an address brings.
    owner = await come(house.server.new_window_url())
    await owner.page.goto("about:blank")
    await owner.page.goto(house.server.new_window_url().partition("#")[0] + passage("e" * 32))
    await window.reads("I am Ada", "typed")
    assert victim.problems == []
