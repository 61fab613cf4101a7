"""The tutorial's kinds of work: what they make of a text."""

import pytest

from lanchat.showcase.tasks import TASKS, analyze, generate, process, translate


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("Good morning", "buenos días"),
        ("hello world", "hola mundo"),
        ("hello soup", "hola [soup]"),
        (" thank you ", "gracias"),
    ],
)
def test_a_small_dictionary_translates(text: str, result: str) -> None:
    assert translate(text) == f"🌍 Translated: '{text}' → '{result}'"


def test_an_analysis_counts() -> None:
    assert analyze("Hi, you 2!").splitlines()[1:] == [
        "• Characters: 10",
        "• Words: 3",
        "• Vowels: 3",
        "• Consonants: 2",
    ]


@pytest.mark.parametrize(("text", "part"), [("any FOOD?", "Soup"), ("help me", "general"), ("well", "about 'well'")])
def test_an_answer_goes_by_the_keyword(text: str, part: str) -> None:
    assert part in generate(text)


def test_the_default_shouts() -> None:
    assert process("straße") == "✅ Processed: STRASSE"


def test_no_work_takes_long() -> None:
    assert set(TASKS) == {"translate", "analyze", "generate", "default"}
    assert all(0 < task.seconds <= 1 for task in TASKS.values())
