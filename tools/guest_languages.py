#!/usr/bin/env python3
"""Builds components in languages whose toolchains come from npm, PyPI and cargo, and links each with others: with
examples/press, or with tests/guests/async. The table of tests/values is for those that return values, and
tests/http_guests.py serves those that handle HTTP.

Usage: guest_languages.py install          fetch the toolchains of npm and PyPI (`./dev setup guests` does)
       guest_languages.py test TENON       build tests/guests/languages, link, run, compare; check that the toolchains
                                           still lack what tests/values/make.py says
       guest_languages.py path NAME        build one component, and print its path

Toolchains and the components that they built are cached in ${XDG_CACHE_HOME:-~/.cache}/tenon/languages.
Exit: 0 fine; 1 a failure; 77 skipped: the toolchain is not installed.
"""
import fcntl
import functools
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from typing import Callable, NamedTuple, Optional, Sequence

import engine_crates
from setup import WIT_BINDGEN_VERSION, wit_bindgen_folder

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SOURCES = os.path.join(ROOT, "tests", "guests", "languages")
PRESS = os.path.join(ROOT, "examples", "press")
PRESS_WIT = os.path.join(PRESS, "wit", "deps", "text.wit")
ASYNC = os.path.join(ROOT, "tests", "guests", "async")
RELAY_WIT = os.path.join(ASYNC, "wit", "relay.wit")
VALUES = os.path.join(ROOT, "tests", "values")
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "tenon", "languages")
COMPONENTIZE_PY = "0.25.1"
SKIPPED = 77
NPM = os.path.join(CACHE, "node_modules")
PYTHON = os.path.join(CACHE, "python")
PYTHON_VARIABLES = dict(os.environ, PYTHONPATH=PYTHON, PYTHONDONTWRITEBYTECODE="1")
WIT_BINDGEN = os.path.join(wit_bindgen_folder(), "wit-bindgen")
GO_VERSION = (1, 25)  # which bindings for Go need
# The packages that these bindings import. The crate of their generator has them.
GO_PACKAGES = os.path.join(os.environ.get("CARGO_HOME") or os.path.expanduser("~/.cargo"), "registry", "src", "*",
                           f"wit-bindgen-go-{WIT_BINDGEN_VERSION}", "src", "pkg", "wit")

sys.path.append(VALUES)
import make as value_table  # pylint: disable=wrong-import-position


def run(*command, **options):
    print("+ " + " ".join(command), file=sys.stderr, flush=True)
    return subprocess.run(command, check=True, **options)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def install():
    os.makedirs(CACHE, exist_ok=True)
    # Lists what is installed. It is written last, so that an interrupted installation is repeated.
    stamp = os.path.join(CACHE, "installed")
    wanted = f"{read(os.path.join(SOURCES, 'package.json'))}componentize-py {COMPONENTIZE_PY}\n"
    if os.path.exists(stamp) and read(stamp) == wanted:
        print("toolchains of npm and PyPI: there", file=sys.stderr)
        return
    if os.path.exists(stamp):
        os.remove(stamp)
    # Packages of an older package.json would remain beside the current ones.
    shutil.rmtree(os.path.join(CACHE, "node_modules"), ignore_errors=True)
    if os.path.exists(os.path.join(CACHE, "package-lock.json")):
        os.remove(os.path.join(CACHE, "package-lock.json"))
    shutil.copy(os.path.join(SOURCES, "package.json"), CACHE)
    run("npm", "install", "--silent", "--no-audit", "--no-fund", cwd=CACHE)
    run(sys.executable, "-m", "pip", "install", "--quiet", "--upgrade", "--target",
        PYTHON, f"componentize-py=={COMPONENTIZE_PY}")
    write(stamp, wanted)


def build_js(source, out, wit, world, *disabled):
    shutil.copy(os.path.join(SOURCES, "build.js"), CACHE)  # beside node_modules
    run("node", "build.js", source, wit, world, out, *disabled, cwd=CACHE)


def build_highlighter_js(source, out):
    build_js(source, out, PRESS_WIT, "highlighter", "random", "stdio", "http", "fetch-event")


def build_qjs(source, out, wit, world):
    run("node", os.path.join(NPM, "componentize-qjs", "cli.mjs"), "--js", source,
        "--wit", wit, "--world", world, "-o", out)


def componentize_py(wit, world):
    """The begin of a command."""
    return [os.path.join(PYTHON, "bin", "componentize-py"), "-d", wit, "-w", world]


def build_py(source, out, wit, world):
    run(*componentize_py(wit, world), "componentize", "-p", os.path.dirname(source),
        os.path.basename(source).removesuffix(".py"), "-o", out, stdout=subprocess.DEVNULL, env=PYTHON_VARIABLES)


def build_handler(build, world, source, out):
    """Builds a handler of wasi:http. world: what its world has."""
    crates = os.path.join(os.environ.get("CARGO_HOME") or os.path.expanduser("~/.cargo"), "registry", "src", "*")
    engine = next(version for name, version in engine_crates.locked() if name == "wasmtime-wasi-http")
    version = re.search(r"@(\S+);", world)[1]
    # The WIT that the engine ships.
    found = glob.glob(os.path.join(crates, f"wasmtime-wasi-http-{engine}", "wit" if version < "0.3" else "src/p3/wit"))
    if not found:
        raise OSError(f"the crate wasmtime-wasi-http {engine} is not fetched (`./dev setup`)")
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        os.makedirs(os.path.join(folder, "deps"))
        for path in glob.glob(os.path.join(found[0], "deps", "*.wit")):
            # Toolchains want different patch versions, of the same types.
            write(os.path.join(folder, "deps", os.path.basename(path)), re.sub(r"\b0\.2\.\d+\b", version, read(path)))
        write(os.path.join(folder, "site.wit"), f"package demo:site;\nworld site {{ {world} }}\n")
        build(source, out, folder, "site")


def build_values_py(source, out):
    with tempfile.TemporaryDirectory(dir=CACHE) as wit:
        value_table.write_single_wit(wit, value_table.interfaces_of("py"))
        build_py(source, out, wit, "guest")


def build_values_go(source, out):
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        wit = os.path.join(folder, "wit")
        value_table.write_single_wit(wit, value_table.interfaces_of("go"))
        run(WIT_BINDGEN, "go", "--out-dir", folder, wit, stdout=subprocess.DEVNULL)
        shutil.copytree(source, folder, dirs_exist_ok=True)
        shutil.copytree(glob.glob(GO_PACKAGES)[0], os.path.join(folder, "pkg", "wit"))
        write(os.path.join(folder, "pkg", "go.mod"), "module go.bytecodealliance.org/pkg\n\ngo 1.25\n")
        module = os.path.join(folder, "go.mod")
        write(module, read(module) + "\nreplace go.bytecodealliance.org/pkg => ./pkg\n")
        core, typed = (os.path.join(folder, name) for name in ("core.wasm", "typed.wasm"))
        variables = {"GOOS": "wasip1", "GOARCH": "wasm", "GOTOOLCHAIN": "local", "GOWORK": "off",
                     "GOFLAGS": "-mod=mod -trimpath -buildvcs=false"}
        run("go", "build", "-buildmode=c-shared", "-ldflags=-checklinkname=0 -s -w", "-o", core, ".", cwd=folder,
            env={**os.environ, **variables})
        jco = os.path.join(NPM, "@bytecodealliance", "jco", "dist", "jco.js")
        run("node", jco, "embed", "--wit", wit, core, "-o", typed, stdout=subprocess.DEVNULL)
        run("node", jco, "new", "--wasi-reactor", typed, "-o", out, stdout=subprocess.DEVNULL)


def check(command, expected, quiet=False):
    """Whether a command succeeds and prints a text that has the expected one in it. quiet: prints nothing if not."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode == 0 and expected in done.stdout:
        return True
    if not quiet:
        print(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return False


def check_highlighter(tenon, wasm):
    """Renders a page of the press example. The code begins with a keyword of the language."""
    code = {"js": "const a = b;", "py": "return a"}[os.path.basename(wasm).split("-")[0]]
    words = [tenon, "run", os.path.join(PRESS, "wasm", "cli.wasm")]
    for name in ("site", "markdown", "kv", "archive"):
        words += ["--with", os.path.join(PRESS, "wasm", name + ".wasm")]
    language = os.path.basename(wasm).split("-")[0]
    words += ["--with", wasm, "--", f"PUT /a=```{language}\n{code}\n```", "GET /a"]
    keyword, rest = code.split(" ", 1)
    return check(words, f"<i class=k>{keyword}</i> {rest}")


def check_relay(tenon, wasm):
    """Calls async functions of the component, one with a stream, in the caller's domain and in one of its own."""
    words = ["one", " two"]
    command = [os.path.join(ASYNC, "wasm", "app.wasm"), "--with", wasm]
    given = json.dumps(words)
    return all([check([tenon, "call", *flags, *command, call], expected)
                for flags in ([], ["--isolate"], ["--isolate", "--stream-buffer", "0B"])
                for call, expected in ((f"upper-all({given})", given.upper()),
                                       (f"shout({given})", json.dumps("".join(words).upper())))])


def check_values(tenon, wasm):
    """The tests of tenon's languages call it with all values of the table."""
    return check([tenon, "call", wasm, 'same-option(some("é"))'], 'some("é")')


def loses_order(tenon, wasm):
    """Whether the component returns the pairs of a map in another order, which is a random one."""
    pairs = "{" + ", ".join(f'"{letter}": 0' for letter in "abcdefghijklmnop") + "}"
    return any(not check([tenon, "call", wasm, f"same-map({pairs})"], pairs, quiet=True) for _ in range(20))


def check_lacking(tenon):
    """Whether toolchains still cannot express what tests/values/make.py says that they cannot."""
    fine = True
    with tempfile.TemporaryDirectory() as folder:
        generators = {
            "c": (WIT_BINDGEN, lambda wit: [WIT_BINDGEN, "c", "--out-dir", folder, wit]),
            "go": (WIT_BINDGEN, lambda wit: [WIT_BINDGEN, "go", "--out-dir", folder, wit]),
            "py": (PYTHON, lambda wit: [*componentize_py(wit, "guest"), "bindings", folder]),
        }
        for (language, row_set), text in value_table.LACKING.items():
            toolchain, command = generators[language]
            if not os.path.exists(toolchain):
                continue
            if text == value_table.NO_ORDER:
                guest = f"values-{language}"
                is_lacking = not GUESTS[guest].is_installed() or loses_order(tenon, component(guest))
                printed = "the pairs were in order\n"
            else:
                wit = os.path.join(folder, f"{language}-{row_set}")
                value_table.write_single_wit(wit, [value_table.SETS[row_set].name])
                done = subprocess.run(command(wit), capture_output=True, text=True, env=PYTHON_VARIABLES)
                printed = done.stdout + done.stderr
                is_lacking = done.returncode != 0 and text in printed
            if not is_lacking:
                print(f"{language} may have `{row_set}` of tests/values/make.py: expected `{text}`, found\n{printed}")
                fine = False
    return fine


def has_npm():
    return os.path.isdir(NPM)


def has_python():
    return os.path.isdir(PYTHON)


def has_go():
    if not (shutil.which("go") and has_npm() and os.path.exists(WIT_BINDGEN) and glob.glob(GO_PACKAGES)):
        return False
    version = re.search(r"go(\d+)\.(\d+)", subprocess.run(["go", "version"], capture_output=True, text=True).stdout)
    return version is not None and tuple(map(int, version.groups())) >= GO_VERSION


def files_of(path):
    if os.path.isfile(path):
        return [path]
    return sorted(os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names)


class Guest(NamedTuple):
    source: str  # a file or folder in SOURCES
    inputs: Sequence[str]  # other files that it is made of
    is_installed: Callable[[], bool]  # whether its toolchain is
    build: Callable[[str, str], None]  # from the source, to a file
    check: Optional[Callable[[str, str], bool]] = None  # with tenon, the component; None: another test does it


VALUES_INPUTS = [value_table.__file__, *files_of(os.path.join(VALUES, "gen", "wit"))]
GUESTS = {
    "js": Guest("highlighter.js", [PRESS_WIT], has_npm, build_highlighter_js, check_highlighter),
    "py": Guest("highlighter.py", [PRESS_WIT], has_python,
                functools.partial(build_py, wit=PRESS_WIT, world="highlighter"), check_highlighter),
    "qjs": Guest("shouter.js", [RELAY_WIT], has_npm, functools.partial(build_qjs, wit=RELAY_WIT, world="lib"),
                 check_relay),
    "values-py": Guest("values.py", VALUES_INPUTS, has_python, build_values_py, check_values),
    "values-go": Guest("values-go", VALUES_INPUTS, has_go, build_values_go, check_values),
    "http-js": Guest("http02.js", [], has_npm,
                     functools.partial(build_handler, build_js, "include wasi:http/proxy@0.2.10;")),
    "http-py": Guest("http02.py", [], has_python,
                     functools.partial(build_handler, build_py, "include wasi:http/proxy@0.2.12;")),
    "http-py3": Guest("http03.py", [], has_python,
                      functools.partial(build_handler, build_py, "include wasi:http/service@0.3.0;")),
    # It cannot import `wasi:http/client`, whose function is `async`.
    "http-qjs": Guest("http03.js", [], has_npm,
                      functools.partial(build_handler, build_qjs, "export wasi:http/handler@0.3.0;")),
}


def component(name):
    """The built component; from the cache if neither the source nor the recipe has changed."""
    guest = GUESTS[name]
    source = os.path.join(SOURCES, guest.source)
    digest = hashlib.sha256(WIT_BINDGEN_VERSION.encode())
    for path in (*files_of(source), *guest.inputs, os.path.join(SOURCES, "package.json"), os.path.abspath(__file__)):
        with open(path, "rb") as file:
            digest.update(file.read())
    out = os.path.join(CACHE, f"{name}-{digest.hexdigest()[:16]}.wasm")
    with open(os.path.join(CACHE, "lock"), "w", encoding="utf-8") as lock:  # of tests that run at the same time
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(out):
            guest.build(source, out + ".new")
            os.rename(out + ".new", out)
    return out


def test(tenon):
    there = [name for name, guest in GUESTS.items() if guest.is_installed()]
    for name in sorted(set(GUESTS) - set(there)):
        print(f"{name}: skipped, its toolchain is not installed (`./dev setup guests`)")
    if not there:
        return SKIPPED
    fine = [check_lacking(tenon)]
    for name in there:
        if GUESTS[name].check is None:
            continue
        fine.append(GUESTS[name].check(tenon, component(name)))
        print(f"{name}: {'fine' if fine[-1] else 'failed'}")
    return 0 if all(fine) else 1


def print_path(name):
    if not GUESTS[name].is_installed():
        print(f"the toolchain of `{name}` is not installed (`./dev setup guests`)", file=sys.stderr)
        return SKIPPED
    print(component(name))
    return 0


def main():
    try:
        match sys.argv[1:]:
            case ["install"]:
                install()
                return 0
            case ["test", tenon]:
                return test(os.path.abspath(tenon))
            case ["path", name] if name in GUESTS:
                return print_path(name)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"guest_languages: {error}")
    sys.exit(__doc__)


if __name__ == "__main__":
    sys.exit(main())
