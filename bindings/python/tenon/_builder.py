"""Builders: what becomes a composition, and functions of the program."""

from __future__ import annotations

import inspect
import json
import math
import os
import shutil
from typing import Any, Callable, Iterable, Mapping, Sequence

from . import _tenon
from ._composition import Composition, Resource, is_of, program_class
from ._names import pascal, snake, split_function
from ._types import Scope, UnsupportedType, key_of

Path = str | os.PathLike[str]
Bytes = bytes | bytearray | memoryview


class Plan:
    """Which export satisfies each import. Notebooks show it as a picture."""

    def __init__(self, plan: _tenon.Plan) -> None:
        self._plan = plan

    def __str__(self) -> str:
        return self._plan.text()

    def as_dict(self) -> dict[str, Any]:
        """The plan as `tenon plan --json` prints it."""
        return json.loads(self._plan.json())  # type: ignore[no-any-return]

    def svg(self) -> str:
        """A picture. It needs the program `dot` of Graphviz."""
        return self._plan.svg()

    def _repr_svg_(self) -> str | None:
        return self.svg() if shutil.which("dot") else None

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text(str(self))


class _Provided:
    """A function of the program, before the types are known."""

    def __init__(self, interface: str, name: str, callable: Callable[..., Any]) -> None:
        self.interface, self.name, self.callable = interface, name, callable


class Builder:
    """Collects units and choices.

    What is wrong with them is reported by `plan`, `compose` or `build`, all together; only what reads text of others at
    once (`add`, `read_manifest`) reports it itself.
    """

    def __init__(self) -> None:
        self._builder = _tenon.Builder()
        self._functions: list[_Provided] = []
        self._interfaces: list[tuple[str, Any]] = []
        self._resources: dict[tuple[str, str], type] = {}
        self._hosts: list[_tenon.HostFunction] = []
        self._is_bound = False

    def _call(self, name: str, *texts: str | None) -> Builder:
        self._builder.call(name, *texts)
        return self

    # ---- Units ----

    def add(self, argument: Path) -> Builder:
        """Adds what the command line takes: FILE, NAME=FILE, a folder or a glob. A folder with a tenon.toml is read."""
        return self._call("add_argument", os.fspath(argument))

    def add_component(self, name: str, component: Path | Bytes, *, reachable: bool = False, sha256: str | None = None,
                      pool: int = 0) -> Builder:
        """Adds a component, from a file or from memory. reachable: `Composition.unit` finds it. pool: each call gets a
        fresh instance, of which so many can exist."""
        return self._add_unit(name, component, False, reachable, sha256, pool)

    def add_package(self, name: str, package: Path | Bytes, *, reachable: bool = False, sha256: str | None = None,
                    pool: int = 0) -> Builder:
        """Adds a packr package."""
        return self._add_unit(name, package, True, reachable, sha256, pool)

    def _add_unit(self, name: str, unit: Path | Bytes, is_package: bool, reachable: bool, sha256: str | None,
                  pool: int) -> Builder:
        is_bytes = isinstance(unit, (bytes, bytearray, memoryview))
        source: Any = unit
        if not is_bytes:
            source = os.fspath(source)
        self._builder.add_unit(name, None if is_bytes else source, source if is_bytes else None, is_package, reachable,
                               sha256, pool)
        return self

    def set_config(self, unit: str, key: str, value: str) -> Builder:
        """A value of a unit's configuration, which it reads by `wasi:config`."""
        return self._call("set_config", unit, key, value)

    def add_host_bundle(self, path: Path, name: str | None = None) -> Builder:
        """Adds native code: a folder, or the name of a bundle that is installed."""
        return self._call("add_host_bundle", name, os.fspath(path))

    def add_remote(self, name: str, url: str, interfaces: Iterable[str]) -> Builder:
        """Adds a unit that another process serves."""
        return self._call("add_remote", name, url, ",".join(interfaces))

    def read_manifest(self, path: Path) -> Builder:
        """Reads a tenon.toml."""
        return self._call("read_manifest", os.fspath(path))

    def read_manifest_text(self, text: str, folder: Path = ".") -> Builder:
        """Reads the text of a tenon.toml of the program. Its paths are relative to the folder."""
        self._builder.read_manifest_text(text, os.fspath(folder))
        return self

    def read_wac(self, path: Path, folder: Path | None = None) -> Builder:
        """Reads a composition in the language of wac, whose packages are in the folder (default: `deps` beside it)."""
        packages = os.fspath(folder) if folder is not None else None
        return self._call("read_wac", os.fspath(path), packages)

    def read_hosts(self, path: Path) -> Builder:
        """Reads a hosts.toml."""
        return self._call("read_hosts", os.fspath(path))

    # ---- Choices ----

    def set_name(self, name: str) -> Builder:
        """Names the composition in plans and messages."""
        return self._call("set_name", name)

    def set_root(self, unit: str) -> Builder:
        """The unit whose exports become those of the composition."""
        return self._call("set_root", unit)

    def wire(self, *, consumer: str | None = None, import_: str | None = None, provider: str | None = None,
             export: str | None = None, via: Sequence[str] = (), target: str = "provider", lazy: bool = False,
             optional: bool = False, adapt: bool = False, on_failure: str | None = None) -> Builder:
        """Sets the provider of an import. target: "provider", "open" or "trap"."""
        targets = ("provider", "open", "trap")
        if target not in targets:
            raise ValueError(f"target is one of {', '.join(targets)}, and not {target!r}")
        self._builder.wire(consumer, import_, provider, export, tuple(via), targets.index(target), lazy, optional, adapt,
                           on_failure)
        return self

    def hide(self, unit: str, item: str) -> Builder:
        """Hides an export from all consumers."""
        return self._call("hide", unit, item)

    def expose(self, unit: str, item: str) -> Builder:
        """Hides all exports of a unit but this one, and others that are exposed."""
        return self._call("expose", unit, item)

    def export(self, unit: str, item: str, as_: str | None = None) -> Builder:
        """Exports an item of a unit from the composition."""
        return self._call("export_item", unit, item, as_)

    def export_all(self) -> Builder:
        """Exports every item that no unit imports."""
        return self._call("export_all")

    def allow_unresolved(self) -> Builder:
        """Plans although imports have no provider. Calling one is OpenImport."""
        return self._call("allow_unresolved")

    def place(self, unit: str, domain: str) -> Builder:
        """Places a unit in a domain, which fails alone."""
        return self._call("place", unit, domain)

    def isolate(self, *units: str) -> Builder:
        """Places each of the units, or without names every unit, in a domain of its own."""
        for unit in units:
            self._call("isolate", unit)
        return self if units else self._call("isolate_all")

    # ---- Grants and limits ----

    def inherit_stdio(self) -> Builder:
        """Guests use standard input, output and error of the process."""
        return self._call("inherit_stdio")

    def grant_directory(self, directory: str, domain: str | None = None) -> Builder:
        """directory: `[ro:|rw:]HOST[::GUEST]`."""
        return self._call("grant_directory", domain, directory)

    def grant_variable(self, name: str, value: str, domain: str | None = None) -> Builder:
        """An environment variable."""
        return self._call("grant_variable", domain, name, value)

    def grant_network(self, host: str, domain: str | None = None) -> Builder:
        """host: "*", "host" or "host:port"."""
        return self._call("grant_network", domain, host)

    def add_program_argument(self, argument: str, domain: str | None = None) -> Builder:
        """An argument of the command that the composition runs."""
        return self._call("add_program_argument", domain, argument)

    def set_limit(self, limit: str, value: str | int, domain: str | None = None) -> Builder:
        """A limit by its name and value in a manifest: "memory" "256MiB", "call-timeout" "500ms", "fuel" 1000000."""
        return self._call("set_limit", domain, limit, str(value))

    def restart(self, domain: str | None = None, most: int = 1, within: float = 0) -> Builder:
        """Restarts a domain after it has ended, at most so often in so many seconds; 0: in total."""
        self._builder.restart(domain, most, int(within * 1000))
        return self

    def allow_interrupt(self) -> Builder:
        """Lets `Composition.interrupt` end calls."""
        return self._call("allow_interrupt")

    def trust(self, path: Path | None = None) -> Builder:
        """Consents to what manifests request outside of their folders: all of it, or what is below a path."""
        return self._call("trust") if path is None else self._call("trust_path", os.fspath(path))

    def require_pins(self) -> Builder:
        """Refuses native libraries whose digest is not pinned."""
        return self._call("require_pins")

    def forbid_native(self) -> Builder:
        """Refuses native libraries from files."""
        return self._call("forbid_native")

    def set_host_config(self, host: str, key: str, value: str | int | float | bool) -> Builder:
        """A key of the configuration of a host bundle."""
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return self._call("set_host_config", host, key, text)

    def run_in_process(self, host: str, *, files: bool = True, network: bool = True, memory: int | None = None,
                       cpu: float | None = None, descriptors: int | None = None, restarts: int = 0,
                       within: float | None = None) -> Builder:
        """Runs a host bundle in a process of its own, whose crash fails calls and not the program.

        files, network: False: it can open no paths, and make no sockets. memory: bytes that it can write. cpu: seconds of
        processor time. descriptors: open at once, at least 16. restarts: how many times a process that ended is replaced,
        in total or within so many seconds.
        """
        self._builder.run_in_process(host, not files, not network, _limit("memory", memory), _milliseconds("cpu", cpu),
                                     _limit("descriptors", descriptors), _limit("restarts", restarts or None, 2**32 - 1),
                                     _milliseconds("within", within))
        return self

    def set_process_program(self, program: Path) -> Builder:
        """The program of these processes. The default is the command `tenon`, beside the library or in `bin` of its
        prefix."""
        return self._call("set_process_program", os.fspath(program))

    def set_cache(self, folder: Path) -> Builder:
        """The folder for compiled code."""
        return self._call("set_cache", os.fspath(folder))

    def set_threads(self, count: int) -> Builder:
        """How many domains can compute at the same time."""
        self._builder.set_threads(count)
        return self

    def allow_threads(self) -> Builder:
        """Lets other threads call while a command runs."""
        return self._call("allow_threads")

    def on_log(self, callable: Callable[[str], object]) -> Builder:
        """Called with lines of middleware that logs."""
        self._builder.on_log(callable)
        return self

    def on_trace(self, callable: Callable[[dict[str, Any]], object]) -> Builder:
        """Called with each call between domains, as docs/c-api.md describes it. It must not use the composition."""
        self._builder.on_trace(lambda text: callable(json.loads(text)))
        return self

    # ---- Functions of the program ----

    def add_function(self, interface: str, name: str, callable: Callable[..., Any]) -> Builder:
        """A function that units import; interface "": a bare function. A coroutine function ends its calls later."""
        self._functions.append(_Provided(interface, name, callable))
        return self

    def add_interface(self, interface: str, provider: Any) -> Builder:
        """Provides the functions of an interface that units import: a dict, a module or an object has them by their names
        in Python. A class is a resource of that name."""
        self._interfaces.append((interface, provider))
        return self

    def add_resource(self, interface: str, cls: type, name: str | None = None, drop: Callable[[Any], object] | None = None,
                     ) -> Builder:
        """A class as a resource that units import: its constructor, methods and static methods. drop: called with an object
        that a guest has dropped; the default is its method `close`, if it has one."""
        label = name or _kebab(cls.__name__)
        if drop is None and callable(getattr(cls, "close", None)):
            drop = cls.close  # type: ignore[attr-defined]
        self._resources[interface, label] = cls
        self._builder.add_resource(interface, label, drop)
        self._interfaces.append((interface, {cls.__name__: cls, pascal(label): cls, "": label}))
        return self

    def _bind_functions(self) -> None:
        """Adds the functions of the program, with the types of the imports."""
        if self._is_bound or not (self._functions or self._interfaces):
            return
        imports = self._builder.imports()
        self._is_bound = True
        for interface, provider in self._interfaces:
            self._add_resources(interface, provider)
        missing = [self._provide(interface, provider, described) for interface, provider in self._interfaces
                   for described in imports if is_of(described[0], interface)]
        problems = [problem for problem in missing if problem]
        bound = set()
        for provided in self._functions:
            found = [described for described in imports
                     if is_of(described[0], provided.interface) and described[1] == provided.name]
            if (provided.interface, provided.name) in bound:
                continue
            bound.add((provided.interface, provided.name))
            problem = self._bind(provided, found)
            if problem:
                problems.append(problem)
        if problems:
            raise TypeError("; ".join(dict.fromkeys(problems)))

    def _add_resources(self, interface: str, provider: Any) -> None:
        """The classes of a provider that add_resource did not add."""
        if isinstance(provider, Mapping) and "" in provider:
            return
        members = provider if isinstance(provider, Mapping) else {
            name: inspect.getattr_static(provider, name, None) for name in dir(provider)}
        for name, member in list(members.items()):
            label = _kebab(name)
            if isinstance(member, type) and not name.startswith("_") and (interface, label) not in self._resources:
                self._resources[interface, label] = member
                drop = getattr(member, "close", None)
                self._builder.add_resource(interface, label, drop if callable(drop) else None)

    def _provide(self, interface: str, provider: Any, described: Any) -> str | None:
        """Finds what a provider has for an import. Returns what is wrong."""
        name = described[1]
        kind, resource, item = split_function(name)
        if isinstance(provider, Mapping) and "" in provider and provider[""] != resource:
            return None  # of a class that was added alone
        if any(each.interface == interface and each.name == name for each in self._functions):
            return None
        found = _lookup(provider, pascal(resource) if resource else snake(item), resource or item)
        if found is not None and kind in ("method", "static"):
            found = getattr(found, snake(item), None)
        if found is None and "*" in interface:
            return None  # another unit can provide it
        if found is None:
            where = f"class `{pascal(resource)}`" if resource else "object"
            wanted = snake(item) if kind != "constructor" else pascal(resource)
            return f"`{described[0] or interface}` needs `{described[2]}`, and the {where} given for it has no `{wanted}`"
        self._functions.append(_Provided(interface, name, found))
        return None

    def _bind(self, provided: _Provided, found: list[Any]) -> str | None:
        """Adds one function. Returns what is wrong."""
        label = f"{provided.interface}#{provided.name}".lstrip("#")
        if not callable(provided.callable):
            return f"`{label}` is given {provided.callable!r}, which cannot be called"
        host = _tenon.HostFunction(provided.callable, label)
        is_async = inspect.iscoroutinefunction(provided.callable)
        if found:
            described = found[0]
            if any(_type_key(each) != _type_key(described) for each in found[1:]):
                part = "interface" if "*" in provided.interface else "version of the interface"
                return f"units import `{label}` with several types: name the {part}"
            problem = _check_signature(provided.callable, described, label)
            if problem:
                return problem
            scope = Scope(self._class)
            try:
                host.bind(tuple(scope.type(of) for _, of in described[4]), scope.type(described[5]))
            except UnsupportedType as error:
                return f"`{label}` cannot be a function of Python: {error}"
        self._builder.add_function(provided.interface, provided.name, host, is_async)
        self._hosts.append(host)
        return None

    def _class(self, resource: str, _owner: str) -> Any:
        """The class of a resource of an import, whose owner is not decided yet."""
        cls = program_class(self._resources, resource)
        return Resource if cls is None else (cls,)

    # ---- Results ----

    def plan(self) -> Plan:
        """Decides which export satisfies each import. Compiles and runs nothing."""
        self._bind_functions()
        return Plan(self._builder.plan())

    def explain(self, import_: str) -> Any:
        """Explains the choice of a provider for each import that matches a name."""
        self._bind_functions()
        return json.loads(self._builder.explain_import(import_))

    def compose(self) -> bytes:
        """The composition as one component."""
        self._bind_functions()
        return self._builder.compose()

    def prepare(self) -> None:
        """Compiles, and starts nothing: a later build with the same cache is fast."""
        self._bind_functions()
        self._call("prepare")

    def build(self) -> Composition:
        """Links, compiles and starts the composition, once."""
        self._bind_functions()
        core = self._builder.build()
        for host in self._hosts:
            host.belong(core)
        return Composition(core, self._resources)


def _limit(name: str, value: int | None, most: int = 2**63 - 1) -> int:
    """A limit for C, where 0 is none."""
    if value is None:
        return 0
    if not 1 <= value <= most:
        raise ValueError(f"{name} must be between 1 and {most}, not {value}")
    return value


def _milliseconds(name: str, seconds: float | None) -> int:
    """A time for C, where 0 is none."""
    if seconds is None:
        return 0
    if not 0 < seconds <= 3e9:
        raise ValueError(f"{name} must be greater than 0 and at most 3e9 seconds, not {seconds}")
    return math.ceil(seconds * 1000)


def _kebab(name: str) -> str:
    """`HttpClient` as a label: `http-client`."""
    parts: list[str] = []
    for letter in name.rstrip("_").replace("_", "-"):
        if letter.isupper() and parts and parts[-1] != "-":
            parts.append("-")
        parts.append(letter.lower())
    return "".join(parts)


def _lookup(provider: Any, *names: str) -> Any:
    for name in names:
        found = provider.get(name) if isinstance(provider, Mapping) else getattr(provider, name, None)
        if found is not None:
            return found
    return None


def _type_key(described: Any) -> Any:
    """What makes two functions one type."""
    _, _, _, is_async, params, result = described
    return is_async, [(label, key_of(of)) for label, of in params], key_of(result)


def _check_signature(callable: Callable[..., Any], described: Any, label: str) -> str | None:
    """What is wrong with the parameters of a function of the program."""
    params = described[4]
    try:
        signature = inspect.signature(callable)
    except (TypeError, ValueError):
        return None  # of built-in functions that do not tell
    try:
        signature.bind(*params)
    except TypeError:
        wanted = ", ".join(snake(name) for name, _ in params)
        return f"`{label}` is called with ({wanted}), and the function given for it takes {signature}: `{described[2]}`"
    return None


def add_imports(builder: Builder, imports: Mapping[str, Any]) -> Builder:
    """Provides interfaces, and bare functions by their names."""
    for interface, provider in imports.items():
        if callable(provider) and not isinstance(provider, type):
            builder.add_function("", interface, provider)
        else:
            builder.add_interface(interface, provider)
    return builder


def link(*sources: Path | Mapping[str, Path | Bytes], imports: Mapping[str, Any] | None = None, root: str | None = None,
         isolate: bool | Iterable[str] = False, limits: Mapping[str, str | int] | None = None, cache: Path | None = None,
         stdio: bool = False) -> Composition:
    """Links components, and starts them.

    sources: files, folders and globs, as on the command line; a dict names components that are files or bytes.
    imports: for each interface that the program provides, its functions: a dict, a module or an object.
    isolate: units that have a domain each, which fails alone; True: all. limits: of the root's domain.
    cache: the folder for compiled code.
    """
    builder = Builder()
    for source in sources:
        if isinstance(source, Mapping):
            for name, component in source.items():
                builder.add_component(name, component)
        else:
            builder.add(source)
    add_imports(builder, imports or {})
    if root is not None:
        builder.set_root(root)
    if isolate:
        builder.isolate(*(() if isolate is True else isolate))
    for limit, value in (limits or {}).items():
        builder.set_limit(limit, value)
    if cache is not None:
        builder.set_cache(cache)
    if stdio:
        builder.inherit_stdio()
    return builder.build()
