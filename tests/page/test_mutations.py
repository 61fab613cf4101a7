"""No rule of recovery can be taken out of the page's code without one of its own tests finding that."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from assets import build_page

ROOT = Path(__file__).parents[2]
_LEFT_OUT = ("node_modules", "src")


class Mutation(NamedTuple):
    """One rule taken out.

    Attributes:
        rule: what does not hold any more.
        file: in assets/src.
        text: what stands there, once.
        instead: what stands there then.
        tests: the test files in assets/src, without `.test.ts`, that may find it.
    """

    rule: str
    file: str
    text: str
    instead: str
    tests: tuple[str, ...]


_MUTATIONS = [
    Mutation("seen events are dropped", "room/cursor.ts", 'if (last <= this.seq) return "seen";', "", ("room/cursor",)),
    Mutation("a hole is noticed", "room/cursor.ts", 'if (first > this.seq + 1) return "hole";', "", ("room/cursor",)),
    Mutation("the cursor moves on", "room/cursor.ts", "this.seq = last;", "this.seq = first;", ("room/cursor",)),
    Mutation(
        "of a page that overlaps only the rest is taken",
        "room/run.ts",
        "page.filter(({ seq }) => seq > this.last)",
        "[...page]",
        ("room/run",),
    ),
    Mutation(
        "a page behind a hole is no use",
        "room/run.ts",
        "later.first === this.last + 1 && ",
        "",
        (
            "room/run",
            "room/history",
        ),
    ),
    Mutation(
        "a page before a hole is no use",
        "room/run.ts",
        "=== this.first - 1 ?",
        "< this.first ?",
        (
            "room/run",
            "room/history",
        ),
    ),
    Mutation(
        "a join names the cursor",
        "room/room.svelte.ts",
        "since: cursor,",
        "since: 0,",
        (
            "room/room",
            "client",
        ),
    ),
    Mutation(
        "a join names the last event",
        "room/room.svelte.ts",
        "{ last: mark }",
        "{}",
        (
            "room/room",
            "client",
        ),
    ),
    Mutation(
        "a heartbeat shows a hole",
        "room/history.svelte.ts",
        "Math.max(this.#top, top);",
        "this.#top;",
        ("room/history",),
    ),
    Mutation(
        "a hole is repaired",
        "room/history.svelte.ts",
        "else {\n      this.#repairing = this.#ask(",
        "else if (cursor < 0) {\n      this.#repairing = this.#ask(",
        ("room/history",),
    ),
    Mutation(
        "who is far behind goes on near the top",
        "room/history.svelte.ts",
        "> FAR) this.#context.join()",
        "> FAR) return",
        ("room/history",),
    ),
    Mutation(
        "what waits is said again",
        "room/room.svelte.ts",
        "    this.posts.resend();\n    this.history.resume();",
        "",
        ("room/posts",),
    ),
    Mutation(
        "an event that comes leaves the outbox",
        "room/history.svelte.ts",
        'if (admission !== "hole") this.#context.onEvents([event]);',
        "",
        ("room/posts",),
    ),
    Mutation(
        "another history begins at 0", "room/history.svelte.ts", "    this.timeline.begin();\n", "", ("room/room",)
    ),
    Mutation(
        "changes of another history's messages are given up",
        "room/room.svelte.ts",
        "this.posts.giveUpChanges();",
        "",
        ("room/room",),
    ),
    Mutation(
        "what is asked anew after a cut",
        "room/history.svelte.ts",
        "    this.paging = false;\n    this.#repairing = false;\n",
        "",
        ("room/history",),
    ),
    Mutation(
        "an answer to what was asked before a join is passed over",
        "room/history.svelte.ts",
        "if (visit !== this.#visit) return;",
        "",
        ("room/history",),
    ),
    Mutation(
        "a post keeps its nonce",
        "room/outbox.ts",
        "this.#store.set(KEY + entry.nonce, entry)",
        "void entry",
        ("room/outbox",),
    ),
    Mutation(
        "an event takes its post from the disk",
        "room/outbox.ts",
        "this.#store.remove(KEY + nonce);",
        "",
        ("room/outbox",),
    ),
    Mutation(
        "posts stay in their order",
        "room/outbox.ts",
        "entries.sort((one, other) => one.at - other.at)",
        "entries",
        ("room/outbox",),
    ),
    Mutation(
        "what was refused is not sent",
        "room/outbox.ts",
        '.filter((entry) => entry.failure === "")',
        "",
        (
            "room/outbox",
            "room/posts",
        ),
    ),
    Mutation(
        "silence ends a connection",
        "connection/socket.ts",
        "setTimeout(() => this.#lost(), this.#silence)",
        "undefined",
        ("connection/socket",),
    ),
    Mutation(
        "a lost connection comes back",
        "connection/socket.ts",
        "setTimeout(() => void this.#connect(), wait)",
        "undefined",
        ("connection/socket",),
    ),
    Mutation(
        "attempts come further apart",
        "connection/socket.ts",
        "shortest * 2 ** this.#rebuffs",
        "shortest",
        ("connection/socket",),
    ),
    Mutation(
        "attempts are spread at random",
        "connection/socket.ts",
        "(this.#options.random ?? Math.random)() * (ceiling - shortest)",
        "(ceiling - shortest)",
        ("connection/socket",),
    ),
    Mutation(
        "what was not handled is not handled later",
        "connection/socket.ts",
        "    this.#together = [];\n    const socket",
        "    const socket",
        ("connection/socket",),
    ),
    Mutation(
        "a lost connection takes its questions with it",
        "connection/requests.ts",
        "    this.#pending.clear();\n",
        "",
        ("connection/requests",),
    ),
    Mutation(
        "an answer is found by its ref",
        "connection/requests.ts",
        "this.#pending.get(ref)",
        "[...this.#pending.values()][0]",
        ("connection/requests",),
    ),
    Mutation(
        "a newer wish takes the place of an older",
        "rooms/wish.svelte.ts",
        "if (this.open === open) this.#opened(room);",
        "this.#opened(room);",
        ("rooms/wish",),
    ),
]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bool]:
    """Whether the tests of each copy of the sources pass: of one without a change, and of one for each mutation."""
    assets = tmp_path_factory.mktemp("mutations") / "assets"
    shutil.copytree(ROOT / "assets", assets, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    shutil.copytree(ROOT / "tests" / "cases", assets / "tests" / "cases")
    (assets / "node_modules").symlink_to(ROOT / "assets" / "node_modules")
    _copy(assets / "src" / "whole", {name for mutation in _MUTATIONS for name in mutation.tests})
    for number, mutation in enumerate(_MUTATIONS):
        copy = assets / "src" / f"m{number}"
        _copy(copy, set(mutation.tests))
        text = (copy / mutation.file).read_text()
        assert text.count(mutation.text) == 1, f"{mutation.rule}: {mutation.file} holds {mutation.text!r} not once"
        (copy / mutation.file).write_text(text.replace(mutation.text, mutation.instead))
    return _run(assets)


def test_without_a_change_all_tests_pass(outcome: dict[str, bool]) -> None:
    assert outcome["whole"]


@pytest.mark.parametrize("number", range(len(_MUTATIONS)), ids=[mutation.rule for mutation in _MUTATIONS])
def test_a_test_of_the_page_holds_that(number: int, outcome: dict[str, bool]) -> None:
    assert not outcome[f"m{number}"], f"no test of the page finds that this does not hold: {_MUTATIONS[number]}"


def _copy(to: Path, tests: set[str]) -> None:
    to.mkdir(parents=True)
    sources = ROOT / "assets" / "src"
    for source in sources.rglob("*.ts"):
        name = source.relative_to(sources).as_posix()
        if not name.endswith(".test.ts") or name.removesuffix(".test.ts") in tests:
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, to / name)


def _run(assets: Path) -> dict[str, bool]:
    report = assets / "report.json"
    node = build_page.find_node(npm=False)
    vitest = assets / "node_modules" / "vitest" / "vitest.mjs"
    command = [str(node.program), str(vitest), "run", "--reporter=json", f"--outputFile={report}"]
    done = subprocess.run(command, cwd=assets, capture_output=True, text=True, timeout=240, check=False)
    assert report.exists(), done.stdout + done.stderr
    passed: dict[str, bool] = {}
    for file in json.loads(report.read_text())["testResults"]:
        copy = Path(file["name"]).relative_to(assets.resolve() / "src").parts[0]
        passed[copy] = passed.get(copy, True) and file["status"] == "passed"
    return passed
