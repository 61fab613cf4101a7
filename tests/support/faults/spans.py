"""What lasts: the only place among the faults that may sleep."""

import asyncio
from collections.abc import AsyncGenerator


async def lasting(seconds: float) -> None:
    """Let a fault go on for so long: `with cut(wire): await lasting(0.3)`. What follows it is waited for, not timed."""
    await asyncio.sleep(seconds)


async def dripping(every: float = 0.01) -> AsyncGenerator[bytes, None]:
    """Return one byte every so many seconds, for ever: what a server sends that never lets a reader time out."""
    while True:
        yield b" "
        await asyncio.sleep(every)
