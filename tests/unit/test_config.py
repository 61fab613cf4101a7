import getpass
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lanchat.config import Config, load_config, networks_in
from lanchat.errors import InvalidSetting

Load = Callable[..., Config]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load from a file with this text, this environment and this command line."""

    def load(text: str | None = None, environ: Mapping[str, str] | None = None, **given: Any) -> Config:
        path = tmp_path / "lanchat.toml"
        if text is not None:
            path.write_text(text, "utf-8")
        return load_config(given, {"LANCHAT_CONFIG": str(path), **(environ or {})})

    return load


def test_with_nothing_said_every_setting_has_a_default(load: Load) -> None:
    config = load()
    assert (config.port, config.window_port, config.bind, config.nick, config.room) == (None, None, "", "", "")
    assert config.name
    assert config.data_dir.name == "lanchat"


def test_each_source_wins_over_the_one_before(load: Load) -> None:
    text = 'nick = "file"\nname = "file"\nroom = "file"\nport = 1001'
    environ = {"LANCHAT_NICK": "environment", "LANCHAT_NAME": "environment", "LANCHAT_PORT": "1002"}
    config = load(text, environ, nick="given")
    assert (config.nick, config.name, config.room, config.port) == ("given", "environment", "file", 1002)


def test_none_on_the_command_line_is_not_said(load: Load) -> None:
    assert load('nick = "file"', nick=None).nick == "file"


def test_zero_and_empty_on_the_command_line_are_said(load: Load) -> None:
    config = load('room = "file"\nport = 1001', room="", port=0)
    assert (config.room, config.port) == ("", 0)


def test_the_tutorials_sockets_answer_only_when_somebody_says_so(load: Load) -> None:
    assert load().showcase is False
    assert load("showcase = true").showcase is True
    assert load(None, {"LANCHAT_SHOWCASE": "true"}).showcase is True
    assert load("showcase = true", showcase=False).showcase is False
    assert load(showcase=True).showcase is True


def test_settings_are_frozen(load: Load) -> None:
    with pytest.raises(AttributeError):
        load().nick = "other"  # type: ignore[misc]


def test_directories_from_text_know_the_home_of_a_person(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/somewhere")
    assert load('data_dir = "~/chat"').data_dir == Path("/somewhere/chat")
    assert load(None, {"LANCHAT_DATA_DIR": "~/chat"}).data_dir == Path("/somewhere/chat")
    assert load(None, data_dir=Path("given")).data_dir == Path("given")


def test_other_variables_of_the_environment_are_let_be(load: Load) -> None:
    assert load(None, {"LANCHAT_UNKNOWN": "x", "NICK": "x"}).nick == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nick = 5", "nick"),
        ('port = "x"', "port"),
        ("port = true", "port"),
        ("colour = 1", "colour"),
        ("nick = ", "not TOML"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_the_name_of_the_file(load: Load, text: str, said: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        load(text)
    assert said in str(caught.value)
    assert "lanchat.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_text_is_told(load: Load, tmp_path: Path) -> None:
    (tmp_path / "lanchat.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidSetting, match="cannot be read"):
        load()


def test_a_directory_in_place_of_the_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match="cannot be read"):
        load_config({}, {"LANCHAT_CONFIG": str(tmp_path)})


def test_a_mistake_in_the_environment_is_told(load: Load) -> None:
    with pytest.raises(InvalidSetting, match=r"environment.*port"):
        load(None, {"LANCHAT_PORT": "eighty"})


@pytest.mark.parametrize("name", ["port", "window_port"])
@pytest.mark.parametrize("port", [-1, 65_536])
def test_a_port_that_cannot_be_is_told_whoever_said_it(load: Load, name: str, port: int) -> None:
    with pytest.raises(InvalidSetting, match=f"{name} is {port}"):
        load(f"{name} = {port}")
    with pytest.raises(InvalidSetting, match=f"{name} is {port}"):
        load("", {f"LANCHAT_{name.upper()}": str(port)})
    with pytest.raises(InvalidSetting, match=f"{name} is {port}"):
        load("", {}, **{name: port})


@pytest.mark.parametrize("port", [0, 1, 65_535])
def test_a_port_that_can_be_is_taken(load: Load, port: int) -> None:
    assert load(None, port=port).port == port


@pytest.mark.parametrize("name", ["keep_days", "keep_messages"])
def test_how_much_is_kept_cannot_be_less_than_nothing(load: Load, name: str) -> None:
    assert getattr(load(), name) == 0
    assert getattr(load(f"{name} = 30"), name) == 30
    assert getattr(load("", {f"LANCHAT_{name.upper()}": "40"}), name) == 40
    with pytest.raises(InvalidSetting, match=f"{name} is -1"):
        load(f"{name} = -1")


def test_who_never_chose_a_name_is_called_as_the_system_calls_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pwd.getpwnam", lambda _: (_ for _ in ()).throw(KeyError("nobody")))
    monkeypatch.setattr(getpass, "getuser", lambda: "ada")
    assert Config().default_nick == "ada"
    assert Config(nick="Ada").default_nick == "Ada"


def test_a_system_without_users_calls_them_someone(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise OSError

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert Config().default_nick == "Someone"


def test_the_full_name_is_used_and_cut_to_what_a_name_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    class Entry:
        pw_gecos = "A" * 40 + ",Room 5,,"

    monkeypatch.setattr("pwd.getpwnam", lambda _: Entry)
    assert Config().default_nick == "A" * 24


def test_another_config_is_made_by_replacing(config: Config) -> None:
    assert msgspec.structs.replace(config, nick="other").nick == "other"


def test_limits_are_a_table_of_the_file_and_each_may_be_said_outside(load: Load) -> None:
    limits = load("[limits]\nrooms = 7\npost_rate = 5", {"LANCHAT_LIMITS_ROOMS": "8", "LANCHAT_LIMITS_X": "1"}).limits
    assert (limits.rooms, limits.post_rate, limits.members) == (8, 5.0, Config().limits.members)


@pytest.mark.parametrize("said", ["rooms = 0", "rooms = 1.5", 'rooms = "many"', "post_rate = -1", "rumours = 1"])
def test_a_limit_that_cannot_be_is_told_with_its_name_and_what_would_be_right(load: Load, said: str) -> None:
    with pytest.raises(InvalidSetting, match=rf"lanchat.toml.*({said.partition(' ')[0]})"):
        load(f"[limits]\n{said}")


def test_a_limit_of_the_environment_that_cannot_be_is_told(load: Load) -> None:
    with pytest.raises(InvalidSetting, match=r"environment.*>= 1.*limits\.rooms"):
        load(None, {"LANCHAT_LIMITS_ROOMS": "0"})


def test_networks_are_named_as_addresses_and_networks(tmp_path: Path) -> None:
    config = load_config({"proxies": "10.0.0.2, fd00::/64  10.1.0.0/16"}, {"LANCHAT_CONFIG": str(tmp_path / "none")})
    found = [str(network) for network in networks_in(config.proxies, "proxies")]
    assert found == ["10.0.0.2/32", "fd00::/64", "10.1.0.0/16"]


@pytest.mark.parametrize("setting", ["proxies", "readers"])
def test_what_is_no_network_is_named(tmp_path: Path, setting: str) -> None:
    with pytest.raises(InvalidSetting, match=f"{setting} is '10.0.0.300'.*as in 10.0.0.7"):
        load_config({setting: "10.0.0.300"}, {"LANCHAT_CONFIG": str(tmp_path / "none")})
