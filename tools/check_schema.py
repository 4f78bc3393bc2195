#!/usr/bin/env python3
"""Validates every tenon.toml of the tree against docs/tenon.schema.json, which editors use.

Usage: check_schema.py

Manifests of tests that expect an error of the manifest are left out. That the schema has the keys that tenon reads is
checked by src/link/manifest_schema_test.cc.
"""
import json
import os
import re
import sys
import tomllib

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SCHEMA = os.path.join(ROOT, "docs", "tenon.schema.json")
KINDS = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int}


def find_problems(value, rule, schema, place):
    """Problems of a value by a rule of the schema, as far as the schema uses JSON Schema."""
    if "$ref" in rule:
        rule = schema["definitions"][rule["$ref"].rsplit("/", 1)[1]]
    if "const" in rule and value != rule["const"]:
        yield f"{place}: {value!r} is not {rule['const']!r}"
    if "enum" in rule and value not in rule["enum"]:
        yield f"{place}: {value!r} is not one of {rule['enum']}"
    kind = KINDS.get(rule.get("type"), object)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        yield f"{place}: {value!r} is not of type {rule['type']}"
        return
    if "pattern" in rule and not re.search(rule["pattern"], value):
        yield f"{place}: {value!r} does not match {rule['pattern']}"
    if "minimum" in rule and value < rule["minimum"]:
        yield f"{place}: {value!r} is less than {rule['minimum']}"
    if kind is list:
        for item in value:
            yield from find_problems(item, rule["items"], schema, place + "[]")
    if kind is dict:
        rest = rule.get("additionalProperties", {})
        for key in rule.get("required", []):
            if key not in value:
                yield f"{place}: {key} is missing"
        for key, item in value.items():
            inner = rule.get("properties", {}).get(key, rest)
            if inner is False:
                yield f"{place}: unknown key {key}"
            else:
                yield from find_problems(item, inner, schema, f"{place}.{key}" if place else key)


def expects_error(folder):
    """Whether a golden case is about a mistake in its manifest."""
    path = os.path.join(folder, "expected.err")
    return os.path.exists(path) and re.search(r"config-(value|unknown-key|syntax)", open(path, encoding="utf-8").read())


def main():
    with open(SCHEMA, encoding="utf-8") as file:
        schema = json.load(file)
    checked = 0
    problems = []
    for top in ("docs", "examples", "tests"):
        for folder, _, names in os.walk(os.path.join(ROOT, top)):
            if "tenon.toml" not in names or expects_error(folder):
                continue
            path = os.path.join(folder, "tenon.toml")
            with open(path, "rb") as file:
                manifest = tomllib.load(file)
            # An empty one only marks the folder of a project.
            if not manifest:
                continue
            checked += 1
            shown = os.path.relpath(path, ROOT)
            problems += [f"{shown}: {problem}" for problem in find_problems(manifest, schema, schema, "")]
    print("\n".join(problems + [f"schema: {checked} manifests, {len(problems)} problems"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
