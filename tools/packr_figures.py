"""The cost of packr packages compared with packr's own host, and with the copies that they need: rows
of docs/benchmarks.md.

packr's own host is bench/packr_peer. cargo builds it, which takes minutes the first time. The other
measurements are in bench/packr.cc. Each figure is the minimum of several rounds.
"""
import os
import subprocess
import sys

import build_engine
import build_packr_guests
from call_figures import Row, lines_of, seconds_of

PEER = "packr 0.5.4"
HOPS = (1, 5)


def build_peer():
    target = os.path.join(build_packr_guests.cache_folder(), "peer")
    print("building the peer packr_peer (minutes, the first time)", file=sys.stderr, flush=True)
    subprocess.run([build_engine.cargo(), "build", "--release", "--locked", "--quiet"], check=True,
                   cwd=os.path.join(build_engine.ROOT, "bench", "packr_peer"),
                   env={**os.environ, "CARGO_TARGET_DIR": target})
    return os.path.join(target, "release", "packr_peer")


def measure(build, turns):
    peer = build_peer()
    least = {}
    for _ in range(turns):
        turn = seconds_of(os.path.join(build, "packr_bench"))
        turn |= {f"packr/{name}": took * 1e-9 for name, took in lines_of(peer).items()}
        for name, figure in turn.items():
            least[name] = min(figure, least.get(name, figure))

    def a_hop(name):
        """The time that one more package adds to a chain."""
        few, many = HOPS
        return (least[f"{name}/{many}"] - least[f"{name}/{few}"]) / (many - few)

    def against_packr(what, mine, peer, limit=0.5):
        return Row(what, PEER, least[mine], least[f"packr/{peer}"], limit)

    return [
        against_packr("a call `process(5)` from one packr package to another", "process/any",
                      "process", 0.65),
        against_packr("the same, with the type s64 on both sides", "process/typed",
                      "process_typed", 0.65),
        Row("passing a string of 1 MB to one more packr package and back", "`memcpy` in both directions",
            a_hop("forward_string"), a_hop("copy_string"), 2.0),
        Row("a call of a packr package with an encoded value of 1 MB, which it returns", "`memcpy` in both directions",
            least["call_encoded"], least["copy_string/1"], 1.2),
        Row("the same, and the package passes it to a function of the program, which returns it",
            "the same three copies", least["call_raw_function"],
            least["copy_bytes/three"], 1.3),
        against_packr("checking a tree of 131,070 nodes in packr's format, and reading it in place",
                      "decode_tree_view", "decode_tree"),
        against_packr("decoding the same tree into values", "decode_tree_values", "decode_tree"),
        Row("writing, passing and reading a buffer of 1 MB through five packr packages",
            "the same through one package", least["forward_buffer/5"], least["forward_buffer/1"], 1.2),
    ]
