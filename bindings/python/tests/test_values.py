"""Forms of Python for values, in calls of guests that return them: in one domain and in two, and through functions of the
program. test_value_table.py passes values of all types."""

from __future__ import annotations

import array
import dataclasses
import enum
import pickle
from typing import Any

import pytest

import tenon
from guests import echo, relay, same

ITEM = ("record", "item", {"name": "string", "price": "f64", "in-stock": "bool", "class": ("option", "u8")})
SHAPE = ("variant", "shape", {"none": None, "circle": "f64", "named": ("tuple", "string", ITEM), "def": ("list", "u16")})
LETTERS = ("variant", "letters", {"a-b": "u8", "AB": "u8", "utf8": None, "utf-8": None})
COLOR = ("enum", "color", ["red", "hot-pink", "none", "lambda"])
RIGHTS = ("flags", "rights", ["read", "write", "async"])
MANY = ("flags", "many", [f"f{i}" for i in range(32)])
KEYWORDS = ("record", "keywords", {word: "u8" for word in ("from", "import", "pass", "is", "match", "self", "type", "x-y")})

TYPES: dict[str, Any] = {
    **{name: name for name in ("bool", "u8", "u16", "u32", "s64", "u64", "f64", "char", "string")},
    "pair": ("tuple", "u8", "string"), "item": ITEM, "shape": SHAPE, "letters": LETTERS, "keywords": KEYWORDS, "color": COLOR, "rights": RIGHTS,
    "many": MANY, "maybe-maybe": ("option", ("option", "u8")),
    "outcomes": ("list", ("result", "u32", "string")), "table": ("map", "string", "u32"), "four": ("array", "u16", 4),
}


@pytest.fixture(scope="module", params=["main", "isolated", "program"])
def guest(request: Any, tmp_path_factory: Any) -> Any:
    """Functions by the name of a type: a list of values, through the guests."""
    folder = tmp_path_factory.mktemp("values")
    types = {f"list-{name}": ("list", of) for name, of in TYPES.items()}
    (folder / "echo.wat").write_text(same(types))
    if request.param == "program":
        (folder / "relay.wat").write_text(relay(types, "acme:test/echo"))
        functions = {name.replace("-", "_"): (lambda values: values) for name in types}
        made = tenon.link({"relay": folder / "relay.wat"}, imports={"acme:test/echo": functions})
        return made, lambda name: getattr(made, "list_" + name.replace("-", "_"))
    made = tenon.link({"echo": folder / "echo.wat"}, isolate=request.param == "isolated")
    made = made.unit("echo") if request.param == "isolated" else made
    return made, lambda name: getattr(made, "list_" + name.replace("-", "_"))


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


def test_cases_of_one_name(guest: Any) -> None:
    made, many = guest
    Letters = made.types["Letters"]
    letters = [Letters.AB(1), Letters.AB_(2), Letters.Utf8(), Letters.Utf8_()]
    assert many("letters")([("a-b", 1), ("AB", 2), "utf8", "utf-8"]) == letters
    assert many("letters")(letters) == letters and len(set(map(type, letters))) == 4


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
    assert function(value=[1]) == b"\1"
    for call, message in ((lambda: function(), "takes (value), and was called with 0 arguments"),
                          (lambda: function([1], [2]), "was called with 2 arguments"),
                          (lambda: function([1], value=[2]), "got two values for `value`"),
                          (lambda: function(values=[1]), "has no parameter `values`")):
        with pytest.raises(TypeError) as raised:
            call()
        assert message in str(raised.value)


def test_values_can_be_copied(guest: Any) -> None:
    import copy
    Shape = guest[0].types["Shape"]
    for value in (Shape.None_(), Shape.Circle(1.0), guest[0].types["Item"]("a", 1.0, True, None)):
        assert copy.deepcopy(value) == value
    assert pickle.loads(pickle.dumps(tenon.Some(tenon.Ok(1)))) == tenon.Some(tenon.Ok(1))
