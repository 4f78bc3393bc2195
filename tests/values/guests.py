"""Guests as text: components that return what they get, for any type."""

from __future__ import annotations

from typing import Any

# A type is a text ("u32") or a tuple: ("list", T), ("array", T, LENGTH), ("map", K, V), ("option", T), ("tuple", T, ..),
# ("result", T or None, E or None), ("record", name, {label: T}), ("variant", name, {label: T or None}),
# ("enum", name, labels), ("flags", name, labels).
WitType = Any

MEMORY = """
  (core module $libc
    (memory (export "memory") 2)
    (global $free (mut i32) (i32.const 65536))
    (func (export "realloc") (param i32 i32 i32) (param $size i32) (result i32) (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $free) (i32.const 15)) (i32.const -16)))
      (global.set $free (i32.add (local.get $at) (local.get $size)))
      (if (i32.gt_u (global.get $free) (i32.shl (memory.size) (i32.const 16)))
        (then (drop (memory.grow (i32.shr_u (i32.add (local.get $size) (i32.const 131071)) (i32.const 16))))))
      (local.get $at))
    (func (export "keep") (param i32 i32)
      (i32.store (i32.const 24) (local.get 0)) (i32.store (i32.const 28) (local.get 1)))
    (func (export "kept") (result i32) (i32.const 24))
    (func (export "freed") (param i32) (global.set $free (i32.const 65536))))
  (core instance $libc (instantiate $libc))"""
LOWER = '(memory $libc "memory") (realloc (func $libc "realloc"))'
LIFT = f'{LOWER} (post-return (func $libc "freed"))'
RESULT = 32  # the address of results in memory

SIZES = {"bool": 1, "s8": 1, "u8": 1, "s16": 2, "u16": 2, "s32": 4, "u32": 4, "s64": 8, "u64": 8, "f32": 4, "f64": 8,
         "char": 4}
CORE = {"s64": "i64", "u64": "i64", "f32": "f32", "f64": "f64"}
MOST_FLAT = 16  # with more, the parameters are in memory


class _Writer:
    """Named types have to be exported before they are used."""

    def __init__(self, is_instance: bool = False) -> None:
        self.is_instance = is_instance  # the types are those of an instance type
        self.lines: list[str] = []
        self.names: dict[str, str] = {}

    def ref(self, of: WitType) -> str:
        if of is None or isinstance(of, str):
            return of
        kind, *rest = of
        if kind in ("record", "variant", "enum", "flags"):
            return self._named(kind, *rest)
        if kind == "result":
            ok, err = (self.ref(part) for part in rest)
            return f"(result {ok or ''} {f'(error {err})' if err else ''})"
        if kind == "array":
            return f"(list {self.ref(rest[0])} {rest[1]})"
        return f"({kind} {' '.join(self.ref(part) for part in rest)})"

    def _named(self, kind: str, name: str, parts: Any) -> str:
        if name in self.names:
            return self.names[name]
        if kind in ("enum", "flags"):
            body = " ".join(f'"{label}"' for label in parts)
        else:
            word = "field" if kind == "record" else "case"
            body = " ".join(f'({word} "{label}" {self.ref(part) or ""})' for label, part in parts.items())
        variable = self.names[name] = f"${len(self.names)}"
        export = (f'(export "{name}" (type {variable} (eq {variable}\')))' if self.is_instance
                  else f'(export {variable} "{name}" (type {variable}\'))')
        self.lines.append(f"  (type {variable}' ({kind} {body}))\n  {export}")
        return variable


# ---- The Canonical ABI: how values are passed ----


def fields(of: WitType) -> list[WitType] | None:
    """The parts of a type whose values have all of them."""
    kind, *rest = of
    if kind == "array":
        return [rest[0]] * rest[1]
    return rest if kind == "tuple" else list(rest[1].values()) if kind == "record" else None


def cases(of: WitType) -> list[WitType]:
    """The payloads of a type whose values have one of them."""
    kind, *rest = of
    return [None, *rest] if kind == "option" else rest if kind == "result" else list(rest[1].values())


def flatten(of: WitType) -> list[str]:
    """The core types of a value that is passed as numbers."""
    if of is None:
        return []
    if of == "string" or of[0] in ("list", "map"):
        return ["i32", "i32"]
    if isinstance(of, str) or of[0] in ("enum", "flags"):
        return [CORE.get(of, "i32") if isinstance(of, str) else "i32"]
    parts = fields(of)
    if parts is not None:
        return [core for part in parts for core in flatten(part)]
    joined: list[str] = []
    for payload in cases(of):
        for i, core in enumerate(flatten(payload)):
            if i == len(joined):
                joined.append(core)
            elif joined[i] != core:
                joined[i] = "i32" if {joined[i], core} == {"i32", "f32"} else "i64"
    return ["i32", *joined]


def _discriminant(count: int) -> int:
    return 1 if count <= 256 else 2 if count <= 65536 else 4


def layout(of: WitType) -> tuple[int, int]:
    """The size of a value in memory, and its alignment."""
    if of is None:
        return 0, 1
    if of == "string" or of[0] in ("list", "map"):
        return 8, 4
    if isinstance(of, str):
        return SIZES[of], SIZES[of]
    if of[0] in ("enum", "flags"):
        count = len(of[2])
        size = _discriminant(count) if of[0] == "enum" else 1 if count <= 8 else 2 if count <= 16 else 4
        return size, size
    parts = fields(of)
    if parts is None:
        sizes = [layout(payload) for payload in cases(of)]
        first = _discriminant(len(sizes))
        align = max(first, *(each for _, each in sizes))
        return _round(_round(first, align) + max(size for size, _ in sizes), align), align
    at, most = 0, 1
    for size, align in map(layout, parts):
        at, most = _round(at, align) + size, max(most, align)
    return _round(at, most), most


def _round(size: int, align: int) -> int:
    return (size + align - 1) // align * align


def _convert(text: str, held: str, core: str) -> str:
    """A number of a variant, in the core type that it has in one of its cases."""
    if held == "i64" and core in ("i32", "f32"):
        text, held = f"(i32.wrap_i64 {text})", "i32"
    return text if held == core else f"({core}.reinterpret_{held} {text})"


def store(of: WitType, at: int, flat: list[tuple[str, str]]) -> str:
    """Instructions that store a value at an address. flat: its numbers as text, and their core types; they are taken."""
    if of is None:
        return ""
    if of == "string" or of[0] in ("list", "map"):
        return store("u32", at, flat) + store("u32", at + 4, flat)
    if isinstance(of, str) or of[0] in ("enum", "flags"):
        text, core = flat.pop(0)
        size = layout(of)[0]
        return f"({core}.store{ {1: 8, 2: 16}.get(size, '')} (i32.const {at}) {text})"
    parts = fields(of)
    code = ""
    if parts is not None:
        for part in parts:
            size, align = layout(part)
            at = _round(at, align)
            code += store(part, at, flat)
            at += size
        return code
    payloads = cases(of)
    (index, _), *numbers = [flat.pop(0) for _ in flatten(of)]
    first, align = _discriminant(len(payloads)), layout(of)[1]
    code = store({1: "u8", 2: "u16", 4: "u32"}[first], at, [(index, "i32")])
    for i, payload in enumerate(payloads):
        held = [(_convert(text, core, own), own) for (text, core), own in zip(numbers, flatten(payload))]
        if payload is not None:
            code += f"(if (i32.eq {index} (i32.const {i})) (then {store(payload, at + _round(first, align), held)}))"
    return code


# ---- Components ----


def _signature(of: WitType) -> tuple[str, str, str]:
    """Of a function that takes and returns a value: its core parameters, its core result, and the arguments of a call."""
    flat = flatten(of)
    params = flat if len(flat) <= MOST_FLAT else ["i32"]
    result = flat[0] if len(flat) == 1 else "i32"
    return " ".join(params), result, " ".join(f"(local.get {i})" for i in range(len(params)))


def _lift(name: str, of: WitType, ref: str) -> str:
    options = LIFT if len(flatten(of)) != 1 else ""
    return f"""  (func (export "{name}") (param "value" {ref}) (result {ref})
    (canon lift (core func $code "{name}") {options}))"""


def same(functions: dict[str, WitType]) -> str:
    """A component whose functions return their parameter. functions: their names, and their types."""
    writer = _Writer()
    core, lifted = [], []
    for name, of in functions.items():
        lifted.append(_lift(name, of, writer.ref(of)))
        params, result, arguments = _signature(of)
        flat = flatten(of)
        body = "(local.get 0)"
        if 1 < len(flat) <= MOST_FLAT:
            body = store(of, RESULT, list(zip(arguments.replace(") (", ")\n(").split("\n"), flat))) + f"(i32.const {RESULT})"
        core.append(f'    (func (export "{name}") (param {params}) (result {result}) {body})')
    return "\n".join(["(component" + MEMORY, '  (core module $code (import "libc" "memory" (memory 1))', *core, "  )",
                      '  (core instance $code (instantiate $code (with "libc" (instance $libc))))',
                      *writer.lines, *lifted]) + ")"


def echo(types: dict[str, WitType]) -> str:
    """A component with two functions for each type: `echo-NAME` returns a value, `list-NAME` a list of them."""
    return same({name: of for plain, each in types.items()
                 for name, of in ((f"echo-{plain}", each), (f"list-{plain}", ("list", each)))})


def keeper(of: WitType) -> str:
    """A component that keeps a list of values: `keep`, and returns it: `kept`."""
    writer = _Writer()
    ref = writer.ref(of)
    return "(component" + MEMORY + "\n" + "\n".join(writer.lines) + f"""
  (func (export "keep") (param "values" (list {ref})) (canon lift (core func $libc "keep") {LOWER}))
  (func (export "kept") (result (list {ref})) (canon lift (core func $libc "kept") (memory $libc "memory"))))"""


def imported(functions: dict[str, WitType], interface: str) -> tuple[str, dict[str, str]]:
    """The import of an interface with such functions, as $imported, and the variables of its types."""
    writer = _Writer(is_instance=True)
    refs = {name: writer.ref(of) for name, of in functions.items()}
    lines = [f'    (export "{name}" (func (param "value" {ref}) (result {ref})))' for name, ref in refs.items()]
    return f'(import "{interface}" (instance $imported\n' + "\n".join([*writer.lines, *lines]) + "))", writer.names


def relay(functions: dict[str, WitType], interface: str) -> str:
    """A component that imports an interface, and exports functions of the same names and types, which call it."""
    text, names = imported(functions, interface)
    writer = _Writer()
    writer.names = names
    lines = [f"""  (alias export $imported "{name}" (type {variable}'))\n  (export {variable} "{name}" (type {variable}'))"""
             for name, variable in names.items()]
    lowered, given, declared, core, lifted = [], [], [], [], []
    for name, of in functions.items():
        params, result, arguments = _signature(of)
        lifted.append(_lift(name, of, writer.ref(of)))
        lowered.append(f'  (core func $l-{name} (canon lower (func $imported "{name}") {LOWER}))')
        given.append(f'(export "{name}" (func $l-{name}))')
        if len(flatten(of)) == 1:
            signature, call = f"(param {params}) (result {result})", f"(call $l-{name} {arguments})"
        else:
            signature = f"(param {params} i32)"
            call = f"(call $l-{name} {arguments} (i32.const {RESULT})) (i32.const {RESULT})"
        declared.append(f'    (import "" "{name}" (func $l-{name} {signature}))')
        core.append(f'    (func (export "{name}") (param {params}) (result {result}) {call})')
    return "\n".join([f"(component {text}", *lines, MEMORY, *lowered, "  (core module $code", *declared, *core, "  )",
                      f'  (core instance $code (instantiate $code (with "" (instance {" ".join(given)}))))', *lifted]) + ")"


def exported(component: str, interface: str, text: str = "") -> str:
    """A component that exports an interface with all that another one exports. text: the import of both."""
    inner = component.replace("(component", "(component $inner", 1)
    given = f'(with "{text.split(chr(34))[1]}" (instance $imported))' if text else ""
    return (f"(component {text}\n{inner}\n(instance $inner (instantiate $inner {given}))\n"
            f'(export "{interface}" (instance $inner)))\n')
