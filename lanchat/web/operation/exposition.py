"""Prometheus' text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/), written."""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""What an answer in this format is called."""

Labels = tuple[tuple[str, str], ...]


class Family(NamedTuple):
    """All samples of one metric.

    Attributes:
        name: what it is called; of a counter it ends in `_total`.
        kind: a counter only grows, a gauge goes up and down.
        text: what it counts.
        samples: its values by their labels.
    """

    name: str
    kind: Literal["counter", "gauge"]
    text: str
    samples: Mapping[Labels, float]


def exposed(families: Iterable[Family]) -> str:
    """Write metrics down, each with its explanation and its type before its samples."""
    lines: list[str] = []
    for family in families:
        lines.append(f"# HELP {family.name} {_escaped(family.text)}")
        lines.append(f"# TYPE {family.name} {family.kind}")
        lines += [f"{family.name}{_braced(labels)} {value}" for labels, value in family.samples.items()]
    return "".join(f"{line}\n" for line in lines)


def _braced(labels: Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value, quoted=True)}"' for name, value in labels) + "}"


def _escaped(text: str, *, quoted: bool = False) -> str:
    text = text.replace("\\", "\\\\").replace("\n", "\\n")
    return text.replace('"', '\\"') if quoted else text
