"""A page of numbers for people: how the node stands, what happened, and how it went in the last hour. No script."""

import time
from collections.abc import Iterable, Sequence
from html import escape

from aiohttp import web

from lanchat import __version__
from lanchat.metrics import COUNTERS
from lanchat.node import Node
from lanchat.web.guard import Handler
from lanchat.web.operation.metrics import Snapshot
from lanchat.web.watch import Watch

SHOWN = ("events_kept", "connections_opened", "repairs", "refusals")
"""The numbers whose last hour is drawn."""

_BAR, _HEIGHT = 10, 60
_STYLE = """\
:root { color-scheme: light dark; background: Canvas; color: CanvasText; font: 16px/1.5 system-ui, sans-serif; }
a { color: LinkText; }
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin-block: 1rem; }
h2, caption { margin-block: 2rem 0.5rem; font-size: 1.375rem; font-weight: 600; text-align: start; }
h3 { margin-block: 1rem 0; font-size: 1rem; font-weight: 600; }
details caption { display: none; }
section > p { margin: 0; color: color-mix(in srgb, CanvasText 75%, Canvas); }
th, td { padding: 0.25rem 0.5rem; border-block-end: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
th { text-align: start; font-weight: 400; }
td { text-align: end; font-variant-numeric: tabular-nums; }
svg { display: block; width: 100%; height: 4rem; margin-block: 0.5rem; fill: currentColor;
  border-block-end: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
"""


def stats(node: Node, watch: Watch) -> Handler:
    """Return the handler of `/stats`."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return web.Response(text=_page(node, Snapshot.of(node, watch)), content_type="text/html")

    return handle


async def style(request: web.Request) -> web.StreamResponse:
    """Answer with the page's style; the guard's policy allows none within the page."""
    return web.Response(text=_STYLE, content_type="text/css")


def _page(node: Node, now: Snapshot) -> str:
    tally = node.analytics.tally
    counted = []
    for name, counter in COUNTERS.items():
        counted.append((counter.text, str(tally.total(name))))
        if counter.label:
            counted += [(f"… {counter.label} {part}", str(value)) for part, value in tally.parts(name).items()]
    hours = "".join(_hour(COUNTERS[name].text, tally.history(name)) for name in SHOWN)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Lanchat in numbers</title>'
        '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/stats/style.css">'
        '<link rel="icon" href="data:,"></head>'
        f"<body><main><h1>Lanchat in numbers</h1><p>Version {escape(__version__)}. Reload to see them change. The same"
        ' for Prometheus: <a href="/metrics">/metrics</a>.</p>'
        f"{_table('Now', _standing(now))}<h2>The last hour</h2>{hours}{_table('Since the start', counted)}"
        "</main></body></html>"
    )


def _standing(now: Snapshot) -> list[tuple[str, str]]:
    return [
        ("Running for", _duration(now.uptime)),
        ("Rooms of this computer", str(now.rooms["home"])),
        ("Rooms joined elsewhere", str(now.rooms["mirror"])),
        ("… whose home answers", str(now.links)),
        ("Other rooms on the network", str(now.rooms["found"])),
        ("People in the rooms kept here", str(now.people)),
        ("Open connections", str(now.sockets)),
        ("Entries in the rooms kept here", str(now.entries)),
        ("Database", f"{now.database / 1_000_000:.1f} MB"),
    ]


def _table(caption: str, rows: Iterable[tuple[str, str]], head: str = "") -> str:
    body = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>' for name, value in rows)
    return f"<table><caption>{escape(caption)}</caption>{head}<tbody>{body}</tbody></table>"


def _hour(text: str, history: Sequence[tuple[float, int]]) -> str:
    """Draw an hour as bars, and list it minute by minute for those who do not see them; of an empty one say just that.

    Args:
        text: what was counted.
        history: when each minute began, in seconds, and how often it happened in it.
    """
    total, most = sum(value for _, value in history), max(value for _, value in history)
    if not total:
        return f"<section><h3>{escape(text)}</h3><p>None in the last hour.</p></section>"
    bars = "".join(
        f'<rect x="{index * _BAR + 1}" y="{_HEIGHT - height}" width="{_BAR - 2}" height="{height}"/>'
        for index, (_, value) in enumerate(history)
        if (height := max(1, round(_HEIGHT * value / most)) if value else 0)
    )
    rows = [(time.strftime("%H:%M", time.localtime(at)), str(value)) for at, value in history if value]
    return (
        f"<section><h3>{escape(text)}</h3><p>{total} in the last hour, at most {most} in a minute.</p>"
        f'<svg viewBox="0 0 {len(history) * _BAR} {_HEIGHT}" preserveAspectRatio="none" aria-hidden="true">{bars}</svg>'
        f"<details><summary>Minute by minute</summary>{_table('Minute by minute', rows)}</details></section>"
    )


def _duration(seconds: float) -> str:
    minutes, hours = int(seconds // 60) % 60, int(seconds // 3600)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min" if minutes else f"{int(seconds)} s"
