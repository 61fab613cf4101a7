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
        tests: the test files, without `.test.ts`, that may find it.
    """

    rule: str
    file: str
    text: str
    instead: str
    tests: tuple[str, ...]


_MUTATIONS = [
    Mutation("seen events are dropped", "cursor.ts", 'if (last <= this.seq) return "seen";', "", ("cursor",)),
    Mutation("a hole is noticed", "cursor.ts", 'if (first > this.seq + 1) return "hole";', "", ("cursor",)),
    Mutation("the cursor moves on", "cursor.ts", "this.seq = last;", "this.seq = first;", ("cursor",)),
    Mutation(
        "of a page that overlaps only the rest is taken",
        "run.ts",
        "page.filter(({ seq }) => seq > this.last)",
        "[...page]",
        ("run",),
    ),
    Mutation("a page behind a hole is no use", "run.ts", "=== this.last + 1 ||", "> this.last ||", ("run", "room")),
    Mutation("a page before a hole is no use", "run.ts", "=== this.first - 1 ?", "< this.first ?", ("run", "room")),
    Mutation("a join names the cursor", "room.svelte.ts", "since: cursor,", "since: 0,", ("room", "session")),
    Mutation("a join names the last event", "room.svelte.ts", "{ last: mark }", "{}", ("room", "session")),
    Mutation("a heartbeat shows a hole", "room.svelte.ts", "Math.max(this.#top, top);", "this.#top;", ("room",)),
    Mutation(
        "a hole is repaired",
        "room.svelte.ts",
        "else this.#repairing = this.#history({ after: cursor });",
        "",
        ("room",),
    ),
    Mutation(
        "who is far behind goes on near the top", "room.svelte.ts", "> FAR) this.join()", "> FAR) return", ("room",)
    ),
    Mutation("what waits is said again", "room.svelte.ts", "    this.#resend();\n    this.#repair();", "", ("room",)),
    Mutation(
        "an event that comes leaves the outbox",
        "room.svelte.ts",
        'if (admission !== "hole") this.#settle(events);',
        "",
        ("room",),
    ),
    Mutation(
        "another history begins at 0",
        "room.svelte.ts",
        "    this.timeline.begin();\n    this.#outbox",
        "    this.#outbox",
        ("room",),
    ),
    Mutation(
        "changes of another history's messages are given up",
        "room.svelte.ts",
        "this.#outbox.giveUpChanges(this.id);",
        "",
        ("room",),
    ),
    Mutation(
        "what is asked anew after a cut",
        "room.svelte.ts",
        "    this.#repairing = false;\n    this.#bookmark.lost",
        "    this.#bookmark.lost",
        ("room",),
    ),
    Mutation(
        "a post keeps its nonce", "outbox.ts", "this.#keep.set(KEY + entry.nonce, entry)", "void entry", ("outbox",)
    ),
    Mutation("an event takes its post from the disk", "outbox.ts", "this.#keep.remove(KEY + nonce);", "", ("outbox",)),
    Mutation(
        "posts stay in their order",
        "outbox.ts",
        "entries.sort((one, other) => one.at - other.at)",
        "entries",
        ("outbox",),
    ),
    Mutation(
        "what was refused is not sent", "outbox.ts", '.filter((entry) => entry.failure === "")', "", ("outbox", "room")
    ),
    Mutation(
        "silence ends a connection",
        "socket.ts",
        "setTimeout(() => this.#lost(), this.#silence)",
        "undefined",
        ("socket",),
    ),
    Mutation(
        "a lost connection comes back",
        "socket.ts",
        "setTimeout(() => void this.#connect(), wait)",
        "undefined",
        ("socket",),
    ),
    Mutation("attempts come further apart", "socket.ts", "shortest * 2 ** this.#tries", "shortest", ("socket",)),
    Mutation(
        "attempts are spread at random",
        "socket.ts",
        "(this.#options.random ?? Math.random)() * (ceiling - shortest)",
        "(ceiling - shortest)",
        ("socket",),
    ),
    Mutation(
        "what was not handled is not handled later",
        "socket.ts",
        "    this.#together = [];\n    const wire",
        "    const wire",
        ("socket",),
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
    for source in (ROOT / "assets" / "src").glob("*.ts"):
        if not source.name.endswith(".test.ts") or source.name.removesuffix(".test.ts") in tests:
            shutil.copy(source, to)


def _run(assets: Path) -> dict[str, bool]:
    report = assets / "report.json"
    node = build_page.find_node(npm=False)
    vitest = assets / "node_modules" / "vitest" / "vitest.mjs"
    command = [str(node.program), str(vitest), "run", "--reporter=json", f"--outputFile={report}"]
    done = subprocess.run(command, cwd=assets, capture_output=True, text=True, timeout=240, check=False)
    assert report.exists(), done.stdout + done.stderr
    passed: dict[str, bool] = {}
    for file in json.loads(report.read_text())["testResults"]:
        copy = Path(file["name"]).parent.name
        passed[copy] = passed.get(copy, True) and file["status"] == "passed"
    return passed
