"""What a consumer shows of its life."""

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

from lanchat.consumers.errors import NotConnected

T = TypeVar("T")


class LifeView(Generic[T]):
    """An attribute of a consumer that is looked up in its life.

    It is a view only: an attribute or a method of the same name in a derived class hides it, and changes nothing.

    Args:
        look: returns it, given the life.
        keep: whether it stays the same, so that the consumer may have it as an attribute from then on.
    """

    def __init__(self, look: Callable[[Any], T], *, keep: bool = False) -> None:
        self._look = look
        self._keep = keep
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, consumer: None, owner: type) -> Self: ...

    @overload
    def __get__(self, consumer: object, owner: type) -> T: ...

    def __get__(self, consumer: Any, owner: type) -> Self | T:
        if consumer is None:
            return self
        life = consumer._lanchat  # noqa: SLF001 - private to whoever derives a class, not to this package
        if life is None:
            raise NotConnected(f"{owner.__name__} has no connection yet.")
        value = self._look(life)
        if self._keep:
            setattr(consumer, self._name, value)
        return value
