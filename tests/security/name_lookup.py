"""L4: a guest with access to one address sends data to a name server, in the names that it looks up."""
import os

from lab import ROOT, attack

CONNECT = os.path.join(ROOT, "tests/guests/wasm/connect.wasm")


@attack()
def run(lab):
    guest = lab.write("connect.wasm", open(CONNECT, "rb").read())

    def ask(grant, target):
        ran = lab.tenon("run", f"--allow-net={grant}", guest, "--", target)
        lab.expect(ran.returncode == 1, ran)
        return ran.stdout.strip().rsplit(" ", 1)[-1]

    for grant in ("127.0.0.1:1", "localhost:1", "127.0.0.1"):
        lab.expect(ask(grant, "secret.tenon.invalid:1") == "access-denied")
    # Granted names are looked up, in upper or lower case.
    for grant, target in (("localhost", "localhost:1"), ("localhost:1", "LOCALHOST:1"), ("*", "localhost:1")):
        lab.expect(ask(grant, target) == "connection-refused")
    lab.expect(ask("*", "secret.tenon.invalid:1") in ("name-unresolvable", "temporary-resolver-failure"))
