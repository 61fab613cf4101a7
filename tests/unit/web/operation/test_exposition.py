"""Prometheus' text format, against its rules: https://prometheus.io/docs/instrumenting/exposition_formats/."""

from lanchat.web.operation.exposition import Family, exposed


def test_a_family_is_explained_typed_and_listed() -> None:
    family = Family("lanchat_rooms", "gauge", "Rooms.", {(("kind", "home"),): 2, (("kind", "mirror"),): 0})
    assert exposed([family]) == (
        "# HELP lanchat_rooms Rooms.\n"
        "# TYPE lanchat_rooms gauge\n"
        'lanchat_rooms{kind="home"} 2\n'
        'lanchat_rooms{kind="mirror"} 0\n'
    )


def test_a_sample_without_labels_has_no_braces() -> None:
    assert exposed([Family("up", "gauge", "Up.", {(): 1.5})]).endswith("\nup 1.5\n")


def test_what_has_a_meaning_in_the_format_is_escaped() -> None:
    family = Family("a_total", "counter", 'back\\slash "quote"\nnext', {(("b", 'x\\y"z\n'), ("c", "}")): 1})
    assert exposed([family]).splitlines() == [
        '# HELP a_total back\\\\slash "quote"\\nnext',
        "# TYPE a_total counter",
        'a_total{b="x\\\\y\\"z\\n",c="}"} 1',
    ]


def test_nothing_is_nothing() -> None:
    assert exposed([]) == ""
