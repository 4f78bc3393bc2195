"""Guests as text: components that return what they get, for any type."""

from __future__ import annotations

from typing import Any

# A type is a text ("u32") or a tuple: ("list", T), ("option", T), ("tuple", T, ..), ("result", T or None, E or None),
# ("record", name, {label: T}), ("variant", name, {label: T or None}), ("enum", name, labels), ("flags", name, labels).
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
    (func (export "reset") (global.set $free (i32.const 65536)))
    (func (export "list") (param $at i32) (param $count i32) (result i32)
      (i32.store (i32.const 16) (local.get $at)) (i32.store (i32.const 20) (local.get $count)) (i32.const 16))
    (func (export "spilled") (param i32) (result i32) (local.get 0))
    (func (export "i32") (param i32) (result i32) (local.get 0))
    (func (export "i64") (param i64) (result i64) (local.get 0))
    (func (export "f32") (param f32) (result f32) (local.get 0))
    (func (export "f64") (param f64) (result f64) (local.get 0))
    (func (export "keep") (param i32 i32)
      (i32.store (i32.const 24) (local.get 0)) (i32.store (i32.const 28) (local.get 1)))
    (func (export "kept") (result i32) (i32.const 24))
    (func (export "freed") (param i32) (global.set $free (i32.const 65536))))
  (core instance $libc (instantiate $libc))"""
LIFT = '(memory $libc "memory") (realloc (func $libc "realloc")) (post-return (func $libc "freed"))'
SCALARS = {"s64": "i64", "u64": "i64", "f32": "f32", "f64": "f64"}
PADDING = " ".join(f'(param "p{i}" u8)' for i in range(17))


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


def flat_count(of: WitType) -> int:
    if isinstance(of, str):
        return 2 if of == "string" else 1
    kind, *rest = of
    if kind == "list" or kind == "map":
        return 2
    if kind == "array":
        return flat_count(rest[0]) * rest[1]
    if kind == "tuple":
        return sum(map(flat_count, rest))
    if kind == "record":
        return sum(map(flat_count, rest[1].values()))
    if kind == "enum":
        return 1
    if kind == "flags":
        return (len(rest[1]) + 31) // 32
    if kind == "option":
        return 1 + flat_count(rest[0])
    parts = rest if kind == "result" else list(rest[1].values())
    return 1 + max([flat_count(part) for part in parts if part is not None], default=0)


def echo(types: dict[str, WitType]) -> str:
    """A component with two functions for each type: `echo-NAME` returns a value, `list-NAME` a list of them. `echo-NAME` has 17 more
    parameters if the value is more than one number, so that all are in memory."""
    writer = _Writer()
    functions = []
    for name, of in types.items():
        ref = writer.ref(of)
        single = flat_count(of) == 1
        core = SCALARS.get(of if isinstance(of, str) else "", "i32") if single else "spilled"
        extra = "" if single else PADDING
        options = LIFT if not single else ""
        functions.append(f"""  (func (export "echo-{name}") (param "value" {ref}) {extra} (result {ref})
    (canon lift (core func $libc "{core}") {options}))
  (func (export "list-{name}") (param "values" (list {ref})) (result (list {ref}))
    (canon lift (core func $libc "list") {LIFT}))""")
    return "(component" + MEMORY + "\n" + "\n".join([*writer.lines, *functions]) + ")"


def keeper(of: WitType) -> str:
    """A component that keeps a list of values: `keep`, and returns it: `kept`."""
    writer = _Writer()
    ref = writer.ref(of)
    return "(component" + MEMORY + "\n" + "\n".join(writer.lines) + f"""
  (func (export "keep") (param "values" (list {ref}))
    (canon lift (core func $libc "keep") (memory $libc "memory") (realloc (func $libc "realloc"))))
  (func (export "kept") (result (list {ref})) (canon lift (core func $libc "kept") (memory $libc "memory"))))"""


def relay(types: dict[str, WitType]) -> str:
    """A component that imports `acme:test/echo` and exports functions of the same types, which call it: `list-NAME`."""
    imports, lowered, given, exports, declared, called = [], [], [], [], [], []
    instance = _Writer(is_instance=True)
    for name, of in types.items():
        imports.append(f'(export "list-{name}" (func (param "values" (list {instance.ref(of)})) '
                       f'(result (list {instance.ref(of)}))))')
    aliases = [f"""  (alias export $echo "{name}" (type {variable}'))\n  (export {variable} "{name}" (type {variable}'))"""
               for name, variable in instance.names.items()]
    for name, of in types.items():
        variable = instance.ref(of)
        lowered.append(f'  (core func $l-{name} (canon lower (func $echo "list-{name}") (memory $libc "memory")'
                       f' (realloc (func $libc "realloc"))))')
        declared.append(f'(import "" "{name}" (func $l-{name} (param i32 i32 i32)))')
        given.append(f'(export "{name}" (func $l-{name}))')
        called.append(f'(func (export "{name}") (param i32 i32) (result i32) (call $l-{name} (local.get 0) (local.get 1)'
                      f' (i32.const 32)) (i32.const 32))')
        exports.append(f'  (func (export "list-{name}") (param "values" (list {variable})) (result (list {variable}))'
                       f' (canon lift (core func $core "{name}") {LIFT}))')
    inner = "\n    ".join([*instance.lines, *imports])
    return (f'(component\n  (import "acme:test/echo" (instance $echo\n    {inner}))' + "\n".join(["", *aliases]) + MEMORY +
            "\n" + "\n".join(lowered) + f'\n  (core module $code {" ".join(declared)} {" ".join(called)})\n'
            f'  (core instance $core (instantiate $code (with "" (instance {" ".join(given)}))))\n' +
            "\n".join(exports) + ")")
