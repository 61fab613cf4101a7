"""What a node can be to a room, which is swapped while people talk in it: its home, or a mirror of one."""

from lanchat.rooms.roles.home import Home
from lanchat.rooms.roles.mirror import Mirror, Upstream
from lanchat.rooms.roles.role import Role

__all__ = ["Home", "Mirror", "Role", "Upstream"]
