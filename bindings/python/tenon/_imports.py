"""The types of the functions that components import, so that functions of the program can be checked and called.

The library tells the types of exports. A component begins with its imports: this module cuts it off after them, and
exports what it imports.
"""

from __future__ import annotations

import glob
import os
import tomllib
from typing import Iterator, Sequence

from . import _tenon
from ._errors import LinkError

_TYPE, _IMPORT, _ALIAS, _CUSTOM = 7, 10, 6, 0
_EXPORT = 11
_PREAMBLE = b"\0asm\x0d\0\x01\0"
_FUNCTION, _INSTANCE = 1, 5

Source = str | bytes


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def number(self) -> int:
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def take(self, size: int) -> bytes:
        self.at += size
        return self.data[self.at - size:self.at]


def _leb(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def _read_imports(section: bytes) -> Iterator[tuple[bytes, int]]:
    """The name of each import, with its encoding, and its sort."""
    reader = _Reader(section)
    for _ in range(reader.number()):
        begin = reader.at
        form = reader.byte()
        reader.take(reader.number())
        if form == 2:  # options, such as `implements`
            for _ in range(reader.number()):
                reader.byte()
                reader.take(reader.number())
        name = section[begin:reader.at]
        sort = reader.byte()
        if sort == 0:
            reader.byte()
        if sort != 3 or reader.byte() == 0:  # all but (type (sub resource)) have an index
            reader.number()
        yield name, sort


def re_export(component: bytes) -> bytes | None:
    """A component that exports the functions and instances that this one imports; None: there are none, or they cannot be
    told."""
    if component[:8] != _PREAMBLE:
        return None
    reader = _Reader(component)
    reader.at = end = 8
    exports: list[bytes] = []
    counts = {_FUNCTION: 0, _INSTANCE: 0}
    while reader.at < len(component):
        section = reader.byte()
        body = reader.take(reader.number())
        if section not in (_TYPE, _IMPORT, _ALIAS, _CUSTOM):
            break
        end = reader.at
        for name, sort in _read_imports(body) if section == _IMPORT else ():
            if sort in counts:
                exports.append(name + bytes([sort]) + _leb(counts[sort]) + b"\0")
                counts[sort] += 1
    if not exports:
        return None
    body = _leb(len(exports)) + b"".join(exports)
    return component[:end] + bytes([_EXPORT]) + _leb(len(body)) + body


def _read(source: Source) -> bytes | None:
    """The bytes of a component; None: it cannot be read, which the linker reports."""
    if not isinstance(source, str):
        return bytes(source)
    try:
        with open(source, "rb") as file:
            data = file.read()
    except OSError:
        return None
    if data[:4] == _PREAMBLE[:4]:
        return data
    builder = _tenon.Builder()  # text
    builder.add_unit("unit", source, None, False, False, None, 0)
    builder.call("allow_unresolved")
    try:
        return builder.compose()
    except LinkError:
        return None


def imports_of(sources: Sequence[Source]) -> list[_tenon.Function]:
    """The functions that the components import. They tell their types, and are never called."""
    found: list[_tenon.Function] = []
    for source in sources:
        component = _read(source)
        try:
            types = re_export(component) if component is not None else None
            if types is None:
                continue
            builder = _tenon.Builder()
            builder.add_unit("imports", None, types, False, False, None, 0)
            builder.call("allow_unresolved")
            found += builder.build().functions()
        except (IndexError, LinkError):
            continue  # the component is malformed, which the linker reports
    return found


def _manifest_sources(text: str, folder: str) -> list[Source]:
    try:
        components = tomllib.loads(text).get("components", {})
        return [os.path.join(folder, table["path"]) for table in components.values()]
    except (tomllib.TOMLDecodeError, AttributeError, KeyError, TypeError):
        return []  # the linker reports it


def manifest_sources(path: str) -> list[Source]:
    """The components of a tenon.toml."""
    try:
        with open(path, encoding="utf-8") as file:
            return _manifest_sources(file.read(), os.path.dirname(path))
    except (OSError, UnicodeDecodeError):
        return []


def manifest_text_sources(text: str, folder: str) -> list[Source]:
    """The same for its text."""
    return _manifest_sources(text, folder)


def argument_sources(argument: str) -> list[Source]:
    """The components of FILE, NAME=FILE, a folder or a glob."""
    head, equals, tail = argument.partition("=")
    if equals and "/" not in head and not os.path.exists(argument):
        argument = tail
    if os.path.isdir(argument):
        manifest = os.path.join(argument, "tenon.toml")
        if os.path.isfile(manifest):
            return manifest_sources(manifest)
        return [os.path.join(argument, name) for name in sorted(os.listdir(argument)) if name.endswith((".wasm", ".wat"))]
    if os.path.isfile(argument):
        return manifest_sources(argument) if argument.endswith(".toml") else [argument]
    return [path for path in sorted(glob.glob(argument, recursive=True)) if os.path.isfile(path)]


def wac_sources(path: str, folder: str | None) -> list[Source]:
    """The packages beside a .wac file."""
    folder = folder or os.path.join(os.path.dirname(path), "deps")
    return [name for name in glob.glob(os.path.join(folder, "**", "*.wa[st]*"), recursive=True) if os.path.isfile(name)]
