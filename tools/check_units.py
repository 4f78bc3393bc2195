#!/usr/bin/env python3
"""Runs a compiler over files one by one, and remembers which had no problems.

Usage: check_units.py headers [all]      checks that every header includes what it needs (public ones with include/
                                         only), and the headers of the names of std that it uses
       check_units.py tidy [all]         runs clang-tidy, with each check as an error, over the files that differ
                                         from HEAD, or over all

To compile each header alone takes seconds for each. `headers` compiles all of them as parts of a Clang module,
where a header sees what it includes and nothing else, in less than a minute. For the standard library, whose headers
include each other, it also compares names with a table. `headers all` compiles each header alone, without the table.

A file without problems is not checked again until it, a file that it includes, the command or the compiler
changes: ${XDG_CACHE_HOME:-~/.cache}/tenon/lint has one empty file for each such state.
"""
import collections
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
# The headers of other libraries that form a module together; ours include some of them, or parts of them.
LIBRARY_MODULES = {"asio": ["asio.hpp"], "fmt": ["fmt/core.h", "fmt/format.h"],
                   "googletest": ["gtest/gtest.h", "gmock/gmock.h"],
                   "json": ["nlohmann/json.hpp", "nlohmann/json_fwd.hpp"]}
STANDARD_HEADERS = os.path.join(ROOT, "tools", "standard_headers.txt")
GRAPH = IncludeGraph()


# files: those that the result depends on, except headers of the compiler and the system.
Task = collections.namedtuple("Task", "name command input files")


def state_of(task, extra):
    digest = hashlib.sha256(repr(task.command).encode() + extra.encode())
    for name in task.files:
        digest.update(name.encode() + b"\0" + read_text(name).encode() + b"\0")
    return digest.hexdigest()


def version_of(program):
    return subprocess.run([program, "--version"], capture_output=True, text=True).stdout


def forget_old_states():
    for entry in os.scandir(CACHE):
        if time.time() - entry.stat().st_mtime > KEPT_DAYS * 86400:
            os.unlink(entry.path)


def run_one(task):
    done = subprocess.run(task.command, cwd=ROOT, input=task.input, capture_output=True, text=True)
    return done.returncode == 0, (done.stdout + done.stderr).strip()


def check(what, tasks, extra=""):
    """tasks: all for one program. Returns whether none had a problem."""
    tasks = list(tasks)
    if not tasks:
        print(f"{what}: nothing to check")
        return True
    os.makedirs(CACHE, exist_ok=True)
    waiting = []
    extra += version_of(tasks[0].command[0])
    for task in tasks:
        mark = os.path.join(CACHE, state_of(task, extra))
        if os.path.exists(mark):
            os.utime(mark)
        else:
            waiting.append((task, mark))
    print(f"{what}: {len(waiting)} of {len(tasks)} to check", flush=True)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("JOBS", os.cpu_count()))) as pool:
        results = pool.map(lambda each: (each, run_one(each[0])), waiting)
        for (task, mark), (fine, output) in results:
            if fine:
                open(mark, "w", encoding="utf-8").close()
            else:
                failed += 1
                print(f"{task.name}:\n{output}", flush=True)
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


def header_options(path):
    options = ["-Iinclude"] if path.startswith("include/") else ["-Iinclude", "-Isrc"]
    return [*options, '-DTENON_SOURCE_DIR=""', '-DTENON_BINARY_DIR=""']


def header_tasks(paths, compiler, options):
    """Compile each header alone, and twice, to see that it can be included twice."""
    for path in paths:
        name = path.split("/", 1)[1]
        command = [compiler, *options, "-fsyntax-only", *header_options(path), "-x", "c++", "-"]
        yield Task(path, command, f'#include "{name}"\n#include "{name}"\n', GRAPH.closure(path))


# Options of both compilers, and of clang.
HEADER_OPTIONS = ["-std=c++20", "-Wall", "-Wextra", "-Werror", "-DASIO_STANDALONE", "-DASIO_NO_DEPRECATED"]
CLANG_OPTIONS = [*HEADER_OPTIONS, "-Wno-deprecated-declarations", "-Wno-missing-field-initializers"]


def fits_module(path):
    """Whether a header can be part of one module with all others. The glue of bundles has a class that is called
    like a namespace of the library."""
    return not any("host_glue" in part for part in GRAPH.closure(path))


def system_folders():
    listed = subprocess.run(["clang++-19", "-E", "-v", "-x", "c++", os.devnull], capture_output=True, text=True)
    return [line.strip() for line in listed.stderr.splitlines() if line.startswith(" /")]


def write_module_map(name, parts, attributes=""):
    """parts: {name: paths of headers}. Each part sees others only if it includes them."""
    os.makedirs(os.path.join(ROOT, BUILD), exist_ok=True)
    path = os.path.join(BUILD, name + ".modulemap")
    with open(os.path.join(ROOT, path), "w", encoding="utf-8") as file:
        file.write(f"module {name}{attributes} {{\n")
        for part, headers in parts.items():
            listed = " ".join(f'header "{os.path.join(ROOT, header)}"' for header in headers)
            file.write(f"  explicit module {re.sub(r'[^A-Za-z0-9]', '_', part)} {{ {listed} export * }}\n")
        file.write("}\n")
    return path


def module_tasks(paths):
    """Compile the public headers as one module, and all headers as another."""
    folders = system_folders()

    def find(names):
        return [next(path for folder in folders if os.path.exists(path := os.path.join(folder, name))) for name in names]

    libraries = {name: find(headers) for name, headers in LIBRARY_MODULES.items()}
    maps = [write_module_map("standard_library", {name: find([name]) for name in standard_names()}, " [system]"),
            write_module_map("other_libraries", libraries, " [system]")]
    options = [*CLANG_OPTIONS, "-fmodules", f"-fmodules-cache-path={BUILD}/modules", "-Xclang",
               "-fmodules-local-submodule-visibility", "-ferror-limit=50",
               *(f"-fmodule-map-file={path}" for path in maps)]
    for name, places in (("public_headers", ("include/",)), ("all_headers", ("include/", "src/"))):
        headers = [path for path in paths if path.startswith(places)]
        own = write_module_map(name, {path: [path] for path in headers})
        command = ["clang++-19", *options, *header_options(places[-1]), *(engine_includes() if "src/" in places else []),
                   "-Xclang", "-emit-module", f"-fmodule-name={name}", "-x", "c++", "-c", own,
                   "-o", os.path.join(BUILD, name + ".pcm")]
        yield Task(name, command, "", headers)


def check_headers(everything):
    paths = [path for path in project_files(".h") if path.startswith(("include/tenon/", "src/"))]
    if everything:
        return check("headers", header_tasks(paths, os.environ.get("CXX", "g++"),
                                             [*HEADER_OPTIONS, *engine_includes()]))
    parts = [path for path in paths if fits_module(path)]
    others = [path for path in paths if path not in parts]
    fine = check_standard_headers()
    return check("headers", [*module_tasks(parts), *header_tasks(others, "clang++-19", CLANG_OPTIONS)]) and fine


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
                yield Task(path, ["clang-tidy-19", "--quiet", "-p", BUILD, path], "", GRAPH.closure(path))


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
        return 0 if check_headers(everything=arguments[1:] == ["all"]) else 1
    if arguments in (["tidy"], ["tidy", "all"]):
        configure()
        tasks = list(tidy_tasks(only_changed=arguments == ["tidy"]))
        return 0 if check("clang-tidy", tasks, read_text(".clang-tidy")) else 1
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
