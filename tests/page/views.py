"""A view in light, in dark and in people's own colours: nothing that axe finds wrong; and its picture, on demand.

With PICTURES=docs/pictures in the environment (`make pictures`) each view is also photographed, to be looked at.
"""

import os
from pathlib import Path

from playwright.async_api import ViewportSize

from tests.page.axe import violations
from tests.page.person import Person

Media = dict[str, str]
SCHEMES: dict[str, Media] = {
    "light": {"color_scheme": "light", "forced_colors": "none"},
    "dark": {"color_scheme": "dark", "forced_colors": "none"},
    "forced": {"color_scheme": "dark", "forced_colors": "active"},
}
DESK: ViewportSize = {"width": 1200, "height": 760}
PHONE: ViewportSize = {"width": 390, "height": 780}
MAGNIFIED: ViewportSize = {"width": 640, "height": 380}
"""A window of 1280 by 760 at 200 %."""


async def checked(person: Person, view: str, schemes: tuple[str, ...] = tuple(SCHEMES)) -> None:
    """Look at a view in each scheme, and photograph it where that is wanted."""
    found = []
    for scheme in schemes:
        await person.page.emulate_media(**SCHEMES[scheme], reduced_motion="reduce")  # type: ignore[arg-type]
        found += [f"{scheme}: {violation}" for violation in await violations(person.page)]
        if (folder := os.environ.get("PICTURES")) and (scheme != "forced" or view == "talk"):
            await person.page.screenshot(
                path=Path(folder) / f"{view}-{scheme}.png", animations="disabled", caret="hide"
            )
    if not await person.page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
        found.append("it is wider than the window")
    assert not found, "\n".join(found)
