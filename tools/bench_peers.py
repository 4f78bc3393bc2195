#!/usr/bin/env python3
"""Compares the command with its peers, process against process, calls with their peers (call_figures.py, packr_figures.py,
remote_figures.py), HTTP (http_figures.py), starts (start_figures.py), and the use of the library (library_figures.py), and
writes docs/benchmarks.md. Every figure is a ratio of the minimum of several runs, which alternate between the two sides.

Usage: bench_peers.py --build DIR [--runs N]

Peers: wac (built once from the crate registry into DIR/peers), bench/minimal_host, and `wasmtime serve` if `./dev setup
--with-wasmtime` has built it.
"""
import argparse
import datetime
import json
import os
import platform
import shutil
import subprocess
import sys
import time

import call_figures
import http_figures
import library_figures
import packr_figures
import remote_figures
import start_figures
from call_figures import Row, show

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WAC = "0.12.0"
CHAIN = 50
INSTALLED = 200
PART_UNITS = 100  # of bench/plan_parts.cc


def say(text):
    print(text, file=sys.stderr, flush=True)


def run(*command, environment=None):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        sys.exit(f"bench_peers: {' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def seconds(command, environment):
    started = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)
    if done.returncode != 0:
        sys.exit(f"bench_peers: {' '.join(command)} exited with {done.returncode}\n"
                 f"{done.stderr.decode()}")
    return time.perf_counter() - started


def in_turn(commands, runs, environment):
    """Minimum seconds of each command, because longer runs include other work of the machine. The
    commands alternate, so that a slow moment affects all of them."""
    times = [[] for _ in commands]
    for turn in range(runs + 1):
        for k, command in enumerate(commands):
            took = seconds(command, environment)
            if turn > 0:  # the first run warms caches
                times[k].append(took)
    return [min(one) for one in times]


def find_wac(folder):
    wac = os.path.join(folder, "peers", "bin", "wac")
    if not os.path.exists(wac):
        say(f"building the peer wac-cli {WAC} (once, minutes)")
        run("cargo", "install", "wac-cli", "--version", WAC, "--no-default-features", "--features",
            "wit", "--locked", "--root", os.path.join(folder, "peers"))
    return wac


def make_chain(build, folder, count):
    """The files of a chain for tenon, and for wac with a script that links them."""
    units = os.path.join(folder, f"chain{count}", "chain")
    shutil.rmtree(units, ignore_errors=True)
    run(os.path.join(build, "make_chain"), str(count), units)
    script = os.path.join(folder, f"chain{count}.wac")
    with open(script, "w", encoding="utf-8") as file:
        file.write("package bench:chain;\nlet c0 = new chain:u0 { };\n")
        for k in range(1, count):
            name = f"chain:link/i{k - 1}@1.0.0"
            file.write(f'let c{k} = new chain:u{k} {{ "{name}": c{k - 1}["{name}"] }};\n')
        file.write(f'export c{count - 1}["chain:link/i{count - 1}@1.0.0"];\n')
    return units, script


def measure_compose(build, folder, runs, environment):
    tenon = os.path.join(build, "tenon")
    units, script = make_chain(build, folder, CHAIN)
    tenfold, _ = make_chain(build, folder, 10 * CHAIN)
    out = os.path.join(folder, "out.wasm")
    mine, peer = in_turn(
        [[tenon, "compose", units, "-o", out],
         [find_wac(folder), "compose", script, "--deps-dir", os.path.dirname(units), "-o", out]],
        3 * runs, environment)
    # The engine's validator takes more than ten times as long for ten times the nested components.
    small, large = in_turn([[tenon, "compose", "--no-validate", which, "-o", out]
                            for which in (units, tenfold)], runs, environment)
    return [Row(f"`tenon compose`, chain of {CHAIN}", f"`wac compose` {WAC}", mine, peer, 1.1),
            Row(f"`tenon compose --no-validate`, chain of {10 * CHAIN}",
                f"the same, chain of {CHAIN}", large, small, 13.0)]


def make_providers(build, folder, count):
    """One consumer, and `count` providers of its only import."""
    chain, _ = make_chain(build, folder, 2)
    units = os.path.join(folder, f"providers{count}")
    shutil.rmtree(units, ignore_errors=True)
    os.makedirs(units)
    shutil.copy(os.path.join(chain, "u1.wasm"), os.path.join(units, "user.wasm"))
    for k in range(count):
        shutil.copy(os.path.join(chain, "u0.wasm"), os.path.join(units, f"p{k}.wasm"))
    return units


def measure_plan(build, folder, runs, environment):
    plan = [os.path.join(build, "tenon"), "plan"]
    sizes = (1000, 10000)
    wire = ["--root", "user", "--wire", "user:chain:link/i0=p7"]
    small, large, few, many = in_turn(
        [[*plan, make_chain(build, folder, count)[0]] for count in sizes] +
        [[*plan, make_providers(build, folder, count), *wire] for count in sizes], runs, environment)
    return [Row("`tenon plan`, chain of 10,000 units", "the same, chain of 1,000", large, small, 13.0),
            Row("`tenon plan`, 10,000 providers of one interface", "the same, 1,000", many, few, 13.0)]


def measure_parts(build, runs):
    """Planning many parts in one process: the last of them take as long as the last of a quarter."""
    quarter, all_parts = 250, 1000
    least = {}
    for _ in range(runs):
        for parts in (quarter, all_parts):
            _, last, _ = run(os.path.join(build, "plan_parts"), str(parts)).split()
            least[parts] = min(float(last), least.get(parts, float(last)))
    return [Row(f"planning one of {all_parts:,} served compositions with {PART_UNITS} units each, one after another",
                f"the same, one of {quarter}", least[all_parts], least[quarter], 1.2)]


def make_stores(tenon, folder, environment):
    """A store with a command and three libraries, which are compiled, and a store with INSTALLED
    extensions, which are not. Also returns the components of the first by name."""
    wasm = os.path.join(ROOT, "examples", "press", "wasm")
    units = {"cli": ["cli"], "site": ["site"], "kvs": ["kv", "archive"],
             "text": ["markdown", "highlighter"]}
    made = {}
    for name, parts in units.items():
        made[name] = os.path.join(folder, name + ".wasm")
        files = [os.path.join(wasm, part + ".wasm") for part in parts]
        if len(files) == 1:
            shutil.copy(files[0], made[name])
        else:
            run(tenon, "compose", *files, "-o", made[name])
    stores = [os.path.join(folder, store) for store in ("store4", "store200")]
    for store in stores:
        shutil.rmtree(store, ignore_errors=True)
        os.makedirs(store)
        with open(os.path.join(store, "policy.toml"), "w", encoding="utf-8") as file:
            file.write('library-interfaces = ["press:*"]\n')
    run(tenon, "ext", "add", "--store", stores[0], *made.values(), environment=environment)
    copies = []
    with open(os.path.join(wasm, "highlighter.wasm"), "rb") as file:
        component = file.read()
    for k in range(INSTALLED):
        copies.append(os.path.join(folder, f"e{k}.wasm"))
        # Each has a digest of its own: a custom section `k` of two bytes.
        with open(copies[-1], "wb") as file:
            file.write(component + b"\x00\x04\x01k" + k.to_bytes(2, "little"))
    run(tenon, "ext", "add", "--no-compile", "--store", stores[1], *copies)
    for copy in copies:
        os.remove(copy)
    return (*stores, made)


def measure_add(command, stores, folder, runs, environment):
    """Least seconds of an addition to fresh copies of each store, in turn; None: an empty one."""
    # All are made before the first is measured: file systems look for free inodes among those just deleted.
    copies = [[os.path.join(folder, f"{turn}-{which}") for which in range(len(stores))] for turn in range(runs + 1)]
    shutil.rmtree(folder, ignore_errors=True)
    for turn in copies:
        for store, copy in zip(stores, turn):
            if store is not None:
                shutil.copytree(store, copy, copy_function=os.link)
    os.sync()
    times = [[seconds([*command, "--store", copy], environment) for copy in turn] for turn in copies]
    shutil.rmtree(folder)
    return [min(one) for one in zip(*times[1:])]


def measure_extensions(build, folder, runs, environment):
    tenon = os.path.join(build, "tenon")
    four, many, made = make_stores(tenon, folder, environment)
    with_libraries = [word for name in made if name != "cli" for word in ("--with", made[name])]
    listed, version = in_turn([[tenon, "ext", "list", "--store", many], [tenon, "version"]], 3 * runs,
                              environment)
    mine, peer = in_turn([[tenon, "ext", "run", "--store", four, "cli", *start_figures.REQUESTS],
                          [tenon, "run", made["cli"], *with_libraries, "--", *start_figures.REQUESTS]],
                         3 * runs, environment)
    into_many, into_none = measure_add(
        [tenon, "ext", "add", "--no-compile", made["kvs"]], [many, None], os.path.join(folder, "stores"), 3 * runs,
        environment)
    return [Row(f"`tenon ext list` with {INSTALLED} installed", "`tenon version`", listed, version, 3.0),
            Row("`tenon ext run` of a command with three libraries, warm",
                "`tenon run` of the same components, warm", mine, peer, 1.2),
            Row(f"`tenon ext add --no-compile` into a store of {INSTALLED}", "the same into an empty store",
                into_many, into_none, 1.4)]


def read_sql(folder):
    with open(os.path.join(folder, "sql_scan.json"), encoding="utf-8") as file:
        rows = json.load(file)["benchmarks"]
    failed = [row["error_message"] for row in rows if row.get("error_occurred")]
    if failed:
        say(f"no row of sql_scan: {failed[0]}")
        return []
    took = {row["name"].split("/")[0]: 1e6 / row["items_per_second"] for row in rows}
    return [Row("summing 1,000,000 rows of DuckDB (three columns of numbers, one of texts) in a guest",
                "C++ code that reads DuckDB's chunks", took["read_by_guest"], took["read_natively"], 2.0)]


def limit_text(row):
    return "" if row.limit is None else f"{row.limit:.3g}"


def write_page(rows, path):
    machine = f"{platform.machine()}, {os.cpu_count()} cores"
    lines = [
        "# Benchmarks", "",
        "`./dev bench` writes this page. Each row compares two measurements that alternate in one run. The",
        "ratio is the result; the absolute figures depend on one shared machine.", "",
        f"{datetime.date.today()}, {machine}, minimum of several runs; time per process, or per call.", "",
        "| what | against | figure | peer | ratio | at most |", "| --- | --- | --- | --- | --- | --- |"]
    for row in rows:
        figure, peer = show(row.mine, row.unit), show(row.peer, row.unit)
        ratio = "" if row.peer is None else f"{row.ratio:.3g}"
        lines.append(f"| {row.what} | {row.against} | {figure} | {peer} | {ratio} | "
                     f"{limit_text(row)} |")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--runs", type=int, default=21)
    options = parser.parse_args()
    build = os.path.join(ROOT, options.build)
    folder = os.path.join(build, "benchmarks")
    os.makedirs(folder, exist_ok=True)
    environment = dict(os.environ, TENON_CACHE_DIR=os.path.join(folder, "cache"))
    rows = call_figures.measure(build, max(1, options.runs // 4))
    rows += library_figures.measure(build, folder, max(1, options.runs // 2))
    rows += read_sql(folder)
    rows += packr_figures.measure(build, max(1, options.runs // 4))
    rows += remote_figures.measure(build, max(1, options.runs // 2))
    rows += http_figures.measure(build, max(1, options.runs // 4))
    rows += measure_compose(build, folder, options.runs, environment)
    rows += measure_plan(build, folder, max(1, options.runs // 3), environment)
    rows += measure_parts(build, max(1, options.runs // 4))
    rows += start_figures.measure(build, folder, options.runs)
    rows += measure_extensions(build, folder, options.runs, environment)
    write_page(rows, os.path.join(ROOT, "docs", "benchmarks.md"))
    for row in rows:
        limit = f"  (at most {limit_text(row)})" if row.limit is not None else ""
        print(f"{row.ratio:7.3g}  {row.what}" + (f" / {row.against}" if row.against else "") + limit)
    return 1 if any(row.is_missed for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
