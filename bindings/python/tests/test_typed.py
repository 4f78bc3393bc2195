"""Modules of `tenon bindgen py`: they are what the package is at run time, and mypy finds what is wrong in programs that use
them."""

from __future__ import annotations

import ast
import dataclasses
import importlib.util
import inspect
import keyword
import os
import pathlib
import re
import subprocess
import sys
from typing import Any, Callable

import pytest

import tenon
from conftest import CALCULATOR, ROOT, guest_of_docs
from guests import echo, relay
from tenon import typed
from test_host import Account
from test_values import COLOR, ITEM, KEYWORDS, LETTERS, MANY, RIGHTS, SHAPE

COMMAND = os.environ.get("TENON_COMMAND", "")
DOMAINS = ROOT / "tests" / "guests" / "domains"
NODE = ("record", "node", {"shape": SHAPE, "colors": ("list", COLOR), "rights": RIGHTS,
                           "kids": ("list", ("option", ("result", ITEM, COLOR)))})
TYPES: dict[str, Any] = {
    **{name: name for name in ("bool", "u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64", "f32", "f64", "char", "string")},
    **{f"list-of-{item}": ("list", item) for item in ("u8", "s8", "u16", "s32", "u64", "f32", "f64", "bool", "char", "string")},
    "nested": ("list", ("list", ("list", "u8"))), "pair": ("tuple", "u8", "string"), "item": ITEM, "shape": SHAPE, "node": NODE,
    "keywords": KEYWORDS, "letters": LETTERS, "color": COLOR, "rights": RIGHTS, "many": MANY, "maybe": ("option", "u32"),
    "maybe-text": ("option", "string"), "maybe-maybe": ("option", ("option", "u8")),
    "deep": ("option", ("option", ("option", "u8"))), "outcomes": ("list", ("result", "u32", "string")),
    "silent": ("list", ("result", None, None)), "table": ("map", "string", "u32"), "four": ("array", "u16", 4),
    "big-tuple": ("tuple", *["u32"] * 20),
}
RELAYED = {"item": ITEM, "shape": SHAPE, "color": COLOR, "rights": RIGHTS, "node": NODE, "short": "u16", "text": "string",
           "pair": ("tuple", "u8", "string"), "blob": ("list", "u8"), "maybe": ("option", ("option", "u8")),
           "outcome": ("result", "u32", "string")}

pytestmark = pytest.mark.skipif(not os.path.exists(COMMAND), reason="TENON_COMMAND is not the path of the command")


def write_component(folder: pathlib.Path, name: str, text: str) -> pathlib.Path:
    (folder / f"{name}.wat").write_text(text)
    path = folder / f"{name}.wasm"
    path.write_bytes(tenon.Builder().add_component(name, folder / f"{name}.wat").allow_unresolved().compose())
    return path


class Generated:
    """The two files of a module."""

    def __init__(self, folder: pathlib.Path, name: str, wit: pathlib.Path, *flags: str) -> None:
        subprocess.run([COMMAND, "bindgen", "py", "--wit", wit, "--name", name, "-o", folder, *flags], check=True,
                       capture_output=True, timeout=60)
        spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
        assert spec is not None and spec.loader is not None
        self.module: Any = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.module)
        body = ast.parse((folder / f"{name}.pyi").read_text()).body
        self.classes = {node.name: node for node in body if isinstance(node, ast.ClassDef)}

    def functions(self, *names: str) -> dict[str, ast.FunctionDef]:
        return {node.name: node for name in names for node in self.classes[name].body
                if isinstance(node, ast.FunctionDef) and node.name != "__getitem__"}

    def attributes(self, name: str) -> dict[str, str]:
        return {ast.unparse(node.target): plain(node.annotation) for node in self.classes[name].body
                if isinstance(node, ast.AnnAssign)}


def plain(annotation: Any) -> str:
    """An annotation of a stub as the package writes it."""
    text = re.sub(r"\b_(?:tenon|builtins)\.", "", ast.unparse(annotation)).replace("_array.array", "array.array")
    return re.sub(r"\b_(\w+)Handle\b", r"\1", text)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: Any) -> Any:
    """Modules and their components, by one name: echo, relay, wallets, text, worker, lib."""
    folder = tmp_path_factory.mktemp("typed")
    texts = {"echo": echo(TYPES), "relay": relay({f"list-{name}": ("list", of) for name, of in RELAYED.items()}, "acme:test/echo")}
    texts.update((name, guest_of_docs(f"{name}.wat")) for name in ("wallets", "text", "worker"))
    for name, text in texts.items():
        Generated(folder, name, write_component(folder, name, text))
    (folder / "lib.wasm").write_bytes((DOMAINS / "wasm" / "lib.wasm").read_bytes())
    Generated(folder, "lib", DOMAINS / "wit", "--world", "lib-unit")
    return folder


IMPORTS: dict[str, Any] = {
    "relay": {"acme:test/echo": {f"list_{name}": lambda values: values for name in RELAYED}},
    "wallets": {"acme:bank/accounts": {"Account": Account}},
    "worker": {"acme:jobs/queue": {"run": lambda job: job}},
}


@pytest.fixture(params=["echo", "relay", "wallets", "text", "worker", "lib"])
def linked(request: Any, folder: pathlib.Path) -> tuple[Generated, Any]:
    name = request.param
    wit = (DOMAINS / "wit", "--world", "lib-unit") if name == "lib" else (folder / f"{name}.wasm",)
    generated = Generated(folder, name, *wit)
    return generated, generated.module.world.link({name: folder / f"{name}.wasm"}, imports=IMPORTS.get(name))


# ---- A stub and the package agree ----

def test_classes(linked: Any) -> None:
    generated, app = linked
    for name, node in generated.classes.items():
        base = ast.unparse(node.bases[0]) if node.bases else ""
        if name.startswith("_") or base not in ("_tenon.Record", "_tenon.Variant", "_enum.StrEnum", "_enum.Flag"):
            continue
        cls = getattr(generated.module, name)
        assert app.types[name] is cls
        if base == "_tenon.Record":
            assert [(ast.unparse(item.target), plain(item.annotation)) for item in node.body if isinstance(item, ast.AnnAssign)
                    ] == [(field.name, field.type) for field in dataclasses.fields(cls)]
        elif base == "_tenon.Variant":
            cases = {item.name: item for item in node.body if isinstance(item, ast.ClassDef)}
            assert list(cases) == [each for each, value in vars(cls).items() if isinstance(value, type)]
            for each, case in cases.items():
                payload = [plain(item.annotation) for item in case.body if isinstance(item, ast.AnnAssign)]
                fields = dataclasses.fields(getattr(cls, each)) if payload else ()
                assert payload == [field.type for field in fields] and bool(payload) == bool(getattr(cls, each).__match_args__)
        else:
            assert {ast.unparse(item.targets[0]): ast.literal_eval(item.value) for item in node.body
                    if isinstance(item, ast.Assign)} == {member.name: member.value for member in cls}


def compare_functions(functions: dict[str, ast.FunctionDef], members: dict[str, Any]) -> None:
    assert set(functions) == set(members)
    for name, node in functions.items():
        member = members[name]
        names = [each.arg for each in node.args.args][1:]
        required = len(names) - len(node.args.defaults)
        params = member.parameters()[1 if member.kind == "method" else 0:]
        assert [(each.name, each.default is None) for each in params] == [
            (each, i >= required) for i, each in enumerate(names)]
        assert node.returns is not None and plain(node.returns) == member.returns


def test_functions(linked: Any) -> None:
    generated, app = linked
    members = app._members
    free = {member.title: member for member in members if not member.resource}
    assert len(free) == len([member for member in members if not member.resource])
    compare_functions(generated.functions("_Exports", "Composition"), free)
    for member in free.values():
        assert callable(getattr(app, member.title))
    lookups = [node for node in generated.classes["_Exports"].body
               if isinstance(node, ast.FunctionDef) and node.name == "__getitem__"]
    assert len(lookups) == len(app.interfaces)
    for node in lookups:
        keys = re.findall(r"'([^']+)'", ast.unparse(node.args))
        assert len(keys) >= 3
        interface = app[keys[0]]
        assert all(app[key]._name == interface._name for key in keys)
        assert node.returns is not None
        compare_functions(generated.functions(ast.unparse(node.returns)),
                          {member.title: member for member in interface._members if not member.resource})


def test_resources(linked: Any) -> None:
    generated, app = linked
    resources = {member.resource for member in app._members if member.resource}
    assert {name for name, of in generated.attributes("_Exports").items() if of == f"_{name}Class"} == {
        label.capitalize() for label in resources}
    for label in resources:
        name = label.capitalize()
        cls = getattr(app, name)
        assert issubclass(cls, getattr(generated.module, name)) and cls is not getattr(generated.module, name)
        members = [member for member in app._members if member.resource == label]
        compare_functions(generated.functions(name), {each.title: each for each in members if each.kind == "method"})
        compare_functions(generated.functions(f"_{name}Class"), {
            "__call__" if each.kind == "constructor" else each.title: each for each in members if each.kind != "method"})
        for each in members:
            signature = inspect.signature(cls if each.kind == "constructor" else getattr(cls, each.title))
            assert list(signature.parameters.values()) == each.parameters()
            assert signature.return_annotation == each.returns
        with pytest.raises(TypeError):
            getattr(generated.module, name)()


def test_names_of_the_package() -> None:
    """The lists of the generator."""
    def texts(file: str, constant: str) -> set[str]:
        source = (ROOT / "src" / "bindgen" / file).read_text()
        found = re.search(constant + r"\b.*?\{(.*?)\}", source, re.S)
        assert found is not None
        return set(re.findall(r'"(\w+)"', found[1]))

    def public(cls: type) -> set[str]:
        return {name for name in dir(cls) if not name.startswith("_")}

    assert texts("python_types.cc", "kPythonKeywords") == set(keyword.kwlist)
    interface = texts("python_module.cc", "kInterfaceMembers")
    assert public(typed.BaseInterface) == interface
    assert public(typed.BaseUnit) == interface | texts("python_module.cc", "kUnitMembers")
    assert public(typed.BaseComposition) == interface | texts("python_module.cc", "kCompositionMembers")
    assert public(tenon.Resource) == texts("python_module.cc", "kResourceMembers")


def test_units(folder: pathlib.Path) -> None:
    """Units that no composition exports have the classes of the module."""
    module = Generated(folder, "lib", DOMAINS / "wit", "--world", "lib-unit").module
    app = tenon.link({"one": folder / "lib.wasm", "two": folder / "lib.wasm"}, isolate=True)
    one, two = module.world.bind(app.unit("one")), module.world.bind(app.unit("two"))
    points = two.echo_points(one.echo_points([module.Point(1, 2, 3.5)]))
    assert points == [module.Point(1, 2, 3.5)] and type(points[0]) is module.Point
    assert isinstance(one.Counter(1), module.Counter) and not isinstance(one.Counter(1), two.Counter)


def test_classes_of_arguments(folder: pathlib.Path) -> None:
    """What functions of the program get are objects of the same classes."""
    module = Generated(folder, "relay", folder / "relay.wasm").module
    given: list[Any] = []

    class Echo:
        def __getattr__(self, name: str) -> Callable[[Any], Any]:
            return lambda values: given.append(values) or values

    app = module.world.bind(module.world.provide(
        tenon.Builder().add_component("relay", folder / "relay.wasm"), {"acme:test/echo": Echo()}).build())
    item = module.Item("tea", 2.5, True, None)
    assert app.list_item([item]) == [item] and type(given[0][0]) is module.Item
    assert app.list_shape([module.Shape.Circle(1), "none"])[1] is module.Shape.None_() is given[1][1]


def test_other_worlds(tmp_path: pathlib.Path, folder: pathlib.Path) -> None:
    """Everything that is missing or different is named."""
    module = Generated(folder, "lib", DOMAINS / "wit", "--world", "lib-unit").module
    with pytest.raises(TypeError, match="does not have the world `demo:domains/lib-unit@1.0.0`") as raised:
        module.world.link({"calculator": write_component(tmp_path, "calculator", CALCULATOR)})
    for name in ("add", "[constructor]counter", "[method]counter.next"):
        assert f"there is no `demo:domains/lib@1.0.0#{name}`" in str(raised.value)
    small = Generated(tmp_path, "small", write_component(tmp_path, "small", echo({"a": "u8", "b": ITEM}))).module
    with pytest.raises(TypeError, match="`echo-a` has another type: `echo-a: func\\(value: u16\\) -> u16;`") as raised:
        small.world.link({"other": write_component(tmp_path, "other", echo({"a": "u16", "b": ITEM}))})
    assert "echo-b" not in str(raised.value)


# ---- mypy ----

BEGIN = """
from __future__ import annotations

import array
import asyncio
from dataclasses import dataclass
from typing import Any, AsyncIterator, assert_type

import lib
import relay
import tenon
import text
import wallets
import worker
from relay import Color, Item, Node, Rights, Shape

class Echo(relay.EchoProvider):
    def list_item(self, values: list[Item]) -> list[Item]:
        return values
    def list_shape(self, values: list[Shape]) -> tuple[Shape, ...]:
        return tuple(values)
    def list_color(self, values: list[Color]) -> list[Color]:
        return values
    def list_rights(self, values: list[Rights]) -> list[Rights]:
        return values
    def list_node(self, values: list[Node]) -> list[Node]:
        return values
    def list_short(self, values: array.array[int]) -> list[int]:
        return list(values)
    def list_text(self, values: list[str]) -> list[str]:
        return values
    def list_pair(self, values: list[tuple[int, str]]) -> list[tuple[int, str]]:
        return values
    def list_blob(self, values: list[bytes]) -> list[bytes]:
        return values
    def list_maybe(self, values: list[tenon.Some[int | None] | None]) -> list[tenon.Some[int | None] | None]:
        return values
    def list_outcome(self, values: list[tenon.Ok[int] | tenon.Err[str]]) -> list[tenon.Ok[int] | tenon.Err[str]]:
        return values

class Bank:
    class Account:
        def __init__(self, cents: int) -> None:
            self.cents = cents
        def balance(self) -> int:
            return self.cents

class Account:
    def __init__(self, cents: int) -> None:
        self.cents = cents
    def balance(self) -> int:
        return self.cents

async def run(job: int) -> int:
    await asyncio.sleep(0)
    return job * 10

app = relay.world.link({"relay": "relay.wasm"}, imports={"acme:test/echo": Echo()})
bank = wallets.world.link({"wallets": "wallets.wasm"}, imports={"acme:bank/accounts": Bank()})
texts = text.world.link({"text": "text.wasm"})
works = worker.world.link({"worker": "worker.wasm"}, imports={"acme:jobs/queue": {"run": run}})
units = lib.world.link({"lib": "lib.wasm"})
item = Item("tea", 2.5, True, None)
"""

# It is run, too.
RIGHT = BEGIN + """
@dataclass
class Mine:
    name: str
    price: int
    in_stock: bool
    class_: int

items = app.list_item([item, Mine("mine", 3, False, 4), {"name": "a", "price": 1, "in_stock": True},
                       {"name": "b", "price": 1.5, "in-stock": True, "class": 3}])
assert_type(items, list[Item])
assert items[1:] == [Item("mine", 3.0, False, 4), Item("a", 1.0, True, None), Item("b", 1.5, True, 3)]
assert_type(items[0].class_, int | None)

shapes = app.list_shape([Shape.Circle(1.5), "none", ("circle", 2), ("named", ("a", item)), ("def", [1, 2])])
match shapes[0]:
    case Shape.Circle(radius):
        assert_type(radius, float)
    case Shape.None_():
        raise AssertionError
assert shapes[1] is Shape.None_() and shapes[2] == Shape.Circle(2)

assert app.list_color(["red", Color.HOT_PINK]) == [Color.RED, Color.HOT_PINK]
assert app.list_rights([{"read", "async"}, Rights.READ | Rights.WRITE])[1] & Rights.WRITE
assert app.list_node([Node(Shape.None_(), [Color.RED], Rights.READ, [None, tenon.Ok(item), tenon.Err(Color.LAMBDA)]),
                      {"shape": "none", "colors": ["red"], "rights": {"read"},
                       "kids": [None, tenon.Ok(item), tenon.Err("lambda")]}])[1].colors == [Color.RED]
shorts: array.array[int] = app.list_short([1, 2])
assert app.list_short(shorts) == app.list_short(range(1, 3)) == shorts
assert app.list_text(name for name in ("a", "b")) == app.list_text({"a": 1, "b": 2}.keys()) == ["a", "b"]
assert app.list_pair([(1, "a")]) == [(1, "a")]
assert app.list_blob([b"a", bytearray(b"b"), memoryview(b"c"), [1, 2]])[3] == b"\\1\\2"
some = tenon.Some(3)
assert app.list_maybe([None, some, tenon.Some(None)]) == [None, tenon.Some(3), tenon.Some(None)]
assert app.list_outcome([tenon.Ok(1), tenon.Err("no")]) == [tenon.Ok(1), tenon.Err("no")]

with bank.Wallet(30) as wallet:
    assert_type(wallet, wallets.Wallet)
    assert wallet.count() == 30 and isinstance(wallet, tenon.Resource)
bank.burn(bank.Wallet(cents=10))
dicts = wallets.world.link({"wallets": "wallets.wasm"}, imports={"acme:bank/accounts": {"Account": Account}})
assert dicts.Wallet(3).count() == 3

async def chunks() -> AsyncIterator[bytes]:
    yield b"a"
    yield b"bc"

async def main() -> None:
    stream = await texts.open()
    assert_type(stream, tenon.Stream[bytes])
    assert b"".join([chunk async for chunk in stream]) == b"a text of the guest"
    assert await texts.size(chunks()) == 3
    assert await texts.size(await texts.open()) == 19
    assert await works.twice(2) == 40

assert texts.size([b"abc", b"d"]).wait() == 4 and works.twice(1).wait() == 20
asyncio.run(main())

assert units.add(1, b=2) == units["lib"].add(1, 2) == units["demo:domains/lib"].add(1, 2) == 3
mixed = units.echo_mixed(None, tenon.Ok(3), ("x", True, -1), "other", {"red", "blue"})
assert_type(mixed, tuple[str | None, tenon.Ok[int] | tenon.Err[str], tuple[str, bool, int], lib.Trouble, lib.Marks])
assert mixed == (None, tenon.Ok(3), ("x", True, -1), lib.Trouble.Other(), lib.Marks.RED | lib.Marks.BLUE)
counter = units.Counter.merge(units.Counter(1), units.Counter(2))
assert_type(counter.next(), int)
assert_type(units.echo_points([{"x": 1, "y": 2, "z": 3}]), list[lib.Point])
print("right")
"""

WRONG = BEGIN + """
class Missing:
    def list_item(self, values: list[Item]) -> list[Item]:
        return values

class Other(Echo):
    def list_short(self, values: array.array[int]) -> str:  # wrong
        return ""

class Bad:
    def __init__(self, cents: str) -> None: ...
    def balance(self) -> int:
        return 0

app.list_itm([])  # wrong
app.list_item([3])  # wrong
app.list_item([{"name": "a"}])  # wrong
app.list_item([{"name": "a", "price": 1, "in_stock": "yes"}])  # wrong
app.list_item("text")  # wrong
app.list_item(vales=[item])  # wrong
app.list_color(["blue"])  # wrong
app.list_rights([{"execute"}])  # wrong
app.list_rights(["read"])  # wrong
app.list_shape(["circle"])  # wrong
app.list_shape([("circle", "x")])  # wrong
app.list_text("abc")  # wrong
app.list_short([1.5])  # wrong
app.list_pair([(1,)])  # wrong
app.list_blob(["text"])  # wrong
app.list_maybe([3])  # wrong
app.list_outcome([3])  # wrong
app.list_item([item])[0].nme  # wrong
Item("tea", 2.5, True)  # wrong
Shape.Circle("x")  # wrong
Shape.Square()  # wrong
Color.BLUE  # wrong
relay.world.link("relay.wasm", imports={"acme:test/ecko": Echo()})  # wrong
relay.world.link("relay.wasm", imports={"acme:test/echo": Missing()})  # wrong
relay.world.link("relay.wasm", isolated=True)  # wrong
bank.Wallet("x")  # wrong
bank.Wallet(1).cont()  # wrong
wallets.Wallet(1)  # wrong
bank.burn(3)  # wrong
wallets.world.link("wallets.wasm", imports={"acme:bank/accounts": {"Account": Bad}})  # wrong
wallets.world.link("wallets.wasm", imports={"acme:bank/accounts": {"Acount": Account}})  # wrong
texts.size("text")  # wrong
texts.open().read()  # wrong
worker.world.link("worker.wasm", imports={"acme:jobs/queue": {"run": lambda: 3}})  # wrong
units["libb"]  # wrong
units.add(1)  # wrong
units.add(1, "2")  # wrong
units.echo_mixed(None, 3, ("x", True, -1), "other", {"red"})  # wrong
units.Counter(1).peek(3)  # wrong
lib.world.bind(3)  # wrong
"""


def test_mypy(folder: pathlib.Path) -> None:
    if importlib.util.find_spec("mypy") is None:
        pytest.skip("mypy is not installed")
    (folder / "right.py").write_text(RIGHT)
    (folder / "wrong.py").write_text(WRONG)
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--python-version", "3.11", "--cache-dir", os.devnull,
                           "--hide-error-context", "right.py", "wrong.py", *(f"{name}.pyi" for name in ("echo", "lib"))],
                          cwd=folder, capture_output=True, text=True, timeout=300,
                          env={**os.environ, "MYPYPATH": str(pathlib.Path(tenon.__file__).parents[1])})
    errors = re.findall(r"^(\S+?):(\d+): error: (.*)", done.stdout, re.M)
    assert [error for error in errors if error[0] != "wrong.py"] == [], done.stdout + done.stderr
    lines = WRONG.splitlines()
    expected = {i for i, line in enumerate(lines, 1) if line.endswith("# wrong")}
    found = {int(line) for _, line, _ in errors}
    assert [lines[i - 1] for i in sorted(expected ^ found)] == [], done.stdout + done.stderr


def test_right_uses(folder: pathlib.Path) -> None:
    (folder / "right.py").write_text(RIGHT)
    done = subprocess.run([sys.executable, "-X", "dev", "right.py"], cwd=folder, capture_output=True, text=True, timeout=120,
                          env={**os.environ, "PYTHONPATH": str(pathlib.Path(tenon.__file__).parents[1])})
    assert (done.returncode, done.stdout, done.stderr) == (0, "right\n", "")
