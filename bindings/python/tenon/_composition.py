"""Running compositions, their units, interfaces and functions."""

from __future__ import annotations

import inspect
import os
import re
import threading
from typing import Any, Callable, Iterator, Mapping, Self, cast

from . import _tenon
from ._async import Call
from ._names import pascal, snake, split_function
from ._types import OPTION, RESULT, Scope, UnsupportedType, hint, resource_class

# (interface, name, wit, is_async, [(label, type)], result)
_Described = tuple[str, str, str, bool, list[tuple[str, Any]], Any]


# Classes of the program, by the interface and the name of the resource.
Programs = Mapping[tuple[str, str], type]


def is_of(interface: str, wanted: str) -> bool:
    """Whether an interface has a name, whose version can be left out. `*` in the name stands for any text."""
    names = (interface, interface.split("@")[0])
    pattern = ".*".join(map(re.escape, wanted.split("*")))
    return wanted in names or "*" in wanted and any(re.fullmatch(pattern, name) for name in names)


def program_class(programs: Programs, resource: str) -> type | None:
    """The class of the program for `acme:bank/accounts@1.0.0.account`."""
    declared, _, name = resource.rpartition(".")
    return next((cls for (interface, label), cls in programs.items() if label == name and is_of(declared, interface)), None)


class Resource(_tenon.Resource):
    """The base of the classes of guests' resources. An object is a handle: close it, or use it in a `with` statement,
    when it is not needed any more."""

    __slots__ = ("__weakref__",)


class _Member:
    """A function that was found, and what it is."""

    def __init__(self, function: _tenon.Function, described: _Described) -> None:
        self.function = function
        self.interface, self.name, self.wit, self.is_async, self.params, self.result = described
        self.kind, self.resource, self.item = split_function(self.name)

    @property
    def title(self) -> str:
        """As it is called in Python."""
        return snake(self.item) if self.kind != "constructor" else pascal(self.resource)

    @property
    def returns(self) -> str:
        """The annotation of the type that a call returns; for a `result`, the payload of `ok`."""
        of = self.result[4][0][1] if self.result is not None and self.result[0] == RESULT else self.result
        return f"Call[{hint(of)}]" if self.is_async else hint(of)

    def annotations(self) -> str:
        params = ", ".join(f"{snake(label)}: {hint(of)}" for label, of in self.params)
        return f"({params}) -> {self.returns}"

    def parameters(self) -> list[inspect.Parameter]:
        """Options at the end can be left out."""
        optional = [of[0] == OPTION for _, of in self.params]
        return [inspect.Parameter(snake(label), inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=hint(of),
                                  default=None if all(optional[i:]) else inspect.Parameter.empty)
                for i, (label, of) in enumerate(self.params)]


class _Exports:
    """What compositions, units and interfaces have in common."""

    def __init__(self, core: _tenon.Composition, programs: Programs) -> None:
        self._core = core
        self._programs = programs
        self._lock = threading.RLock()
        self._cached: list[_Member] | None = None
        self._classes: dict[tuple[str, str], type] = {}
        self._scopes: dict[str, Scope] = {}

    def _list(self) -> list[_tenon.Function]:
        raise NotImplementedError

    @property
    def _members(self) -> list[_Member]:
        with self._lock:
            if self._cached is None:
                self._cached = [_Member(function, function.describe()) for function in self._list()]
            return self._cached

    def _forget(self) -> None:
        """After a swap: functions are looked up again."""
        with self._lock:
            self._cached = None
            for name in [name for name in self.__dict__ if not name.startswith("_")]:
                del self.__dict__[name]

    # ---- Types ----

    def _scope(self, interface: str) -> Scope:
        scope = self._scopes.get(interface)
        if scope is None:
            scope = self._scopes[interface] = Scope(lambda resource, owner: self._class(interface, resource, owner))
        return scope

    def _class(self, interface: str, resource: str, owner: str) -> Any:
        """The class of a resource, of the program or of a guest, for functions of an interface."""
        cls = program_class(self._programs, resource) if owner == "program" else None
        declared, _, name = resource.rpartition(".")
        return (cls,) if cls is not None else self._resource(name, declared, interface)

    def _resource(self, name: str, *interfaces: str) -> type:
        """The class of a guest's resource: that of one of the interfaces, or else of another one that has functions for
        it."""
        with self._lock:
            owners = [member.interface for member in self._members if member.resource == name]
            owner = next((each for each in interfaces if each in owners), (owners or interfaces)[0])
            cls = self._classes.get((owner, name))
            if cls is None:
                base = guest_class(owner, name)
                cls = self._classes[owner, name] = type(base.__name__, (base,), {
                    "__slots__": (), "__module__": base.__module__, "__doc__": base.__doc__})
                for member in self._members:
                    if member.resource == name and member.interface == owner:
                        self._add_method(cls, member)
            return cls

    def _add_method(self, cls: type, member: _Member) -> None:
        def call(*args: Any, **keywords: Any) -> Any:
            return self._bound(member)(*args, **keywords)

        call.__name__ = call.__qualname__ = "__new__" if member.kind == "constructor" else member.title
        call.__doc__ = member.wit
        signature = inspect.Signature(member.parameters(), return_annotation=member.returns)
        if member.kind == "constructor":
            setattr(cls, "__new__", lambda cls, *args, **keywords: call(*args, **keywords))
            setattr(cls, "__signature__", signature)
        else:
            call.__signature__ = signature  # type: ignore[attr-defined]
            setattr(cls, member.title, call if member.kind == "method" else staticmethod(call))

    # ---- Functions ----

    def _bind(self, member: _Member) -> _tenon.Function:
        """The function with its types."""
        function = member.function
        with self._lock:
            if function.params is None:
                scope = self._scope(member.interface)
                try:
                    params = tuple(scope.type(of) for _, of in member.params)
                    result = scope.type(member.result)
                except UnsupportedType as error:
                    raise UnsupportedType(f"`{member.name}` cannot be called from Python: {error}") from None
                names = tuple(snake(label) for label, _ in member.params)
                function.bind(member.title, names, params, result)
        return function

    def _bound(self, member: _Member) -> Callable[..., Any]:
        function = self._bind(member)
        names = [each.name + ("=None" if each.default is None else "") for each in member.parameters()]
        doc = f"{member.title}({', '.join(names)})\n--\n\n{member.wit}\n\n{member.annotations()}"
        if not member.is_async:
            return function.callable(doc)

        def start(*args: Any, **keywords: Any) -> Call[Any]:
            return Call(function, args, keywords)

        start.__name__ = start.__qualname__ = member.title
        start.__doc__ = f"{member.wit}\n\n{member.annotations()}"
        start.__signature__ = inspect.signature(function.callable(doc))  # type: ignore[attr-defined]
        start._function = function  # type: ignore[attr-defined]
        return start

    def _find(self, name: str) -> _Member:
        """A function by its name in WIT or in Python, perhaps after that of its interface and a dot."""
        interface, _, plain = name.rpartition("." if "#" not in name else "#")
        found = [member for member in self._members if name in (member.name, member.title) and not member.resource]
        if not found and interface:
            found = [member for member in self._members
                     if plain in (member.name, member.title) and _fits(member.interface, interface)]
        if not found:
            found = [member for member in self._members if name == member.name]
        if len(found) == 1:
            return found[0]
        if found:
            raise AttributeError(f"`{name}` is a function of several interfaces: " +
                                 ", ".join(f"`{member.interface}`" for member in found), name=name, obj=self)
        raise AttributeError(f"{self!r} has no function `{name}`; it has " +
                             (", ".join(sorted({member.title for member in self._members})) or "none"), name=name, obj=self)

    def call(self, name: str, /, *args: Any, **keywords: Any) -> Any:
        """Calls a function by its name, and waits for its result, also if it is asynchronous."""
        return self._bind(self._find(name)).call(*args, **keywords)

    def start(self, name: str, /, *args: Any, **keywords: Any) -> Call[Any]:
        """Starts a function, and does not wait for it, whether it is asynchronous or not."""
        return Call(self._bind(self._find(name)), args, keywords)

    @property
    def functions(self) -> dict[str, str]:
        """The functions: their names with the interface, and their types in WIT."""
        return {(f"{member.interface}.{member.name}" if member.interface else member.name): member.wit
                for member in self._members}

    @property
    def types(self) -> dict[str, type]:
        """The classes of records, variants, enums and flags, by their names in Python."""
        made: dict[str, type] = {}
        for member in self._members:
            try:
                self._bind(member)
            except UnsupportedType:
                continue
        for scope in self._scopes.values():
            for name, cls in scope.classes.items():
                made.setdefault(name, cls)
        return made

    @property
    def interfaces(self) -> list[str]:
        """The interfaces that the functions belong to."""
        return list(dict.fromkeys(member.interface for member in self._members if member.interface))



class _Dynamic(_Exports):
    """Functions, classes and interfaces by their names. Modules of `tenon bindgen py` declare those of a world instead, so
    that others are errors for type checkers."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        for member in self._members:
            if member.resource and pascal(member.resource) == name:
                cls = self._resource(member.resource, member.interface)
                made: Any = cls[0] if isinstance(cls, tuple) else cls
                break
        else:
            try:
                made = self._bound(self._find(name))
            except AttributeError:
                made = self.types.get(name)
                if made is None:
                    raise
        self.__dict__[name] = made
        return made

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(member.title for member in self._members), *self.types]

    def __getitem__(self, interface: str) -> Interface:
        """An interface, in any form of its name."""
        found = [name for name in self.interfaces if _fits(name, interface)]
        if len(found) == 1:
            return Interface(self, found[0])
        raise KeyError(f"{self!r} has " + (f"several interfaces `{interface}`" if found else f"no interface `{interface}`") +
                       f"; it has {', '.join(self.interfaces) or 'none'}")


def guest_class(interface: str, name: str) -> Any:
    """The class of a guest's resource in all compositions."""
    def make() -> type:
        path = interface.split("@")[0]
        return type(pascal(name), (Resource,), {
            "__slots__": (), "__module__": "tenon.types", "__doc__": f"{path}.{name}" if path else name})

    return resource_class(interface, name, make)


def _fits(name: str, wanted: str) -> bool:
    """Whether an interface is meant: `acme:shop/api@1.0.0` by itself, without its version, and as `api`."""
    plain = name.split("@")[0]
    return wanted in (name, plain, plain.rpartition("/")[2])


class BaseInterface(_Exports):
    """What all interfaces have."""

    def __init__(self, of: _Exports, name: str) -> None:
        super().__init__(of._core, of._programs)
        self._of = of
        self._name = name
        self._classes, self._scopes = of._classes, of._scopes

    @property
    def _members(self) -> list[_Member]:
        return [member for member in self._of._members if member.interface == self._name]

    def _resource(self, name: str, *interfaces: str) -> type:
        return self._of._resource(name, *interfaces)

    @property
    def types(self) -> dict[str, type]:
        for member in self._members:
            try:
                self._bind(member)
            except UnsupportedType:
                continue
        return dict(self._of._scope(self._name).classes)

    def __repr__(self) -> str:
        return f"<tenon interface {self._name}>"


class Interface(BaseInterface, _Dynamic):
    """The functions of one interface."""


class BaseUnit(_Exports):
    """What all units have."""

    def __init__(self, unit: _tenon.Unit, programs: Programs) -> None:
        super().__init__(unit.composition, programs)
        self._unit = unit

    def _list(self) -> list[_tenon.Function]:
        return self._unit.functions()

    @property
    def name(self) -> str:
        return self._unit.name

    def __repr__(self) -> str:
        return f"<tenon unit {self.name}>"


class Unit(BaseUnit, _Dynamic):
    """A unit of a composition: one that is isolated, or was added as reachable."""


class Server:
    """Serves a composition to other processes."""

    def __init__(self, server: _tenon.Server) -> None:
        self._server = server

    @property
    def addresses(self) -> list[str]:
        """The addresses, with their ports."""
        return self._server.addresses

    def run(self, drain: float = 10) -> bool:
        """Serves until stop(), which another thread calls, then waits for calls in progress, so many seconds. Whether they
        have ended."""
        return self._server.run(int(drain * 1000))

    def stop(self) -> None:
        """Ends run()."""
        self._server.stop()

    def close(self) -> None:
        self._server.close()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class BaseComposition(_Exports):
    """What all compositions have."""

    def __init__(self, core: _tenon.Composition, programs: Programs) -> None:
        super().__init__(core, programs)
        self._units: dict[str, Unit] = {}

    def _list(self) -> list[_tenon.Function]:
        return self._core.functions()

    def __repr__(self) -> str:
        return "<tenon composition, closed>" if self._core.closed else "<tenon composition>"

    def unit(self, name: str) -> Unit:
        """A unit that is isolated or reachable. Errors: LinkError, run-no-unit."""
        with self._lock:
            found = self._units.get(name)
            if found is None:
                found = self._units[name] = Unit(self._core.unit(name), self._programs)
            return found

    @property
    def units(self) -> dict[str, Unit]:
        """All units that can be called, by their names."""
        return {unit.name: self.unit(unit.name) for unit in self._core.units()}

    def evaluate(self, call: str) -> str:
        """Calls a function by text: `total([])`. The result is text, too: docs/wave.md."""
        return self._core.call(call)

    def run_command(self) -> int:
        """Runs `wasi:cli/run`, and returns its exit code."""
        return self._core.run_command()

    def run_for(self, seconds: float) -> bool:
        """Lets guests run that have something to do. False: none has, and none waits."""
        return self._core.run_for(int(seconds * 1e9))

    def end_deadlock(self) -> None:
        """Ends calls that cannot go on before the program does something: they fail with Deadlock. For event loops that have
        nothing else to do, which only the program knows."""
        self._core.end_deadlock()

    def interrupt(self) -> None:
        """Ends the calls in progress, if the builder allowed it. Any thread."""
        self._core.interrupt()

    def take_drop_failure(self) -> BaseException | None:
        """The first failure of a destructor that had no caller to report it to."""
        return self._core.take_drop_failure()

    def swap(self, unit: str, component: str | os.PathLike[str] | bytes, *, make_stale: bool = False,
             whole_domains: bool = False, is_trial: bool = False) -> None:
        """Replaces the component of a unit, while others run. is_trial: checks everything, and changes nothing."""
        is_bytes = isinstance(component, (bytes, bytearray, memoryview))
        path, data = (None, component) if is_bytes else (os.fspath(cast(str, component)), None)
        self._core.swap(unit, path, data, make_stale, whole_domains, is_trial)
        if not is_trial:
            self._forget()
            for found in self._units.values():
                found._forget()

    def serve(self, addresses: str, *, insecure: bool = False) -> Server:
        """Listens on addresses, with commas between them."""
        return Server(self._core.serve(addresses, insecure))

    @property
    def closed(self) -> bool:
        return self._core.closed

    def close(self) -> None:
        """Ends the composition. Calls in progress that were started fail with Ended."""
        self._core.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[str]:
        return iter(self.interfaces)


class Composition(BaseComposition, _Dynamic):
    """A running composition. Its exported functions are attributes; `units` has those of isolated units.

    It can be closed, or used in a `with` statement; otherwise it ends when nothing refers to it any more.
    """
