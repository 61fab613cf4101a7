"""Takes all pictures, or those of the scenes that are named."""

import asyncio
import sys

from tests.pictures import evening, window
from tests.pictures.studio import studio

SCENES = {"evening": evening.evening, "window": window.window}


async def main(names: list[str]) -> None:
    """Take the pictures of some scenes, of all without a name."""
    async with studio() as opened:
        for name in names or SCENES:
            await SCENES[name](opened)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
