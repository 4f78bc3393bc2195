#!/usr/bin/env python3
"""Checks every #include against src/layers.txt, the only statement of direction.

A module can include the modules to the right of it, and the modules that those can include. Every
module can include include/tenon, which includes only the standard library and itself. A row that
names include/tenon is complete: its module, such as `cli`, can include only the modules in the row.
Only src/engine includes the engine. Tests (*_test.cc) are exempt.

A pointer to `void` that is cast back depends on a type without including it, perhaps one of a module above. So no
file keeps a weak one, or casts one, except where the class of an object is known by another way (VOID_CASTS).

Usage: check_layers.py [ROOT]        exit 1 and one line for each include that points upward
"""
import os
import re
import sys

from project_files import ROOT, IncludeGraph, includes_of, project_files, read_text, resolve_include

PUBLIC = "include/tenon"
# C headers that tenon_host.h can include, because bundles can be written in C.
C_HEADERS = {"assert.h", "stdbool.h", "stddef.h", "stdint.h", "stdio.h", "stdlib.h", "string.h"}
# An object of the program has the class that its resource kind names (`host_class`).
VOID_CASTS = {"include/tenon/detail/host_codec.h", "src/packr/buffers.cc"}
HIDDEN = re.compile(r"\bweak_ptr<(?:const )?void>|\b(?:static|const|dynamic)_pointer_cast<(?:const )?void>")
ENGINE_HEADERS = re.compile(r"^(wasm|wasi|wasmtime|tenon_engine)(\.h|/)")


def read_layers(text):
    """{module: modules to the right of it}; raises ValueError for an unknown module or a cycle."""
    layers = {}
    for line in text.splitlines():
        line = line.split("#")[0].strip()
        if not line:
            continue
        modules, _, below = line.partition(":")
        for module in modules.split():
            layers[module] = below.split()
    for module, below in layers.items():
        for name in below:
            if name != PUBLIC and name not in layers:
                raise ValueError(f"`{module}` depends on `{name}`, which has no row")
    for module in layers:
        allowed(layers, module)
    return layers


def allowed(layers, module, above=()):
    """Every module that `module` can include."""
    if module in above:
        raise ValueError("a cycle: " + " -> ".join((*above[above.index(module):], module)))
    below = layers.get(module, [])
    reached = set(below)
    for name in below:
        others = allowed(layers, name, (*above, module))
        if PUBLIC not in below:
            reached |= others
    return reached


def module_of(path):
    parts = path.split("/")
    if path.startswith(PUBLIC + "/"):
        return PUBLIC
    return parts[1] if parts[0] == "src" and len(parts) > 2 else None


def check_public_include(quote, name):
    if quote == '"':
        return None if name.startswith("tenon/") else "a public header can include only std and tenon/"
    if re.fullmatch(r"[a-z_0-9]+", name) or name in C_HEADERS:
        return None
    return "a public header cannot include third-party headers"


def check_module_include(layers, path, quote, name, root):
    """Why this include is not allowed, or None."""
    module = module_of(path)
    if ENGINE_HEADERS.match(name):
        return None if module == "engine" else "only src/engine can include the engine"
    if quote == "<" or name.startswith("tenon/"):
        return None
    target = resolve_include(name, path, root)
    if not target or not target.startswith("src/" + name.split("/")[0] + "/"):
        return "include project headers by their path from src/ or tenon/"
    other = module_of(target)
    if other == module or other in allowed(layers, module):
        return None
    return f"src/layers.txt does not let `{module}` include `{other}`"


def find_hidden(path, text):
    """Each place that hides what it depends on."""
    if path in VOID_CASTS:
        return
    for number, line in enumerate(text.splitlines(), 1):
        if match := HIDDEN.search(line):
            yield f"{path}:{number}: {match[0]}: name a type, or an interface of this module"


def check(root):
    """Every violation, as `file:line: text`."""
    try:
        layers = read_layers(read_text("src/layers.txt", root))
    except ValueError as error:
        return [f"src/layers.txt: {error}"]
    problems = []
    files = [path for path in project_files(".h", ".cc", ".def", root=root)
             if module_of(path) and not path.endswith("_test.cc")]
    for module in sorted({module_of(path) for path in files} - set(layers) - {PUBLIC}):
        problems.append(f"src/{module}: has no row in src/layers.txt")
    for path in files:
        problems += find_hidden(path, read_text(path, root))
        for quote, name, line in includes_of(read_text(path, root)):
            if module_of(path) == PUBLIC:
                problem = check_public_include(quote, name)
            else:
                problem = check_module_include(layers, path, quote, name, root)
            if problem:
                problems.append(f"{path}:{line}: includes {name}: {problem}")
    cycle = IncludeGraph(root).find_cycle([path for path in files if path.endswith(".h")])
    if cycle:
        problems.append("headers include each other: " + " -> ".join(cycle))
    return problems


def main():
    root = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else ROOT
    problems = check(root)
    print("\n".join(problems or ["layers: every include follows src/layers.txt"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
