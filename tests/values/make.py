#!/usr/bin/env python3
"""The table of types and values with which each language is tested: its rows, and the files in gen/ that are made of it.

Usage: make.py [--check]        --check: exit 1 if a file in gen/ is not what it would be

A row has a function that returns its argument, and values. gen/values.json has all rows, for programs that make values of
a language when they run; C++ and Go, whose types are static, have the values as code: gen/rows.inc and the Go file.

The interfaces are in gen/wit. Guests in several languages export them: gen/*.wat, those in C and Rust of
tests/guests/values, which tools/build_guests.sh builds, and those in Python and Go of tests/guests/languages, which
tools/guest_languages.py builds where their toolchains are installed. The sources are written here, too, except for that in
Python. gen/*-relay.wat pass the functions on, and are for functions of the program.

To add a row, add it below, run this, then the `tenon bindgen cpp` that the test of `bindgen` asks for, and then
`tools/build_guests.sh --bindings` and `tools/build_guests.sh values/c values/rust`.
"""
import json
import math
import os
import sys

import guests

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PACKAGE, VERSION = "demo:values", "1.0.0"
MANY = 100_000
NAN, INF = math.nan, math.inf


class Repeated:
    """A list or text that many equal parts make up."""

    def __init__(self, part, times=MANY):
        self.part, self.times = part, times


# ---- The table ----

ITEM = ("record", "item", {"name": "string", "price": ("option", "f64"), "tags": ("list", "string")})
COLOR = ("enum", "color", ["red", "hot-pink", "none", "lambda", "default", "nil"])
RIGHTS = ("flags", "rights", ["read", "write", "async", "static", "none"])
SHAPE = ("variant", "shape", {"none": None, "circle": "f64", "named": ("tuple", "string", ITEM), "def": ("list", "u16")})
# Payloads that have one place in the flat form, as numbers of several types.
JOINED = ("variant", "joined", {"float": "f32", "long": "s64", "double": "f64", "string": "string", "byte": "u8",
                                "nothing": None, "pair": ("tuple", "f32", "f64"), "chan": ("option", "u64")})
NODE = ("record", "node", {"shape": SHAPE, "colors": ("list", COLOR), "rights": RIGHTS,
                           "kids": ("list", ("option", ("result", ITEM, COLOR)))})
# Keywords of C, C++, Go, JavaScript, Python, Rust and WIT.
KEYWORDS = ("record", "keywords", {word: "u8" for word in (
    "from", "import", "pass", "is", "match", "self", "type", "func", "range", "chan", "int", "delete", "this", "class",
    "typeof", "fn", "record", "x-y")})
WIDE = ("record", "wide", {"a": "s8", "b": "u64", "c": "bool", "d": "f32", "e": "char", "f": "s16"})
NESTED = ("option", ("option", ("option", "u8")))
TEA, NO_ITEM = {"name": "tea", "price": 2.5, "tags": ["hot", ""]}, {"name": "", "price": None, "tags": []}
SHAPES = ["none", {"circle": -0.5}, {"named": ["n", TEA]}, {"def": [1, 65535]}, {"def": []}]
NODES = [{"shape": SHAPES[2], "colors": ["hot-pink", "nil"], "rights": ["async", "none"],
          "kids": [None, {"ok": TEA}, {"err": "default"}]},
         {"shape": "none", "colors": [], "rights": [], "kids": []}]
PANGRAM = "Zwölf Boxkämpfer jagen Viktor 日本語 🎉 "

# The type and the values of each function of an interface. Values are as in JSON, but numbers are numbers.
SAME = {
    "bool": ("bool", [True, False]),
    "s8": ("s8", [-128, -1, 127]), "u8": ("u8", [0, 255]),
    "s16": ("s16", [-32768, -1, 32767]), "u16": ("u16", [0, 65535]),
    "s32": ("s32", [-2**31, -1, 2**31 - 1]), "u32": ("u32", [0, 2**32 - 1]),
    "s64": ("s64", [-2**63, -2**53 - 1, -2**53, -1, 2**63 - 1]), "u64": ("u64", [0, 2**53, 2**53 + 1, 2**64 - 1]),
    "f32": ("f32", [0.0, -0.0, -1.5, 0.1, 3.4028235e38, 1.1754944e-38, 1e-45, INF, -INF, NAN]),
    "f64": ("f64", [0.0, -0.0, -1.5, 0.1, sys.float_info.max, sys.float_info.min, 5e-324, INF, -INF, NAN]),
    "char": ("char", ["\0", "a", "'", '"', "ß", "\ud7ff", "\ue000", "😀", "\U0010ffff"]),
    "string": ("string", ["", "a", "\0", PANGRAM, 'quotes " \' \\ lines \r\n\t end', "\u202e", Repeated(PANGRAM, 5000)]),
    "bools": (("list", "bool"), [[], [True, False, True]]),
    "bytes": (("list", "u8"), [[], [0, 255], list(range(256)), Repeated([0, 1, 255])]),
    "signed": (("list", "s8"), [[], [-128, 127]]),
    "halves": (("list", "s16"), [[-32768, 32767]]),
    "words": (("list", "u16"), [[0, 65535], Repeated([7])]),
    "integers": (("list", "s32"), [[-2**31, 2**31 - 1]]), "numbers": (("list", "u32"), [[], [2**32 - 1], Repeated([1, 2])]),
    "differences": (("list", "s64"), [[-2**63, 2**53 + 1, 5]]), "longs": (("list", "u64"), [[2**64 - 1, 2**53, 0]]),
    "singles": (("list", "f32"), [[], [0.1, -0.0, INF, NAN]]), "doubles": (("list", "f64"), [[], [0.1, -0.0, -INF, NAN]]),
    "chars": (("list", "char"), [[], ["\0", "😀"]]),
    "strings": (("list", "string"), [[], ["", "a", PANGRAM], Repeated(["a", ""])]),
    "deep": (("list", ("list", ("list", "u8"))), [[], [[[1], []], []]]),
    "items": (("list", ITEM), [[], [TEA, NO_ITEM], Repeated([TEA])]),
    "shapes": (("list", SHAPE), [SHAPES]), "colors": (("list", COLOR), [["red", "nil"], Repeated(["lambda"])]),
    "options": (("list", ("option", "u32")), [[None, 0, 2**32 - 1]]),
    "outcomes": (("list", ("result", "u32", "string")), [[{"ok": 1}, {"err": "no"}]]),
    "silent": (("list", ("result", None, None)), [[{"ok": None}, {"err": None}]]),
    "pair": (("tuple", "u8", "string"), [[255, "x"]]), "single": (("tuple", "s64"), [[-1], [2**63 - 1]]),
    "tuple": (("tuple", ("tuple", "s8", "f32"), ("option", ("tuple", "bool", "char"))),
              [[[-1, 2.5], [True, "x"]], [[127, 0.0], None]]),
    # 17 core values, which are more than are passed as numbers. Go has no tuples of more than 16 elements.
    "spilled": (("tuple", *["u32"] * 15, "string"), [[*range(15), "x"]]),
    "option": (("option", "string"), [None, "", "x"]), "number": (("option", "u64"), [None, 0, 2**64 - 1]),
    "nested": (NESTED, [None, {"some": None}, {"some": {"some": None}}, {"some": {"some": 255}}]),
    "result": (("result", "u32", "string"), [{"ok": 1}, {"err": "no"}]),
    "fine": (("result", "string", None), [{"ok": ""}, {"err": None}]),
    "bad": (("result", None, COLOR), [{"ok": None}, {"err": "hot-pink"}]),
    "outcome": (("result", None, None), [{"ok": None}, {"err": None}]),
    "results": (("result", ("list", "u64"), ("option", "bool")), [{"ok": [1, 2**64 - 1]}, {"err": None}, {"err": True}]),
    "item": (ITEM, [TEA, NO_ITEM]),
    "wide": (WIDE, [{"a": -1, "b": 2**64 - 1, "c": True, "d": -0.5, "e": "é", "f": -300}]),
    "meters": (("record", "meters", {"length": "f32"}), [{"length": -0.0}, {"length": 1.5}]),
    "keywords": (KEYWORDS, [{word: i for i, word in enumerate(KEYWORDS[2])}]),
    "shape": (SHAPE, SHAPES),
    "joined": (JOINED, [{"float": -1.5}, {"long": -2**63}, {"double": 0.1}, {"string": "x"}, {"byte": 255}, "nothing",
                        {"pair": [0.1, -0.0]}, {"chan": None}, {"chan": 2**64 - 1}]),
    "color": (COLOR, COLOR[2]), "rights": (RIGHTS, [[], ["read"], ["write", "static"], RIGHTS[2]]),
    "many": (("flags", "many", [f"f{i}" for i in range(32)]), [[], ["f0", "f31"]]),
    "node": (NODE, NODES), "nodes": (("list", ("option", NODE)), [[*NODES, None]]),
}

MIXED = ("tuple", ("option", "string"), ("result", "u8", "string"), ("tuple", "char", "bool", "s64"),
         ("variant", "trouble", {"gone": "string", "other": None}), ("flags", "marks", ["red", "green", "blue"]))
POINT = ("record", "point", {"x": "u32", "y": "u64", "z": "f64"})
NAMED = ("record", "named", {"id": "u32", "name": "string", "weight": "f64"})
LIB = {
    "echo": ("string", ["", PANGRAM, Repeated("x")]),
    "echo-bytes": (("list", "u8"), [[], [0, 255], Repeated([1, 2, 3])]),
    "echo-points": (("list", POINT), [[], [{"x": 1, "y": 2**64 - 1, "z": -0.5}], Repeated([{"x": 1, "y": 2, "z": 3.5}])]),
    "echo-named": (("list", NAMED), [[{"id": 2**32 - 1, "name": PANGRAM, "weight": 5e-324}]]),
    # The arguments are the elements.
    "echo-mixed": (MIXED, [["é", {"err": "e"}, ["ß", True, -5], {"gone": "g"}, ["red", "blue"]],
                           [None, {"ok": 255}, ["\U0010ffff", False, 2**63 - 1], "other", []]]),
}
# Fixed-length lists, and maps. A language may return the pairs of a map in another order, so that those of rows are sorted.
ARRAYS = {"quad": (("array", "u16", 4), [[1, 2, 3, 65535]]), "twins": (("array", "string", 2), [["", "b"]])}
MAPS = {
    "map": (("map", "string", "u32"), [[], [["", 2**32 - 1]]]),
    "lists": (("map", "u16", ("list", "string")), [[[1, ["a", ""]]]]),
    "names": (("map", "s64", ITEM), [[[-2**63, TEA]]]),
}
PAIRS = {
    "map": (("map", "string", "u32"), [[["", 2**32 - 1], ["a", 1]]]),
    "lists": (("map", "u16", ("list", "string")), [[[1, ["a"]], [65535, []]]]),
    "names": (("map", "s64", ITEM), [[[-2**63, TEA], [2**63 - 1, NO_ITEM]]]),
}


# ---- The sets of rows, and their guests ----


class RowSet:
    """Rows of one interface. If it is one of this table, a guest of each language that can express it has its functions."""

    def __init__(self, rows, interface, own_guests=None):
        self.rows = rows
        self.name = interface.split("/")[1]
        self.interface = f"{interface}@{VERSION}"
        self.own_guests = own_guests

    def guests(self, row_set):
        """Their paths, by language; None: tools/guest_languages.py builds it."""
        if self.own_guests:
            return self.own_guests
        paths = {"wat": f"tests/values/gen/{self.name}.wat", **COMPILED}
        return {language: path for language, path in paths.items() if (language, row_set) not in LACKING}


COMPILED = {"c": "tests/guests/values/wasm/c.wasm", "rust": "tests/guests/values/wasm/rust.wasm", "py": None, "go": None}
# What guests cannot do, because their toolchains cannot. `tools/guest_languages.py test` checks that this is still so: it
# generates code for the interface, which fails with this text; or it calls the guest, which loses the order of pairs.
NO_ORDER = "maps of Go have no order"
LACKING = {
    ("c", "arrays"): "not yet implemented",
    ("py", "arrays"): "not yet implemented: FixedLengthList",
    ("py", "maps"): "not yet implemented: Map",
    ("py", "pairs"): "not yet implemented: Map",
    ("go", "arrays"): "not implemented: FixedLengthList",
    ("go", "pairs"): NO_ORDER,
}


def named_same(rows):
    return {f"same-{name}": row for name, row in rows.items()}


SETS = {
    "same": RowSet(named_same(SAME), f"{PACKAGE}/same"),
    "arrays": RowSet(named_same(ARRAYS), f"{PACKAGE}/arrays"),
    "maps": RowSet(named_same(MAPS), f"{PACKAGE}/maps"),
    "pairs": RowSet(named_same(PAIRS), f"{PACKAGE}/maps"),
    "lib": RowSet(LIB, "demo:domains/lib", {"rust": "tests/guests/domains/wasm/lib.wasm"}),
}
# The interfaces of this table, with the types of their functions.
INTERFACES = {name: {function: of for function, (of, _) in SETS[name].rows.items()} for name in ("same", "arrays", "maps")}
# (set, function, type, values)
ROWS = [(name, function, of, values) for name, row_set in SETS.items() for function, (of, values) in row_set.rows.items()]


def interfaces_of(language):
    """Those that a guest has."""
    return [name for name in INTERFACES if (language, name) not in LACKING]


# ---- What the languages have in common ----


def split(of):
    return (of, []) if isinstance(of, str) or of is None else (of[0], of[1:])


def chosen(of, value):
    """The case of a value of a variant or result, the type of its payload, and the payload."""
    kind, rest = split(of)
    label, payload = (value, None) if isinstance(value, str) else next(iter(value.items()))
    return label, rest[1][label] if kind == "variant" else rest[label == "err"], payload


def payload_of(of, value):
    """The payload of an option: `some(v)` is `v`, unless `v` is an option itself."""
    return value["some"] if split(of[1])[0] == "option" else value


def all_named(of, found):
    """The types of a type that have names, those first that others have as parts."""
    kind, rest = split(of)
    if kind not in ("enum", "flags"):
        parts = rest[1].values() if kind in ("record", "variant") else rest[:1] if kind == "array" else rest
        for part in parts:
            all_named(part, found)
    if kind in ("record", "variant", "enum", "flags"):
        found.setdefault(rest[0], of)
    return found


def named_types(row_set):
    found = {}
    for of, _ in SETS[row_set].rows.values():
        all_named(of, found)
    return found


def spell_float(value, not_finite):
    """not_finite: how NaN, the infinity and the negative one are written."""
    if math.isnan(value):
        return not_finite[0]
    return not_finite[1 + (value < 0)] if math.isinf(value) else repr(value)


# ---- WIT ----

WIT_KEYWORDS = {"from", "import", "type", "func", "record", "string", "async", "static"}


def wit_label(label):
    return "%" + label if label in WIT_KEYWORDS else label


def wit(of):
    kind, rest = split(of)
    if not rest:
        return of or "_"
    if kind in ("record", "variant", "enum", "flags"):
        return rest[0]
    if kind == "array":
        return f"list<{wit(rest[0])}, {rest[1]}>"
    while kind == "result" and rest and rest[-1] is None:
        rest = rest[:-1]
    return f"{kind}<{', '.join(map(wit, rest))}>" if rest else kind


def wit_definition(of):
    kind, name, parts = of
    if kind in ("enum", "flags"):
        members = [wit_label(label) for label in parts]
    elif kind == "record":
        members = [f"{wit_label(label)}: {wit(part)}" for label, part in parts.items()]
    else:
        members = [wit_label(label) + (f"({wit(part)})" if part else "") for label, part in parts.items()]
    return f"  {kind} {name} {{ {', '.join(members)} }}\n"


WIT_HEADER = f"package {PACKAGE}@{VERSION};\n"
WIT_FOOTER = "\n// Made by tests/values/make.py. Do not edit.\n"  # at the begin, it would document the package, in each file


def wit_world(name, interfaces):
    return f"\nworld {name} {{\n" + "".join(f"  export {each};\n" for each in interfaces) + "}\n"


def write_wit(interface):
    functions = "".join(f"  {name}: func(value: {wit(of)}) -> {wit(of)};\n" for name, of in INTERFACES[interface].items())
    types = "".join(map(wit_definition, named_types(interface).values()))
    return f"{WIT_HEADER}\n/// Each function returns its argument.\ninterface {interface} {{\n{types}{functions}}}\n{WIT_FOOTER}"


def write_wit_guests():
    return WIT_HEADER + "".join(wit_world(f"{each}-guest", interfaces_of(each)) for each in ("c", "rust")) + WIT_FOOTER


def write_single_wit(folder, interfaces):
    """Writes the WIT of a guest, with the only world `guest`. Toolchains fail at types that they do not support, also in
    interfaces that a guest does not have, and jco knows no worlds by name."""
    for name in interfaces:
        write(os.path.join(folder, name + ".wit"), write_wit(name))
    write(os.path.join(folder, "guest.wit"), WIT_HEADER + wit_world("guest", interfaces))


# ---- JSON and WAVE: docs/wave.md ----

WAVE_KEYWORDS = {"true", "false", "inf", "nan", "some", "none", "ok", "err"}


def to_json(of, value):
    kind, rest = split(of)
    if kind in ("s64", "u64"):
        return value if abs(value) <= 2**53 else str(value)
    if kind in ("f32", "f64"):
        return value if math.isfinite(value) else spell_float(value, ("nan", "inf", "-inf"))
    if kind in ("list", "array"):
        return [to_json(rest[0], each) for each in value]
    if kind == "tuple":
        return [to_json(part, each) for part, each in zip(rest, value)]
    if kind == "map":
        return [[to_json(part, each) for part, each in zip(rest, pair)] for pair in value]
    if kind == "record":
        return {label: to_json(part, value[label]) for label, part in rest[1].items()}
    if kind == "option":
        if value is None:
            return None
        payload = to_json(rest[0], payload_of(of, value))
        return {"some": payload} if split(rest[0])[0] == "option" else payload
    if kind in ("variant", "result"):
        label, part, payload = chosen(of, value)
        return {label: None if part is None else to_json(part, payload)}
    return value


def wave_text(text, quote):
    def escape(letter):
        plain = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", quote: "\\" + quote}
        return plain.get(letter) or (f"\\u{{{ord(letter):x}}}" if letter < " " or letter == "\u202e" else letter)

    return quote + "".join(map(escape, text)) + quote


def wave(of, value):
    kind, rest = split(of)
    case = (lambda label: "%" + label if label in WAVE_KEYWORDS else label) if kind != "result" else str
    if kind == "bool":
        return str(value).lower()
    if kind in ("f32", "f64"):
        return spell_float(value, ("nan", "inf", "-inf")).removesuffix(".0")
    if kind in ("char", "string"):
        return wave_text(value, "'" if kind == "char" else '"')
    if kind in ("list", "array"):
        return f"[{', '.join(wave(rest[0], each) for each in value)}]"
    if kind == "tuple":
        return f"({', '.join(map(wave, rest, value))})"
    if kind == "map":
        return "{" + ", ".join(": ".join(map(wave, rest, pair)) for pair in value) + "}"
    if kind == "record":
        members = [f"{label}: {wave(part, value[label])}" for label, part in rest[1].items()
                   if value[label] is not None or split(part)[0] != "option"]
        return "{" + (", ".join(members) or ":") + "}"
    if kind == "option":
        return "none" if value is None else f"some({wave(rest[0], payload_of(of, value))})"
    if kind in ("variant", "result"):
        label, part, payload = chosen(of, value)
        return case(label) + (f"({wave(part, payload)})" if part else "")
    if kind == "enum":
        return case(value)
    return "{" + ", ".join(value) + "}" if kind == "flags" else str(value)


def write_values():
    """Values of WAVE are those of `json`, which is a list or text of which there are `times` more in the value."""
    def describe(of, value):
        if isinstance(value, Repeated):
            return {"json": to_json(of, value.part), "times": value.times}
        return {"json": to_json(of, value), "wave": wave(of, value)}

    rows = [{"set": row_set, "function": function, "spread": of is MIXED, "type": of,
             "values": [describe(of, value) for value in values]} for row_set, function, of, values in ROWS]
    lines = ",\n".join(json.dumps(row, ensure_ascii=True, allow_nan=False) for row in rows)
    sets = {name: {"interface": of.interface, "guests": of.guests(name),
                   **({} if of.own_guests else {"relay": f"tests/values/gen/{of.name}-relay.wat"})}
            for name, of in SETS.items()}
    return (f'{{"languages": {json.dumps(["wat", *COMPILED])},\n"sets": {json.dumps(sets, indent=1)},\n'
            f'"rows": [\n{lines}\n]}}\n')


# ---- C++ ----

CPP = {"bool": "bool", "f32": "float", "f64": "double", "char": "char32_t", "string": "std::string",
       **{f"{sign}{bits}": f"std::{'u' * (sign == 'u')}int{bits}_t" for sign in "su" for bits in (8, 16, 32, 64)}}
CPP_KEYWORDS = {"default", "float", "long", "double", "static"}


def cpp_name(label):
    return label.replace("-", "_") + "_" * (label in CPP_KEYWORDS)


def cpp(of, space):
    """A type. space: the namespace of those with names."""
    kind, rest = split(of)
    if not rest:
        return CPP[of] if of else "void"
    if kind in ("record", "variant", "enum", "flags"):
        return f"{space}::{rest[0]}"
    if kind == "array":
        return f"std::array<{cpp(rest[0], space)}, {rest[1]}>"
    if kind == "map":
        return f"std::vector<std::pair<{cpp(rest[0], space)}, {cpp(rest[1], space)}>>"
    outer = {"list": "std::vector", "tuple": "std::tuple", "option": "std::optional", "result": "tenon::Expected"}[kind]
    return f"{outer}<{', '.join(cpp(part, space) for part in rest)}>"


def cpp_scalar(kind, value):
    if kind in ("f32", "f64"):
        limits = f"std::numeric_limits<{CPP[kind]}>::"
        text = spell_float(value, (limits + "quiet_NaN()", limits + "infinity()", f"-{limits}infinity()"))
        return text + "F" * (kind == "f32" and math.isfinite(value))
    if kind == "char":
        return f"char32_t{{{ord(value):#x}}}"
    if kind == "bool":
        return str(value).lower()
    # The least number has no literal: it would be a positive one first.
    return f"{CPP[kind]}{{" + (f"{value + 1} - 1" if value == -2**63 else f"{value}{'U' * (kind[0] == 'u')}") + "}"


def cpp_value(of, value, space):
    kind, rest = split(of)
    own = cpp(of, space)
    if isinstance(value, Repeated):
        return f"repeat({cpp_value(of, value.part, space)}, {value.times})"
    if kind == "string":
        data = value.encode()
        text = "".join(chr(byte) if chr(byte).isalnum() and byte < 128 else f"\\{byte:03o}" for byte in data)
        return f'std::string("{text}", {len(data)})'
    if not rest:
        return cpp_scalar(kind, value)
    if kind in ("list", "array"):
        return f"{own}{{{', '.join(cpp_value(rest[0], each, space) for each in value)}}}"
    if kind == "tuple":
        return f"{own}({', '.join(cpp_value(part, each, space) for part, each in zip(rest, value))})"
    if kind == "map":
        pair = f"std::pair<{', '.join(cpp(part, space) for part in rest)}>"
        return f"{own}{{" + ", ".join(f"{pair}({cpp_value(rest[0], key, space)}, {cpp_value(rest[1], each, space)})"
                                      for key, each in value) + "}"
    if kind == "record":
        return f"{own}{{{', '.join(cpp_value(part, value[label], space) for label, part in rest[1].items())}}}"
    if kind == "option":
        return f"{own}()" if value is None else f"{own}(std::in_place, {cpp_value(rest[0], payload_of(of, value), space)})"
    if kind in ("variant", "result"):
        label, part, payload = chosen(of, value)
        held = cpp_value(part, payload, space) if part else ""
        if kind == "variant":
            return f"{own}({own}::{cpp_name(label)}{{{held}}})"
        return f"{own}(std::in_place_index<{int(label == 'err')}>{', ' * (part is not None)}{held})"
    if kind == "enum":
        return f"{own}::{cpp_name(value)}"
    return f"{own}{{{', '.join(str(label in value).lower() for label in rest[1])}}}"


def cpp_parameter(of, space):
    """As a function of the program gets it: texts and lists of numbers are views."""
    kind, rest = split(of)
    if kind == "string":
        return "std::string_view"
    is_view = kind == "list" and isinstance(rest[0], str) and rest[0] not in ("bool", "string")
    return f"std::span<const {CPP[rest[0]]}>" if is_view else cpp(of, space)


CPP_HEADER = "// Made by tests/values/make.py. Do not edit.\n"


def write_cpp_functions(interface):
    """SAME(RESULT, NAME, PARAMETER) is a function of the interface."""
    space = f"{interface}_types"
    return CPP_HEADER + "".join(f"SAME(({cpp(of, space)}), {cpp_name(name)}, ({cpp_parameter(of, space)}))\n"
                                for name, of in INTERFACES[interface].items())


def write_cpp_rows():
    """ROW(SET, NAME, VALUES..) is a row."""
    lines = []
    for row_set, function, of, values in ROWS:
        made = [cpp_value(of, value, f"{row_set}_types") for value in values]
        lines.append(f"ROW({row_set}, {cpp_name(function)}, " + ",\n    ".join(made) + ")\n")
    return CPP_HEADER + "".join(lines)


# ---- Go ----

GO_GUEST = "tests/guests/languages/values-go"
GO = {"bool": "bool", "f32": "float32", "f64": "float64", "char": "Char", "string": "string",
      **{f"{sign}{bits}": f"{'u' * (sign == 'u')}int{bits}" for sign in "su" for bits in (8, 16, 32, 64)}}
go_tuples = []  # those that a row uses, whose Go types are numbered


def pascal(label):
    return "".join(word.capitalize() for word in label.split("-"))


def go(of):
    kind, rest = split(of)
    if not rest:
        return GO[of] if of else "None"
    if kind == "result":
        return f"Result[{go(rest[0])}, {go(rest[1])}]"
    if kind in ("list", "array"):
        return f"[{rest[1] if kind == 'array' else ''}]{go(rest[0])}"
    if kind == "map":
        return f"map[{go(rest[0])}]{go(rest[1])}"
    if kind == "option":
        return f"*{go(rest[0])}"
    if kind != "tuple":
        return f"value{pascal(rest[0])}"
    if of not in go_tuples:
        for part in rest:
            go(part)
        go_tuples.append(of)
    return f"valueTuple{go_tuples.index(of)}"


def go_struct(of, members):
    """members: names and types of fields."""
    width = max(len(name) for name, _ in members)
    return f"type {go(of)} struct {{\n" + "".join(f"\t{name:{width}} {each}\n" for name, each in members) + "}\n"


def go_definition(of):
    kind, rest = split(of)
    if kind == "tuple":
        return go_struct(of, [("_", "Tuple"), *((f"V{i}", go(part)) for i, part in enumerate(rest))])
    if kind == "record":
        return go_struct(of, [(pascal(label), go(part)) for label, part in rest[1].items()])
    if kind == "variant":
        return go_struct(of, [("_", "Variant"), *((pascal(label), f"*{go(part)}" if part else "bool")
                                                  for label, part in rest[1].items())])
    base, method = ("string", "EnumLabels") if kind == "enum" else (f"uint{8 * guests.layout(of)[0]}", "FlagLabels")
    labels = ", ".join(f'"{label}"' for label in rest[1])
    return f"type {go(of)} {base}\n\nfunc ({go(of)}) {method}() []string {{\n\treturn []string{{{labels}}}\n}}\n"


def go_text(text):
    def escape(letter):
        if " " <= letter <= "~":
            return "\\" * (letter in '"\\') + letter
        return f"\\u{ord(letter):04x}" if letter <= "\uffff" else f"\\U{ord(letter):08x}"

    return f'"{"".join(map(escape, text))}"'


def go_scalar(kind, value):
    if kind == "bool":
        return str(value).lower()
    if kind == "char":
        return f"{ord(value):#x}"
    if kind == "string":
        return go_text(value)
    if kind not in ("f32", "f64"):
        return str(value)
    if value == 0 and math.copysign(1, value) < 0:
        text = "math.Copysign(0, -1)"
    else:
        text = spell_float(value, ("math.NaN()", "math.Inf(1)", "math.Inf(-1)"))
    return f"float32({text})" if kind == "f32" and text.startswith("math") else text


def go_payload(of, value):
    """A pointer to it."""
    return f"ptr[{go(of)}]({go_value(of, value) if of else 'None{}'})"


def go_value(of, value):
    kind, rest = split(of)
    if isinstance(value, Repeated):
        function = "strings.Repeat" if kind == "string" else "slices.Repeat"
        return f"{function}({go_value(of, value.part)}, {value.times})"
    if not rest:
        return go_scalar(kind, value)
    if kind in ("list", "array"):
        return f"{go(of)}{{{', '.join(go_value(rest[0], each) for each in value)}}}"
    if kind == "tuple":
        return f"{go(of)}{{{', '.join(f'V{i}: {go_value(part, value[i])}' for i, part in enumerate(rest))}}}"
    if kind == "map":
        return f"{go(of)}{{{', '.join(f'{go_value(rest[0], key)}: {go_value(rest[1], each)}' for key, each in value)}}}"
    if kind == "record":
        return f"{go(of)}{{{', '.join(go_value(part, value[label]) for label, part in rest[1].items())}}}"
    if kind == "option":
        return "nil" if value is None else go_payload(rest[0], payload_of(of, value))
    if kind in ("variant", "result"):
        label, part, payload = chosen(of, value)
        held = "true" if kind == "variant" and part is None else go_payload(part, payload)
        return f"{go(of)}{{{pascal(label)}: {held}}}"
    return go_text(value) if kind == "enum" else str(sum(1 << i for i, label in enumerate(rest[1]) if label in value))


def write_go():
    rows = "".join(f'\trow[{go(of)}](table, "{row_set}", "{function}",\n\t\t' +
                   ",\n\t\t".join(go_value(of, value) for value in values) + ")\n" for row_set, function, of, values in ROWS)
    types = [*go_tuples, *{name: of for row_set in SETS for name, of in named_types(row_set).items()}.values()]
    return ('// Code generated by tests/values/make.py. DO NOT EDIT.\n\npackage tenon\n\n'
            'import (\n\t"math"\n\t"slices"\n\t"strings"\n)\n\n' + "\n".join(map(go_definition, types)) +
            f"\nfunc passRows(table *valueTable) {{\n{rows}}}\n")


# ---- Guests in C ----

C = {"bool": "bool", "f32": "float", "f64": "double", "char": "uint32_t",
     **{f"{sign}{bits}": f"{'u' * (sign == 'u')}int{bits}_t" for sign in "su" for bits in (8, 16, 32, 64)}}


def c_parts(of, interface):
    """The name of a type of wit-bindgen, and whether it belongs to the interface."""
    kind, rest = split(of)
    if not rest:
        return "char32" if of == "char" else of or "void", False
    if kind in ("record", "variant", "enum", "flags"):
        return rest[0].replace("-", "_"), True
    names, owned = zip(*(c_parts(part, interface) for part in rest))
    return "_".join([f"tuple{len(rest)}" if kind == "tuple" else kind, *names]), kind == "result" or any(owned)


def c_type(of, interface):
    if isinstance(of, str) and of in C:
        return C[of]
    name, is_owned = c_parts(of, interface)
    return f"{f'exports_demo_values_{interface}' if is_owned else 'c_guest'}_{name}_t"


def write_c_guest():
    lines = []
    for interface in interfaces_of("c"):
        for function, of in INTERFACES[interface].items():
            is_number = of != "string" if isinstance(of, str) else of[0] in ("enum", "flags")
            way = "NUMBER" if is_number else "MEMORY"
            lines.append(f"{way}(exports_demo_values_{interface}_{function.replace('-', '_')}, {c_type(of, interface)})\n")
    return ("// Made by tests/values/make.py. Do not edit.\n"
            "// Returns the values that it gets, in the memory that they were passed in.\n"
            '#include "c_guest.h"\n\n'
            "#define NUMBER(name, type) type name(type value) { return value; }\n"
            "#define MEMORY(name, type) void name(type *value, type *result) { *result = *value; }\n\n" + "".join(lines))


# ---- Guests in Rust ----

RUST = {"bool": "bool", "f32": "f32", "f64": "f64", "char": "char", "string": "String", None: "()",
        **{f"{sign}{bits}": f"{'i' if sign == 's' else 'u'}{bits}" for sign in "su" for bits in (8, 16, 32, 64)}}


def rust(of, interface):
    kind, rest = split(of)
    if not rest:
        return RUST[of]
    if kind in ("record", "variant", "enum", "flags"):
        return f"{interface}::{pascal(rest[0])}"
    if kind == "array":
        return f"[{rust(rest[0], interface)}; {rest[1]}]"
    parts = [rust(part, interface) for part in rest]
    if kind == "tuple":
        return f"({', '.join(parts)}{',' * (len(parts) == 1)})"
    return f"{ {'list': 'Vec', 'map': 'Map', 'option': 'Option', 'result': 'Result'}[kind]}<{', '.join(parts)}>"


def write_rust_guest():
    exported = interfaces_of("rust")
    text = ("//! rust: returns the values that it gets. Made by tests/values/make.py. Do not edit.\n\n"
            'wit_bindgen::generate!({ path: "../../../values/gen/wit", world: "rust-guest" });\n'
            f"use exports::demo::values::{{{', '.join(sorted(exported))}}};\nuse wit_bindgen::rt::Map;\n\nstruct Values;\n")
    for interface in exported:
        text += f"\nimpl {interface}::Guest for Values {{\n" + "".join(
            f"    fn {function.replace('-', '_')}(value: {rust(of, interface)}) -> {rust(of, interface)} {{\n"
            "        value\n    }\n" for function, of in INTERFACES[interface].items()) + "}\n"
    return text + "\nexport!(Values);\n"


# ---- Guests in Go ----


def go_guest_function(name, of):
    """The types of values are inferred. The elements of a tuple are several results."""
    kind, rest = split(of)
    if kind != "tuple":
        return f"func {pascal(name)}[T any](value T) T {{\n\tcollector.Collect()\n\treturn value\n}}\n"
    names = ", ".join(f"T{i}" for i in range(len(rest)))
    fields = ", ".join(f"value.F{i}" for i in range(len(rest)))
    results = f"({names})" if len(rest) > 1 else names
    return (f"func {pascal(name)}[{names} any](value types.Tuple{len(rest)}[{names}]) {results} {{\n"
            f"\tcollector.Collect()\n\treturn {fields}\n}}\n")


def write_go_guest(interface):
    functions = INTERFACES[interface]
    has_tuples = any(split(of)[0] == "tuple" for of in functions.values())
    return ("// Code generated by tests/values/make.py. DO NOT EDIT.\n\n"
            f"// Package export_demo_values_{interface} returns the values that it gets.\n"
            f"package export_demo_values_{interface}\n\n" +
            "import (\n" + '\t"wit_component/collector"\n' +
            '\n\ttypes "go.bytecodealliance.org/pkg/wit/types"\n' * has_tuples + ")\n\n" +
            "\n".join(go_guest_function(name, of) for name, of in functions.items()))


# ---- The files ----


def make():
    """Their texts, by their paths from the root of the checkout."""
    made = {"values.json": write_values(), "wit/guests.wit": write_wit_guests(), "rows.inc": write_cpp_rows()}
    for name, functions in INTERFACES.items():
        interface = SETS[name].interface
        text = guests.imported(functions, interface)[0]
        made[f"wit/{name}.wit"] = write_wit(name)
        made[f"{name}.inc"] = write_cpp_functions(name)
        made[f"{name}.wat"] = guests.exported(guests.same(functions), interface)
        made[f"{name}-relay.wat"] = guests.exported(guests.relay(functions, interface), interface, text)
    made = {f"tests/values/gen/{name}": text for name, text in made.items()}
    made["tests/guests/values/c/c.c"] = write_c_guest()
    made["tests/guests/values/rust/src/lib.rs"] = write_rust_guest()
    for name in interfaces_of("go"):
        made[f"{GO_GUEST}/export_demo_values_{name}/values.go"] = write_go_guest(name)
    made["bindings/go/value_rows_test.go"] = write_go()
    return made


def read(path):
    path = os.path.join(ROOT, path)
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def main():
    stale = {path: text for path, text in make().items() if read(path) != text}
    if sys.argv[1:] == ["--check"]:
        for path in stale:
            print(f"{path} is out of date: run tests/values/make.py")
        return 1 if stale else 0
    for path, text in stale.items():
        write(os.path.join(ROOT, path), text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
