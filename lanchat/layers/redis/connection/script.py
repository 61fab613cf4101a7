"""What Redis does in one piece: a script that is sent once and then named by its hash."""

import hashlib
from collections.abc import Sequence

from redis.exceptions import NoScriptError

from lanchat.layers.redis.connection.connection import Command, Reply
from lanchat.layers.redis.connection.way import Way


class Script:
    """A Lua script (https://redis.io/docs/latest/develop/programmability/eval-intro/).

    A server that does not know it, because it is new or was started again, is sent its text.

    Args:
        text: the script.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._hash = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    async def run(
        self,
        way: Way,
        keys: Sequence[str],
        arguments: Sequence[str | bytes | int],
        behind: Sequence[Command] = (),
    ) -> list[Reply]:
        """Run it once, and then `behind`, with nothing of this connection between them.

        Args:
            way: to the server that has the keys.
            keys: the keys that it uses.
            arguments: what it is given beside them.
            behind: commands that go out together with it.

        Returns:
            Its reply, and those to `behind`.

        Raises:
            LayerError: the server cannot be reached, or answered with an error. Whether it ran is not known where no
                answer came.
        """
        rest: Command = (len(keys), *keys, *arguments)
        replies = await way.replies(("EVALSHA", self._hash, *rest), *behind)
        if isinstance(replies[0], NoScriptError):
            return await way.ask(("EVAL", self.text, *rest), *behind)
        return way.checked(replies)
