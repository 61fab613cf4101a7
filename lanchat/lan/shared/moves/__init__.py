"""How a room that lives goes into Redis, and comes out of it again; nobody in it has to reconnect.

`passage` brings a room in, `departure` takes one out, and `placing` lets each room of a node be where it is by now;
`strays` answers who went on with one elsewhere; `scripts` is what Redis does in one piece.
"""

from lanchat.lan.shared.moves.departure import Departure, RoomHome
from lanchat.lan.shared.moves.passage import Passage
from lanchat.lan.shared.moves.placing import Placing
from lanchat.lan.shared.moves.strays import Strays

__all__ = ["Departure", "Passage", "Placing", "RoomHome", "Strays"]
