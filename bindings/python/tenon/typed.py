"""What modules consist of that `tenon bindgen py` writes: classes of types, the world, and what annotations need.

Programs use the modules: docs/bindgen.md.
"""

from __future__ import annotations

import weakref
from typing import (Any, AsyncIterable, Coroutine, Generic, Iterable, Iterator, Mapping, Protocol, SupportsFloat, SupportsIndex,
                    TypeAlias, TypeVar, Union, overload)

from . import _types
from ._builder import Builder, Bytes, Path, add_imports, link
from ._composition import BaseComposition, BaseInterface, BaseUnit, Composition, Unit, guest_class

__all__ = [
    "Answer", "BaseComposition", "BaseInterface", "BaseUnit", "ByteSource", "Float", "Items", "Provider", "Source", "World",
    "async_func", "boolean", "borrow", "char", "enum", "f32", "f64", "flags", "func", "future", "list_of", "map_of", "option",
    "own", "record", "resource", "result", "s16", "s32", "s64", "s8", "stream", "string", "tuple_of", "u16", "u32", "u64",
    "u8", "variant"]

# ---- Annotations ----

_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)


class _Container(Protocol[_T_co]):
    """An iterable container, but not a str, which can be asked for a str only."""

    def __iter__(self) -> Iterator[_T_co]: ...

    def __contains__(self, item: object, /) -> bool: ...


Float: TypeAlias = Union[SupportsFloat, SupportsIndex]
# The elements of a list.
Items: TypeAlias = Union[Iterator[_T], _Container[_T]]
# What a program passes as a stream.
Source: TypeAlias = Union[Iterator[_T], _Container[_T], AsyncIterable[_T]]
_Chunk: TypeAlias = Union[bytes, bytearray, memoryview]
ByteSource: TypeAlias = Union[Iterable[Union[SupportsIndex, _Chunk]], AsyncIterable[_Chunk]]
# What a function of the program returns, which can be a coroutine function.
Answer: TypeAlias = Union[_T, Coroutine[Any, Any, _T]]


class Provider:
    """A base for classes that provide an interface or a resource. They need none: it lets editors propose their functions."""


# ---- Types, as the functions of components describe them ----

# What is compared does not depend on who owns a resource.
_NO_RESOURCE = ("", "")
# Of the classes of this module.
_descriptions: weakref.WeakKeyDictionary[Any, _types.Description] = weakref.WeakKeyDictionary()

_scalars: list[_types.Description] = [
    (kind, "", wit, 0, [], _NO_RESOURCE) for kind, wit in enumerate(
        ("bool", "s8", "u8", "s16", "u16", "s32", "u32", "s64", "u64", "f32", "f64", "char", "string"), _types.BOOL)]
boolean, s8, u8, s16, u16, s32, u32, s64, u64, f32, f64, char, string = _scalars


def _part(of: Any) -> _types.Description:
    """of: a class of this module or a description; None: there is no payload."""
    return _descriptions[of] if isinstance(of, type) else of


def _describe(kind: int, name: str, parts: Iterable[tuple[str, Any]], length: int = 0) -> _types.Description:
    return kind, name, name, length, [(label, _part(of)) for label, of in parts], _NO_RESOURCE


def _make_class(kind: int, name: str, parts: Iterable[tuple[str, Any]]) -> Any:
    of = _describe(kind, name, parts)
    cls = _types.class_of(of)
    _descriptions[cls] = of
    return cls


def record(name: str, fields: Mapping[str, Any]) -> Any:
    return _make_class(_types.RECORD, name, fields.items())


def variant(name: str, cases: Mapping[str, Any]) -> Any:
    return _make_class(_types.VARIANT, name, cases.items())


def enum(name: str, labels: Iterable[str]) -> Any:
    return _make_class(_types.ENUM, name, ((label, None) for label in labels))


def flags(name: str, labels: Iterable[str]) -> Any:
    return _make_class(_types.FLAGS, name, ((label, None) for label in labels))


def resource(interface: str, name: str) -> Any:
    """The class of a guest's resource, from which those of compositions are derived."""
    return guest_class(interface, name)


def list_of(item: Any, length: int = 0) -> _types.Description:
    return _describe(_types.LIST, "", [("", item)], length)


def tuple_of(*parts: Any) -> _types.Description:
    return _describe(_types.TUPLE, "", (("", part) for part in parts))


def map_of(key: Any, value: Any) -> _types.Description:
    return _describe(_types.MAP, "", [("key", key), ("value", value)])


def option(some: Any) -> _types.Description:
    return _describe(_types.OPTION, "", [("none", None), ("some", some)])


def result(ok: Any, err: Any) -> _types.Description:
    return _describe(_types.RESULT, "", [("ok", ok), ("err", err)])


def own(name: str) -> _types.Description:
    return _describe(_types.OWN, name, ())


def borrow(name: str) -> _types.Description:
    return _describe(_types.BORROW, name, ())


def stream(item: Any) -> _types.Description:
    return _describe(_types.STREAM, "", () if item is None else [("", item)])


def future(item: Any) -> _types.Description:
    return _describe(_types.FUTURE, "", () if item is None else [("", item)])


def _signature(is_async: bool, params: Iterable[tuple[str, Any]], returns: Any) -> Any:
    """What is equal for functions of one type."""
    return is_async, [(label, _types.key_of(_part(of))) for label, of in params], _types.key_of(_part(returns))


def func(params: Mapping[str, Any], returns: Any) -> Any:
    return _signature(False, params.items(), returns)


def async_func(params: Mapping[str, Any], returns: Any) -> Any:
    return _signature(True, params.items(), returns)


# ---- The world ----

I = TypeVar("I")
C = TypeVar("C")
U = TypeVar("U")


class World(Generic[I, C, U]):
    """A world: links units that have it, with the types of the module that it is in.

    I: what the program provides; C, U: compositions and units with the exports of the world.
    """

    def __init__(self, name: str, functions: Mapping[str, Mapping[str, Any]]) -> None:
        self.name = name
        self._functions = functions

    def __repr__(self) -> str:
        return f"<tenon world {self.name}>"

    def link(self, *sources: Path | Mapping[str, Path | Bytes], imports: I | None = None, root: str | None = None,
             isolate: bool | Iterable[str] = False, limits: Mapping[str, str | int] | None = None,
             cache: Path | None = None, stdio: bool = False) -> C:
        """As `tenon.link`. Errors: also those of `bind`."""
        given: Any = imports
        return self.bind(link(*sources, imports=given, root=root, isolate=isolate, limits=limits, cache=cache, stdio=stdio))

    def provide(self, builder: Builder, imports: I) -> Builder:
        """Adds functions of the program to a builder, as `link` does."""
        given: Any = imports
        return add_imports(builder, given)

    @overload
    def bind(self, of: Composition) -> C: ...

    @overload
    def bind(self, of: Unit) -> U: ...

    def bind(self, of: Any) -> Any:
        """A composition or unit, with the types of the world. Errors: TypeError: functions of the world are missing, or have
        other types; it names all of them."""
        problems = [problem for interface, functions in self._functions.items() for name, signature in functions.items()
                    if (problem := _compare(of, interface, name, signature))]
        if problems:
            raise TypeError(f"{of!r} does not have the world `{self.name}`: {'; '.join(problems)}. If the WIT has changed, run "
                            "`tenon bindgen py` again")
        return of


def _compare(of: Any, interface: str, name: str, signature: Any) -> str | None:
    """What is wrong with a function."""
    label = f"{interface}#{name}".lstrip("#")
    found = [member for member in of._members
             if member.name == name and member.interface.split("@")[0] == interface.split("@")[0]]
    if not found:
        return f"there is no `{label}`"
    if any(_signature(member.is_async, member.params, member.result) == signature for member in found):
        return None
    return f"`{label}` has another type: `{found[0].wit}`"
