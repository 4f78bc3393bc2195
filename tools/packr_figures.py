"""What packr packages cost beside packr's own host: rows of docs/benchmarks.md.

The peer is bench/packr_peer, built by cargo, the first time for some minutes; tenon's side is in
bench/packr_call.cc and bench/open_graph.cc. Each figure is the least of several turns.
"""
import json
import os
import subprocess
import sys

import build_engine
import build_packr_guests
from call_figures import Row, lines_of, run, seconds_of


def build_peer():
    target = os.path.join(build_packr_guests.cache_folder(), "peer")
    print("building the peer packr_peer (minutes, the first time)", file=sys.stderr, flush=True)
    subprocess.run([build_engine.cargo(), "build", "--release", "--locked", "--quiet"], check=True,
                   cwd=os.path.join(build_engine.ROOT, "bench", "packr_peer"),
                   env={**os.environ, "CARGO_TARGET_DIR": target})
    return os.path.join(target, "release", "packr_peer")


def seconds_of_tree(program):
    told = json.loads(run(program, "--benchmark_filter=^read_tree$", "--benchmark_min_time=0.005",
                          "--benchmark_repetitions=10", "--benchmark_format=json"))
    return min(row["real_time"] for row in told["benchmarks"] if row["run_type"] == "iteration") * 1e-3


def measure(build, turns):
    peer = build_peer()
    least = {}
    for _ in range(turns):
        turn = {f"packr/{name}": took * 1e-9 for name, took in lines_of(peer).items()}
        turn |= seconds_of(os.path.join(build, "packr_call_bench"))
        turn["read_tree"] = seconds_of_tree(os.path.join(build, "open_graph_bench"))
        for name, figure in turn.items():
            least[name] = min(figure, least.get(name, figure))
    return [Row("a call `process(5)` that crosses two packr packages", "packr 0.5.4", least["process"],
                least["packr/process"], 0.5),
            Row("the same, of a function that was found before", "packr 0.5.4", least["process_found"],
                least["packr/process"], None),
            Row("a tree of 131,070 nodes in packr's wire form, read into values", "packr 0.5.4",
                least["read_tree"], least["packr/decode_tree"], 0.5)]
