"""The table of tests/values: values of Python, which are made of JSON by their types, come back from guests in several
languages, in one domain and in two, and reach functions of Python. Calls with the same values as text do so, too."""

from __future__ import annotations

import array
import functools
import json
import pathlib
import struct
import subprocess
import sys
from typing import Any

import pytest

import tenon
from conftest import ROOT
from tenon._names import pascal, snake

TABLE = json.loads((ROOT / "tests" / "values" / "gen" / "values.json").read_text())
CODES = {"s8": "b", "s16": "h", "u16": "H", "s32": "i", "u32": "I", "s64": "q", "u64": "Q", "f32": "f", "f64": "d"}


def native(classes: dict[str, Any], of: Any, value: Any) -> Any:
    """The value of Python that a function returns."""
    kind, *rest = [of] if isinstance(of, str) else of
    if kind == "f32":
        return struct.unpack("f", struct.pack("f", float(value)))[0]
    if kind in CODES:
        return (float if kind == "f64" else int)(value)
    if kind in ("list", "array"):
        items = [native(classes, rest[0], each) for each in value]
        if rest[0] == "u8":
            return bytes(items)
        code = CODES.get(rest[0]) if isinstance(rest[0], str) else None
        return array.array(code, items) if code else items
    if kind == "tuple":
        return tuple(native(classes, part, each) for part, each in zip(rest, value))
    if kind == "map":
        return {native(classes, rest[0], key): native(classes, rest[1], each) for key, each in value}
    if kind == "option":
        if value is None:
            return None
        is_nested = rest[0][0] == "option"
        return tenon.Some(native(classes, rest[0], value["some"])) if is_nested else native(classes, rest[0], value)
    if kind in ("variant", "result"):
        ((label, payload),) = value.items()
        part = rest[1][label] if kind == "variant" else rest[label == "err"]
        case: Any = getattr(classes[pascal(rest[0])] if kind == "variant" else tenon, pascal(label))
        return case() if part is None else case(native(classes, part, payload))
    if kind == "record":
        return classes[pascal(rest[0])](*(native(classes, part, value[label]) for label, part in rest[1].items()))
    if kind == "enum":
        return classes[pascal(rest[0])](value)
    if kind == "flags":
        return classes[pascal(rest[0])](sum(1 << i for i, label in enumerate(rest[1]) if label in value))
    return value


@functools.cache
def built_guest(language: str) -> pathlib.Path | None:
    """A guest that is built if that has not been done. None: its toolchain is not installed."""
    done = subprocess.run([sys.executable, ROOT / "tools" / "guest_languages.py", "path", f"values-{language}"],
                          stdout=subprocess.PIPE, text=True)
    if done.returncode == 77:
        return None
    done.check_returncode()
    return pathlib.Path(done.stdout.strip())


def pass_rows(guests: dict[str, tenon.Composition], received: list[Any] | None = None) -> None:
    """Passes the rows of sets. guests: by their sets. received: what functions of the program got."""
    passed = set()
    for row in TABLE["rows"]:
        guest, of = guests.get(row["set"]), row["type"]
        if guest is None:
            continue
        passed.add(row["set"])
        function, classes = getattr(guest, snake(row["function"])), guest.types
        for each in row["values"]:
            value = native(classes, of, each["json"])
            if "times" in each:
                value *= each["times"]
            arguments = value if row["spread"] else (value,)
            try:
                found = function(*arguments)
                if of[0] == "result":
                    found = tenon.Ok(found)
            except tenon.ResultError as error:
                found = tenon.Err(error.payload)
            # The texts of values have their types, NaN, and the sign of a zero.
            assert repr(found) == repr(value), row["function"]
            if "wave" in each:
                text = each["wave"] if row["spread"] else f"({each['wave']})"
                assert guest.evaluate(row["function"] + text) == each["wave"], row["function"]
            if received is not None:
                assert {repr(got) for got in received} == {repr(value)} and len(received) == 1 + ("wave" in each)
                received.clear()
    assert passed == set(guests) != set()


@pytest.mark.parametrize("way", ["one domain", "isolated"])
@pytest.mark.parametrize("language", TABLE["languages"])
def test_table(language: str, way: str) -> None:
    guests = {}
    for name, row_set in TABLE["sets"].items():
        if language in row_set["guests"]:
            path = row_set["guests"][language]
            file = built_guest(language) if path is None else ROOT / path
            if file is None:
                pytest.skip("the toolchain of this guest is not installed")
            guests[name] = tenon.link({name: file}, isolate=way == "isolated")
    pass_rows(guests)


def test_table_with_functions_of_the_program() -> None:
    received: list[Any] = []

    def receive(value: Any) -> Any:
        received.append(value)
        return value

    guests = {}
    for name, row_set in TABLE["sets"].items():
        if "relay" in row_set:
            functions = {snake(row["function"]): receive for row in TABLE["rows"] if row["set"] == name}
            guests[name] = tenon.link({"relay": ROOT / row_set["relay"]},
                                      imports={row_set["interface"].split("@")[0]: functions})
    pass_rows(guests, received)
