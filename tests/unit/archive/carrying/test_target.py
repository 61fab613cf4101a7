"""What of a room on a stick may be put into the rooms of a node."""

from unittest.mock import patch

import pytest

from lanchat.errors import JobError, NotModerator
from tests.support.archive.stick import TEXTS, carry, opened
from tests.support.rooms.company import Company


async def test_the_rules_of_the_room_hold_for_what_comes_in_a_file(nodes: Company) -> None:
    await opened(nodes, "b", await carry(nodes, "a"))
    await nodes.servers["b"].node.rooms.continue_here(nodes.at("b"))
    await nodes.say("b", "b alone")
    path = await carry(nodes, "b")
    with patch.object(nodes.at("a").door, "check_post", side_effect=NotModerator):
        assert "1 may not be in it, by the rules of the room" in await opened(nodes, "a", path)
    assert await nodes.texts("a") == TEXTS


async def test_a_node_that_has_lost_its_own_room_is_told_how_to_get_it_back(nodes: Company) -> None:
    path = await carry(nodes, "a")
    await nodes.servers["a"].node.rooms.forget(nodes.at("a"))
    with pytest.raises(JobError, match="lanchat import"):
        await opened(nodes, "a", path)
