"""M1, M7, L7: guests and modules that take longer than `--timeout`, at each point where that can happen."""
import time

from lab import attack

SPIN = "(func $spin (loop $again (br $again)))"
START = """(component
  (core module $m %s (start $spin) (func (export "run") (result i32) (i32.const 0)))
  (core instance $i (instantiate $m))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $cli (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $cli)))
""" % SPIN
# As many locals as the engine accepts, each set in a block of its own, which take minutes to compile.
COUNT = 20_000
COMPILE = "(component (core module $m (func (param i32) (local %s) %s)) (core instance (instantiate $m)))" % (
    "i32 " * COUNT, "".join(f"(block (br_if 0 (local.get 0)) (local.set {i} (local.get {i - 1})))\n"
                            for i in range(1, COUNT)))


def timed(lab, *words):
    begin = time.monotonic()
    ran = lab.tenon(*words)
    lab.expect(ran.returncode == 124 and "run-deadline" in ran.stderr, ran)
    lab.expect(time.monotonic() - begin < 10, ran)


@attack()
def run(lab):
    lab.write("start.wat", START)
    timed(lab, "run", "--timeout", "500ms", "start.wat")
    lab.write("compile.wat", COMPILE)
    timed(lab, "call", "--timeout", "1s", "compile.wat", "f")
    lab.write("manifest/tenon.toml", "schema = 1\n[components.app]\npath = \"../start.wat\"\n"
              "[domains.main]\ntimeout = \"500ms\"\n")
    timed(lab, "run", "manifest")
