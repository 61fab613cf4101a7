"""docs/library/access.md."""

import re

from tests.docs.tutorial import Tutorial
from tests.support.consumers.listening import first, knock

FOREIGN = "https://evil.example"


async def test_origins(book: Tutorial) -> None:
    async with book.serving_asgi("origins") as at:
        for origin in (f"http://{at}", "https://app.example.org", "http://www.example.net:8000"):
            assert await knock(f"ws://{at}/", Origin=origin) == 101
        assert await knock(f"ws://{at}/", Origin=FOREIGN, Cookie="session=4f1c") == 403


async def test_validated(book: Tutorial) -> None:
    async with book.serving_asgi("validated") as at:
        assert await knock(f"ws://{at}/", Origin="https://app.example.org") == 101
        assert await knock(f"ws://{at}/", Origin=f"http://{at}") == 403


async def test_whoami(book: Tutorial) -> None:
    async with book.serving_asgi("whoami") as at:
        assert await first(f"ws://{at}/", Cookie="session=4f1c") == "ada likes it dark"
        assert await knock(f"ws://{at}/", Cookie="session=other") == 403


async def test_timed(book: Tutorial) -> None:
    async with book.serving("timed") as at:
        assert re.fullmatch(r"here since \d+", str(await first(f"ws://{at}/ws/any")))
        assert await knock(f"ws://{at}/other") == 404
