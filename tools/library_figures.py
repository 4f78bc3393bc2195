"""What it costs to use tenon from another program: opening the shared library, installing the wheel, compiling against the
headers, and calls from Python and Go. Rows of docs/benchmarks.md; used by bench_peers.py."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import venv

import build_engine
import make_packages
import portable_link
from call_figures import Row, lines_of, run

ROOT = build_engine.ROOT
INCLUDE = os.path.join(ROOT, "include")
SHOP = "import sys, tenon; print(tenon.link(sys.argv[1]).add(1, 2))"


def measure_opening(build, runs):
    library = os.path.join(build, "libtenon.so.0")
    opened = min(lines_of(os.path.join(build, "open_library"), library)["dlopen"] for _ in range(runs))
    return [Row("seconds from `dlopen` of the shared library until a first call of it", "", opened * 1e-9, None, 0.002)]


def measure_packages(build, folder):
    """Sizes, and the seconds from `pip install` until a component was linked and called, with an empty cache. The wheel is in
    the page cache."""
    out = os.path.join(folder, "wheel")
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(out)
    portable_link.install()
    with tempfile.TemporaryDirectory() as scratch:
        stage = make_packages.Stage(build, os.path.join(scratch, "stage"))
        portable = stage.make_portable(build, os.path.join(scratch, "portable"))
        make_packages.make_wheel(portable, out, make_packages.project_version(), scratch)
        home = os.path.join(scratch, "home")
        venv.create(home, with_pip=True)
        python = os.path.join(home, "bin", "python")
        guest = os.path.join(ROOT, "bench", "guests", "lists_service.wat")
        wheel = os.path.join(out, os.listdir(out)[0])
        environment = {**os.environ, "TENON_CACHE_DIR": os.path.join(scratch, "cache")}
        begun = time.perf_counter()
        for command in ([python, "-m", "pip", "install", "--quiet", "--no-index", "--disable-pip-version-check", wheel],
                        [python, "-c", SHOP, guest]):
            done = subprocess.run(command, capture_output=True, text=True, env=environment)
            if done.returncode:
                sys.exit(f"library_figures: {' '.join(command)}\n{done.stdout}{done.stderr}")
        took = time.perf_counter() - begun
        library, command = (os.path.getsize(path) for path in (stage.library, stage.command))
        return [Row("seconds from `pip install` of the wheel until a first call from Python", "", took, None, 5.0),
                Row("the shared library, stripped", "", library, None, 40e6, "B"),
                Row("command and library together", "", library + command, None, 82e6, "B"),
                Row("both compressed, as a wheel", "", os.path.getsize(wheel), None, 29e6, "B")]


def cpu_seconds(source, out):
    before = os.times().children_user
    run("g++", "-std=c++20", "-O2", f"-I{INCLUDE}", "-c", source, "-o", out)
    return os.times().children_user - before


def standard_headers(source):
    """Those that a file includes, directly or through headers of tenon."""
    rule = run("g++", "-std=c++20", f"-I{INCLUDE}", "-MM", source)
    names = set()
    for path in re.findall(r"[^\s\\]+\.(?:h|cc)\b", rule):
        with open(path, encoding="utf-8") as file:
            names.update(re.findall(r"^#include <([a-z_0-9.]+)>", file.read(), re.M))
    return sorted(names)


def measure_compiling(folder, runs):
    program = os.path.join(ROOT, "examples", "embed", "main.cc")

    def including(name, headers):
        path = os.path.join(folder, name + ".cc")
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(f"#include <{header}>\n" for header in headers)
            file.write("int main() { return 0; }\n")
        return path

    sources = {"embed": program, "tenon": including("tenon_header", ["tenon/tenon.h"]),
               "standard": including("standard_headers", standard_headers(program)),
               **{name: os.path.join(ROOT, "bench", "compile", name + ".cc") for name in ("generated", "typed")}}
    least = dict.fromkeys(sources, float("inf"))
    for _ in range(runs):
        for name, source in sources.items():
            least[name] = min(least[name], cpu_seconds(source, os.path.join(folder, "compiled.o")))
    standard = "the standard headers that this includes"
    return [Row("compiling `#include <tenon/tenon.h>`", standard, least["tenon"], least["standard"], 2.3),
            Row("compiling examples/embed, which uses it", standard, least["embed"], least["standard"], None),
            Row("compiling a program that uses generated C++", "the same with typed calls", least["generated"], least["typed"], 1.0)]


def measure_python(build, folder):
    told = run(sys.executable, os.path.join("bindings", "python", "bench.py"), "--include", INCLUDE, "--library", build,
               "--out", os.path.join(folder, "python"), "--json")
    return [Row(f"from Python: {what}", other, ours, theirs, goal) for what, other, ours, theirs, goal in json.loads(told)]


def measure_go(build, folder, runs):
    """The benchmarks of bindings/go, in turn."""
    if shutil.which("go") is None:
        print("library_figures: no rows of Go, which is not installed", file=sys.stderr)
        return []
    package = os.path.join(folder, "tenon-c.pc")
    with open(package, "w", encoding="utf-8") as file:
        file.write(f"Name: tenon-c\nDescription: the C API\nVersion: 0\nLibs: -L{build} -ltenon\nCflags: -I{INCLUDE}\n")
    environment = {**os.environ, "PKG_CONFIG_PATH": folder, "LD_LIBRARY_PATH": build, "GOTOOLCHAIN": "local",
                   "GOWORK": "off", "GOFLAGS": "-buildvcs=false"}
    program = os.path.join(folder, "go_bench")
    source = os.path.join(ROOT, "bindings", "go")
    subprocess.run(["go", "test", "-c", "-o", program, "."], cwd=source, check=True, env=environment)
    least = {}
    for _ in range(runs):
        told = subprocess.run([program, "-test.run=^$", "-test.bench=Add|Records", "-test.benchtime=50ms"], cwd=source, check=True,
                              env=environment, capture_output=True, text=True).stdout
        for name, took in re.findall(r"^Benchmark(\S+?)(?:-\d+)?\s+\d+\s+([\d.]+) ns/op", told, re.M):
            least[name] = min(float(took) * 1e-9, least.get(name, float("inf")))
    return [Row("from Go: add(u32, u32)", "a bare cgo call that does the same", least["Add/Func2"], least["Add/cgo"], 1.5),
            Row("from Go: 1,000 records, there and back", "code by hand over cgo", least["Records/reflection"],
                least["Records/by_hand"], 2.0)]


def measure(build, folder, runs):
    return (measure_opening(build, runs) + measure_packages(build, folder) + measure_compiling(folder, max(3, runs // 4))
            + measure_python(build, folder) + measure_go(build, folder, runs))
