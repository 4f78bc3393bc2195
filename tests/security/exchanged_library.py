"""H2: a library is replaced between the check and the loading (limited to a few seconds)."""
import hashlib
import os
import time

from lab import attack, write_bundle, write_caller

SECONDS = 2


@attack()
def run(lab):
    proof = lab.path("home", "proof")
    write_caller(lab, "app.wat", "x")
    for name, code in (("own", ""), ("evil", f"system(\"touch {proof}\");")):
        write_bundle(lab, name, "lib/libown.so", "answer")
        lab.make(f"{name}/lib")
        lab.compile(f"{name}/lib/libown.so", f"#include <stdlib.h>\nint answer(const char *c) {{ {code} return 0; }}")
    with open(lab.path("own/lib/libown.so"), "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    lab.write("hosts.toml", f"[[host]]\nname = \"own\"\nbundle = \"./own\"\nsha256 = \"{digest}\"\n")
    counts = {}
    # The victim owns both files, so only the pin can tell them apart.
    with lab.exchanging("own/lib/libown.so", "evil/lib/libown.so", user=lab.victim):
        end = time.time() + SECONDS
        while time.time() < end:
            ran = lab.tenon("run", "app.wat", "--host-config", "hosts.toml")
            refused = ran.returncode != 0 and ("host-pin" in ran.stderr or "was replaced while" in ran.stderr)
            lab.expect(ran.returncode == 0 or refused, ran)
            counts[refused] = counts.get(refused, 0) + 1
    lab.expect(not os.path.exists(proof), f"pinned {digest}, and another one ran")
    lab.expect(len(counts) == 2, f"nothing was exchanged: {counts}")
