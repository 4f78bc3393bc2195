#!/usr/bin/env python3
"""Makes a host bundle with `tenon host new` in each language, builds it, and calls it.

Usage: check_host_new.py BUILD_DIR

What is built is called by a component of tests/guests/domains: its function says that it is not
written yet. Compilers are those of PATH; a language without its own is named and left out.
"""
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
GUESTS = os.path.join(ROOT, "tests", "guests", "domains")
CMAKE = [["cmake", "-S", ".", "-B", "build"], ["cmake", "--build", "build"]]
# Language: what it needs, and how it is built.
LANGUAGES = {
    "c": ("cmake", CMAKE),
    "cpp": ("cmake", CMAKE),
    "rust": ("cargo", [["cargo", "build", "--release", "--offline"]]),
}
# Warnings that the generated code has none of.
FLAGS = "-Werror -Wshadow -Wconversion"


def run(command, folder, environment):
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout + done.stderr


def check(tenon, language, commands, folder, environment):
    """What is wrong, or None."""
    new = [tenon, "host", "new", "my-lib", "--wit", os.path.join(GUESTS, "wit"), "--world", "lib-unit",
           "--lang", language, "-o", language]
    for command, place in [(new, folder), *((one, os.path.join(folder, language)) for one in commands)]:
        code, said = run(command, place, environment)
        if code != 0:
            return f"`{' '.join(command)}` exits with {code}\n{said}"
    code, said = run(new, folder, environment)
    if code == 0 or "host.toml` is there" not in said:
        return f"`host new` over what is there is not refused\n{said}"
    call = [tenon, "call", os.path.join(GUESTS, "wasm", "front.wasm"), "front.add(1, 2)", "--with",
            os.path.join(GUESTS, "wasm", "keeper.wasm"), "--host-bundle", f"./{language}"]
    code, said = run(call, folder, environment)
    if code == 0 or "of host `my-lib`: `add` is not written yet" not in said:
        return f"the call does not say that `add` is not written yet\n{said}"
    return None


def main():
    tenon = os.path.join(os.path.abspath(sys.argv[1]), "tenon")
    failed = []
    checked = []
    with tempfile.TemporaryDirectory() as folder:
        # Bundles that others may write to are not loaded.
        os.umask(0o022)
        environment = {**os.environ, "CFLAGS": FLAGS, "CXXFLAGS": FLAGS,
                       "TENON_CACHE_DIR": os.path.join(folder, "cache")}
        for language, (needed, commands) in LANGUAGES.items():
            if shutil.which(needed) is None:
                print(f"skipped {language}: there is no {needed}")
                continue
            problem = check(tenon, language, commands, folder, environment)
            checked.append(language)
            if problem:
                failed.append(language)
                print(f"{language}: {problem}")
    if not checked:
        print("there is neither cmake nor cargo")
        return 77
    print(f"host new: {', '.join(checked)}; {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
