"""The page in a room of 200,000 messages, under 200 a second, at its first paint, and after its node was away."""

import contextlib
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser

from tests.bench import journal_texts
from tests.bench.journal_past import Past, is_untouched, past
from tests.bench.keystroke import both_times, chromium, two_pages
from tests.bench.page_watch import WatchedPage, visiting
from tests.bench.product import ROOM, product, product_at
from tests.bench.programs import Program, running, started
from tests.bench.rows import BenchFailed, Row, against, plain

NAME = "page"
LONG = 200_000
UNREAD = 5_000
RATE, SECONDS = 200, 10
_TASK, _ELEMENTS, _HEAP, _TYPED = 50.0, 3_000.0, 40.0, 40.0
_SCREENS = 400
"""How often Page Up is pressed in a quick run; in a full one, until the first message."""
_KEYS = 60
"""Keys that are typed while many messages come."""


def measure(*, quick: bool = True, events: int = LONG, seconds: int = SECONDS, away: float | None = None) -> list[Row]:
    """A guest in Chromium, whose node is a process of its own."""
    with past(events) as made, chromium() as browser:
        with product_at(made.data_dir) as program:
            url, room = str(program.ready["lan"]), f"{ROOM} 0"
            with visiting(browser, url, room) as page:
                rows = [*_long(page, made, _SCREENS if quick else made.top), *_jumps(page, made)]
            rows += _flooded(browser, program, room, seconds)
        with product() as program:
            rows += [*_first_paint(browser, program, 10 if quick else 30), *_script(browser, program)]
        rows += [*_keys(browser, 40 if quick else 100), *_back(browser, away or (20.0 if quick else 90.0))]
    return rows


def _long(page: WatchedPage, made: Past, screens: int) -> list[Row]:
    page.clear()
    pressed = page.page_up_to(1, screens)
    read = made.top - page.first()
    page.until_shown(said(1), "Home")
    page.press("PageDown")
    rows = _bounded(page, f"{read:,} messages up by {pressed} x Page Up, Home")
    page.press("End")
    page.see("to-end").wait_for(state="detached")
    return rows


def _bounded(page: WatchedPage, what: str) -> list[Row]:
    return [
        plain(NAME, f"{what}: longest task", [page.longest], "ms", most=_TASK),
        plain(NAME, f"{what}: longest task, in processor time", [page.busiest()], "ms", most=_TASK),
        plain(NAME, f"{what}: most elements", [page.elements], "elements", most=_ELEMENTS),
        plain(NAME, f"{what}: memory of scripts", [page.heap], "MB", most=_HEAP),
    ]


def _jumps(page: WatchedPage, made: Past) -> Iterator[Row]:
    """A message is jumped to by a search for a word that it alone has."""
    for what, near, most in (
        ("the middle", made.top // 2, None),
        (f"{UNREAD:,} messages back", made.top - UNREAD, 150.0),
    ):
        text, word = unique(made, near)
        page.press("Control+f")
        page.see("search-text").fill(word)
        page.see("hit").filter(has_text=word).wait_for()
        page.see("hit").nth(1).wait_for(state="detached")
        page.press("ArrowDown")
        page.clear()
        yield plain(NAME, f"a jump to {what}, until it is painted", [page.until_shown(text, "Enter")], "ms", most=most)
        page.press("Escape")
        for key in ("PageUp", "PageDown", "PageDown"):
            for _ in range(20):
                page.press(key)
        yield from _bounded(page, f"after a jump to {what}, and 60 screens there")
        page.press("End")


def _flooded(browser: Browser, program: Program, room: str, seconds: int) -> Iterator[Row]:
    for number, what in enumerate(("at the end", "scrolled up")):
        with visiting(browser, str(program.ready["lan"]), room) as page:
            if number:
                page.page_up_to(0, 5)
            numbers = map(str, (RATE, seconds, number * RATE * seconds))
            command = [sys.executable, "-m", "tests.bench.page_flood", str(program.ready["port"]), room, *numbers]
            with started(command):
                page.clear()
                began = time.perf_counter()
                for _ in range(_KEYS):
                    page.press("a")
                    page.page.wait_for_timeout(1000 * seconds / _KEYS / 2)
                page.page.wait_for_timeout(1000 * max(0.0, seconds - (time.perf_counter() - began)))
                rate = page.frames / (time.perf_counter() - began)
                name = f"{RATE} messages a second for {seconds} s, {what}"
                yield plain(NAME, f"{name}: longest task", [page.longest], "ms", most=_TASK)
                yield plain(NAME, f"{name}: longest task, in processor time", [page.busiest()], "ms", most=_TASK)
                yield plain(NAME, f"{name}: frames in 10 s", [10 * rate], "frames", least=500)
                yield plain(NAME, f"{name}: key to frame, 95 of 100", [page.typed], "ms", most=_TYPED)
                yield plain(NAME, f"{name}: most elements", [page.elements], "elements", most=_ELEMENTS)


def _first_paint(browser: Browser, program: Program, times: int) -> list[Row]:
    window = urlsplit(str(program.ready["window"]))
    urls = (str(program.ready["lan"]), f"http://{window.netloc}/stats")
    painted = "performance.getEntriesByName('first-contentful-paint')"
    taken: tuple[list[float], list[float]] = ([], [])
    there: list[float] = []
    for _ in range(times):
        for url, figures in zip(urls, taken, strict=True):
            with contextlib.closing(browser.new_context()) as context:
                page = context.new_page()
                page.goto(url)
                page.wait_for_function(f"() => {painted}.length > 0")
                figures.append(page.evaluate(f"() => {painted}[0].startTime"))
                if figures is taken[0]:
                    ready = "document.querySelector('[data-testid=composer]') !== null && performance.now()"
                    there.append(float(page.wait_for_function(f"() => {ready}").json_value()))
    more = statistics.median(taken[0]) - statistics.median(taken[1])
    return [
        against(NAME, "first paint", taken[0], "ms", peer="a bare page of the same node", peers=taken[1]),
        plain(NAME, "first paint, beyond that of a bare page", [more], "ms", most=120),
        against(NAME, "the room is there to be written in", there, "ms", peer="a bare page's paint", peers=taken[1]),
    ]


def _script(browser: Browser, program: Program) -> list[Row]:
    with contextlib.closing(browser.new_context()) as context:
        page = context.new_page()
        page.goto(str(program.ready["lan"]))
        page.get_by_test_id("composer").wait_for()
        sent = page.evaluate(
            "() => [...document.scripts].map(({ src }) => [src, performance.getEntriesByName(src)[0].encodedBodySize])"
        )
        asked = [context.request.head(name, headers={"Accept-Encoding": "gzip"}) for name, _ in sent]
        weight = sum(int(answer.headers["content-length"]) for answer in asked)
    return [
        plain(NAME, "script of the first view, in brotli", [sum(size for _, size in sent) / 1000], "kB", most=60),
        plain(NAME, "script of the first view, in gzip (plain http)", [weight / 1000], "kB"),
    ]


def _keys(browser: Browser, samples: int) -> list[Row]:
    with contextlib.ExitStack() as stack:
        servers = (product(), running("tests.bench.echo"))
        pages = [stack.enter_context(two_pages(browser, stack.enter_context(server))) for server in servers]
        taken: list[tuple[list[float], list[float]]] = [([], []), ([], [])]
        for number in range(-5, samples):
            for (writer, reader), (own, other) in zip(pages, taken, strict=True):
                mine, theirs = both_times(writer, reader, f"message {number:+05d} of the bench")
                if number >= 0:
                    own.append(mine)
                    other.append(theirs)
    (own, other), (_, echoed) = taken
    return [
        plain(NAME, "key to own message, 95 of 100", [_slow(own)], "ms", most=33),
        plain(NAME, "key to the other window, 95 of 100", [_slow(other)], "ms", most=45),
        against(NAME, "key to the other window", other, "ms", peer="an echo page", peers=echoed, most=2.5),
    ]


def _back(browser: Browser, away: float) -> list[Row]:
    """Stop a node, start it again after a while, and wait for what was said meanwhile."""
    with tempfile.TemporaryDirectory() as directory, contextlib.closing(browser.new_context()) as context:
        data_dir, page = Path(directory, "data"), context.new_page()
        with product_at(data_dir) as program:
            port = int(program.ready["port"])
            page.goto(str(program.ready["lan"]))
            page.get_by_test_id("composer").wait_for()
        page.get_by_test_id("offline").wait_for()
        page.get_by_test_id("composer").fill("while it was away")
        page.get_by_test_id("composer").press("Enter")
        page.wait_for_timeout(1000 * away)
        with product_at(data_dir, port):
            up = time.perf_counter()
            page.locator("[data-testid=message][data-state=sent]").wait_for(timeout=60_000)
            taken = time.perf_counter() - up
    return [plain(NAME, f"back in the room after a node that was away for {away:.0f} s", [taken], "s", most=3)]


def said(seq: int) -> str:
    """Return the text of a message, as it was said."""
    return next(islice(journal_texts.texts(), seq - 1, None))


def unique(made: Past, near: int) -> tuple[str, str]:
    """Return the text of a message from a seq on that has a word which no other message has, and the word.

    Raises:
        BenchFailed: there is none.
    """
    texts = list(islice(journal_texts.texts(), made.top))
    count = Counter(word for text in texts for word in text.split())
    for seq in range(near, made.top + 1):
        text = texts[seq - 1]
        # A search also finds words of which this one is the beginning.
        for word in (word for word in text.split() if count[word] == 1 and is_untouched(seq)):
            if sum(other.startswith(word) for other in count) == 1:
                return text, word
    raise BenchFailed("No message there has a word of its own.")


def _slow(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]
