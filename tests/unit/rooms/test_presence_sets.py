from lanchat.protocol import SILENCE
from lanchat.rooms.presence_sets import PresenceSets
from tests.support.rooms.said import ADA, BOB, HERE, THERE


def test_at_first_nobody_is_here() -> None:
    people = PresenceSets()
    assert len(people) == 0
    assert people.sets() == []


def test_what_a_node_says_replaces_what_it_said_before() -> None:
    people = PresenceSets()
    assert people.replace(HERE, [ADA, BOB], 0.0)
    assert people.replace(HERE, [BOB], 1.0)
    assert people.sets() == [(HERE, (BOB,))]


def test_what_a_node_says_again_changes_nothing_in_whatever_order() -> None:
    people = PresenceSets()
    assert people.replace(HERE, [ADA, BOB], 0.0)
    assert not people.replace(HERE, [BOB, ADA], 1.0)


def test_people_stand_in_the_order_of_their_names() -> None:
    people = PresenceSets()
    people.replace(HERE, [BOB, ADA], 0.0)
    assert people.sets() == [(HERE, (ADA, BOB))]


def test_who_is_here_through_two_nodes_counts_once() -> None:
    people = PresenceSets()
    people.replace(HERE, [ADA], 0.0)
    people.replace(THERE, [ADA, BOB], 0.0)
    assert len(people) == 2


def test_a_node_without_people_is_not_listed() -> None:
    people = PresenceSets()
    assert not people.replace(HERE, [], 0.0)
    people.replace(HERE, [ADA], 0.0)
    assert people.replace(HERE, [], 1.0)
    assert people.sets() == []


def test_a_silent_node_is_dropped_whole_and_one_that_speaks_stays() -> None:
    people = PresenceSets()
    people.replace(HERE, [ADA], 0.0)
    people.replace(THERE, [ADA, BOB], 0.0)
    people.replace(HERE, [ADA], 1.0)
    assert people.expire(SILENCE) == []
    assert people.expire(SILENCE + 0.5) == [THERE]
    assert people.sets() == [(HERE, (ADA,))]
    assert people.expire(SILENCE + 0.5) == []


def test_the_own_node_need_not_speak_to_itself() -> None:
    people = PresenceSets()
    people.replace(HERE, [ADA], 0.0)
    people.replace(THERE, [BOB], 0.0)
    assert people.expire(10 * SILENCE, keep=HERE.id) == [THERE]


def test_a_renamed_person_is_a_change() -> None:
    people = PresenceSets()
    people.replace(HERE, [ADA], 0.0)
    assert people.replace(HERE, [type(ADA)(id=ADA.id, nick="Countess")], 1.0)
