"""The list of numbers: every name can be one of Prometheus, and every explanation stands alone."""

import re

from lanchat.metrics.counters import COUNTERS


def test_every_name_and_label_can_be_exposed() -> None:
    words = [*COUNTERS, *(counter.label for counter in COUNTERS.values() if counter.label)]
    words += [value for counter in COUNTERS.values() for value in counter.values]
    assert [word for word in words if not re.fullmatch(r"[a-z][a-z0-9_]*", word)] == []


def test_every_explanation_is_a_phrase_of_its_own() -> None:
    texts = [counter.text for counter in COUNTERS.values()]
    assert sorted(set(texts)) == sorted(texts)
    assert [text for text in texts if not re.fullmatch(r"[A-Z][^.]+[^. ]", text)] == []


def test_only_labelled_numbers_have_parts() -> None:
    assert [name for name, counter in COUNTERS.items() if counter.values and not counter.label] == []
