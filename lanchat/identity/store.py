"""Where what a node knows about itself is remembered."""

from typing import Protocol

from lanchat.protocol import NodeInfo


class SettingStore(Protocol):
    """Remembers single values, durably. The journal does."""

    async def settings(self) -> dict[str, str]:
        """Return everything that is remembered."""

    async def put_setting(self, key: str, value: str) -> None:
        """Remember one value."""

    async def adopt(self, former: str, node: NodeInfo) -> None:
        """Make a node the home of every room whose home the node of the id `former` was."""
