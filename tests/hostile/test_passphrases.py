"""Wrong passphrases, fast and slow, nearly right and from everywhere: none opens, and who guesses has to wait."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import msgspec

from lanchat.config import Config
from lanchat.limits import Limits
from lanchat.protocol import Join, Joined
from lanchat.web.server import Server
from tests.support.clients import Client, guest, serving, window
from tests.support.rooms.doors import WORDS, enter, lock_with_passphrase, turned_away

NEARLY = {
    "passphrase-upper-case": WORDS.upper(),
    "passphrase-one-letter-less": WORDS[:-1],
    "passphrase-one-letter-more": WORDS + "s",
    "passphrase-words-swapped": "horse correct battery staple",
    "passphrase-a-word-twice": WORDS.replace("horse", "horse horse"),
    "passphrase-joined": WORDS.replace(" ", ""),
    "passphrase-with-nul": WORDS + "\0",
    "passphrase-with-nothing-visible": WORDS.replace(" ", " \u200b"),
    "passphrase-in-cyrillic": WORDS.replace("c", "\u0441"),
    "passphrase-quoted": f"' OR '1'='1' -- {WORDS}",
    "passphrase-very-long": "x" * 200,
    "passphrase-of-the-room-beside": "another horse battery staple",
}


class Vault(NamedTuple):
    """A room with a passphrase, and its node."""

    server: Server
    owner: Client
    room: str


@asynccontextmanager
async def vault(config: Config, **limits: Any) -> AsyncIterator[Vault]:
    config = msgspec.structs.replace(config, limits=Limits(**limits))
    async with serving(config) as server, window(server) as owner:
        room = await owner.enter("vault")
        await lock_with_passphrase(owner, room)
        yield Vault(server, owner, room)


async def inside(client: Client, room: str) -> bool:
    return isinstance(await client.ask(Join(room=room), object), Joined)  # type: ignore[type-var]


async def test_a_passphrase_that_is_nearly_right_opens_nothing(config: Config) -> None:
    async with vault(config, guesses_per_address=100) as (server, owner, room), guest(server) as eve:
        beside = await owner.enter("beside")
        await lock_with_passphrase(owner, beside, NEARLY["passphrase-of-the-room-beside"])
        for trick, words in NEARLY.items():
            assert await enter(eve, room, passphrase=words) == "wrong_passphrase", trick
        assert await turned_away(eve, room) == "needs_passphrase"


async def test_guessing_fast_ends_in_a_pause_also_for_the_right_one_and_by_new_connections(config: Config) -> None:
    most = Limits().guesses_per_address
    async with vault(config) as (server, _, room):
        codes = []
        for number in range(most):
            async with guest(server, f"Eve {number}") as eve:  # another connection, another id
                codes.append(await enter(eve, room, passphrase=f"guess number {number}"))
        assert codes == ["wrong_passphrase"] * most
        async with guest(server) as eve:
            assert await enter(eve, room, passphrase=WORDS) == "slow_down"
            assert not await inside(eve, room)


async def test_guessing_slowly_is_let_be_and_gets_nowhere(config: Config) -> None:
    """Each guess comes when the one before counts no more: here that is at once."""
    async with vault(config, guess_seconds=1e-6) as (server, _, room), guest(server) as eve:
        for number in range(2 * Limits().guesses_per_address):
            assert await enter(eve, room, passphrase=f"guess number {number}") == "wrong_passphrase"
            assert await turned_away(eve, room) == "needs_passphrase"
        assert await enter(eve, room, passphrase=WORDS) == ""
        assert await inside(eve, room)
