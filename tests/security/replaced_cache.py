"""H2: a stranger owns the folder above the cache, and replaces the cache while the victim runs (for a few seconds)."""
import os
import time

from lab import ROOT, attack

HELLO = os.path.join(ROOT, "tests/guests/wasm/hello.wasm")

@attack(needs_stranger=True)
def run(lab):
    shown = lab.write("hello.wasm", open(HELLO, "rb").read())
    lab.make("cache", owner=lab.stranger)
    lab.make("cache/code", owner=lab.victim, mode=0o700)
    lab.make("cache/evil", owner=lab.stranger, mode=0o777)
    options = {"environment": {"TENON_CACHE_DIR": lab.path("cache")}}
    ran = lab.tenon("run", shown, "--", "loud", **options)
    lab.expect("is not used: other users can change a folder above it" in ran.stderr, ran)
    with lab.exchanging("cache/code", "cache/evil", user=lab.stranger):
        end = time.time() + 2
        while time.time() < end:
            ran = lab.tenon("run", shown, **options)
            lab.expect("is not used" in ran.stderr, ran)
    lab.expect(os.listdir(lab.path("cache/code")) == [] and os.listdir(lab.path("cache/evil")) == [])
