"""What many nodes on one network tell each other without being asked."""

from collections.abc import Callable

from lanchat.lan.discovery.records import SERVICE
from tests.support.conditions import wait_until
from tests.support.lan.agents import Agent, Program, room
from tests.support.lan.hosts import Lan
from tests.support.lan.others import Ear


def test_who_hears_that_somebody_does_not_answer_another_one_doubts_it(
    lan: Lan, start: Callable[..., Agent], programs: list[Program]
) -> None:
    here, general, lounge = start(lan.host("a")), room("general"), room("lounge")
    names = [f"{each['name']} ({each['id'][:6]}).{SERVICE}" for each in (general, lounge)]
    asking, hearing = Ear(lan.host("b")), Ear(lan.host("c"))
    programs += [asking, hearing]
    here.advertise(general, lounge)
    for ear in (asking, hearing):
        wait_until(lambda ear=ear: {each["name"] for each in ear.seen} >= set(names), what="both rooms are heard")  # type: ignore[misc]
    asking.wonder(names[0])
    asking.wonder(f"nobody.{SERVICE}")
    wait_until(lambda: hearing.unanswered, what="somebody does not answer")
    here.kill()
    asking.wonder(names[1])
    wait_until(lambda: len(hearing.unanswered) > 1, what="the other one does not answer any more")
    assert hearing.unanswered == [f"nobody.{SERVICE}", names[1]]
    assert asking.unanswered == []
