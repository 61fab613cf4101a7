"""The four kinds of work of the tutorial's background jobs: small pure functions of a text."""

from collections.abc import Callable
from typing import NamedTuple

_SPANISH = {
    "hello": "hola",
    "world": "mundo",
    "good morning": "buenos días",
    "thank you": "gracias",
    "goodbye": "adiós",
    "friend": "amigo",
}
_REPLIES = {
    ("weather", "rain", "sun"): "Have a look out of the window: it is the best forecast for the next minute.",
    ("food", "eat", "soup"): "Soup is always a good idea.",
    ("help",): "Ask in the room general; somebody there will know.",
}


class Task(NamedTuple):
    """One kind of work.

    Attributes:
        seconds: how long it pretends to be at work.
        work: gives the result for a text.
    """

    seconds: float
    work: Callable[[str], str]


def translate(text: str) -> str:
    """Translate into Spanish what a very small dictionary knows: the whole text, else word by word."""
    whole = _SPANISH.get(text.strip().lower())
    translated = whole or " ".join(_SPANISH.get(word.lower(), f"[{word}]") for word in text.split())
    return f"🌍 Translated: '{text}' → '{translated}'"


def analyze(text: str) -> str:
    """Count what is in a text."""
    letters = [letter for letter in text.lower() if letter.isalpha()]
    vowels = sum(letter in "aeiou" for letter in letters)
    return (
        f"📊 Analysis of '{text}':\n• Characters: {len(text)}\n• Words: {len(text.split())}\n"
        f"• Vowels: {vowels}\n• Consonants: {len(letters) - vowels}"
    )


def generate(text: str) -> str:
    """Answer by the first keyword that is in a text."""
    words = text.lower()
    known = (reply for keys, reply in _REPLIES.items() if any(key in words for key in keys))
    return f"🤖 Response to '{text}':\n{next(known, f'There is a lot to be said about {text!r}.')}"


def process(text: str) -> str:
    """Shout a text."""
    return f"✅ Processed: {text.upper()}"


TASKS = {
    "translate": Task(0.5, translate),
    "analyze": Task(0.75, analyze),
    "generate": Task(1.0, generate),
    "default": Task(0.25, process),
}
"""Every kind of work by its name; what is asked by another name is `default`."""
