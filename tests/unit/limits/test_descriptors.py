import resource

import msgspec
import pytest

from lanchat.limits import Limits, places, raise_descriptors


@pytest.mark.parametrize("descriptors", [64, 128, 256, 512, 1024, 4096, 65_536])
def test_the_owner_and_the_files_have_a_reserve_that_the_network_cannot_take(descriptors: int) -> None:
    there = places(Limits(), descriptors)
    assert descriptors - there.network - there.window >= min(128, descriptors // 4)
    assert there.window >= 8
    assert 2 * there.address <= there.network


def test_with_a_thousand_descriptors_a_class_behind_one_address_still_comes_in() -> None:
    assert places(Limits(), 1024).address >= 300


def test_where_there_are_enough_the_limits_count() -> None:
    limits = msgspec.structs.replace(
        Limits(), connections=500, connections_per_address=20, window_connections=10, descriptors_reserved=50
    )
    assert places(limits, 65_536) == (10, 500, 20)


def test_the_process_gets_what_the_system_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: asked[-1] if asked else (256, 4096))
    monkeypatch.setattr(resource, "setrlimit", lambda _, both: asked.append(both))
    assert raise_descriptors() == 4096
    assert asked == [(4096, 4096)]


def test_a_system_that_allows_less_than_it_says_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int, __: tuple[int, int]) -> None:
        raise ValueError("no")

    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, resource.RLIM_INFINITY))
    monkeypatch.setattr(resource, "setrlimit", refuse)
    assert raise_descriptors() == 256
