"""L12: a component creates many memories, each of them smaller than `--memory`."""
from lab import attack

# 16 MiB each.
MEMORY = "(core module $m (memory 256) (func (export \"run\") (result i32) (i32.const 0)))"


def component(count):
    instances = "".join(f"(core instance $i{i} (instantiate $m))\n" for i in range(count))
    return f"""(component {MEMORY} {instances}
  (func $run (result (result)) (canon lift (core func $i0 "run")))
  (instance $cli (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $cli)))
"""


@attack()
def run(lab):
    lab.write("four.wat", component(4))
    lab.write("five.wat", component(5))
    ran = lab.tenon("run", "--memory", "64MiB", "four.wat")
    lab.expect(ran.returncode == 0, ran)
    ran = lab.tenon("run", "--memory", "64MiB", "five.wat")
    lab.expect(ran.returncode != 0 and "memory" in ran.stderr, ran)
