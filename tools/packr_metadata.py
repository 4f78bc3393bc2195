#!/usr/bin/env python3
"""Generates the metadata of a packr package, the bytes that `__pack_types` returns, from a text.

Usage: packr_metadata.py FILE.types          prints the bytes as a C initializer

The text has the syntax of packr-guest's macro `pack_types!`: definitions of types, then
`imports { INTERFACE { NAME: func(..) -> T, } }` and `exports { [INTERFACE.]NAME: func(..) -> T, }`. The bytes
are the same as those of the macro (tools/packr_metadata_test.py compares them). Generic parameters,
maps and sets are not supported. `abi caller-buffer` adds tenon's field `abi`, which the macro does not write.
"""
import hashlib
import os
import re
import struct
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# In the order of the cases of type descriptors. The hash of the k-th type is 00, k + 1, and zeros.
SCALARS = ["bool", "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "f32", "f64", "char", "string", "flags"]
LIST, OPTION, RESULT, RECORD, VARIANT, TUPLE, VALUE = range(14, 21)
HASH_TAGS = {"list": 0x10, "option": 0x11, "result": 0x12, "tuple": 0x13, "record": 0x14, "variant": 0x15,
             "function": 0x16, "interface": 0x17}
TOKEN = re.compile(r"\s*(?://[^\n]*\s*)*([A-Za-z_][\w-]*|->|[{}()<>:,=./])")


# --- The text -----------------------------------------------------------------------------------
# A type is a tuple: ("scalar", tag), ("list", T), ("option", T), ("result", ok, err), ("tuple", [T]),
# ("record", name, [(field, T)]), ("variant", name, [(case, T or None)]), ("value",).

class Parser:
    def __init__(self, text):
        self.tokens = []
        at = 0
        while text[at:].strip() and (match := TOKEN.match(text, at)):
            self.tokens.append(match[1])
            at = match.end()
        if re.sub(r"//[^\n]*", "", text[at:]).strip():
            sys.exit(f"packr_metadata: cannot read `{text[at:at + 20].strip()}`")
        self.tokens.append("")
        self.at = 0
        self.named = {}

    @property
    def token(self):
        return self.tokens[self.at]

    def accept(self, *wanted):
        """If the next tokens are these, skips them and returns True."""
        if tuple(self.tokens[self.at:self.at + len(wanted)]) != wanted:
            return False
        self.at += len(wanted)
        return True

    def expect(self, wanted):
        if not self.accept(wanted):
            sys.exit(f"packr_metadata: expected `{wanted}`, found `{self.token}`")

    def name(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def members(self, close, read):
        """Reads a list of elements with `read`, separated by commas, until `close`."""
        found = []
        while not self.accept(close):
            if not self.token:
                sys.exit(f"packr_metadata: `{close}` is missing")
            found.append(read())
            self.accept(",")
        return found

    def type(self):
        name = self.name()
        if name in SCALARS and name != "flags":
            return ("scalar", SCALARS.index(name))
        if name in ("value", "self"):
            return ("value",)
        if name in ("list", "option", "result", "tuple"):
            self.expect("<")
            parts = self.members(">", lambda: None if self.accept("_") else self.type())
            if name == "tuple":
                return ("tuple", parts)
            if name == "result":  # a missing side is hashed as one of these
                return ("result", parts[0] or self.scalar("bool"), parts[1] or self.scalar("string"))
            return (name, parts[0])
        if name in self.named:
            return self.named[name]
        return sys.exit(f"packr_metadata: unknown type `{name}`")

    @staticmethod
    def scalar(name):
        return ("scalar", SCALARS.index(name))

    def field(self):
        name = self.name()
        self.expect(":")
        return (name, self.type())

    def case(self):
        name, payload = self.name(), None
        if self.accept("("):
            payload = self.type()
            self.expect(")")
        return (name, payload)

    def definition(self, kind):
        name = self.name()
        if kind == "type":
            self.expect("=")
            self.named[name] = self.type()
            return
        self.expect("{")
        if kind == "record":
            self.named[name] = ("record", name, self.members("}", self.field))
        elif kind == "flags":
            self.members("}", self.name)
            self.named[name] = self.scalar("flags")
        else:
            self.named[name] = ("variant", name, self.members("}", self.case))

    def path(self):
        """A name such as `math` or `theater:simple/runtime`."""
        path = self.name()
        while self.token == "/" or (self.token == ":" and self.tokens[self.at + 1] != "func"):
            path += self.name() + self.name()
        return path

    def function(self, interface):
        """(interface, name, params, results)"""
        name = self.path()
        if self.accept("."):
            interface, name = name, self.name()
        self.expect(":")
        self.expect("func")
        self.expect("(")
        params = self.members(")", self.field)
        results = []
        if self.accept("->") and not self.accept("_"):
            results = self.members(")", self.type) if self.accept("(") else [self.type()]
        return (interface, name, params, results)

    def imported_interface(self):
        interface = self.path()
        self.expect("{")
        return self.members("}", lambda: self.function(interface))

    def package(self):
        """(imports, exports, abi): two lists of functions, and how they return results; "": not told."""
        imports, exports, abi = [], [], ""
        while self.token:
            kind = self.name()
            if kind in ("type", "record", "variant", "enum", "flags"):
                self.definition(kind)
            elif kind == "imports":
                self.expect("{")
                imports += sum(self.members("}", self.imported_interface), [])
            elif kind == "exports":
                self.expect("{")
                exports += self.members("}", lambda: self.function(""))
            elif kind == "abi":
                abi = self.name()
            else:
                sys.exit(f"packr_metadata: expected a type, `imports` or `exports`, found `{kind}`")
        return imports, exports, abi


# --- Hashes -------------------------------------------------------------------------------------

def sized(text):
    return struct.pack("<I", len(text.encode())) + text.encode()


def sha(kind, *parts):
    return hashlib.sha256(bytes([HASH_TAGS[kind]]) + b"".join(parts)).digest()


def count(items):
    return struct.pack("<I", len(items))


def hash_of(type_):
    match type_:
        case ("scalar", tag):
            return bytes([0, tag + 1]) + bytes(30)
        case ("value",):
            return b"\xff\xff" + bytes(30)
        case ("tuple", items):
            return sha("tuple", count(items), *map(hash_of, items))
        case ("record", _, fields):
            return sha("record", count(fields), *(sized(name) + hash_of(field) for name, field in sorted(
                fields, key=lambda field: field[0].encode())))
        case ("variant", _, cases):
            return sha("variant", count(cases), *(
                sized(name) + (b"\x00" if payload is None else b"\x01" + hash_of(payload))
                for name, payload in sorted(cases, key=lambda case: case[0].encode())))
        case (kind, *parts):
            return sha(kind, *map(hash_of, parts))


def hash_of_function(function):
    _, _, params, results = function
    return sha("function", count(params), *(hash_of(type_) for _, type_ in params), count(results),
               *map(hash_of, results))


def hash_of_interface(name, functions):
    rows = sorted((function[1].encode(), hash_of_function(function)) for function in functions)
    return sha("interface", sized(name), count([]), count(rows),
               *(count(row[0]) + row[0] + row[1] for row in rows))


# --- The bytes ----------------------------------------------------------------------------------

NODES = {"u64": 0x0f, "string": 0x06, "list": 0x07, "variant": 0x08, "record": 0x09, "option": 0x0a, "tuple": 0x0b}
ANY_RECORD, ANY_VARIANT = b"\x09" + sized(""), b"\x08" + sized("")


class Writer:
    """Nodes in the order of their creation, children first. Each method returns the index of its node."""

    def __init__(self):
        self.nodes = []

    def node(self, kind, payload):
        self.nodes.append(struct.pack("<BBHI", NODES[kind], 0, 0, len(payload)) + payload)
        return len(self.nodes) - 1

    def string(self, text):
        return self.node("string", sized(text))

    @staticmethod
    def indices(children):
        return b"".join(struct.pack("<I", child) for child in children)

    def list(self, element, children):
        return self.node("list", element + count(children) + self.indices(children))

    def record(self, name, fields):
        """fields: pairs of a name and a function that creates the child."""
        children = [make() for _, make in fields]
        names = b"".join(sized(field) for field, _ in fields)
        return self.node("record", sized(name) + count(fields) + names + self.indices(children))

    def type(self, type_):
        match type_:
            case ("scalar", tag):
                return self.description(SCALARS[tag], tag, [])
            case ("list", element):
                return self.description("list", LIST, [self.type(element)])
            case ("option", inner):
                return self.description("option", OPTION, [self.type(inner)])
            case ("result", ok, err):
                return self.description("result", RESULT, [self.record("result-desc", [
                    ("ok", lambda: self.type(ok)), ("err", lambda: self.type(err))])])
            case ("tuple", items):
                return self.description("tuple", TUPLE, [self.types(items)])
            case ("record", name, fields):
                return self.description("record", RECORD, [self.record("record-desc", [
                    ("name", lambda: self.string(name)),
                    ("fields", lambda: self.list(ANY_RECORD, [self.named("field-desc", *row) for row in fields]))])])
            case ("variant", name, cases):
                return self.description("variant", VARIANT, [self.record("variant-desc", [
                    ("name", lambda: self.string(name)),
                    ("cases", lambda: self.list(ANY_RECORD, [self.case(*row) for row in cases]))])])
            case ("value",):
                return self.description("value", VALUE, [])

    def description(self, case, tag, payload):
        return self.node("variant", sized("type-desc") + sized(case) + struct.pack("<II", tag, len(payload)) +
                         self.indices(payload))

    def types(self, items):
        return self.list(ANY_VARIANT, [self.type(item) for item in items])

    def named(self, record, name, type_):
        return self.record(record, [("name", lambda: self.string(name)), ("type", lambda: self.type(type_))])

    def case(self, name, payload):
        return self.record("case-desc", [("name", lambda: self.string(name)), ("payload", lambda: self.node(
            "option", ANY_VARIANT + (b"\0" if payload is None
                                     else b"\1" + struct.pack("<I", self.type(payload)))))])

    def function(self, function):
        interface, name, params, results = function
        return self.record("function-sig", [
            ("interface", lambda: self.string(interface)), ("name", lambda: self.string(name)),
            ("params", lambda: self.list(ANY_RECORD, [self.named("param-sig", *param) for param in params])),
            ("results", lambda: self.types(results))])

    def functions(self, functions):
        return self.list(ANY_RECORD, [self.function(function) for function in functions])

    def hash(self, name, digest):
        words = struct.unpack("<4Q", digest)
        return self.record("interface-hash", [("name", lambda: self.string(name)), ("hash", lambda: self.node(
            "tuple", count(words) + self.indices([self.node("u64", struct.pack("<Q", word)) for word in words])))])

    def hashes(self, functions):
        names = sorted({function[0] for function in functions}, key=str.encode)
        return self.list(ANY_RECORD, [
            self.hash(name, hash_of_interface(name, [row for row in functions if row[0] == name])) for name in names])

    def bytes(self):
        return b"CGRF" + struct.pack("<HHII", 2, 0, len(self.nodes), len(self.nodes) - 1) + b"".join(self.nodes)


def metadata(text):
    imports, exports, abi = Parser(text).package()
    writer = Writer()
    fields = [("imports", lambda: writer.functions(imports)), ("exports", lambda: writer.functions(exports)),
              ("import-hashes", lambda: writer.hashes(imports)), ("export-hashes", lambda: writer.hashes(exports))]
    if abi:
        fields.append(("abi", lambda: writer.string(abi)))
    writer.record("package-metadata", fields)
    return writer.bytes()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        made = metadata(file.read())
    for at in range(0, len(made), 16):
        print(" ".join(f"0x{byte:02x}," for byte in made[at:at + 16]))


if __name__ == "__main__":
    main()
