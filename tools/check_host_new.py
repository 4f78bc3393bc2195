#!/usr/bin/env python3
"""Creates a host bundle with `tenon host new` in each language, builds it, and calls it.

Usage: check_host_new.py BUILD_DIR

A component of tests/guests/domains calls the bundle, whose function reports that it is not written
yet. Compilers are looked up in PATH; a language without one is skipped with a message.
"""
import os
import shutil
import sys
import tempfile

from new_checks import Tally, run

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
GUESTS = os.path.join(ROOT, "tests", "guests", "domains")
CMAKE = [["cmake", "-S", ".", "-B", "build"], ["cmake", "--build", "build"]]
# For each language: what it needs, and how it is built.
LANGUAGES = {
    "c": ("cmake", CMAKE),
    "cpp": ("cmake", CMAKE),
    "rust": ("cargo", [["cargo", "build", "--release", "--offline"]]),
}
# The generated code must not cause these warnings.
FLAGS = "-Werror -Wshadow -Wconversion"


def check_header(folder, build, environment):
    """A problem if the build does not generate the header again after a change of the WIT, or None."""
    wit = os.path.join(folder, "wit", "domains.wit")
    with open(wit, encoding="utf-8") as file:
        before = file.read()
    with open(wit, "w", encoding="utf-8") as file:
        file.write(before.replace("  spin: func();", "  spin: func();\n  one-more: func();", 1))
    # The compiler decides whether the function bodies still fit.
    _, out, err = run(build, folder, environment)
    with open(os.path.join(folder, "gen", "my_lib_host.h"), encoding="utf-8") as file:
        if "one_more" not in file.read():
            return f"the header does not follow the WIT\n{out}{err}"
    with open(wit, "w", encoding="utf-8") as file:
        file.write(before)
    code, out, err = run(build, folder, environment)
    return f"the build fails after the WIT is as before\n{out}{err}" if code != 0 else None


def check(tenon, language, commands, folder, environment):
    """A problem, or None."""
    new = [tenon, "host", "new", "my-lib", "--wit", os.path.join(GUESTS, "wit"), "--world", "lib-unit",
           "--lang", language, "-o", language]
    for command, place in [(new, folder), *((one, os.path.join(folder, language)) for one in commands)]:
        code, out, err = run(command, place, environment)
        if code != 0:
            return f"`{' '.join(command)}` exits with {code}\n{out}{err}"
    if language != "rust" and (problem := check_header(os.path.join(folder, language), commands[-1], environment)):
        return problem
    code, out, err = run(new, folder, environment)
    if code == 0 or "host.toml` exists" not in err:
        return f"`host new` over what is there is not refused\n{out}{err}"
    call = [tenon, "call", os.path.join(GUESTS, "wasm", "front.wasm"), "front.add(1, 2)", "--with",
            os.path.join(GUESTS, "wasm", "keeper.wasm"), "--host-bundle", f"./{language}"]
    code, out, err = run(call, folder, environment)
    if code == 0 or "of host `my-lib`: `add` is not written yet" not in err:
        return f"the call does not say that `add` is not written yet\n{out}{err}"
    return None


def main():
    tenon = os.path.join(os.path.abspath(sys.argv[1]), "tenon")
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        # tenon does not load bundles that other users can write to.
        os.umask(0o022)
        environment = {**os.environ, "CFLAGS": FLAGS, "CXXFLAGS": FLAGS,
                       "PATH": os.path.dirname(tenon) + os.pathsep + os.environ["PATH"],
                       "TENON_CACHE_DIR": os.path.join(folder, "cache")}
        for language, (needed, commands) in LANGUAGES.items():
            if shutil.which(needed) is None:
                tally.skip(language, f"there is no {needed}")
            else:
                tally.add(language, check(tenon, language, commands, folder, environment))
    return tally.finish("host new", "there is neither cmake nor cargo")


if __name__ == "__main__":
    sys.exit(main())
