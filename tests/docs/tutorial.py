"""The files that a page of docs/ prints, as programs that run."""

import importlib
import re
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Self

from aiohttp import web

from tests.support.consumers.asgi_servers import by_uvicorn

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"
_FILE = re.compile(r"^`([\w.]+)`\n\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def files(page: str) -> dict[str, str]:
    """Return each Python block by the file name that stands above it."""
    return dict(_FILE.findall(page))


def blocks(page: str, language: str) -> list[str]:
    """Return the contents of all blocks in a language."""
    return [content for found, content in _BLOCK.findall(page) if found == language]


class Tutorial:
    """The files of the page in a folder from which they are imported.

    Args:
        folder: where they are written.
        page: the page, by default the tutorial.
    """

    def __init__(self, folder: Path, page: Path = PAGE) -> None:
        self.folder = folder
        self._files = files(page.read_text("utf-8"))
        for name, code in self._files.items():
            (folder / name).write_text(code, "utf-8")

    def __enter__(self) -> Self:
        sys.path.insert(0, str(self.folder))
        importlib.invalidate_caches()
        return self

    def __exit__(self, *_: object) -> None:
        sys.path.remove(str(self.folder))
        for name in self._files:
            sys.modules.pop(name.removesuffix(".py"), None)

    def module(self, name: str) -> ModuleType:
        """Import one of the files."""
        return importlib.import_module(name)

    @asynccontextmanager
    async def serving(self, name: str) -> AsyncIterator[str]:
        """Run the app of one of the files, and give its address without a scheme."""
        runner = web.AppRunner(self.module(name).make_app(), shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield f"127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()

    def serving_asgi(self, name: str) -> AbstractAsyncContextManager[str]:
        """Run the ASGI app of one of the files on uvicorn, and give its address without a scheme."""
        return by_uvicorn(self.module(name).app)
