"""What `/metrics` of a real node says, read back by the rules of the format."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from unittest.mock import patch

import aiohttp
import msgspec
import pytest

from lanchat import __version__
from lanchat.config import Config
from lanchat.journal import RoomRecord
from lanchat.metrics import analytics
from lanchat.metrics.counters import COUNTERS
from lanchat.protocol import Announce, Done, Error, Post
from lanchat.web.server import Server
from tests.support.clients import guest, serving, window
from tests.support.conditions import eventually

_SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)((?:\{[a-z_]+="(?:[^"\\\n]|\\[\\"n])*"\})?) (\S+)')


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    async with serving(config) as server:
        yield server


async def scraped(server: Server) -> dict[str, float]:
    """Scrape without a key, check the form of every line, and give the samples."""
    async with aiohttp.ClientSession() as session, session.get(f"{server.window_url}metrics") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        text = await answer.text()
    assert text.endswith("\n")
    samples: dict[str, float] = {}
    explained, typed = "", ""
    for line in text.splitlines():
        if line.startswith("# HELP "):
            explained = line.split()[2]
        elif line.startswith("# TYPE "):
            _, _, typed, kind = line.split()
            assert typed == explained
            assert (kind == "counter") == typed.endswith("_total")
        else:
            match = _SAMPLE.fullmatch(line)
            assert match, line
            assert match[1] == typed
            assert match[1] + match[2] not in samples
            samples[match[1] + match[2]] = float(match[3])
    return samples


async def until(server: Server, fits: Callable[[dict[str, float]], bool]) -> None:
    """Scrape until the samples are as they should be."""

    async def fit() -> bool:
        return fits(await scraped(server))

    def check() -> bool | Awaitable[bool]:
        return fit()

    await eventually(check, analytics.PAUSE + 5)


async def test_every_number_is_there_from_the_start(server: Server) -> None:
    samples = await scraped(server)
    names = {sample.partition("{")[0] for sample in samples}
    unlabelled = {f"lanchat_{name}_total" for name, counter in COUNTERS.items() if counter.values or not counter.label}
    assert unlabelled <= names
    assert samples[f'lanchat_info{{version="{__version__}"}}'] == 1
    assert samples["lanchat_uptime_seconds"] > 0
    assert samples["lanchat_database_bytes"] > 0
    assert {f'lanchat_layer_sent_total{{layer="{alias}"}}' for alias in server.node.layers} <= set(samples)


async def test_what_happens_is_counted(server: Server) -> None:
    async with guest(server) as ada, window(server) as owner:
        room = await ada.enter("counted")
        await owner.join(room)
        await ada.say(room, "one")
        await ada.said(room, 1)
        await ada.ask(Post(room=room, nonce="n", text=" "), Error)
        await ada.ask("{", Error)
        await owner.ask(Announce(text="soup"), Done)
        expected = {
            'lanchat_events_kept_total{kind="message"}': 1,
            'lanchat_connections_opened_total{client="guest"}': 1,
            'lanchat_connections_opened_total{client="window"}': 1,
            'lanchat_sockets_opened_total{socket="client"}': 2,
            'lanchat_refusals_total{code="invalid_frame"}': 1,
            'lanchat_refusals_total{code="not_json"}': 1,
            'lanchat_notifications_total{kind="announcement"}': 1,
            'lanchat_rooms_opened_total{kind="home"}': len(server.node.rooms),
            'lanchat_rooms{kind="home"}': len(server.node.rooms),
            "lanchat_people": 2,
            "lanchat_open_sockets": 2,
            "lanchat_entries": 1,
        }

        await until(server, lambda samples: {name: samples.get(name) for name in expected} == expected)

    gone = {
        'lanchat_connections_closed_total{client="guest"}': 1,
        "lanchat_open_sockets": 0,
        "lanchat_people": 0,
    }
    await until(server, lambda samples: gone.items() <= samples.items())


async def test_no_name_and_no_text_is_in_it(server: Server) -> None:
    async with guest(server, nick="Secretnick") as ada:
        room = await ada.enter("Secretroom")
        await ada.say(room, "Secrettext")
        await ada.said(room, 1)
        for path in ("metrics", "stats"):
            async with aiohttp.ClientSession() as session, session.get(f"{server.window_url}{path}") as answer:
                text = await answer.text()
            assert "ecret" not in text
            assert room not in text
            assert server.node.info.id not in text


async def test_a_link_is_counted_when_it_comes_and_when_it_goes(config: Config, tmp_path: Path) -> None:
    elsewhere = msgspec.structs.replace(config, data_dir=tmp_path / "elsewhere", name="elsewhere")
    async with serving(config) as far:
        async with serving(elsewhere) as home:
            room = await home.node.rooms.open("shared")
            address = home.lan_url.removeprefix("http://").rstrip("/")
            record = RoomRecord(id=room.id, name="shared", home=home.node.info, addresses=(address,))
            with patch.object(far.node.network, "find", lambda **_: record):
                await far.node.rooms.enter(room.id)
            await until(
                far, lambda samples: (samples["lanchat_links_up_total"], samples["lanchat_links_online"]) == (1, 1)
            )
            assert (await scraped(far))['lanchat_rooms{kind="mirror"}'] == 1
            assert (await scraped(far))['lanchat_rooms_opened_total{kind="mirror"}'] == 1
        await until(
            far, lambda samples: (samples["lanchat_links_down_total"], samples["lanchat_links_online"]) == (1, 0)
        )


async def test_a_hole_that_was_closed_is_counted(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    async def lose(group: str, message: object) -> None: ...

    async with guest(server, "Ada") as ada, guest(server, "Bob") as bob:
        room = await ada.enter("lossy")
        await bob.enter("lossy")
        with monkeypatch.context() as patched:
            patched.setattr(server.node.layer, "group_send", lose)
            await bob.say(room, "lost")
            await eventually(lambda: server.node.rooms.get(room).top == 1)
        await bob.say(room, "after all")
        assert [event.seq for event in await ada.said(room, 2)] == [1, 2]
        await until(server, lambda samples: samples["lanchat_repairs_total"] == 2)
