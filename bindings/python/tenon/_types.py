"""Types of WIT as types of Python: one class for each record, variant, enum and set of flags."""

from __future__ import annotations

import dataclasses
import enum
import threading
import weakref
from dataclasses import dataclass
from typing import Any, Callable, Generic, Sequence, TypeVar

from . import _tenon
from ._names import case_names, pascal, snake, upper

T = TypeVar("T", covariant=True)
E = TypeVar("E", covariant=True)

# (kind, name, wit, length, [(label, part)], (resource, owner))
Description = Any

(BOOL, S8, U8, S16, U16, S32, U32, S64, U64, F32, F64, CHAR, STRING, LIST, _PACKED, RECORD, TUPLE, MAP, VARIANT, ENUM,
 OPTION, RESULT, FLAGS, OWN, BORROW, STREAM, FUTURE) = range(1, 28)
_HANDLES = (OWN, BORROW)
_NAMED = (RECORD, VARIANT, ENUM, FLAGS, *_HANDLES)


@dataclass(slots=True)
class Some(Generic[T]):
    """The value of an `option` whose payload is an option itself, so that `some(none)` is not `none`."""

    value: T


@dataclass(slots=True)
class Ok(Generic[T]):
    """The `ok` of a `result` inside of another value."""

    value: T = None  # type: ignore[assignment]


@dataclass(slots=True)
class Err(Generic[E]):
    """The `err` of a `result` inside of another value."""

    value: E = None  # type: ignore[assignment]


class Record:
    """The base of the classes of records, which are dataclasses."""

    __slots__ = ()


class Variant:
    """The base of the classes of variants. Each has a class for each of its cases, as an attribute."""

    __slots__ = ()


# Equal types have one class, whatever composition they are in.
_classes: weakref.WeakValueDictionary[Any, type] = weakref.WeakValueDictionary()
_lock = threading.Lock()


def _once(key: Any, make: Callable[[], type]) -> type:
    with _lock:
        cls = _classes.get(key)
        if cls is None:
            cls = _classes[key] = make()
        return cls


def _finish(cls: type, name: str, wit: str) -> type:
    cls.__module__ = "tenon.types"
    cls.__qualname__ = name
    cls.__doc__ = wit
    return cls


def _record(name: str, wit: str, labels: Sequence[str], hints: Sequence[str]) -> type:
    fields: Any = [(snake(label), hint) for label, hint in zip(labels, hints)]
    return _finish(dataclasses.make_dataclass(name, fields, bases=(Record,), slots=True), name, wit)


class _Single(Variant):
    """A case without payload, which has one object."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}()"

    def __reduce__(self) -> Any:
        return type(self), ()


def _variant(name: str, wit: str, cases: Sequence[tuple[str, str | None]]) -> type:
    base = _finish(type(name, (Variant,), {"__slots__": ()}), name, wit)
    for case, (label, hint) in zip(case_names(label for label, _ in cases), cases):
        if hint is None:
            cls = type(case, (base, _Single), {"__slots__": (), "__match_args__": ()})
            single: Any = object.__new__(cls)
            cls.__new__ = lambda cls, single=single: single  # type: ignore[assignment]
        else:
            fields: Any = [("value", hint)]
            cls = dataclasses.make_dataclass(case, fields, bases=(base,), slots=True)
        setattr(base, case, _finish(cls, f"{name}.{case}", f"{label} of {name}"))
    return base


def _enum(name: str, wit: str, labels: Sequence[str]) -> type:
    make: Any = enum.StrEnum
    return _finish(make(name, {upper(label): label for label in labels}), name, wit)


def _flags(name: str, wit: str, labels: Sequence[str]) -> type:
    members = {upper(label): 1 << i for i, label in enumerate(labels)}
    make: Any = enum.Flag
    return _finish(make(name, members), name, wit)


def key_of(of: Description) -> Any:
    """What makes two types one class."""
    if of is None:
        return None
    kind, name, _, length, parts, _ = of
    return (kind, name if kind in _NAMED else "", length, tuple((label, key_of(part)) for label, part in parts))


def _resources(of: Description) -> Any:
    """Whose resources a type has."""
    return of and (of[5], tuple(_resources(part) for _, part in of[4]))


def class_of(of: Description) -> Any:
    """The class of a record, variant, enum or flags."""
    return Scope(lambda resource, owner: None)._named(of)[0]


def resource_class(interface: str, name: str, make: Callable[[], type]) -> Any:
    """The class of a guest's resource, from which those of all compositions are derived."""
    return _once((OWN, interface.split("@")[0], name), make)


_SCALARS = {BOOL: "bool", F32: "float", F64: "float", CHAR: "str", STRING: "str"}


def hint(of: Description) -> str:
    """A type as an annotation."""
    if of is None:
        return "None"
    kind, name, _, _, parts, _ = of
    if kind in _SCALARS or kind <= U64:
        return _SCALARS.get(kind, "int") if kind else "object"
    inner = [hint(part) for _, part in parts]
    if kind == LIST:
        item = parts[0][1][0]
        return "bytes" if item == U8 else f"{'array.array' if S8 <= item <= F64 else 'list'}[{inner[0]}]"
    if kind == TUPLE:
        return f"tuple[{', '.join(inner) or '()'}]"
    if kind == MAP:
        return f"dict[{inner[0]}, {inner[1]}]"
    if kind == OPTION:
        return f"Some[{inner[1]}] | None" if parts[1][1][0] == OPTION else f"{inner[1]} | None"
    if kind == RESULT:
        return f"Ok[{inner[0]}] | Err[{inner[1]}]"
    if kind == STREAM and inner and parts[0][1][0] == U8:
        return "Stream[bytes]"
    if kind in (STREAM, FUTURE):
        return f"{'Stream' if kind == STREAM else 'Future'}[{inner[0] if inner else 'None'}]"
    return pascal(name) if name else "object"


class UnsupportedType(TypeError):
    """A type that has no values in Python, such as `error-context`."""


class Scope:
    """The types of one composition or unit.

    resource: the class of a guest's resource, by its name with the interface and its owner, or (class,) of one of the
    program.
    """

    def __init__(self, resource: Callable[[str, str], Any]) -> None:
        self._resource = resource
        self._types: dict[Any, _tenon.Type] = {}
        self.classes: dict[str, Any] = {}

    def type(self, of: Description) -> _tenon.Type | None:
        """The type of a description; None: there is none."""
        if of is None:
            return None
        known = (key_of(of), of[2], _resources(of))
        made = self._types.get(known)
        if made is None:
            made = self._types[known] = self._make(of)
        return made

    def _make(self, of: Description) -> _tenon.Type:
        kind, name, wit, length, parts, resource = of
        if kind == 0:
            raise UnsupportedType(f"values of `{wit}` have no form in Python")
        if kind == OPTION:
            parts = parts[1:]  # none, some
        types = tuple(self.type(part) for _, part in parts)
        labels = [label for label, _ in parts]
        names: tuple[str, ...] = ()
        cases: tuple[Any, ...] = ()
        index: dict[Any, int] = {}
        cls: Any = None
        is_wrapped = kind == OPTION and parts[0][1][0] == OPTION
        if kind in (RECORD, VARIANT, ENUM, FLAGS):
            cls, names, cases, index = self._named(of)
        elif kind in _HANDLES:
            cls = self._resource(*resource)
        elif kind == RESULT:
            cls = (Ok, Err)
        elif kind == OPTION:
            cls = Some
        elif kind in (STREAM, FUTURE):
            from ._async import ENDS
            cls = ENDS[kind == FUTURE]
        return _tenon.Type(kind, wit, types, names, cases, cls, index, length, is_wrapped)

    def _named(self, of: Description) -> tuple[Any, tuple[str, ...], tuple[Any, ...], dict[Any, int]]:
        kind, name, wit, _, parts, _ = of
        labels = [label for label, _ in parts]
        key = key_of(of)
        cls: Any
        found: tuple[Any, tuple[str, ...], tuple[Any, ...], dict[Any, int]]
        if kind == RECORD:
            title = pascal(name or "record")
            cls = _once(key, lambda: _record(title, wit, labels, [hint(part) for _, part in parts]))
            names = tuple(snake(label) for label in labels)
            found = (cls, (*names, *labels), (), {text: i for texts in (labels, names) for i, text in enumerate(texts)})
        elif kind == VARIANT:
            title = pascal(name or "variant")
            cls = _once(key, lambda: _variant(title, wit, [(label, part and hint(part)) for label, part in parts]))
            classes = [getattr(cls, name) for name in case_names(labels)]
            cases = tuple(each if part is not None else each() for each, (_, part) in zip(classes, parts))
            found = (cls, (), cases, {what: i for whats in (labels, classes) for i, what in enumerate(whats)})
        elif kind == ENUM:
            title = pascal(name or "enum")
            cls = _once(key, lambda: _enum(title, wit, labels))
            found = (cls, (), tuple(cls), {label: i for i, label in enumerate(labels)})
        else:
            title = pascal(name or "flags")
            cls = _once(key, lambda: _flags(title, wit, labels))
            found = (cls, (), (), {label: 1 << i for i, label in enumerate(labels)})
        self.classes.setdefault(title, cls)
        return found
