"""The analytics of the showcase at a real node."""

import json

from lanchat.config import Config
from lanchat.metrics import analytics
from tests.support.clients import serving
from tests.support.conditions import eventually
from tests.support.consumers.plain import lines, plain

VIEW = json.dumps({"type": "page_view", "timestamp": 1, "user_agent": "a browser", "url": "/"})


async def test_everybody_sees_an_event(showcase: Config) -> None:
    async with serving(showcase) as server, plain(server, "analytics") as ada, plain(server, "analytics") as bob:
        await ada.send("button_click:export")
        assert await lines(ada, 1) == await lines(bob, 1) == ["📊 Analytics: button_click:export"]
        await server.node.layers["analytics"].group_send(
            "analytics", {"type": "analytics_message", "message": "from outside"}
        )
        assert await lines(ada, 1) == ["from outside"]


async def test_page_views_are_counted_and_nothing_else(showcase: Config) -> None:
    async with serving(showcase) as server, plain(server, "analytics") as ada:
        for text in (VIEW, "page_view", '{"type": "click"}', "[1]", "[" * 5000, VIEW):
            await ada.send(text)
            await lines(ada, 1)
        tally = server.node.analytics.tally
        await eventually(lambda: tally.total("page_views") == 2, analytics.PAUSE + 5)
