"""The threads of a loop that several tests share: there before the first of them counts threads."""

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

_COUNT = 2


@asynccontextmanager
async def started_threads() -> AsyncIterator[None]:
    """In the block the running loop has all the threads that it will ever have for what blocks."""
    loop, all_here = asyncio.get_running_loop(), threading.Barrier(_COUNT)
    with ThreadPoolExecutor(_COUNT, "shared-loop") as threads:
        loop.set_default_executor(threads)
        await asyncio.gather(*(loop.run_in_executor(None, all_here.wait) for _ in range(_COUNT)))
        yield
