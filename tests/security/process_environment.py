"""L10: a bundle sets a variable of the process. Only the command does this, and only before it starts other threads."""
import os

from lab import attack, write_system_project


@attack()
def run(lab):
    proof = lab.path("home", "proof")
    write_system_project(lab, "own", f"test x$TENON_PROOF = xset && touch {proof}", lab.victim)
    with open(lab.path("own/libc/host.toml"), "a", encoding="utf-8") as manifest:
        manifest.write("[host.env]\nTENON_PROOF = \"set\"\n")
    words = ("run", "own", "--trust-path", lab.path("own"))
    ran = lab.tenon(*words)
    lab.expect(ran.returncode == 0 and os.path.exists(proof), ran)
    # A variable that the user has set is not replaced.
    ran = lab.tenon(*words, environment={"TENON_PROOF": "other"})
    lab.expect(ran.returncode != 0 and "host-config" in ran.stderr, ran)
