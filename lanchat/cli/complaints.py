"""How the command line does its work, and says what went wrong: one sentence, never a traceback."""

import contextlib
import os
import sys
from collections.abc import Coroutine
from typing import Any

import click

_INTERRUPTED = 130
"""Exit code of who was interrupted before the work was done."""


def complain(code: str, sentence: str, *, as_json: bool) -> None:
    """Say on stderr what went wrong.

    Args:
        code: of the error.
        sentence: for a person; what another node wrote in it is made visible.
        as_json: whether as one line of JSON.
    """
    sentence = "".join(letter if letter.isprintable() else " " for letter in sentence)
    if as_json:
        import json

        line = json.dumps({"event": "error", "code": code, "message": sentence}, ensure_ascii=False)
    else:
        line = f"lanchat: {sentence}"
    with contextlib.suppress(BrokenPipeError):
        click.echo(line, err=True)


def surprise(error: Exception) -> str:
    """Return the sentence for an error that should not be; the log gets the rest."""
    import logging

    files = [handler for handler in logging.getLogger().handlers if isinstance(handler, logging.FileHandler)]
    logging.getLogger(__name__).info("The program failed", exc_info=error)
    where = f"; {files[0].baseFilename} says more" if files else ""
    return f"Something went wrong that should not: {type(error).__name__}: {error}{where}."


def run_work(work: Coroutine[Any, Any, None]) -> None:
    """Do the work of a command. Who interrupts it, or reads its output no more, ends it without a word."""
    import asyncio

    try:
        asyncio.run(work)
        sys.stdout.flush()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has gone. Python would complain once more when it flushes what is left.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
