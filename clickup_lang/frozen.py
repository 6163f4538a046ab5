"""`Frozen`: immutable records with slots, as `dataclass(frozen=True, slots=True)` makes them, at a hundredth of its start-up cost.

`dataclass` compiles several methods for each class when the module is imported, about a millisecond each; the compiler has a few
hundred such classes and `cupc check` has 0.4 s in all. Here the methods are shared. Type checkers see ordinary dataclasses.
"""

from __future__ import annotations

from typing import Any, TypeVar, dataclass_transform

set_attribute = object.__setattr__


class FrozenMeta(type):
    """Turns the annotations of a class body into slots, and its assignments into defaults."""

    __fields__: tuple[str, ...]
    __defaults__: dict[str, Any]

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> FrozenMeta:
        own = tuple(n for n in namespace.get("__annotations__", {}) if not n.startswith("__"))
        inherited: tuple[str, ...] = ()
        defaults: dict[str, Any] = {}
        for base in bases:
            inherited += getattr(base, "__fields__", ())
            defaults |= getattr(base, "__defaults__", {})
        defaults |= {n: namespace.pop(n) for n in own if n in namespace}
        namespace["__slots__"] = own
        namespace["__fields__"] = namespace["__match_args__"] = inherited + own
        namespace["__defaults__"] = defaults
        return super().__new__(mcs, name, bases, namespace)


@dataclass_transform(frozen_default=True)
class Frozen(metaclass=FrozenMeta):
    """Base of all immutable records. Equality and hash go by class and fields."""

    def __init__(self, *values: Any, **named: Any) -> None:
        fields = type(self).__fields__
        if len(values) > len(fields):
            raise TypeError(f"{type(self).__name__} takes {len(fields)} values, not {len(values)}")
        for name, value in zip(fields, values):
            set_attribute(self, name, value)
        if len(values) < len(fields):
            defaults = type(self).__defaults__
            for name in fields[len(values) :]:
                if name in named:
                    set_attribute(self, name, named.pop(name))
                elif name in defaults:
                    set_attribute(self, name, defaults[name])
                else:
                    raise TypeError(f"{type(self).__name__} lacks `{name}`")
        if named:
            raise TypeError(f"{type(self).__name__} has no {', '.join(named)}")

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen")

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Frozen) and type(self) is type(other) and values_of(self) == values_of(other))

    def __hash__(self) -> int:
        return hash((type(self), values_of(self)))

    def __repr__(self) -> str:
        fields = ", ".join(f"{n}={getattr(self, n)!r}" for n in type(self).__fields__)
        return f"{type(self).__name__}({fields})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), values_of(self)


T = TypeVar("T", bound=Frozen)


def values_of(record: Frozen) -> tuple[Any, ...]:
    """The values of its fields, in the order of their declaration."""
    return tuple(getattr(record, n) for n in type(record).__fields__)


def replace(record: T, /, **changes: Any) -> T:
    """A copy with some fields changed."""
    return type(record)(**{n: changes.get(n, getattr(record, n)) for n in type(record).__fields__})
