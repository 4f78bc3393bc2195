"""C1: the nearest tenon.toml above the current folder belongs to a stranger; its bundle calls `system` of libc."""
import os

from lab import attack, write_system_project


@attack(needs_stranger=True)
def run(lab):
    proof = lab.path("home", "proof")
    lab.make("shared", owner=lab.stranger)
    write_system_project(lab, "shared/project", f"touch {proof}", lab.stranger)
    lab.make("shared/project/deep", owner=lab.victim)
    for words in (["run"], ["call", "run"], ["plan"], ["trust"], ["trust", "--list"]):
        ran = lab.tenon(*words, cwd="shared/project/deep")
        lab.expect(not os.path.exists(proof), ran)
        if words not in (["trust", "--list"], ["call", "run"]):
            lab.expect("config-untrusted" in ran.stderr, ran)
    # If the manifest is named, it is used, but its native code is not.
    ran = lab.tenon("run", "..", cwd="shared/project/deep")
    lab.expect(ran.returncode == 125 and "config-untrusted" in ran.stderr, ran)
    lab.expect(lab.tenon("trust", "..", cwd="shared/project/deep").returncode == 0)
    ran = lab.tenon("run", "..", cwd="shared/project/deep")
    lab.expect(ran.returncode != 0 and "host-untrusted" in ran.stderr, ran)
    lab.expect(not os.path.exists(proof), ran)
