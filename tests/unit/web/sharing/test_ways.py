"""What clients at a door are told of the ways to the node."""

from lanchat.config import Config
from lanchat.identity import Keyring
from lanchat.web.sharing import ProgramFile, with_ways
from tests.support.clients import serving


async def test_the_addresses_are_those_of_the_room_app_and_keys_are_renewed_where_they_lie(config: Config) -> None:
    async with serving(config) as server:
        context = with_ways(server.node.door(), server.node, ProgramFile(None))
        (address,) = context.own_addresses()
        assert (address.url, address.network) == (server.lan_url, "loopback")
        assert await context.program() is None
        context.renew()
    before = Keyring.peek(config.data_dir).node.id
    assert Keyring.load(config.data_dir).node.id != before
