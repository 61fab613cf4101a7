"""`limits`."""

import click
import msgspec

from lanchat.limits import Limit, Limits, rows


def show(limits: Limits, *, as_json: bool) -> None:
    """Print every limit, its value and its meaning."""
    for limit in rows(limits):
        click.echo(msgspec.json.encode(limit._asdict()) if as_json else format_limit(limit))


def format_limit(limit: Limit) -> str:
    """Return a limit as one line of a table; a value that was set says what it was before."""
    value = f"{limit.value:,.10g} {limit.unit}".rstrip()
    changed = "" if limit.value == limit.default else f" (default: {limit.default:,.10g})"
    return f"{limit.name:<24} {value:>20}  {limit.meaning}{changed}"
