"""The command line: what it says, and how it ends, whatever it is given."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

import lanchat as package
from lanchat import config, runtime
from tests.support.conditions import wait_until
from tests.support.terminal import ALONE, ANY_PORTS, PATIENCE, Running, begun, lanchat, port_of, served


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Running]]:
    """A node of another data directory, which has both default ports if nobody else has."""
    data_dir = tmp_path_factory.mktemp("elsewhere")
    with served(data_dir, *ALONE) as (node, _):
        yield data_dir, node


def test_help_names_commands_settings_and_exit_codes() -> None:
    done = lanchat("--help")
    assert (done.code, done.err) == (0, "")
    for word in (
        "serve",
        "rooms",
        "send",
        "announce",
        "tail",
        "backup",
        "export",
        "import",
        "selftest",
        "--keep-days",
        "--room",
        "--data-dir",
        "Exit codes",
    ):
        assert word in done.out
    assert all(f"  {code}  " in done.out for code in range(8))


@pytest.mark.parametrize(
    "command", ["serve", "rooms", "send", "announce", "tail", "backup", "export", "import", "selftest"]
)
def test_every_command_has_help(command: str) -> None:
    done = lanchat(command, "-h")
    assert (done.code, done.err) == (0, "")
    assert command in done.lines[0]


def test_version() -> None:
    assert lanchat("--version").out == f"lanchat, version {package.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--loud"], "--loud"),
        (["serve", "--loud"], "--loud"),
        (["dance"], "dance"),
        (["serve", "--port", "many"], "many"),
        (["serve", "extra"], "extra"),
        (["send"], "ROOM"),
        (["rooms", "--search", "-1"], "--search"),
        (["tail", "general", "--since", "-1"], "--since"),
        (["serve", "--keep-days", "-1"], "--keep-days"),
        (["serve", "--keep-messages", "some"], "--keep-messages"),
        (["backup"], "FILE"),
        (["export"], "ROOM"),
        (["export", "general", "--format", "pdf"], "--format"),
    ],
)
def test_wrong_use_is_explained(arguments: list[str], word: str) -> None:
    done = lanchat(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("Usage: lanchat")
    assert word in done.err.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--port", "70000"], ["70000", "65535"]),
        (["--window-port", "-1"], ["window_port", "-1"]),
        (["--room", " "], ["room", "empty"]),
        (["--room", "x" * 41], ["41", "40"]),
        (["--room", "bell\a"], ["control characters"]),
        (["--nick", "y" * 25], ["25", "24"]),
    ],
)
def test_a_setting_that_cannot_be_is_explained(data_dir: Path, arguments: list[str], words: list[str]) -> None:
    ports = ANY_PORTS if {"--room", "--nick"} & set(arguments) else ALONE
    lanchat("serve", "--data-dir", data_dir, *ports, *arguments).refused(2, *words)


def test_a_setting_of_the_environment_is_explained(data_dir: Path) -> None:
    done = lanchat("serve", "--data-dir", data_dir, environ={"LANCHAT_PORT": "abc"})
    done.refused(2, "The environment", "port")


@pytest.mark.parametrize("text", ["port = ", "port = 'abc'", "colour = 'red'", "\0"])
def test_a_broken_settings_file_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "lanchat.toml"
    file.write_text(text)
    lanchat("rooms", environ={"LANCHAT_CONFIG": os.fspath(file)}).refused(2, str(file))


def test_the_settings_file_and_the_environment_are_used(tmp_path: Path, data_dir: Path) -> None:
    file = tmp_path / "lanchat.toml"
    file.write_text('bind = "127.0.0.1"\nport = 0\nname = "from the file"\n')
    environ = {"LANCHAT_CONFIG": os.fspath(file), "LANCHAT_NAME": "from the environment"}
    with served(data_dir, "--window-port", "0", environ=environ) as (_, ready):
        assert ready["node"]["name"] == "from the environment"
        assert ready["lan"].startswith("http://127.0.0.1:")


def test_a_port_that_was_asked_for_and_is_taken(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        for option in ("--port", "--window-port"):
            done = lanchat("serve", "--data-dir", data_dir, *ANY_PORTS, option, port)
            done.refused(4, f"Port {port} is taken")


def test_a_default_port_that_is_taken_gives_way_to_the_next(elsewhere: tuple[Path, Running], data_dir: Path) -> None:
    first = runtime.read(elsewhere[0])
    assert first is not None
    with served(data_dir, *ALONE) as (_, ready):
        assert len({first.lan, first.window, ready["lan"], ready["window"]}) == 4
        assert all(port_of(url) in range(config.LAN_PORT, config.LAN_PORT + 21) for url in (first.lan, ready["lan"]))


def test_an_address_of_another_machine(data_dir: Path) -> None:
    done = lanchat("serve", "--data-dir", data_dir, "--bind", "192.0.2.1", "--port", "0", "--window-port", "0")
    done.refused(4, "192.0.2.1")


def test_a_data_directory_that_is_a_file(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    lanchat("serve", *ANY_PORTS, "--data-dir", file).refused(5, str(file))
    assert file.read_text() == "mine"


def test_a_second_node_on_one_data_directory(elsewhere: tuple[Path, Running]) -> None:
    data_dir, _ = elsewhere
    lanchat("serve", *ANY_PORTS, "--data-dir", data_dir).refused(6, "already runs", str(data_dir))


def test_errors_are_json_when_json_was_asked_for(elsewhere: tuple[Path, Running]) -> None:
    done = lanchat("serve", "--json", *ANY_PORTS, "--data-dir", elsewhere[0])
    assert (done.code, done.out) == (6, "")
    assert '"code": "already_running"' in done.err


def test_an_address_that_is_none() -> None:
    lanchat("rooms", "--host", "http://").refused(2, "--host", "192.0.2.5:28280")
    lanchat("rooms", "--host", "127.0.0.1:99999").refused(2, "--host")


def test_nothing_is_read_from_a_terminal() -> None:
    main, terminal = os.openpty()
    try:
        with begun("send", "general", stdin=terminal) as sending:
            done = sending.rest()
    finally:
        os.close(main)
        os.close(terminal)
    assert (done.code, done.out) == (2, "")
    assert "standard input" in done.err


def test_an_interruption_is_no_success(data_dir: Path) -> None:
    with begun("rooms", *ALONE, "--data-dir", data_dir, "--search", "600", "--json") as searching:
        process = psutil.Process(searching.process.pid)
        wait_until(lambda: process.net_connections("udp"), PATIENCE, "it listens to the network")
        searching.end(signal.SIGINT)
        done = searching.rest()
    assert (done.code, done.out, done.err) == (130, "", "")


def test_the_program_on_the_path_is_the_same() -> None:
    """Every other test here runs `python -m lanchat`."""
    assert lanchat("--version", program=("lanchat",)).out == lanchat("--version").out


def test_the_runtime_file_of_a_node_goes_with_it(data_dir: Path) -> None:
    with served(data_dir) as (node, ready):
        found = runtime.read(data_dir)
        assert found is not None
        assert (found.pid, found.window, found.lan) == (node.process.pid, ready["window"], ready["lan"])
        node.end()
        assert runtime.read(data_dir) is None
