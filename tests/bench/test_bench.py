"""The benches do their work. How fast they find Lanchat to be is no matter here: a test on time fails by chance."""

import contextlib
import itertools
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import msgspec
import pytest

from tests.bench import crowd, fanout, journal, journal_texts, layers, network, page
from tests.bench.journal_past import Past
from tests.bench.peers import environment, several
from tests.bench.peers.bench import rows_of
from tests.bench.peers.contest import FLIGHTS, Contest
from tests.bench.peers.kinds import FAST_CHANNELS, QUICK_PEERS, SLOW_PEERS, TUTORIAL
from tests.bench.programs import running
from tests.bench.report import Report, as_markdown, as_table
from tests.bench.rows import BenchFailed, Row, against, each_by_itself, missing, plain
from tests.bench.sides import CLIENTS, FLOOR, LINES, Door, Kind, line


def test_fanout_measures_every_side() -> None:
    rows = fanout.measure(members=4, rounds=1, scale=0.02)
    assert [row.what for row in rows] == [
        f"4 members, {in_flight} in flight: {side}"
        for in_flight in (1, 8, 64)
        for side in ("raw asyncio", "Lanchat, our protocol", "Lanchat, plain lines")
    ]
    assert all(row.value and row.value > 0 for row in rows)
    assert [row.target for row in rows] == ["", "1.5 x", "1.5 x", "", "0.5 x", "0.5 x", "", "0.2 x", "0.2 x"]
    assert [row.ratio is None for row in rows] == [row.ok is None for row in rows] == [True, False, False] * 3


def test_a_ratio_is_taken_within_each_run() -> None:
    row = against("b", "w", [2.0, 30.0, 5.0], "s", peer="p", peers=[1.0, 10.0, 5.0], most=1.5)
    assert (row.value, row.ratio, row.target, row.ok) == (5.0, 2.0, "1.5 x", False)


def test_a_figure_can_stand_for_itself() -> None:
    assert plain("b", "w", [3.0, 1.0, 2.0], "s", most=2).ok
    assert plain("b", "w", [3.0, 1.0, 2.0], "s").ok is None


def test_more_can_be_better() -> None:
    row = against("b", "w", [50.0], "/s", peer="p", peers=[2.0], least=25)
    assert (row.ratio, row.target, row.ok) == (25.0, "≥ 25 x", True)
    assert against("b", "w", [50.0], "/s", peer="p", peers=[2.0], least=26).ok is False


def test_what_is_missing_is_said() -> None:
    row = missing("b", "a peer", "it ended")
    assert (row.what, row.ok) == ("a peer: it ended", None)
    assert "–" in as_table(Report(machine="m", date="d", rows=[row]))


def test_the_tables_show_every_row() -> None:
    rows = [
        Row(bench="b", what="w", value=1234.5, unit="s"),
        against("c", "v", [1.0], "s", peer="p", peers=[4.0], most=1),
    ]
    report = Report(machine="m", date="d", rows=rows)
    assert msgspec.json.decode(msgspec.json.encode(report), type=Report) == report
    assert [line.split()[0] for line in as_table(report).splitlines()] == ["bench", "b", "c"]
    assert as_markdown(report).splitlines()[-1] == "| c | v | 1 | s | 0.25 x | p | 1 x | yes |"


def test_guests_of_two_subnets_are_in_one_room() -> None:
    (figure,) = network.run("guests", 1, 1)
    assert figure["unit"] == "s"
    assert figure["values"][0] > 0


def test_a_scenario_that_cannot_happen_is_said() -> None:
    (row,) = network._rows("nothing of the kind", 1, 1)
    assert row.ok is None
    assert "KeyError" in row.what


def test_a_crowd_reads_whole_frames_only() -> None:
    data = _sent(0) + _sent(1) + _sent(2)[:50]
    assert crowd.read(data) == ([0, 1], 2 * len(_sent(0)), False)


def test_a_crowd_sees_that_it_is_pinged() -> None:
    assert crowd.read(b"\x89\x00") == ([], 2, True)


@pytest.mark.parametrize("numbers", [(0, 2), (1, 0), (1, 1)], ids=["lost", "swapped", "doubled"])
def test_a_crowd_knows_a_wrong_order(numbers: tuple[int, int]) -> None:
    with pytest.raises(BenchFailed, match="order"):
        crowd.read(b"".join(map(_sent, numbers)))


def test_a_contest_measures_each_server_with_each_size_and_in_flight() -> None:
    contest = Contest(5, (32, 200))
    contest.hold([FLOOR], rounds=2)
    assert contest.failed == {}
    assert {what: len(costs) for what, costs in contest.costs.items()} == {
        (FLOOR.what, size, in_flight): 2 for size in (32, 200) for in_flight in FLIGHTS
    }
    assert all(cost > 0 for costs in contest.costs.values() for cost in costs)
    assert all(delay > 0 for delays in contest.delays.values() for delay in delays)


def test_a_contest_goes_on_without_a_server_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "_PATIENCE", 2.0)
    broken = Kind("broken", lambda: _door("tests.bench.no_such_program"))
    silent = Kind("silent", lambda: _door("tests.bench.bare"))
    contest = Contest(4, (32,))
    contest.hold([FLOOR, broken, silent], rounds=1)
    assert set(contest.failed) == {"broken", "silent"}
    assert "No module named" in contest.failed["broken"]
    assert "deliveries of 1 messages were missing" in contest.failed["silent"]
    assert {what for what, _, _ in contest.costs} == {FLOOR.what}


def test_the_rows_of_a_contest_have_the_targets() -> None:
    peer, tutorial = QUICK_PEERS[0].what, SLOW_PEERS[0].what
    rows = list(
        rows_of(_held(300, {FLOOR.what: 4, CLIENTS.what: 1, LINES.what: 1, TUTORIAL: 2, peer: 3, tutorial: 30}))
    )
    reached = [(row.what.partition(": ")[2], row.peer, row.target, row.ok) for row in rows if row.target]
    own = (CLIENTS.what, fanout.FLOOR_NAME)
    assert reached == [
        (*own, "1.5 x", True),
        (FAST_CHANNELS, "the same on Lanchat", "≥ 12 x", True),
        (*own, "0.5 x", True),
        (CLIENTS.what, f"{peer}, the cheapest peer", "1 x", True),
        (FAST_CHANNELS, "the same on Lanchat", "≥ 12 x", True),
        (*own, "0.2 x", False),
        (CLIENTS.what, f"{peer}, the cheapest peer", "1 x", True),
        (FAST_CHANNELS, "the same on Lanchat", "≥ 12 x", True),
    ]


def test_the_rows_of_a_contest_say_who_failed() -> None:
    contest = _held(50, {FLOOR.what: 4, CLIENTS.what: 1, LINES.what: 1})
    contest.failed["picows"] = "it hung"
    assert [row.what for row in rows_of(contest) if row.value is None] == ["50 members: picows: it hung"]
    contest.failed[CLIENTS.what] = "it hung"
    with pytest.raises(BenchFailed, match="Lanchat, our protocol: it hung"):
        list(rows_of(contest))


def test_the_peers_need_their_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(environment, "HOME", tmp_path / ".venv-peers")
    with pytest.raises(BenchFailed, match=r"run: make \.venv-peers/\.stamp"):
        environment.require()


async def test_the_layers_in_memory_are_measured() -> None:
    rows = await layers.measure_memory(1)
    assert [row.target for row in rows] == ["≥ 25 x", "1.1 x", ""]
    assert all(row.value and row.value > 0 for row in rows)


def test_the_journal_is_measured() -> None:
    rows = journal.measure(quick=True, events=3_000, missed=600, posts=150)
    assert [row.target for row in rows if row.target] == ["4 x", "1.5 x", "30 ms", "50 ms", "2 s"]
    assert len({(row.what, row.peer) for row in rows}) == len(rows) == 21
    assert all(row.value and row.value > 0 for row in rows)
    assert [row.what for row in rows if "22,800 events" in row.what] == [
        "a node with 200 rooms and 22,800 events, one of them visited"
    ]


def test_the_texts_have_few_frequent_and_many_rare_words() -> None:
    texts = list(itertools.islice(journal_texts.texts(), 5_000))
    assert texts == list(itertools.islice(journal_texts.texts(), 5_000))
    assert sum(60 <= len(text) <= 120 for text in texts) > 3_500
    count = Counter(itertools.chain.from_iterable(map(str.split, texts)))
    frequent, next_frequent = (count[word] for word in journal_texts.vocabulary()[:2])
    assert 1.8 < frequent / next_frequent < 2.2
    assert sum(times == 1 for times in count.values()) > len(count) / 3


def test_a_message_is_found_by_a_word_that_it_alone_has() -> None:
    made = Past(data_dir=Path(), rooms=["r"], top=2_000, events=2_000)
    text, word = page.unique(made, 500)
    texts = list(itertools.islice(journal_texts.texts(), 2_000))
    assert [at for at, said in enumerate(texts) if any(one.startswith(word) for one in said.split())] == [
        texts.index(text)
    ]
    assert texts.index(text) >= 499
    assert page.said(1) == texts[0]


def test_what_is_looked_for_is_in_the_texts() -> None:
    words = set(journal_texts.vocabulary())
    for kind, texts in journal_texts.queries().items():
        assert len(texts) == journal_texts.QUERIES
        whole = [part for text in texts for part in text.split()[: 1 if "beginning" in kind else 2]]
        assert words.issuperset(whole) or kind.startswith("a beginning")
        assert all(any(word.startswith(text.split()[-1]) for word in words) for text in texts)


def test_several_servers_are_set_against_their_peers_and_against_one() -> None:
    held = _held(1_000, {several.lanchat(4).what: 2, several.FAST_CHANNELS: 20, several.ONE_FLOOR: 1})
    held.failed[several.SOCKETIO] = "it ended"
    rows = list(several.beside_peers("hosts", held))
    reached = [(row.peer, row.target, row.ok) for row in rows if row.target]
    assert reached == [(several.FAST_CHANNELS, "0.2 x", True)] * len(FLIGHTS)
    floors = [row.ratio for row in rows if several.ONE_FLOOR in row.what and row.peer == several.FAST_CHANNELS]
    assert floors == [0.05] * len(FLIGHTS)
    grown = _held(1_000, {several.lanchat(1).what: 1, several.lanchat(2).what: 1.25, several.lanchat(4).what: 1.3})
    oks = [row.ok for row in several.on_more("hosts", grown)]
    assert oks == [*[True] * len(FLIGHTS), *[False] * len(FLIGHTS)]


def test_of_several_servers_those_that_failed_take_nothing_from_the_others() -> None:
    one, two, four = (several.lanchat(nodes).what for nodes in (1, 2, 4))
    held = _held(1_000, {several.FAST_CHANNELS: 20, several.SOCKETIO: 5, several.ONE_FLOOR: 1})
    held.failed[four] = "it hung"
    rows = list(several.beside_peers("hosts", held))
    assert [row.what.partition(": ")[2] for row in rows if row.value] == [*several._MOST, several.ONE_FLOOR] * len(
        FLIGHTS
    )
    assert [(row.what, row.ok) for row in rows if not row.value] == [(f"1,000 members: {four}: it hung", False)]
    for lost, figures in ((two, {one: 1, four: 1.1}), (one, {two: 1.1, four: 1.1})):
        grown = _held(1_000, figures)
        grown.failed[lost] = "it hung"
        rows = list(several.on_more("hosts", grown))
        those = {row.what.partition(": ")[2] for row in rows if row.value}
        assert (those, rows[-1].ok, "it hung" in rows[-1].what) == (figures.keys() - {one}, False, True)


def test_a_part_that_fails_takes_nothing_from_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    def breaks() -> list[Row]:
        raise BenchFailed("something was lost")

    def surprises() -> Iterator[Row]:
        yield plain("b", "one of two", [1.0], "s")
        raise OSError

    parts = [("breaks", breaks), ("surprises", surprises), ("works", lambda: [plain("b", "works", [2.0], "s", most=3)])]
    rows = list(each_by_itself("b", parts))
    assert [(row.what, row.value, row.ok) for row in rows] == [
        ("breaks: something was lost", None, False),
        ("one of two", 1.0, None),
        ("surprises: OSError", None, False),
        ("works", 2.0, True),
    ]
    assert "Traceback" in capsys.readouterr().err


def test_members_come_to_several_servers_in_turn() -> None:
    with running("tests.bench.floor") as one, running("tests.bench.floor") as other:
        came = crowd.Crowd([*one.ports, *other.ports], "/", line)
        with contextlib.closing(came):
            came.grow(4)
            ports = [member.socket.getpeername()[1] for member in came.members]
    assert ports == [*one.ports, *other.ports] * 2


def _held(members: int, costs: dict[str, float]) -> Contest:
    contest = Contest(members, (128,))
    contest.costs = {(name, 128, in_flight): [cost] for name, cost in costs.items() for in_flight in FLIGHTS}
    contest.delays = {(name, 128): [0.001, 0.002] for name in costs}
    return contest


def _door(module: str) -> AbstractContextManager[Door]:
    @contextmanager
    def run() -> Iterator[Door]:
        with running(module) as program:
            yield Door(program, "/", line)

    return run()


def _sent(number: int) -> bytes:
    text = crowd.text(number).encode()
    return b"\x81\x7e" + len(text).to_bytes(2, "big") + text
