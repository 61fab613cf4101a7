"""Real nodes, a real Redis, and everything that may happen to them: nothing acknowledged is lost, doubled or moved."""

import secrets
from pathlib import Path
from random import Random

import pytest

from tests.model.shared.engine import played
from tests.model.shared.schedule import broken, draw, first_broken, take
from tests.model.shared.world import World
from tests.support.redis.servers import RedisServer


def test_nothing_is_lost_doubled_or_moved_whatever_happens(server: RedisServer) -> None:
    assert first_broken(server.port, range(40)) is None


@pytest.mark.parametrize("seed", [95, 145, 225, 272, 298, 311, 336, 364, 10044, 10134, 10233])
def test_a_schedule_that_once_broke_something_breaks_nothing(server: RedisServer, seed: int) -> None:
    assert broken(server.port, seed) == []


def test_a_seed_gives_the_same_run_each_time(server: RedisServer, tmp_path: Path) -> None:
    def run(folder: Path, seed: int) -> tuple[float, dict[str, list[tuple[int, str, int]]]]:
        with World(folder, server.port, seed) as world:
            for step in draw(Random(seed), 30):
                take(world, step)
            assert world.settled() == []
            return world.loop.time(), {
                person.name: [(event.seq, event.nonce, event.at) for event in person.events]
                for person in world.people.values()
            }

    first = run(tmp_path / "first", 7)
    assert first == run(tmp_path / "again", 7)
    assert first != run(tmp_path / "other", 8)
    assert all(events for events in first[1].values())


@pytest.mark.parametrize(
    "asks", ["redis.call('TIME', 1)", "redis.call('INFO', 'memory')", "redis.call('PUBSUB', 'CHANNELS')"]
)
def test_what_the_model_does_not_play_is_found_out(asks: str) -> None:
    with pytest.raises(AssertionError, match="the model does not know"):
        played(asks)


@pytest.mark.soak
@pytest.mark.parametrize(("length", "count"), [(40, 1_000), (400, 60)])
def test_nothing_is_lost_doubled_or_moved_for_long(server: RedisServer, length: int, count: int) -> None:
    first = secrets.randbelow(2**32)
    print(f"seeds {first} to {first + count - 1}, schedules of {length} steps")
    for seed in range(first, first + count):
        assert broken(server.port, seed, length) == [], f"broken({seed}, {length})"
