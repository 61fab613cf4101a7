"""The page's folders are small, stand in one order without a circle, and every module has its test beside it."""

from collections import Counter
from collections.abc import Mapping

from tests.laws import page, sources

ORDER = (
    "platform",
    "wire",
    "text/words",
    "text",
    "connection",
    "door",
    "room",
    "rooms",
    "nearby",
    "client",
    "views/parts",
    "views/composer",
    "views/message",
    "views/room",
    "views/rooms",
    "views/invite",
    "views/shell",
    "main",
)
"""A module imports from its own folder and from those before it. `client` and `main` are modules at the top."""

MOST_MODULES = 15
MOST_LINES = 300
GENERATED = "wire/protocol.ts"
UNTESTED = {
    GENERATED: "types and limits that tests/laws/test_wire_types.py compares with the node's",
    "main.ts": "joins the client to the browser's events; the tests in tests/page run it",
}


def place(path: str) -> str:
    """Return what in the order a module belongs to."""
    folder, _, name = path.rpartition("/")
    return folder or name.partition(".")[0]


def upward(texts: Mapping[str, str]) -> list[str]:
    """Say which modules have no place in the order, or import from one behind theirs, or from what is for tests."""
    wrong = [f"{path} has no place in the order" for path in page.shipped(texts) if place(path) not in ORDER]
    rank = {name: number for number, name in enumerate(ORDER)}
    for path in texts:
        for target in page.imported(path, texts):
            if page.is_test(target):
                if not page.is_test(path):
                    wrong.append(f"{path} imports {target}, which is for tests")
            elif not path.startswith("testing/") and rank.get(place(target), 0) > rank.get(place(path), len(ORDER)):
                wrong.append(f"{path} imports {target} from above")
    return wrong


def circles(texts: Mapping[str, str]) -> list[str]:
    """Say which modules import each other in a circle."""
    done: set[str] = set()
    found: list[str] = []

    def walk(path: str, way: tuple[str, ...]) -> None:
        if path in way:
            found.append(" → ".join((*way[way.index(path) :], path)))
        elif path not in done:
            for target in page.imported(path, texts):
                walk(target, (*way, path))
            done.add(path)

    for path in texts:
        walk(path, ())
    return found


def crowded(texts: Mapping[str, str]) -> list[str]:
    """Say which folders cannot be taken in at a glance, and which modules need a table of contents."""
    shipped = page.shipped(texts)
    folders = Counter(path.rpartition("/")[0] for path in shipped)
    wrong = [f"{name or 'src'} has {count} modules" for name, count in folders.items() if count > MOST_MODULES]
    lines = {path: len(text.splitlines()) for path, text in shipped.items() if path != GENERATED}
    return wrong + [f"{path} has {count} lines" for path, count in lines.items() if count > MOST_LINES]


def alone(texts: Mapping[str, str]) -> list[str]:
    """Say which modules have no test beside them. A view is tested in a browser, in tests/page."""
    wrong = []
    for path in page.shipped(texts):
        test = f"{path.removesuffix('.ts').removesuffix('.svelte')}.test.ts"
        if path.endswith(".ts") and path not in UNTESTED and test not in texts:
            wrong.append(f"{path} wants {test}")
    return wrong


def test_imports_go_down_only() -> None:
    sources.obeyed(upward(page.modules()))


def test_no_modules_import_each_other() -> None:
    sources.obeyed(circles(page.modules()))


def test_folders_and_modules_are_small() -> None:
    sources.obeyed(crowded(page.modules()))


def test_every_module_has_its_test_beside_it() -> None:
    texts = page.modules()
    sources.obeyed(alone(texts))
    assert set(UNTESTED) <= set(texts)


def test_an_import_from_above_is_found() -> None:
    texts = {
        "text/clock.ts": 'import type { Room } from "../room/room.svelte";',
        "room/room.svelte.ts": 'import {\n  a,\n  b,\n} from "../text/clock";\nimport { x } from "../testing/node";',
        "room/room.test.ts": 'import { x } from "../testing/node";\nimport { y } from "../rooms/rooms.svelte";',
        "rooms/rooms.svelte.ts": 'const later = import("../views/shell/App.svelte");',
        "views/shell/App.svelte": '<script>\n  import "../../styles/base.css";\n</script>',
        "testing/node.ts": 'import { y } from "../rooms/rooms.svelte";',
        "other/thing.ts": "",
    }
    assert upward(texts) == [
        "other/thing.ts has no place in the order",
        "text/clock.ts imports room/room.svelte.ts from above",
        "room/room.svelte.ts imports testing/node.ts, which is for tests",
        "room/room.test.ts imports rooms/rooms.svelte.ts from above",
        "rooms/rooms.svelte.ts imports views/shell/App.svelte from above",
    ]


def test_a_circle_is_found() -> None:
    texts = {
        "room/a.ts": 'import { b } from "./b";',
        "room/b.ts": 'import type { C } from "./c.svelte";',
        "room/c.svelte.ts": 'export { a } from "./a";',
        "room/d.ts": 'import { a } from "./a";',
    }
    assert circles(texts) == ["room/a.ts → room/b.ts → room/c.svelte.ts → room/a.ts"]
    assert circles({**texts, "room/c.svelte.ts": ""}) == []


def test_a_crowd_is_found() -> None:
    texts = {f"room/m{number}.ts": "" for number in range(MOST_MODULES)}
    texts |= {"room/m.test.ts": "\n" * 400, GENERATED: "\n" * 400, "text/long.ts": "\n" * MOST_LINES}
    assert crowded(texts) == []
    wrong = crowded({**texts, "room/One.svelte": "", "text/long.ts": "\n" * 301})
    assert wrong == ["room has 16 modules", "text/long.ts has 301 lines"]


def test_a_module_alone_is_found() -> None:
    texts = {"room/a.svelte.ts": "", "room/b.ts": "", "room/b.test.ts": "", "views/Icon.svelte": "", "main.ts": ""}
    assert alone(texts) == ["room/a.svelte.ts wants room/a.test.ts"]
