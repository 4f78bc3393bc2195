#!/usr/bin/env python3
"""Runs a compiler over files, each alone, and remembers which were fine.

Usage: check_units.py headers            every header compiles alone, public ones with include/ only; of
                                         those that a file of theirs includes first, the build says so
       check_units.py tidy [all]         clang-tidy, each check an error; only files that differ from
                                         HEAD, or all

A file that was fine is not looked at again until it, a file it includes, the command or the compiler
changes: ${XDG_CACHE_HOME:-~/.cache}/tenon/lint holds one empty file for each such state.
"""
import concurrent.futures
import hashlib
import os
import subprocess
import sys
import time

from project_files import ROOT, IncludeGraph, project_files, read_text

CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "tenon", "lint")
KEPT_DAYS = 30
BUILD = "build/release"
GRAPH = IncludeGraph()


def state_of(path, command, extra):
    """A hash of everything the verdict depends on, but the compiler's and the system's headers."""
    digest = hashlib.sha256(repr(command).encode() + extra.encode())
    for name in GRAPH.closure(path):
        digest.update(name.encode() + b"\0" + read_text(name).encode() + b"\0")
    return digest.hexdigest()


def version_of(program):
    return subprocess.run([program, "--version"], capture_output=True, text=True).stdout


def forget_old_states():
    for entry in os.scandir(CACHE):
        if time.time() - entry.stat().st_mtime > KEPT_DAYS * 86400:
            os.unlink(entry.path)


def run_one(path, command, standard_input):
    done = subprocess.run(command, cwd=ROOT, input=standard_input, capture_output=True, text=True)
    return done.returncode == 0, (done.stdout + done.stderr).strip()


def check(what, tasks, extra=""):
    """tasks: (path, command, standard input), all of one program. Returns whether all were fine."""
    if not tasks:
        print(f"{what}: nothing to check")
        return True
    os.makedirs(CACHE, exist_ok=True)
    waiting = []
    extra += version_of(tasks[0][1][0])
    for path, command, standard_input in tasks:
        mark = os.path.join(CACHE, state_of(path, command, extra))
        if os.path.exists(mark):
            os.utime(mark)
        else:
            waiting.append((path, command, standard_input, mark))
    print(f"{what}: {len(waiting)} of {len(tasks)} files to check", flush=True)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("JOBS", os.cpu_count()))) as pool:
        results = pool.map(lambda task: (task, run_one(*task[:3])), waiting)
        for (path, _, _, mark), (fine, output) in results:
            if fine:
                open(mark, "w", encoding="utf-8").close()
            else:
                failed += 1
                print(f"{path}:\n{output}", flush=True)
    forget_old_states()
    print(f"{what}: {failed} problems")
    return failed == 0


def engine_includes():
    """Where the headers of the engine lie: ours, and wasmtime's beside the built archive."""
    built = subprocess.run([sys.executable, "tools/build_engine.py", "--where"], cwd=ROOT, check=True,
                           capture_output=True, text=True).stdout.strip()
    return ["-Iengine/include", "-isystem", os.path.join(built, "include")]


def is_first_of_its_own(path):
    """Whether x.cc or x_test.cc begins with x.h, so that the build compiles it alone."""
    own = f'#include "{path.split("/", 1)[1]}"'
    stem = os.path.join(ROOT, path.removesuffix(".h"))
    for source in (stem + ".cc", stem + "_test.cc"):
        if os.path.exists(source):
            with open(source, encoding="utf-8") as file:
                if next((line.strip() for line in file if line.startswith("#include")), "") == own:
                    return True
    return False


def header_tasks():
    compiler = os.environ.get("CXX", "g++")
    engine = engine_includes()
    for path in project_files(".h"):
        if path.startswith("include/tenon/") or path.startswith("src/") and not is_first_of_its_own(path):
            include = ["-Iinclude"] if path.startswith("include/") else ["-Iinclude", "-Isrc"]
            if path.startswith("src/engine/"):
                include += engine
            command = [compiler, "-std=c++20", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
                       "-DTENON_SOURCE_DIR=\"\"", "-DTENON_BINARY_DIR=\"\"",
                       *include, "-x", "c++", "-"]
            name = path.split("/", 1)[1]
            yield path, command, f'#include "{name}"\n#include "{name}"\n'


def changed_files():
    listed = subprocess.run(["git", "diff", "--name-only", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:  # no commit yet
        return set(project_files())
    others = subprocess.run(["git", "ls-files", "--others", "--exclude-standard"], cwd=ROOT,
                            capture_output=True, text=True, check=True)
    return set(listed.stdout.splitlines() + others.stdout.splitlines())


def tidy_tasks(only_changed):
    wanted = changed_files() if only_changed else None
    for path in project_files(".cc"):
        # Tests are left out: GoogleTest's macros cost more time than they yield findings.
        if path.startswith("src/") and not path.endswith("_test.cc"):
            if wanted is None or wanted & set(GRAPH.closure(path)):
                yield path, ["clang-tidy-19", "--quiet", "-p", BUILD, path], ""


def main():
    arguments = sys.argv[1:]
    if arguments == ["headers"]:
        return 0 if check("headers", list(header_tasks())) else 1
    if arguments in (["tidy"], ["tidy", "all"]):
        if not os.path.exists(os.path.join(ROOT, BUILD, "compile_commands.json")):
            print("+ cmake --preset release", file=sys.stderr, flush=True)
            subprocess.run(["cmake", "--preset", "release"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        tasks = list(tidy_tasks(only_changed=arguments == ["tidy"]))
        return 0 if check("clang-tidy", tasks, read_text(".clang-tidy")) else 1
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
