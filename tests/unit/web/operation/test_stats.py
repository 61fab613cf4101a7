"""The page of numbers of a real node: no script, nothing from outside, and readable without seeing the bars."""

import re
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator

import aiohttp
import pytest

from lanchat.config import Config
from lanchat.metrics.counters import COUNTERS
from lanchat.web.operation import stats
from lanchat.web.server import Server
from tests.support.clients import serving


@pytest.fixture
async def server(config: Config) -> AsyncIterator[Server]:
    async with serving(config) as server:
        yield server


async def fetched(server: Server, path: str) -> tuple[aiohttp.ClientResponse, str]:
    async with aiohttp.ClientSession() as session, session.get(f"{server.window_url}{path}") as answer:
        return answer, await answer.text()


def read(page: str) -> ET.Element:
    """Read the page as a tree, so that everything in it is closed and escaped."""
    body = page.removeprefix("<!doctype html>")
    return ET.fromstring(re.sub(r"<(meta|link)([^>]*)>", r"<\1\2/>", body))  # noqa: S314 - our own page


async def test_anybody_on_this_machine_may_read_it(server: Server) -> None:
    answer, page = await fetched(server, "stats")
    assert (answer.status, answer.content_type) == (200, "text/html")
    tree = read(page)
    assert tree.get("lang") == "en"
    assert tree.findtext(".//h1") == "Lanchat in numbers"
    assert list(tree.iter("script")) == []
    assert [element.get("style") for element in tree.iter() if element.get("style")] == []


async def test_its_style_is_one_that_the_policy_allows(server: Server) -> None:
    _, page = await fetched(server, "stats")
    (sheet,) = [link.get("href", "") for link in read(page).iter("link") if link.get("rel") == "stylesheet"]
    answer, style = await fetched(server, sheet.lstrip("/"))
    assert (answer.status, answer.content_type) == (200, "text/css")
    assert "url(" not in style


async def test_every_number_is_in_a_table_row_with_a_head(server: Server) -> None:
    server.node.analytics.tally.add({"events_kept:message": 1234})
    _, page = await fetched(server, "stats")
    rows = {row.findtext("th"): row.findtext("td") for row in read(page).iter("tr")}
    assert {counter.text for counter in COUNTERS.values()} <= set(rows)
    assert rows["Entries kept in rooms here"] == "1234"
    assert rows["… kind message"] == "1234"
    assert all(head.get("scope") == "row" for head in read(page).iter("th"))


async def test_the_last_hour_is_drawn_and_told(server: Server) -> None:
    server.node.analytics.tally.add({"repairs": 3})
    _, page = await fetched(server, "stats")
    (section,) = [part for part in read(page).iter("section") if part.findtext("h3", "").startswith("Holes")]
    assert section.findtext("h3") == "Holes closed from the journal"
    assert section.findtext("p") == "3 in the last hour, at most 3 in a minute."
    (bar,) = section.iter("rect")
    assert bar.get("height") == "60"
    assert [row.findtext("td") for row in section.iter("tr")] == ["3"]
    assert len(list(read(page).iter("section"))) == len(stats.SHOWN)


async def test_of_an_hour_in_which_nothing_happened_just_that_is_said(server: Server) -> None:
    _, page = await fetched(server, "stats")
    (section,) = [part for part in read(page).iter("section") if part.findtext("h3", "").startswith("Holes")]
    assert [each.tag for each in section] == ["h3", "p"]
    assert section.findtext("p") == "None in the last hour."


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.4, "0 s"), (59.9, "59 s"), (61, "1 min"), (3600, "1 h 0 min"), (90_061, "25 h 1 min")]
)
def test_a_duration_is_told_as_people_do(seconds: float, said: str) -> None:
    assert stats._duration(seconds) == said
