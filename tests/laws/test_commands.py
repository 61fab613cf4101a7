"""Each command has exactly one handler, one question to the gate, one cost, and a section in docs/protocol.md."""

import importlib
import inspect
import pkgutil
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from typing import Any, cast, get_args, get_type_hints

import msgspec
import pytest

from lanchat.config import Config
from lanchat.errors import SlowDown
from lanchat.limits import COSTS, Addresses, Cost, Limits, Payer
from lanchat.protocol import Command, Leave, Open, Post
from lanchat.rooms import Action
from lanchat.sessions import commands
from lanchat.sessions.commands import TABLE, Binding
from lanchat.sessions.commands import posts as post_commands
from lanchat.sessions.commands import rooms as room_commands
from lanchat.web.server import Server
from tests.laws.sources import ROOT, obeyed
from tests.support.clients import ELSEWHERE, guest, serving
from tests.support.clock import Clock
from tests.support.commands import one_of_each

COMMANDS: tuple[type[Any], ...] = Command.__args__


def breaches(table: Iterable[Binding], known: Iterable[type[Any]], headings: Iterable[str]) -> list[str]:
    """Say which commands are not bound to one handler, one action and one section, each of its own."""
    rows = list(table)
    bound, handlers = Counter(row.command for row in rows), Counter(row.handler for row in rows)
    told = Counter(headings)
    wrong = [f"{command.__name__} has {bound[command]} rows" for command in known if bound[command] != 1]
    for row in rows:
        name = row.command.__name__
        if handlers[row.handler] > 1:
            wrong.append(f"the handler of {name} obeys other commands as well")
        if told[row.section] != 1:
            wrong.append(f"{name} has {told[row.section]} sections")
        if row.action not in get_args(Action):
            wrong.append(f"{name} asks the gate for {row.action}, which it does not know")
        if row.cost not in COSTS:
            wrong.append(f"{name} costs {row.cost}, which nothing bounds")
        taken = list(get_type_hints(row.handler).values())[1]
        if taken is not row.command:
            wrong.append(f"the handler of {name} takes {taken.__name__}")
    return wrong


def unbound(table: Iterable[Binding], modules: Iterable[Any]) -> list[str]:
    """Say which functions that could be handlers no command leads to."""
    bound = {row.handler for row in table}
    found = [
        (module.__name__, name, function)
        for module in modules
        for name, function in vars(module).items()
        if inspect.iscoroutinefunction(function) and not name.startswith("_") and function.__module__ == module.__name__
    ]
    return [f"{module}.{name} is no command's" for module, name, function in found if function not in bound]


async def unlimited(server: Server, clock: Clock) -> list[str]:
    """Say which commands somebody may send a second time where everything may be done once in a long while."""
    wrong = []
    async with guest(server) as client:
        room = await client.enter("limits")
        for command in one_of_each(room, client.me, ELSEWHERE):
            clock.advance(1e6)  # whatever was used up is there again
            for ref in (1, 2):
                await client.tell(msgspec.structs.replace(command, ref=ref))
                answer = await client.hear(object, lambda reply, ref=ref: getattr(reply, "ref", 0) == ref)  # type: ignore[misc]
            if getattr(answer, "code", "") != SlowDown.code:
                wrong.append(f"{type(command).__name__} can be sent as often as one likes")
    return wrong


@pytest.fixture
async def miserly(config: Config) -> AsyncIterator[Server]:
    """A node that does everything once for an address, and then not for a long while."""
    little = {f"{cost}_rate": 1e-3 for cost in COSTS} | {f"{cost}_burst": 1.0 for cost in COSTS}
    limits = Limits(address_share=1, idle_time=1e9, **little)  # type: ignore[arg-type]
    async with serving(msgspec.structs.replace(config, limits=limits)) as server:
        yield server


def topics() -> list[Any]:
    """Return the modules with handlers."""
    names = [info.name for info in pkgutil.iter_modules(commands.__path__) if info.name != "table"]
    return [importlib.import_module(f"{commands.__name__}.{name}") for name in names]


def test_every_command_has_one_row_with_everything() -> None:
    page = (ROOT / "docs" / "protocol.md").read_text("utf-8")
    obeyed(breaches(TABLE, COMMANDS, re.findall(r"^#{2,3} (.+)$", page, re.MULTILINE)))


def test_every_handler_is_in_the_table() -> None:
    obeyed(unbound(TABLE, topics()))


async def test_every_command_is_limited(miserly: Server, clock: Clock) -> None:
    obeyed(await unlimited(miserly, clock))


async def test_a_command_that_costs_nothing_is_found(
    miserly: Server, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    pay = Addresses.pay

    def free_pages(self: Addresses, payer: Payer, cost: Cost, now: float, room: str = "") -> float:
        return 0.0 if cost == "page" else pay(self, payer, cost, now, room)

    monkeypatch.setattr(Addresses, "pay", free_pages)
    free = [row.command.__name__ for row in TABLE if row.cost == "page"]
    assert sorted(line.split(" can")[0] for line in await unlimited(miserly, clock)) == sorted(free)


LEAVE = Binding(Leave, room_commands.leave, "join", "join")


@pytest.mark.parametrize(
    ("table", "headings", "breach"),
    [
        ([], ["`leave`"], "Leave has 0 rows"),
        ([LEAVE, LEAVE], ["`leave`"], "Leave has 2 rows"),
        ([LEAVE], [], "Leave has 0 sections"),
        ([LEAVE], ["`leave`", "`leave`"], "Leave has 2 sections"),
        (
            [LEAVE._replace(action=cast("Action", "dance"))],
            ["`leave`"],
            "Leave asks the gate for dance, which",
        ),
        ([LEAVE._replace(cost=cast("Cost", "nothing"))], ["`leave`"], "Leave costs nothing, which nothing bounds"),
        ([LEAVE._replace(handler=post_commands.post)], ["`leave`"], "the handler of Leave takes Post"),
        (
            [LEAVE, Binding(Open, room_commands.leave, "open", "open")],
            ["`leave`", "`open`"],
            "the handler of Leave obeys other commands as well",
        ),
    ],
)
def test_a_command_without_one_of_these_is_found(table: list[Binding], headings: list[str], breach: str) -> None:
    assert [each for each in breaches(table, [Leave], headings) if each.startswith(breach)]


def test_a_handler_of_no_command_is_found() -> None:
    table = [row for row in TABLE if row.command is not Post]
    assert unbound(table, topics()) == ["lanchat.sessions.commands.posts.post is no command's"]
