"""The cost of calls and of isolated instances compared with their peers: rows of docs/benchmarks.md.

Each row is the minimum of several rounds; in a round, every program runs once. The peers are in the
same programs (the engine's value trees, `memcpy`, the engine's stores), or in
engine/examples: direct_peer.rs, typed_peer.rs and async_peer.rs make the calls of bench/direct_call.cc,
native_call.cc, bridged_async.cc and timed_calls.cc from Rust, on the engine without our patches.
"""
import json
import os
import subprocess
import sys
import typing

import build_engine

ROOT = build_engine.ROOT
PROGRAMS = ["direct_call_bench", "c_call_bench", "bridged_call_bench", "bridged_resource_bench", "native_call_bench", "bundle_call_bench",
            "bridged_async_bench", "bridged_stream_bench", "program_stream_bench", "compute_bench"]
PEERS = ("direct_peer", "typed_peer", "async_peer")
TIMED_CALLS = 10_000
LONGEST_TIMER = 1.0  # of bench/timed_calls.cc, in seconds
INSTANCES = (208, 2008)


ALLOCATIONS = [("bridged-add", "bridged calls `add`", 0),
               ("bridged-borrow", "bridged method calls (made by the engine)", None),
               ("bridged-own", "pairs of a bridged constructor and a consuming call", None),
               ("export", "typed calls of an export", None),
               ("host", "calls of a typed function of the program", None),
               ("core-export", "calls of a core module's export", 0),
               ("core-bridged", "calls from core module to core module of two stores", 0)]


class Row(typing.NamedTuple):
    what: str
    against: str
    mine: float
    peer: float | None  # None: the limit applies to the figure itself
    limit: float | None
    unit: str = "s"  # "s", "B", or "" for counts

    @property
    def ratio(self):
        return self.mine if self.peer is None else self.mine / self.peer

    @property
    def is_missed(self):
        return self.limit is not None and self.ratio > self.limit


def show(value, unit):
    """1.5e-8 s is 15 ns."""
    if value is None:
        return ""
    if unit == "":
        return f"{value:g}"
    scales = ((1e6, "MB"), (1e3, "kB"), (1, "B")) if unit == "B" else ((1, "s"), (1e-3, "ms"), (1e-6, "us"))
    for scale, name in scales:
        if value >= scale:
            return f"{value / scale:.3g} {name}"
    return f"{value / 1e-9:.3g} ns"


def run(*command):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"call_figures: {' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def build_rust_peers():
    """The paths of PEERS."""
    target = os.path.join(build_engine.cache_folder(None), "target")
    print("building the peers in Rust (minutes, if the engine changed)", file=sys.stderr, flush=True)
    command = [build_engine.cargo(), "build", "--release", "--locked", "--offline", "--quiet"]
    command += [word for peer in PEERS for word in ("--example", peer)]
    subprocess.run(command, cwd=build_engine.CRATE, check=True,
                   env={**os.environ, "CARGO_TARGET_DIR": target})
    return [os.path.join(target, "release", "examples", peer) for peer in PEERS]


def seconds_of(program):
    """Seconds per call for each benchmark of the program."""
    # The minimum of many short runs, as in typed_peer.rs: few of them are disturbed by other work.
    told = run(program, "--benchmark_min_time=0.005", "--benchmark_repetitions=25",
               "--benchmark_enable_random_interleaving=true", "--benchmark_format=json")
    least = {}
    answers = {}
    for row in json.loads(told)["benchmarks"]:
        if row.get("error_occurred"):
            sys.exit(f"call_figures: {row['name']}: {row['error_message']}")
        if row["run_type"] == "iteration":
            took = 1 / row["items_per_second"]
            least[row["name"]] = min(took, least.get(row["name"], took))
            answers[row["name"]] = row.get("answer")
    for name, answer in answers.items():
        if name.startswith("bridged/") and answers.get(f"tree/{name.partition('/')[2]}", answer) != answer:
            sys.exit(f"call_figures: {name} and its peer do not compute the same")
    return least


def lines_of(*command):
    """Lines of the form `name figure`."""
    return {name: float(figure) for name, figure in map(str.split, run(*command).splitlines())}


def compose_direct(build):
    """The components that direct_peer runs."""
    guests = os.path.join(ROOT, "bench", "guests")
    inputs = {"lists": [os.path.join(guests, f"lists_{side}.wat") for side in ("caller", "service")],
              "page_chain": [os.path.join(ROOT, "bench", "page_chain")]}
    made = []
    for name, files in inputs.items():
        made.append(os.path.join(build, "benchmarks", name + ".wasm"))
        run(os.path.join(build, "tenon"), "compose", *files, "-o", made[-1])
    return made


def growth_of(program, who):
    """Bytes that one more instance takes."""
    few, many = (min(int(run(program, who, str(count))) for _ in range(3)) for count in INSTANCES)
    return (many - few) / (INSTANCES[1] - INSTANCES[0])


def measure(build, turns):
    direct_peer, typed_peer, async_peer = build_rust_peers()
    composed = compose_direct(build)
    least = {}
    for _ in range(turns):
        turn = {}
        for program in PROGRAMS:
            turn |= seconds_of(os.path.join(build, program))
        for peer in ((direct_peer, *composed), (typed_peer,), (async_peer,)):
            turn |= {f"rust/{name}": took * 1e-9 for name, took in lines_of(*peer).items()}
        for who, program in (("tenon", os.path.join(build, "timed_calls")), ("engine", async_peer)):
            turn |= {f"timed/{who}/{name}": figure
                     for name, figure in lines_of(program, str(TIMED_CALLS)).items()}
        for who in ("tenon", "engine"):
            turn[f"idle/{who}"] = growth_of(os.path.join(build, "idle_instances"), who)
        for name, figure in turn.items():
            least[name] = min(figure, least.get(name, figure))
    allocations = lines_of(os.path.join(build, "call_allocations"))

    def row(what, against, mine, peer, limit, unit="s"):
        return Row(what, against, least[mine], least[peer], limit, unit)

    def pair(what, name, limit):
        return row(what, "the same pair in one store", f"bridged/{name}", f"one_store/{name}", limit)

    def direct(what, name, limit):
        """A call in one domain, embedded and by reference. limit: of the first."""
        return [row(f"a direct {what}", defaults, f"direct/{name}", f"rust/{name}", limit),
                row("the same, linked by reference", defaults, f"by_reference/{name}", f"rust/{name}", None)]

    growth = max(int(run(os.path.join(build, "stream_memory"))) for _ in range(3))
    trees = "the engine's value trees, by its C API"
    defaults = "the same as one component on the engine's defaults, unpatched"
    concurrent = "the engine's `call_concurrent`, from Rust"
    return [
        row("a direct call `add(u32, u32)`, loop in the guest", defaults, "direct/add/0", "rust/add/0", 0.12),
        row("the same, linked by reference", "the same pair as one component, without inlining", "by_reference/add/0",
            "rust/not_inlined/add/0", 1.3),
        *direct("`list<u8>` of 64 bytes", "bytes/64", 0.25),
        *direct("`list<u8>` of 1 KiB", "bytes/1024", 0.06),
        *direct("`list<u8>` of 64 KiB", "bytes/65536", None),
        *direct("`list<u8>` of 1 MiB", "bytes/1048576", None),
        row("the same, embedded", "`memcpy`", "direct/bytes/1048576", "memcpy/1048576", 1.1),
        *direct("`list<u32>` of 1,000", "words/1000", None),
        *direct("list of 1,000 records of two u32 and a f64", "samples/1000", 0.3),
        row("the same, embedded", "`memcpy` of its 16,000 bytes", "direct/samples/1000", "memcpy/16000", 1.5),
        *direct("`list<bool>` of 1,000", "flags/1000", None),
        *direct("`list<string>` of 1,000 with 16 bytes each", "texts/1000", None),
        *direct("`string` of 64 bytes", "text/64", 0.8),
        row("a page of 1 MiB through four middlewares to the site of the press, in one domain", defaults,
            "direct/put/1048576", "rust/put/1048576", 0.4),
        row("the same, each unit isolated", defaults, "isolated/put/1048576", "rust/put/1048576", None),
        row("a bridged call `add(u32, u32)`, loop in the guest", trees, "bridged/add/0", "tree/add/0",
            0.65),
        row("the same with middleware that limits calls at the same time", "without middleware",
            "limited/add/0", "bridged/add/0", 1.2),
        row("a bridged `list<u8>` of 1 MiB, echoed", "`memcpy` in both directions",
            "bridged/bytes/1048576", "memcpy_twice/1048576", 1.15),
        row("a bridged list of 1,000 flat records, echoed", trees, "bridged/points/1000",
            "tree/points/1000", 1 / 150),
        row("a bridged list of 1,000 records with strings, echoed", trees, "bridged/named/1000",
            "tree/named/1000", 0.16),
        row("a bridged method call with a borrowed proxy", trees, "bridged/borrow/0",
            "tree/borrow/0", 0.65),
        row("a bridged constructor and a call that consumes the resource", trees, "bridged/own/0",
            "tree/own/0", 0.9),
        row("a typed call from C++ of an export `add`", "the engine's typed call, from Rust", "call_export",
            "rust/call_export", 1.25),
        row("a call of an export `add` by generated C++", "a typed call from C++", "generated_add", "cpp_add", 1.05),
        row("a flat call of an export `add` through the C API", "a typed call from C++", "c_add_flat", "cpp_add", 1.1),
        row("the same with tenon_values", "a typed call from C++", "c_add", "cpp_add", None),
        row("a call with 64 bytes through the C API", "a typed call from C++", "c_bytes/64", "cpp_bytes/64", 1.1),
        row("a `list<u8>` of 1 MiB passed through the C API to a guest that reads its length", "`memcpy`",
            "c_bytes/1048576", "memcpy/1048576", 1.2),
        row("a typed function `add` of a C++ program, called in a guest's loop",
            "the engine's typed function, of a Rust program", "call_host", "rust/call_host", 1.75),
        row("a call that gets a fresh instance of a pool", "the engine's prepared component, from Rust",
            "call_fresh", "rust/call_fresh", 1.3),
        row("a function `add` of a host bundle's table, called in a guest's loop",
            "a typed function of a C++ program", "bundle_table_add/0", "bundle_program_add/0", 1.2),
        row("a function `add` of a plain C library, called in a guest's loop",
            "the same function through a table", "bundle_plain_add/0", "bundle_table_add/0", 2.5),
        row("a `list<u8>` of 1 MiB passed to a table's function that reads its length",
            "an empty list", "bundle_table_count/1048576", "bundle_table_count/0", 1.1),
        row("a function `add` of a bundle in a process of its own, called in a guest's loop",
            "the same function in the program", "bundle_process_add/0/real_time", "bundle_table_add/0", None),
        row("the same with `files = false` and `network = false`", "the process without a filter",
            "bundle_filtered_add/0/real_time", "bundle_process_add/0/real_time", 1.3),
        row("a `list<u8>` of 1 MiB passed to that process", "`memcpy`", "bundle_process_count/1048576/real_time",
            "memcpy/1048576", None),
        row("a composition with a process, from its start over a first call to its end",
            "the same without a process", "bundle_process_start/real_time", "bundle_table_start/real_time", None),
        *[Row(f"allocations in 1,000 {what}", "", allocations[name], None, limit, "")
          for name, what, limit in ALLOCATIONS],
        row("memory of an idle isolated instance of a small component",
            "the engine's own store and instance", "idle/tenon", "idle/engine", 1.3, "B"),
        pair("a bridged async call `add`, loop in the guest", "async_add/1", 1.5),
        pair("a bridged async call, 1,000 in flight", "async_add_later/1000", 1.8),
        row("two isolated units that compute at once, with event loops", "one of them",
            "compute/with_loop/2/real_time", "compute/with_loop/1/real_time", 1.15),
        row("the same without async code", "one of them", "compute/without_async_code/2/real_time",
            "compute/without_async_code/1/real_time", 1.15),
        row("an async call of an export from C++, until its result", concurrent, "start_export/async_add/1",
            "rust/async_add/1", 2.5),
        row("the same, 1,000 in flight", concurrent, "start_export/async_add_later/1000", "rust/async_add_later/1000", None),
        Row("memory of a call in flight that waits for a timer, of 10,000, over the engine's own", "",
            max(0, least["timed/tenon/memory"] - least["timed/engine/memory"]), None, 4096, "B"),
        Row("time until the results of 10,000 calls that wait for timers", "the longest timer",
            least["timed/tenon/time"] * 1e-9, LONGEST_TIMER, 1.2),
        pair("a byte of a bridged `stream<u8>`, writes of 64 KiB", "bytes_64KiB", 1.9),
        pair("the same, writes of 1 MiB", "bytes_1MiB", 1.1),
        pair("the same, writes of 64 bytes", "bytes_64_by_64", 0.9),
        pair("the same, writes of 64 bytes, reads of 64 KiB", "bytes_64", None),
        pair("a flat record of a bridged stream, one at a time", "records_by_one", 0.7),
        pair("a number of a bridged stream, written one at a time, reads of 1,024", "singles", None),
        pair("a flat record of a bridged stream, 1,000 at a time", "records", 0.04),
        pair("a string of a bridged stream, 1,000 at a time", "strings", 0.95),
        row("a byte of a `stream<u8>` from a C++ program to a guest, writes of 64 KiB", "`memcpy`",
            "to_guest_bytes/64KiB", "copies_bytes/64KiB", None),
        row("a byte of a `stream<u8>` from a guest to a C++ program, reads of 64 KiB", "`memcpy`",
            "from_guest_bytes/64KiB", "copies_bytes/64KiB", None),
        row("a number of a `stream<u32>` from a guest, with C++ types, batches of 64 KiB", "with dynamic values",
            "from_guest_numbers/64KiB", "values_from_guest_numbers/64KiB", None),
        Row("bytes by which memory grows while 1 GiB passes a bridged stream", "", growth, None, 1 << 22, ""),
    ]
