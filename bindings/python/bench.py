#!/usr/bin/env python3
"""Compares calls from Python with calls from C, from wasmtime-py and with JSON, as ratios of one run.

Usage: bench.py --include DIR --library DIR --out DIR [--rounds N] [--json]

Parameters as those of build.py. Rounds alternate between the sides of each row, and the least time of each counts. The
rows with wasmtime-py are left out if it is not installed (`./dev setup guests`). --json: rows of what, against what, both
times in seconds, and the goal.
"""
import argparse
import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time

import build

HERE = os.path.dirname(os.path.abspath(__file__))
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "tenon")
SIZE = 1 << 20

C_SIDE = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <tenon/tenon_c.h>

char* volatile kept; /* so that the copy is made */

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void check(tenon_error* error) {
  if (error == NULL) return;
  fputs(tenon_error_text(error), stderr);
  exit(1);
}

/* Reads lines "add", "bytes" and "keep" (a copy of the bytes that outlives the call), and prints the seconds of a call. */
int main(int argc, char** argv) {
  tenon_composition* composition = NULL;
  tenon_builder* const builder = tenon_builder_new();
  tenon_builder_add_component(builder, "guest", argv[argc - 1], NULL);
  check(tenon_builder_build(builder, &composition));
  tenon_function *add = NULL, *bytes = NULL;
  check(tenon_composition_function(composition, NULL, "add", &add));
  check(tenon_composition_function(composition, NULL, "list-u8", &bytes));
  tenon_arena* const arena = tenon_arena_new();
  char* const data = (char*)calloc(1, 1 << 20);
  const tenon_value list = tenon_value_packed(TENON_U8, data, 1 << 20);
  char line[16];
  while (fgets(line, sizeof line, stdin) != NULL) {
    const int is_add = strcmp(line, "add\n") == 0, is_kept = strcmp(line, "keep\n") == 0, count = is_add ? 2000 : 4;
    const double begin = now();
    for (int i = 0; i < count; ++i) {
      if (is_add) {
        const uint64_t params[] = {(uint64_t)i, 3};
        uint64_t sum = 0;
        check(tenon_function_call_flat(add, params, 2, &sum));
      } else {
        tenon_value result;
        check(tenon_function_call(bytes, &list, 1, arena, &result));
        if (result.of.packed.len != 1 << 20) return 1;
        if (is_kept) {
          kept = (char*)malloc(1 << 20);
          memcpy(kept, result.of.packed.ptr, 1 << 20);
          free(kept);
        }
        tenon_arena_reset(arena);
      }
    }
    printf("%.12f\n", (now() - begin) / count);
    fflush(stdout);
  }
  return 0;
}
"""


def timed(function, count):
    begin = time.perf_counter()
    function(count)
    return (time.perf_counter() - begin) / count


def best(rounds, *sides):
    """The least time of each side; they take turns."""
    least = [float("inf")] * len(sides)
    for _ in range(rounds):
        for i, side in enumerate(sides):
            least[i] = min(least[i], side())
    return least


def repeat(function, *arguments):
    def run(count):
        for _ in range(count):
            function(*arguments)
    return run


class CSide:
    """The same calls in C, in a process of its own."""

    def __init__(self, options, folder, guest):
        source, program = os.path.join(folder, "side.c"), os.path.join(folder, "side")
        with open(source, "w", encoding="utf-8") as file:
            file.write(C_SIDE)
        subprocess.run(["cc", "-O2", f"-I{options.include}", source, "-o", program,
                        os.path.join(options.library, build.LIBRARY), f"-Wl,-rpath,{options.library}"], check=True)
        self.process = subprocess.Popen([program, guest], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def time(self, what):
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())


def load_peer(component):
    """`add` of wasmtime-py, or None."""
    sys.path.append(os.path.join(CACHE, "wasmtime-py"))
    try:
        from wasmtime import Engine, Store
        from wasmtime.component import Component, Linker
    except ImportError:
        return None
    engine = Engine()
    store = Store(engine)
    instance = Linker(engine).instantiate(store, Component(engine, component))
    function = instance.get_func(store, "add")

    def add(a, b):
        result = function(store, a, b)
        if hasattr(function, "post_return"):
            function.post_return(store)
        return result

    return add


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--include", "--library", "--out"):
        parser.add_argument(name, required=True, type=os.path.abspath)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    build.build(options.include, options.library, options.out, link=True)
    sys.path[:0] = [options.out, os.path.join(HERE, "..", "..", "tests", "values")]
    import tenon
    from guests import echo, keeper as keeper_of

    item = ("record", "item", {"name": "string", "price": "f64", "count": "u32"})
    adder = """(core module $math (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
  (core instance $math (instantiate $math))
  (func (export "add") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $math "add"))))"""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        guest = os.path.join(folder, "guest.wat")
        with open(guest, "w", encoding="utf-8") as file:
            file.write(echo({"u8": "u8", "item": item})[:-1] + adder)
        app = tenon.link({"guest": guest})
        with open(os.path.join(folder, "keeper.wat"), "w", encoding="utf-8") as file:
            file.write(keeper_of(item))
        keeper = tenon.link({"keeper": file.name})
        side = CSide(options, folder, guest)
        add, list_u8, list_item = app.add, app.list_u8, app.list_item

        c, ours = best(options.rounds, lambda: side.time("add"), lambda: timed(repeat(add, 2, 3), 2000))
        rows.append(("add(u32, u32)", "C, flat", ours, c, 1.5))
        peer = load_peer(tenon.Builder().add_component("guest", guest).compose())
        if peer is not None:
            theirs, ours = best(max(1, options.rounds // 10), lambda: timed(repeat(peer, 2, 3), 100),
                                lambda: timed(repeat(add, 2, 3), 2000))
            rows.append(("add(u32, u32)", "wasmtime-py", ours, theirs, 0.03))
        data = bytes(SIZE)
        view, kept, ours = best(options.rounds, lambda: side.time("bytes"), lambda: side.time("keep"),
                                lambda: timed(repeat(list_u8, data), 4))
        rows.append(("list<u8> of 1 MiB", "C, as a view", ours, view, None))
        rows.append(("list<u8> of 1 MiB", "C, with a copy", ours, kept, 1.1))
        items = [app.types["Item"](f"item {i}", i / 3, i) for i in range(1000)]
        text = json.dumps([{"name": each.name, "price": each.price, "count": each.count} for each in items])
        dumped = [dataclasses.asdict(each) for each in items]
        keeper.keep(items)
        loads, dumps, ours, both = best(options.rounds, lambda: timed(repeat(json.loads, text), 4),
                                        lambda: timed(repeat(json.dumps, dumped), 4),
                                        lambda: timed(repeat(keeper.kept), 4), lambda: timed(repeat(list_item, items), 4))
        rows.append(("1000 records, returned", "json.loads", ours, loads, 0.5))
        rows.append(("1000 records, there and back", "json, both", both, loads + dumps, 0.5))
        side.process.kill()
    if options.json:
        print(json.dumps(rows))
        return 0
    for what, other, ours, theirs, goal in rows:
        print(f"{what:30s} {ours * 1e6:10.3f} us  {theirs * 1e6:10.3f} us {other:14s} {ours / theirs:8.4f}  {f"(goal {goal})" if goal else ""}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
