"""How the command line says what went wrong: one sentence, never a traceback."""

import contextlib

import click


def complain(code: str, sentence: str, *, as_json: bool) -> None:
    """Say on stderr what went wrong.

    Args:
        code: of the error.
        sentence: for a person; what another node wrote in it is made visible.
        as_json: whether as one line of JSON.
    """
    sentence = "".join(letter if letter.isprintable() else " " for letter in sentence)
    if as_json:
        import json  # noqa: PLC0415 - only where it is asked for

        line = json.dumps({"event": "error", "code": code, "message": sentence}, ensure_ascii=False)
    else:
        line = f"lanchat: {sentence}"
    with contextlib.suppress(BrokenPipeError):
        click.echo(line, err=True)


def surprise(error: Exception) -> str:
    """Return the sentence for an error that should not be; the log gets the rest."""
    import logging  # noqa: PLC0415 - only when something is wrong

    files = [handler for handler in logging.getLogger().handlers if isinstance(handler, logging.FileHandler)]
    logging.getLogger(__name__).info("The program failed", exc_info=error)
    where = f"; {files[0].baseFilename} says more" if files else ""
    return f"Something went wrong that should not: {type(error).__name__}: {error}{where}."
