#!/usr/bin/env python3
"""Runs the tests of a package for another language against a build.

Usage: bindings.py BUILD [--tenon TENON] go|node

go: `go vet` and `go test` with the race detector of bindings/go, and of examples/embed-go. node: `node --test` of bindings/node.
TENON_TEST_ALL in the environment: also `go test` without the race detector, and with the strict checks of pointers
(GOEXPERIMENT=cgocheck2); a million calls in tests about memory, and the tests about speed can fail.
"""
import os
import re
import subprocess
import sys

from processes import BUILD_PATIENCE, PATIENCE, ROOT, Skipped, expect, make_parser, need_program, read_text, run_test

BINDINGS = os.path.join(ROOT, "bindings")
GO = os.path.join(BINDINGS, "go")
# What goes through memory of C.
PASSING_VALUES = "Values|Numbers|Bytes|Stream|Host|Resources|Objects|Errors"


def run(what, *command, cwd, **variables):
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **variables}, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=BUILD_PATIENCE, stdin=subprocess.DEVNULL)
    expect(done.returncode == 0, what, "\n" + done.stdout)


def check_go_version(go):
    version = subprocess.run([go, "version"], capture_output=True, text=True, timeout=PATIENCE).stdout
    found = re.search(r"go(\d+)\.(\d+)", version)
    required = re.search(r"^go (\d+)\.(\d+)", read_text(os.path.join(GO, "go.mod")), re.M)
    if found and tuple(map(int, found.groups())) < tuple(map(int, required.groups())):
        raise Skipped(f"go {found[1]}.{found[2]} is too old; the module needs {required[1]}.{required[2]}")


def check_go(options, folder):
    go = need_program("go")
    need_program("pkg-config")
    check_go_version(go)
    # As it is installed, but for the folders.
    with open(os.path.join(folder, "tenon-c.pc"), "w", encoding="utf-8") as file:
        file.write(f"Name: tenon-c\nDescription: the C API\nVersion: 0\nLibs: -L{options.build} -ltenon\n"
                   f"Cflags: -I{os.path.join(ROOT, 'include')}\n")
    variables = {"PKG_CONFIG_PATH": folder, "LD_LIBRARY_PATH": options.build, "GOTOOLCHAIN": "local", "GOWORK": "off",
                 "GOFLAGS": "-buildvcs=false"}
    example = os.path.join(ROOT, "examples", "embed-go")
    unformatted = subprocess.run(["gofmt", "-l", GO, example], capture_output=True, text=True, timeout=PATIENCE).stdout
    expect(not unformatted, "the Go files are formatted", unformatted)
    run("go vet finds nothing", go, "vet", "./...", cwd=GO, **variables)
    run("the tests pass with the race detector", go, "test", "-race", "./...", cwd=GO, **variables)
    # Each compiles Go's own packages once more.
    if os.environ.get("TENON_TEST_ALL"):
        run("the tests pass", go, "test", "./...", cwd=GO, **variables)
        run("pointers are passed as cgo demands", go, "test", "-run", PASSING_VALUES, ".", cwd=GO,
            GOEXPERIMENT="cgocheck2", **variables)
    run("the example has no faults", go, "vet", ".", cwd=example, **variables)
    run("the example makes its site", go, "test", ".", cwd=example, **variables)


def check_node(options, folder):
    node = need_program("node")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=PATIENCE).stdout
    if int(version.lstrip("v").split(".")[0]) < 18:
        raise Skipped(f"Node {version.strip()} is too old; the module needs 18")
    run("the tests pass", node, "--test", cwd=os.path.join(BINDINGS, "node"), TENON_COMMAND=options.tenon)


def check(options, folder):
    return {"go": check_go, "node": check_node}[options.language](options, folder)


def main():
    parser = make_parser(__doc__)
    parser.add_argument("language", choices=["go", "node"])
    return run_test(parser, check)


if __name__ == "__main__":
    sys.exit(main())
