"""One table of types and values, through guests that return what they get: alone, in lists, in one domain and in two, and
through functions of the program."""

from __future__ import annotations

import array
import dataclasses
import enum
import math
import pickle
import struct
from typing import Any

import pytest

import tenon
from guests import echo, flat_count, relay

ITEM = ("record", "item", {"name": "string", "price": "f64", "in-stock": "bool", "class": ("option", "u8")})
SHAPE = ("variant", "shape", {"none": None, "circle": "f64", "named": ("tuple", "string", ITEM), "def": ("list", "u16")})
COLOR = ("enum", "color", ["red", "hot-pink", "none", "lambda"])
RIGHTS = ("flags", "rights", ["read", "write", "async"])
MANY = ("flags", "many", [f"f{i}" for i in range(32)])
NODE = ("record", "node", {"shape": SHAPE, "colors": ("list", COLOR), "rights": RIGHTS,
                           "kids": ("list", ("option", ("result", ITEM, COLOR)))})
KEYWORDS = ("record", "keywords", {word: "u8" for word in ("from", "import", "pass", "is", "match", "self", "type", "x-y")})

# name: (type, values that come back as they are)
TYPES: dict[str, tuple[Any, list[Any]]] = {
    "bool": ("bool", [True, False]),
    "u8": ("u8", [0, 255]), "s8": ("s8", [-128, 127]),
    "u16": ("u16", [0, 65535]), "s16": ("s16", [-32768, 32767]),
    "u32": ("u32", [0, 2**32 - 1]), "s32": ("s32", [-2**31, 2**31 - 1]),
    "u64": ("u64", [0, 2**53 + 1, 2**63, 2**64 - 1]), "s64": ("s64", [-2**63, -1, 2**63 - 1]),
    "f32": ("f32", [0.0, -0.0, 1.5, math.inf, -math.inf, math.nan]),
    "f64": ("f64", [0.1, -0.0, 5e-324, math.inf, -math.inf, math.nan]),
    "char": ("char", ["a", "\0", "é", "😀", "\U0010ffff"]),
    "string": ("string", ["", "a", "héllo 😀", "\0", "x" * 100_000]),
    "bytes": (("list", "u8"), [b"", b"\0\xff", bytes(range(256)) * 400]),
    "signed": (("list", "s8"), [array.array("b", [-1, 1])]),
    "shorts": (("list", "u16"), [array.array("H", [1, 65535]), array.array("H")]),
    "words": (("list", "s32"), [array.array("i", range(-50_000, 50_000))]),
    "longs": (("list", "u64"), [array.array("Q", [2**64 - 1])]),
    "singles": (("list", "f32"), [array.array("f", [1.5, -0.0])]),
    "doubles": (("list", "f64"), [array.array("d", [0.1, math.inf])]),
    "bools": (("list", "bool"), [[True, False], []]),
    "chars": (("list", "char"), [["a", "😀"], []]),
    "strings": (("list", "string"), [["", "a", "b" * 1000], []]),
    "nested": (("list", ("list", ("list", "u8"))), [[[b"a"], []], []]),
    "pair": (("tuple", "u8", "string"), [(1, "a")]),
    "item": (ITEM, []), "shape": (SHAPE, []), "node": (NODE, []), "keywords": (KEYWORDS, []),
    "color": (COLOR, []), "rights": (RIGHTS, []), "many": (MANY, []),
    "maybe": (("option", "u32"), [None, 0, 7]),
    "maybe-text": (("option", "string"), [None, "", "a"]),
    "maybe-maybe": (("option", ("option", "u8")), [None, tenon.Some(None), tenon.Some(3)]),
    "deep": (("option", ("option", ("option", "u8"))), [None, tenon.Some(None), tenon.Some(tenon.Some(None)),
                                                       tenon.Some(tenon.Some(1))]),
    "outcomes": (("list", ("result", "u32", "string")), [[tenon.Ok(1), tenon.Err("no")]]),
    "silent": (("list", ("result", None, None)), [[tenon.Ok(), tenon.Err()]]),
    "table": (("map", "string", "u32"), [{}, {"a": 1, "": 2}]),
    "four": (("array", "u16", 4), [array.array("H", [1, 2, 3, 65535])]),
    "big-tuple": (("tuple", *["u32"] * 20), [tuple(range(20))]),
}


def same(a: Any, b: Any) -> bool:
    if isinstance(a, float):
        return isinstance(b, float) and (math.isnan(a) and math.isnan(b) or struct.pack("d", a) == struct.pack("d", b))
    return type(a) is type(b) and (a == b)


@pytest.fixture(scope="module", params=["main", "isolated", "program"])
def guest(request: Any, tmp_path_factory: Any) -> Any:
    """Functions by the name of a type: a list of values, through the guests."""
    folder = tmp_path_factory.mktemp("values")
    types = {name: of for name, (of, _) in TYPES.items()}
    (folder / "echo.wat").write_text(echo(types))
    if request.param == "program":
        (folder / "relay.wat").write_text(relay(types))
        given: dict[str, Any] = {}
        functions = {"list_" + name.replace("-", "_"): (lambda values, name=name: given.__setitem__(name, values) or values)
                     for name in types}
        made = tenon.link({"relay": folder / "relay.wat"}, imports={"acme:test/echo": functions})
        return made, lambda name: getattr(made, "list_" + name.replace("-", "_"))
    made = tenon.link({"echo": folder / "echo.wat"}, isolate=request.param == "isolated")
    made = made.unit("echo") if request.param == "isolated" else made
    return made, lambda name: getattr(made, "list_" + name.replace("-", "_"))


def single(guest: Any, name: str) -> Any:
    """A function of one value."""
    made, _ = guest
    function = getattr(made, "echo_" + name.replace("-", "_"))
    padding = [0] * (17 if flat_count(TYPES[name][0]) > 1 else 0)
    return lambda value: function(value, *padding)


@pytest.mark.parametrize("name", TYPES)
def test_values_come_back(guest: Any, name: str) -> None:
    of, values = TYPES[name]
    _, many = guest
    if not values:
        return
    returned = many(name)(values)
    if isinstance(returned, (bytes, array.array)):
        returned = list(returned)
    assert len(returned) == len(values)
    for value, back in zip(values, returned):
        assert same(value, back), (value, back)
    assert list(many(name)([])) == []
    if hasattr(guest[0], "echo_" + name.replace("-", "_")):
        for value in values:
            assert same(single(guest, name)(value), value)


def test_many_elements(guest: Any) -> None:
    _, many = guest
    Item = guest[0].types["Item"]
    items = [Item(f"n{i}", i / 3, i % 2 == 0, i % 256 if i % 3 else None) for i in range(100_000)]
    assert many("item")(items) == items
    assert list(many("u32")(array.array("I", range(100_000)))) == list(range(100_000))
    assert many("string")([str(i) for i in range(100_000)])[99_999] == "99999"


def test_records(guest: Any) -> None:
    made, many = guest
    Item = made.types["Item"]
    item = Item("tea", 2.5, True, None)
    assert dataclasses.is_dataclass(Item) and [field.name for field in dataclasses.fields(Item)] == [
        "name", "price", "in_stock", "class_"]
    assert many("item")([item]) == [item]
    assert many("item")([{"name": "tea", "price": 2.5, "in-stock": True}]) == [item]
    assert many("item")([{"name": "tea", "price": 2.5, "in_stock": True, "class": None}]) == [item]

    class Own:
        name, price, in_stock, class_ = "tea", 2.5, True, None

    assert many("item")([Own()]) == [item]
    (back,) = many("item")([dataclasses.replace(item, price=3)])
    assert back.price == 3.0 and repr(back) == "Item(name='tea', price=3.0, in_stock=True, class_=None)"
    match back:
        case Item(name, price):
            assert (name, price) == ("tea", 3.0)
        case _:
            pytest.fail("no match")
    keywords = made.types["Keywords"](1, 2, 3, 4, 5, 6, 7, 8)
    assert keywords.from_ == 1 and keywords.match == 5 and keywords.self == 6 and keywords.x_y == 8
    assert many("keywords")([keywords]) == [keywords]


def test_variants(guest: Any) -> None:
    made, many = guest
    Shape, Item = made.types["Shape"], made.types["Item"]
    item = Item("a", 1.0, False, 3)
    shapes = [Shape.None_(), Shape.Circle(1.5), Shape.Named(("n", item)), Shape.Def(array.array("H", [1]))]
    assert many("shape")(shapes) == shapes
    assert many("shape")(["none", ("circle", 1.5), ("named", ("n", item)), (Shape.Def, [1])]) == shapes
    assert many("shape")(["none"])[0] is Shape.None_()
    match many("shape")([("circle", 2)])[0]:
        case Shape.None_():
            pytest.fail("another case")
        case Shape.Circle(radius):
            assert radius == 2.0
    assert repr(shapes[1]) == "Shape.Circle(value=1.5)" and repr(shapes[0]) == "Shape.None_()"


def test_enums_and_flags(guest: Any) -> None:
    made, many = guest
    Color, Rights = made.types["Color"], made.types["Rights"]
    assert many("color")(["red", Color.HOT_PINK, "lambda"]) == [Color.RED, Color.HOT_PINK, Color.LAMBDA]
    assert many("color")(["red"])[0] == "red" and issubclass(Color, enum.StrEnum)
    both = Rights.READ | Rights.ASYNC
    assert many("rights")([both, {"write"}, [], Rights(0)]) == [both, Rights.WRITE, Rights(0), Rights(0)]
    many_flags = made.types["Many"]
    assert many("many")([many_flags.F0 | many_flags.F31]) == [many_flags.F0 | many_flags.F31]


def test_deep_values(guest: Any) -> None:
    made, many = guest
    Node, Item, Color, Rights, Shape = (made.types[name] for name in ("Node", "Item", "Color", "Rights", "Shape"))
    node = Node(Shape.Circle(1.0), [Color.RED] * 3, Rights.READ,
                [None, tenon.Ok(Item("a", 1.0, True, 2)), tenon.Err(Color.NONE)])
    assert many("node")([node, node]) == [node, node]


def test_equal_types_have_one_class(guest: Any, wat: Any) -> None:
    other = tenon.link({"other": wat(echo({"item": ITEM}))})
    assert other.types["Item"] is guest[0].types["Item"]


def test_buffers(guest: Any) -> None:
    _, many = guest
    for buffer in (bytearray(b"abc"), memoryview(b"abc"), array.array("B", b"abc"), [97, 98, 99], (97, 98, 99)):
        assert many("u8")(buffer) == b"abc"
    assert many("u8")(memoryview(b"aXbXcX")[::2]) == b"abc"
    assert many("u32")(b"abc") == array.array("I", [97, 98, 99])
    assert many("f64")(array.array("f", [1.5])) == array.array("d", [1.5])
    numpy = pytest.importorskip("numpy")
    assert many("u32")(numpy.arange(5, dtype="u4")) == array.array("I", range(5))
    assert many("u32")(numpy.arange(5, dtype="i8")) == array.array("I", range(5))
    assert many("u16")(numpy.arange(6, dtype=">u2")) == array.array("H", range(6))
    assert many("bool")(list(map(bool, numpy.ones(2)))) == [True, True]


WRONG = [
    ("u8", [256], OverflowError, "[0]: 256 is out of range of `u8` (0 to 255)"),
    ("u8", [1, -1], OverflowError, "[1]: -1 is out of range of `u8`"),
    ("s64", [2**63], OverflowError, "out of range of `s64`"), ("u64", [2**64], OverflowError, "out of range of `u64`"),
    ("u32", [1.0], TypeError, "`u32` was expected, and this is of type `float`"),
    ("u32", ["1"], TypeError, "of type `str`"), ("u32", 3, TypeError, "of type `int`"),
    ("bool", [1], TypeError, "`bool` was expected"), ("f64", ["1"], TypeError, "`f64` was expected"),
    ("f64", [10**400], OverflowError, "out of range of `f64`"),
    ("char", ["ab"], ValueError, "one character, and this has 2"), ("char", ["\ud800"], ValueError, "surrogate"),
    ("string", [b"a"], TypeError, "`string` was expected"), ("string", ["\ud800"], ValueError, "surrogates"),
    ("string", "abc", TypeError, "of type `str`"), ("string", {"a": 1}, TypeError, "of type `dict`"),
    ("pair", [(1,)], ValueError, "[0]: `tuple<u8, string>` has 2 elements, and these are 1"),
    ("pair", [(1, 2)], TypeError, "[0][1]: `string` was expected"),
    ("item", [{"name": "a"}], TypeError, "`item` needs the key `price`"),
    ("item", [{"name": "a", "price": 1, "in-stock": True, "cost": 1}], TypeError, "has no field `cost`"),
    ("item", [{"name": "a", "price": "x", "in-stock": True}], TypeError, "[0].price: `f64` was expected"),
    ("item", [3], TypeError, "`item` was expected"), ("item", [("a", 1.0, True, None)], TypeError, "`item` was expected"),
    ("shape", ["square"], ValueError, "'square' is not one of `shape`: none, circle, named, def"),
    ("shape", [("circle",)], TypeError, "is not one of `shape`"), ("shape", [3], TypeError, "is not one of `shape`"),
    ("shape", [("circle", "x")], TypeError, "[0][1]: `f64` was expected"),
    ("shape", [("none", 1)], TypeError, "the case has no payload"), ("shape", ["circle"], TypeError, "`f64` was expected"),
    ("color", ["blue"], ValueError, "'blue' is not one of `color`: red, hot-pink, none, lambda"),
    ("color", [0], TypeError, "is not one of `color`"), ("color", [[]], TypeError, "is not one of `color`"),
    ("rights", [{"execute"}], ValueError, "'execute' is not one of `rights`: read, write, async"),
    ("rights", ["read"], TypeError, "`rights` was expected"), ("rights", [3], TypeError, "`rights` was expected"),
    ("maybe-maybe", [3], TypeError, "needs None or a Some"), ("outcomes", [[3]], TypeError, "needs an Ok or an Err"),
    ("table", [[("a", 1)]], TypeError, "was expected"), ("table", [{"a": -1}], OverflowError, "[0]['a']: -1 is out of range"),
    ("four", [[1, 2, 3]], ValueError, "`list<u16, 4>` has 4 elements, and these are 3"),
    ("outcomes", [[tenon.Ok("x")]], TypeError, "[0][0].value: `u32` was expected"),
]


@pytest.mark.parametrize("name, values, error, message", WRONG)
def test_wrong_values(guest: Any, name: str, values: Any, error: type[Exception], message: str) -> None:
    _, many = guest
    with pytest.raises(error) as raised:
        many(name)(values)
    assert message in str(raised.value)


def test_hostile_objects(guest: Any) -> None:
    """Objects whose methods raise, or change what is being read."""
    _, many = guest

    class Raises:
        @property
        def name(self) -> str:
            raise ZeroDivisionError("mine")

        def __index__(self) -> int:
            raise ZeroDivisionError("mine")

    for call in (lambda: many("item")([Raises()]), lambda: many("u32")([Raises()])):
        with pytest.raises(ZeroDivisionError, match="mine"):
            call()
    values: list[Any] = []

    class Clears:
        def __index__(self) -> int:
            values.clear()
            return 1

    values += [Clears(), 1, 2]
    with pytest.raises(IndexError):
        many("u32")(values)

    class Endless:
        def __iter__(self) -> Any:
            raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError):
        many("u32")(Endless())
    partial = object.__new__(guest[0].types["Item"])
    with pytest.raises(TypeError, match="`item` was expected"):
        many("item")([partial])


def test_arguments(guest: Any) -> None:
    made, many = guest
    function = many("u8")
    assert function(values=[1]) == b"\1"
    for call, message in ((lambda: function(), "takes (values), and was called with 0 arguments"),
                          (lambda: function([1], [2]), "was called with 2 arguments"),
                          (lambda: function([1], values=[2]), "got two values for `values`"),
                          (lambda: function(value=[1]), "has no parameter `value`")):
        with pytest.raises(TypeError) as raised:
            call()
        assert message in str(raised.value)


def test_values_can_be_copied(guest: Any) -> None:
    import copy
    Shape = guest[0].types["Shape"]
    for value in (Shape.None_(), Shape.Circle(1.0), guest[0].types["Item"]("a", 1.0, True, None)):
        assert copy.deepcopy(value) == value
    assert pickle.loads(pickle.dumps(tenon.Some(tenon.Ok(1)))) == tenon.Some(tenon.Ok(1))
