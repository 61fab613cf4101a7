"""A page that goes from node to node: what it was told on its way, and where it is in the end."""

import json
import re
from typing import Any

from playwright.async_api import Page, WebSocket, expect

from tests.page.person import Person

DRAFT = "half a sent"
"""What is begun to be written once the node is gone."""
SAY = """() => {
  const field = document.querySelector("[data-testid=composer]");
  field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
  field.value = "half a sent";
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}"""
"""Say what is written, and begin with DRAFT: at once, for the page may be about to go."""
ACT = f"""(() => {{
  if (window !== window.top || window.acting) return;
  window.acting = true;
  let came = false;
  const look = () => {{
    const state = document.querySelector("[data-testid=connection]")?.dataset.state;
    const there = document.querySelector("[data-testid=composer]") !== null;
    if (came && state !== "ready") {{
      watch.disconnect();
      ({SAY})();
    }} else if (!came && there && state === "ready") {{
      came = true;
      window.inRoom = performance.timeOrigin + performance.now();
    }}
  }};
  const watch = new MutationObserver(look);
  watch.observe(document, {{ subtree: true, childList: true, attributes: true, attributeFilter: ["data-state"] }});
}})()"""
"""Let each page note when it is in a room (`inRoom`), and SAY when its connection is lost: at once, as above."""


class Heard:
    """What a page's sockets are told from now on, in all its lives."""

    def __init__(self, page: Page) -> None:
        self._frames: list[dict[str, Any]] = []
        page.on("websocket", self._opened)

    def ids(self) -> list[str]:
        """Return as whom the page was welcome, each time."""
        return [frame["you"]["id"] for frame in self._frames if frame["type"] == "welcome"]

    def knows(self, count: int) -> bool:
        """Return whether the page knows of so many other nodes."""
        told = [frame["nodes"] for frame in self._frames if frame["type"] == "havens"]
        return bool(told) and len(told[-1]) == count

    def _opened(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda payload: self._frames.append(json.loads(payload)))


async def moved(guest: Person, *gone: str) -> None:
    """Wait until a tab is in a room at a node that is at none of these hosts and ports."""
    others = "|".join(map(re.escape, gone))
    await expect(guest.page).to_have_url(re.compile(rf"^http://(?!(?:{others})/)[0-9.:]+/$"))
    await guest.connected()
    await expect(guest.see("composer")).to_be_visible()
