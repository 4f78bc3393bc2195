#!/usr/bin/env python3
"""Runs a compiler over files one by one, and remembers which had no problems.

Usage: check_units.py headers [all]      checks that every header compiles alone (public ones with include/ only),
                                         and includes the headers of the names of std that it uses
       check_units.py tidy [all]         runs clang-tidy, with each check as an error, over the files that differ
                                         from HEAD, or over all

Compiling a header takes most of its time for headers of the standard library. `headers` precompiles those, so
that a compilation shows only whether the project's headers are included. For the standard library, it compares
names with a table. `headers all` compiles each header without precompiled headers and without the table.

A file without problems is not checked again until it, a file that it includes, the command or the compiler
changes: ${XDG_CACHE_HOME:-~/.cache}/tenon/lint has one empty file for each such state.
"""
import concurrent.futures
import hashlib
import os
import re
import subprocess
import sys
import time

from project_files import ROOT, IncludeGraph, includes_of, project_files, read_text

CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "tenon", "lint")
KEPT_DAYS = 30
BUILD = "build/lint"  # compile commands for single files, because other builds compile batches
# Other precompiled headers, and the text in a header that shows that it must include one of them.
LIBRARIES = {"fmt/format.h": r"\bfmt::", "gmock/gmock.h": r"\b(testing::|EXPECT_|ASSERT_)"}
STANDARD_HEADERS = os.path.join(ROOT, "tools", "standard_headers.txt")
GRAPH = IncludeGraph()


def state_of(path, command, extra):
    """A hash of everything that the result depends on, except headers of the compiler and the system."""
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
    """tasks: (path, command, standard input), all for one program. Returns whether none had a problem."""
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
    """The folders of the engine's headers: ours, and wasmtime's."""
    headers = os.path.join(BUILD, "engine", "include")
    subprocess.run([sys.executable, "tools/build_engine.py", "--headers", headers], cwd=ROOT, check=True)
    return ["-Iengine/include", "-isystem", headers]


def standard_names():
    """{header: names}: the names of std that a header of the standard library is included for."""
    names = {}
    with open(STANDARD_HEADERS, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                header, *rest = line.split()
                names[header.rstrip(":")] = set(rest)
    return names


def missing_standard_headers(path, names):
    """A line for each name of std whose header neither the given header nor its includes include."""
    homes = {}
    for header, own in names.items():
        for name in own:
            homes.setdefault(name, set()).add(header)
    included = {name for part in GRAPH.closure(path) for quote, name, _ in includes_of(read_text(part)) if quote == "<"}
    code = re.sub(r"//[^\n]*|\"(?:\\.|[^\"\\])*\"", "", read_text(path))
    used = set(re.findall(r"\bstd::(\w+)", code))
    lines = [f"std::{name} needs <{'> or <'.join(sorted(homes[name]))}>"
             for name in sorted(used) if name in homes and not homes[name] & included]
    for header, sign in LIBRARIES.items():
        folder = os.path.dirname(header).replace("gmock", "g")  # or another header of gtest/
        if re.search(sign, code) and not any(name.startswith(folder) for name in included):
            lines.append(f"what it uses of <{header}> needs that, or another header of its library")
    return lines


def check_standard_headers():
    names = standard_names()
    problems = [f"{path}: {line}" for path in project_files(".h") if path.startswith(("src/", "include/tenon/"))
                for line in missing_standard_headers(path, names)]
    print("".join(problem + "\n" for problem in problems), end="")
    print(f"standard headers: {len(problems)} problems")
    return not problems


def precompile_standard_headers(compiler, options):
    """The path of a precompiled header of all of STANDARD_HEADERS."""
    os.makedirs(os.path.join(ROOT, BUILD), exist_ok=True)
    path = os.path.join(BUILD, "standard.pch")
    text = "".join(f"#include <{header}>\n" for header in [*standard_names(), *LIBRARIES])
    subprocess.run([compiler, *options, "-x", "c++-header", "-", "-o", path], cwd=ROOT, input=text, text=True,
                   check=True)
    return path


def header_tasks(alone):
    engine = engine_includes()
    options = ["-std=c++20", "-Wall", "-Wextra", "-Werror"]
    if alone:
        compiler = os.environ.get("CXX", "g++")
    else:
        compiler = "clang++-19"
        options += ["-Wno-deprecated-declarations", "-Wno-missing-field-initializers"]
        prefix = ["-include-pch", precompile_standard_headers(compiler, options)]
    for path in project_files(".h"):
        if path.startswith(("include/tenon/", "src/")):
            include = ["-Iinclude"] if path.startswith("include/") else ["-Iinclude", "-Isrc"]
            if path.startswith("src/engine/"):
                include += engine
            command = [compiler, *options, "-fsyntax-only", *([] if alone else prefix),
                       "-DTENON_SOURCE_DIR=\"\"", "-DTENON_BINARY_DIR=\"\"", *include, "-x", "c++", "-"]
            name = path.split("/", 1)[1]
            yield path, command, f'#include "{name}"\n#include "{name}"\n'


def changed_files():
    listed = subprocess.run(["git", "diff", "--name-only", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:  # there is no commit yet
        return set(project_files())
    others = subprocess.run(["git", "ls-files", "--others", "--exclude-standard"], cwd=ROOT,
                            capture_output=True, text=True, check=True)
    return set(listed.stdout.splitlines() + others.stdout.splitlines())


def tidy_tasks(only_changed):
    wanted = changed_files() if only_changed else None
    for path in project_files(".cc"):
        # Tests are left out: GoogleTest's macros take much time and yield few findings.
        if path.startswith("src/") and not path.endswith("_test.cc"):
            if wanted is None or wanted & set(GRAPH.closure(path)):
                yield path, ["clang-tidy-19", "--quiet", "-p", BUILD, path], ""


def configure():
    """Writes the compile commands for single files, and puts the engine's headers where they expect them."""
    command = ["cmake", "--preset", "release", "-B", BUILD, "-DTENON_UNITY=OFF", "-DTENON_PRECOMPILE=OFF"]
    print("+ " + " ".join(command), file=sys.stderr, flush=True)
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    subprocess.run([sys.executable, "tools/build_engine.py", "--out", os.path.join(BUILD, "engine")], cwd=ROOT,
                   check=True)


def main():
    arguments = sys.argv[1:]
    if arguments in (["headers"], ["headers", "all"]):
        fine = check_standard_headers()
        return 0 if check("headers", list(header_tasks(alone=arguments[1:] == ["all"]))) and fine else 1
    if arguments in (["tidy"], ["tidy", "all"]):
        configure()
        tasks = list(tidy_tasks(only_changed=arguments == ["tidy"]))
        return 0 if check("clang-tidy", tasks, read_text(".clang-tidy")) else 1
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
