"""Programs that only speak mDNS, on machines of the lab: Avahi, bonjour-service in Node, and our own part of it."""

import os
import subprocess
from pathlib import Path
from typing import Any

from assets import build_page
from tests.support.conditions import wait_until
from tests.support.lan.agents import Program
from tests.support.lan.hosts import Host, root

BONJOUR = root() / ".venv" / "bonjour"
_HERE = Path(__file__).parent / "bonjour"
_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={path}</listen><auth>EXTERNAL</auth>
<policy context="default">
 <allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/>
</policy>
</busconfig>"""
_DAEMON = """[server]
host-name={name}
use-ipv4=yes
use-ipv6=yes
enable-dbus=yes
disallow-other-stacks=no
[publish]
publish-workstation=no
"""


class Avahi:
    """`avahi-daemon` on a machine, with a D-Bus of its own. One in a lab: its folder in /run has a fixed name."""

    def __init__(self, host: Host, folder: Path) -> None:
        self._host = host
        folder.mkdir()
        bus, settings = folder / "bus.conf", folder / "avahi.conf"
        bus.write_text(_BUS.format(path=folder / "bus"))
        settings.write_text(_DAEMON.format(name=host.name))
        Path("/run/avahi-daemon").mkdir(exist_ok=True)
        self._environ = os.environ | {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={folder / 'bus'}", "LC_ALL": "C.UTF-8"}
        self._log = (folder / "log").open("w")
        self._programs = [self._start("dbus-daemon", f"--config-file={bus}", "--nofork")]
        wait_until((folder / "bus").exists, what="D-Bus listens")
        daemon = ("avahi-daemon", "--file", str(settings), "--no-drop-root", "--no-chroot", "--no-rlimits")
        self._programs.append(self._start(*daemon))
        wait_until(self._answers, what=f"Avahi of {host.name} answers: {(folder / 'log').read_text()}")

    def listed(self) -> list[list[str]]:
        """What it knows of our type of service: of each, the fields that `avahi-browse --parsable` prints."""
        done = self._run("avahi-browse", "--resolve", "--parsable", "--terminate", "--no-db-lookup", "_lanchat._tcp")
        return [line.split(";", 9) for line in done.stdout.splitlines() if line.startswith("=")]

    def publish(self, name: str, port: int, **txt: str) -> "subprocess.Popen[str]":
        """Announce an instance until the program ends."""
        pairs = [f"{key}={value}" for key, value in txt.items()]
        program = self._start("avahi-publish-service", name, "_lanchat._tcp", str(port), *pairs)
        self._programs.append(program)
        return program

    def end(self) -> None:
        """End all of it."""
        for program in reversed(self._programs):
            program.terminate()
            program.wait()
        self._log.close()

    def _answers(self) -> bool:
        assert self._programs[1].poll() is None, "avahi-daemon has ended"
        return self._run("avahi-browse", "--all", "--terminate").returncode == 0

    def _start(self, *command: str) -> "subprocess.Popen[str]":
        return self._host.popen(command, env=self._environ, stdout=self._log, stderr=self._log)

    def _run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        inside = ["ip", "netns", "exec", self._host.name, *command]
        return subprocess.run(inside, env=self._environ, text=True, capture_output=True, check=False)


class Bonjour(Program):
    """npm's bonjour-service on a machine: sees what is announced, and announces."""

    def __init__(self, host: Host) -> None:
        assert (BONJOUR / "node_modules").is_dir(), (
            f"It is not installed; run: make {BONJOUR.relative_to(root())}/.stamp"
        )
        node = build_page.find_node(npm=False).program
        program = [str(node), str(_HERE / "bonjour.cjs")]
        super().__init__(host, program, host.address, more={"NODE_PATH": str(BONJOUR / "node_modules")})

    def publish(self, name: str, port: int, **txt: str) -> float:
        """Announce an instance; gives the time just before."""
        return self.do("publish", name=name, port=port, txt=txt, host=f"{self.host.name}.local")

    def withdraw(self, name: str) -> float:
        """Say goodbye of an instance; gives the time just before."""
        return self.do("withdraw", name=name)


class Ear(Program):
    """A process of `tests.support.lan.ear`: our own mDNS, and nothing but that."""

    def __init__(self, host: Host) -> None:
        super().__init__(host, "tests.support.lan.ear")

    def wonder(self, name: str) -> float:
        """Ask the network where an instance is; gives the time just before."""
        return self.do("wonder", name=name)

    @property
    def seen(self) -> list[dict[str, Any]]:
        """What was said of instances, each time."""
        return [event for event in list(self._events) if event["event"] == "seen"]

    @property
    def unanswered(self) -> list[str]:
        """The full names of those that did not answer when somebody asked after them."""
        return [event["name"] for event in list(self._events) if event["event"] == "unanswered"]
