#!/usr/bin/env python3
"""Builds components in languages whose toolchains come from npm and PyPI, and links each with others: with
examples/press, or with tests/guests/async.

Usage: guest_languages.py install          fetch the toolchains (`./dev setup guests` does)
       guest_languages.py test TENON       build tests/guests/languages, link, run, compare

Toolchains and the components that they built are cached in ${XDG_CACHE_HOME:-~/.cache}/tenon/languages.
Exit: 0 fine; 1 a failure; 77 skipped: no toolchain is installed.
"""
import hashlib
import json
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SOURCES = os.path.join(ROOT, "tests", "guests", "languages")
PRESS = os.path.join(ROOT, "examples", "press")
PRESS_WIT = os.path.join(PRESS, "wit", "deps", "text.wit")
ASYNC = os.path.join(ROOT, "tests", "guests", "async")
RELAY_WIT = os.path.join(ASYNC, "wit", "relay.wit")
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "tenon", "languages")
COMPONENTIZE_PY = "0.25.1"
SKIPPED = 77


def run(*command, **options):
    print("+ " + " ".join(command), file=sys.stderr, flush=True)
    return subprocess.run(command, check=True, **options)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def install():
    os.makedirs(CACHE, exist_ok=True)
    # Lists what is installed. It is written last, so that an interrupted installation is repeated.
    stamp = os.path.join(CACHE, "installed")
    wanted = f"{read(os.path.join(SOURCES, 'package.json'))}componentize-py {COMPONENTIZE_PY}\n"
    shutil.copy(os.path.join(SOURCES, "build.js"), CACHE)
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
        os.path.join(CACHE, "python"), f"componentize-py=={COMPONENTIZE_PY}")
    with open(stamp, "w", encoding="utf-8") as file:
        file.write(wanted)


def build_js(source, out):
    run("node", "build.js", source, PRESS_WIT, "highlighter", out, cwd=CACHE)


def build_qjs(source, out):
    run("node", os.path.join(CACHE, "node_modules", "componentize-qjs", "cli.mjs"), "--js", source,
        "--wit", RELAY_WIT, "--world", "lib", "-o", out)


def build_py(source, out):
    run(os.path.join(CACHE, "python", "bin", "componentize-py"), "-d", PRESS_WIT, "-w", "highlighter", "componentize",
        "-p", os.path.dirname(source), os.path.basename(source).removesuffix(".py"), "-o", out,
        stdout=subprocess.DEVNULL, env=dict(os.environ, PYTHONPATH=os.path.join(CACHE, "python")))


def check(command, expected):
    """Whether a command succeeds and prints a text that has the expected one in it."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode == 0 and expected in done.stdout:
        return True
    print(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return False


def check_highlighter(tenon, wasm, code):
    """Renders a page of the press example. code: begins with a keyword of the language."""
    words = [tenon, "run", os.path.join(PRESS, "wasm", "cli.wasm")]
    for name in ("site", "markdown", "kv", "archive"):
        words += ["--with", os.path.join(PRESS, "wasm", name + ".wasm")]
    language = os.path.basename(wasm).split("-")[0]
    words += ["--with", wasm, "--", f"PUT /a=```{language}\n{code}\n```", "GET /a"]
    keyword, rest = code.split(" ", 1)
    return check(words, f"<i class=k>{keyword}</i> {rest}")


def check_relay(tenon, wasm, words):
    """Calls async functions of the component, one with a stream, in the caller's domain and in one of its own."""
    command = [os.path.join(ASYNC, "wasm", "app.wasm"), "--with", wasm]
    given = json.dumps(words)
    return all([check([tenon, "call", *flags, *command, call], expected)
                for flags in ([], ["--isolate"], ["--isolate", "--stream-buffer", "0B"])
                for call, expected in ((f"upper-all({given})", given.upper()),
                                       (f"shout({given})", json.dumps("".join(words).upper())))])


NPM = os.path.join(CACHE, "node_modules")
# For each component: its source, its WIT, the folder of its toolchain, how it is built, how it is checked, and with
# which text.
LANGUAGES = {
    "js": ("highlighter.js", PRESS_WIT, NPM, build_js, check_highlighter, "const a = b;"),
    "py": ("highlighter.py", PRESS_WIT, os.path.join(CACHE, "python"), build_py, check_highlighter, "return a"),
    "qjs": ("shouter.js", RELAY_WIT, NPM, build_qjs, check_relay, ["one", " two"]),
}


def component(language):
    """The built component; from the cache if neither the source nor the recipe has changed."""
    source, wit, _, build, _, _ = LANGUAGES[language]
    source = os.path.join(SOURCES, source)
    digest = hashlib.sha256()
    for path in (source, wit, os.path.join(SOURCES, "package.json"), os.path.abspath(__file__)):
        with open(path, "rb") as file:
            digest.update(file.read())
    out = os.path.join(CACHE, f"{language}-{digest.hexdigest()[:16]}.wasm")
    if not os.path.exists(out):
        build(source, out + ".new")
        os.rename(out + ".new", out)
    return out


def test(tenon):
    there = [name for name, row in LANGUAGES.items() if os.path.isdir(row[2])]
    for name in sorted(set(LANGUAGES) - set(there)):
        print(f"{name}: skipped, its toolchain is not installed (`./dev setup guests`)")
    fine = []
    for name in there:
        *_, check_component, text = LANGUAGES[name]
        fine.append(check_component(tenon, component(name), text))
        print(f"{name}: {'fine' if fine[-1] else 'failed'}")
    if not fine:
        return SKIPPED
    return 0 if all(fine) else 1


def main():
    try:
        match sys.argv[1:]:
            case ["install"]:
                install()
                return 0
            case ["test", tenon]:
                return test(os.path.abspath(tenon))
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"guest_languages: {error}")
    sys.exit(__doc__)


if __name__ == "__main__":
    sys.exit(main())
