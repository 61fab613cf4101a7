"""What the parameter of a method is annotated with."""

import inspect
import types
import typing
from collections.abc import Callable
from typing import Any


def annotated_with(method: Callable[..., Any]) -> Any:  # noqa: ANN401 - a type, or a union of some
    """Return the annotation of the first parameter behind `self`; None when there is none, or it cannot be read."""
    parameters = list(inspect.signature(method).parameters.values())[1:]
    if not parameters or parameters[0].annotation is inspect.Parameter.empty:
        return None
    annotation = parameters[0].annotation
    if not isinstance(annotation, str):
        return annotation
    try:
        return typing.get_type_hints(method).get(parameters[0].name)
    except (NameError, TypeError, SyntaxError, AttributeError):  # a name that is only there for type checkers
        return None


def structs_in(annotation: object) -> tuple[type, ...]:
    """Return the structs of an annotation: itself, or the members of a union; none when anything else is among them."""
    if isinstance(annotation, type):
        return (annotation,) if hasattr(annotation, "__struct_fields__") else ()
    if typing.get_origin(annotation) not in (typing.Union, types.UnionType):
        return ()
    members = typing.get_args(annotation)
    return members if all(isinstance(member, type) and structs_in(member) for member in members) else ()
