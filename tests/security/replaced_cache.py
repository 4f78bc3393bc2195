"""H2: a stranger owns the folder around the cache and exchanges it while the victim runs (bounded to seconds)."""
import os
import subprocess
import time

from lab import ROOT, attack

HELLO = os.path.join(ROOT, "tests/guests/wasm/hello.wasm")
EXCHANGE = """#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
int main(int argc, char** argv) {
  for (;;) renameat2(AT_FDCWD, argv[1], AT_FDCWD, argv[2], RENAME_EXCHANGE);
}
"""


@attack(needs_stranger=True)
def run(lab):
    shown = lab.write("hello.wasm", open(HELLO, "rb").read())
    lab.make("cache", owner=lab.stranger)
    lab.make("cache/code", owner=lab.victim, mode=0o700)
    lab.make("cache/evil", owner=lab.stranger, mode=0o777)
    options = {"environment": {"TENON_CACHE_DIR": lab.path("cache")}}
    ran = lab.tenon("run", shown, "--", "loud", **options)
    lab.expect("is not used: others can change a folder above it" in ran.stderr, ran)
    source = lab.write("exchange.c", EXCHANGE)
    lab.expect(subprocess.run(["cc", "-o", lab.path("exchange"), source]).returncode == 0)
    swapper = subprocess.Popen([lab.path("exchange"), lab.path("cache/code"), lab.path("cache/evil")],
                               user=lab.stranger, group=lab.stranger, extra_groups=[])
    try:
        end = time.time() + 2
        while time.time() < end:
            ran = lab.tenon("run", shown, **options)
            lab.expect("is not used" in ran.stderr, ran)
    finally:
        swapper.kill()
        swapper.wait()
    lab.expect(os.listdir(lab.path("cache/code")) == [] and os.listdir(lab.path("cache/evil")) == [])
