"""What packr packages cost beside packr's own host, and beside the copies that they need: rows of
docs/benchmarks.md.

Packr's own host is bench/packr_peer, built by cargo, the first time for some minutes; all else is in
bench/packr.cc. Each figure is the least of several turns.
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
        """What one more package adds to a chain."""
        few, many = HOPS
        return (least[f"{name}/{many}"] - least[f"{name}/{few}"]) / (many - few)

    def against_packr(what, mine, peer):
        return Row(what, PEER, least[mine], least[f"packr/{peer}"], 0.5)

    return [
        against_packr("a call `process(5)` that crosses two packr packages", "process/any",
                      "process"),
        against_packr("the same, where both sides have the type s64", "process/typed",
                      "process_typed"),
        Row("a string of 1 MB to one more packr package, and back", "`memcpy` of both directions",
            a_hop("forward_string"), a_hop("copy_string"), 2.0),
        against_packr("a tree of 131,070 nodes in packr's wire form, checked and read in place",
                      "decode_tree_view", "decode_tree"),
        against_packr("the same, read into values", "decode_tree_values", "decode_tree"),
        Row("1 MB in a buffer that is passed over five packr packages, written and read",
            "the same over one", least["forward_buffer/5"], least["forward_buffer/1"], 1.2),
    ]
