"""Three machines share the rooms of a Redis on a fourth: each is cut off in turn, Redis is emptied, and killed."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.lab.scenarios.test_takeover import People
from tests.support.conditions import LONG, wait_until
from tests.support.lan.agents import Program
from tests.support.lan.hosts import Host, Lan
from tests.support.lan.nodes import Node, Window

NAMES = ("ann", "bob", "cleo")


class Redis:
    """A server in a host, whose file is written before it answers."""

    def __init__(self, host: Host, folder: Path) -> None:
        self.url = f"redis://{host.address}:6379"
        self._host = host
        self._folder = folder
        folder.mkdir()
        self.again()

    def again(self) -> None:
        settings = ("--appendonly", "yes", "--appendfsync", "always", "--save", "", "--protected-mode", "no")
        self.process = self._host.popen(
            ["redis-server", "--bind", self._host.address, "--dir", str(self._folder), *settings],
            stdout=subprocess.DEVNULL,
        )
        wait_until(lambda: self.ask("PING") == "PONG", what="Redis answers")

    def ask(self, *command: str) -> str:
        try:
            return self._host.run("redis-cli", "-h", self._host.address, *command).strip()
        except RuntimeError:
            return ""

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def company(lan: Lan, programs: list[Program], folder: Path) -> Iterator[tuple[dict[str, Host], Redis, People]]:
    with ExitStack() as stack:
        redis = Redis(lan.host("redis"), folder / "redis")
        stack.callback(redis.kill)
        hosts = {name: lan.host(name) for name in NAMES}
        windows = dict[str, Window]()
        for name, host in hosts.items():
            node = Node(host, folder / name, "--name", name, "--redis", redis.url, "--room", "lounge")
            stack.callback(node.end)
            windows[name] = Window(node)
            programs.append(windows[name])
        people = People(windows)
        people.enter("lounge")
        yield hosts, redis, people


def test_whoever_is_cut_off_and_whatever_redis_forgets_all_read_the_same_in_the_end(
    lan: Lan, programs: list[Program], tmp_path: Path
) -> None:
    with company(lan, programs, tmp_path) as (hosts, redis, people):
        for who in NAMES:
            people.say(who, f"{who} says hello")
        people.see_the_same(LONG)
        for away in NAMES:
            hosts[away].cut()
            gone = people.there.pop(away)
            gone.say(people.room, f"{away} is alone")  # which waits there
            for who in people.there:
                people.say(who, f"{who} says that {away} is away")
            people.see_the_same(LONG)
            hosts[away].heal()
            people.there[away] = gone
            people.said.append(f"{away} is alone")
            took = people.see_the_same(LONG)
            print(f"{away} has everything {took:.2f} s after the cable was back")
        assert redis.ask("FLUSHALL") == "OK"
        for who in NAMES:
            people.say(who, f"{who} after Redis forgot everything")
        took = people.see_the_same(LONG)
        print(f"all read on {took:.2f} s after Redis was emptied")
        redis.kill()
        for who in NAMES:
            people.there[who].say(people.room, f"{who} without Redis")
            people.said.append(f"{who} without Redis")
        redis.again()
        took = people.see_the_same(LONG)
        print(f"all read on {took:.2f} s after Redis was back")
