"""Somebody who says many things in a room: run as `python -m tests.bench.page_flood PORT ROOM RATE SECONDS FIRST`.

ROOM is a name, RATE messages a second, FIRST the number of the first message. It says in one line when it begins, and
ends when its input ends.
"""

import json
import select
import sys
import time

from tests.bench import guests
from tests.bench.crowd import Member

_READ = 1 << 16


def main(port: int, name: str, rate: int, seconds: int, first: int) -> None:
    room = guests.open_room(port, name)
    member = Member(port, guests.PATH)
    guests.join(room, member)
    print(json.dumps({"room": room}), flush=True)
    began = time.perf_counter()
    for number in range(rate * seconds):
        member.send(guests.post(room, first + number))
        while select.select([member.socket], [], [], max(0.0, began + (number + 1) / rate - time.perf_counter()))[0]:
            member.socket.recv(_READ)
    sys.stdin.read()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:6]))
