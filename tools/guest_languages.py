#!/usr/bin/env python3
"""Builds components in languages whose toolchains come from npm and PyPI, and links each with examples/press.

Usage: guest_languages.py install          fetch the toolchains (`./dev setup guests` does)
       guest_languages.py test TENON       build tests/guests/languages, link, run, compare

Toolchains and the components that they built are cached in ${XDG_CACHE_HOME:-~/.cache}/tenon/languages.
Exit: 0 fine; 1 a failure; 77 skipped: no toolchain is installed.
"""
import hashlib
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SOURCES = os.path.join(ROOT, "tests", "guests", "languages")
PRESS = os.path.join(ROOT, "examples", "press")
WIT = os.path.join(PRESS, "wit", "deps", "text.wit")
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "tenon", "languages")
COMPONENTIZE_PY = "0.25.1"
SKIPPED = 77


def run(*command, **options):
    print("+ " + " ".join(command), file=sys.stderr, flush=True)
    return subprocess.run(command, check=True, **options)


def install():
    os.makedirs(CACHE, exist_ok=True)
    # Packages of an older package.json would remain beside the current ones.
    shutil.rmtree(os.path.join(CACHE, "node_modules"), ignore_errors=True)
    if os.path.exists(os.path.join(CACHE, "package-lock.json")):
        os.remove(os.path.join(CACHE, "package-lock.json"))
    for name in ("package.json", "build.js"):
        shutil.copy(os.path.join(SOURCES, name), CACHE)
    run("npm", "install", "--silent", "--no-audit", "--no-fund", cwd=CACHE)
    run(sys.executable, "-m", "pip", "install", "--quiet", "--upgrade", "--target",
        os.path.join(CACHE, "python"), f"componentize-py=={COMPONENTIZE_PY}")


def build_js(out):
    run("node", "build.js", os.path.join(SOURCES, "highlighter.js"), WIT, "highlighter", out, cwd=CACHE)


def build_py(out):
    run(os.path.join(CACHE, "python", "bin", "componentize-py"), "-d", WIT, "-w", "highlighter", "componentize",
        "-p", SOURCES, "highlighter", "-o", out, stdout=subprocess.DEVNULL,
        env=dict(os.environ, PYTHONPATH=os.path.join(CACHE, "python")))


# For each language: how it is built, its toolchain, and source text that begins with one of its keywords.
LANGUAGES = {
    "js": (build_js, os.path.join(CACHE, "node_modules"), "const a = b;"),
    "py": (build_py, os.path.join(CACHE, "python"), "return a"),
}


def component(language, build):
    """The built component; from the cache if neither the source nor the recipe has changed."""
    digest = hashlib.sha256()
    for path in (os.path.join(SOURCES, "highlighter." + language), WIT, os.path.join(SOURCES, "package.json"),
                 os.path.abspath(__file__)):
        with open(path, "rb") as file:
            digest.update(file.read())
    out = os.path.join(CACHE, f"{language}-{digest.hexdigest()[:16]}.wasm")
    if not os.path.exists(out):
        build(out + ".new")
        os.rename(out + ".new", out)
    return out


def link(tenon, language, wasm, code):
    """Whether the press example renders a page with the highlighter in this language."""
    words = [tenon, "run", os.path.join(PRESS, "wasm", "cli.wasm")]
    for name in ("site", "markdown", "kv", "archive"):
        words += ["--with", os.path.join(PRESS, "wasm", name + ".wasm")]
    words += ["--with", wasm, "--", f"PUT /a=```{language}\n{code}\n```", "GET /a"]
    done = subprocess.run(words, capture_output=True, text=True)
    keyword, rest = code.split(" ", 1)
    if done.returncode == 0 and f"<i class=k>{keyword}</i> {rest}" in done.stdout:
        print(f"{language}: fine")
        return True
    print(f"{language}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return False


def test(tenon):
    there = {name: row for name, row in LANGUAGES.items() if os.path.isdir(row[1])}
    for name in sorted(set(LANGUAGES) - set(there)):
        print(f"{name}: skipped, its toolchain is not installed (`./dev setup guests`)")
    fine = [link(tenon, name, component(name, build), code) for name, (build, _, code) in there.items()]
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
