"""What axe-core finds fault with in a page: the rules of WCAG 2.2 A and AA, and best practices."""

from pathlib import Path

from playwright.async_api import Page

from tests.laws.sources import ROOT

_AXE = ROOT / "assets" / "node_modules" / "axe-core" / "axe.min.js"
_RUN = """async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`))"""


async def violations(page: Page) -> list[str]:
    """Return each fault, with its element. Axe is brought past the page's own policy, which allows no such script."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_script(_AXE))
    found: list[str] = await page.evaluate(_RUN)
    return found


def _script(path: Path) -> str:
    return f"() => {{ {path.read_text('utf-8')} }}"
