"""M3: bytes of cached code are damaged. Every run gives the right result and reports that the file was not used."""
import os

from lab import ROOT, attack

HELLO = os.path.join(ROOT, "tests/guests/wasm/hello.wasm")


@attack()
def run(lab):
    shown = lab.write("hello.wasm", open(HELLO, "rb").read())
    words = ("run", shown, "--env", "LOUD=1")
    right = lab.tenon(*words)
    folder = lab.path("home/.cache/tenon/code")
    code = next(name for name in os.listdir(folder) if name.endswith(".code"))
    with open(os.path.join(folder, code), "rb") as file:
        whole = file.read()
    step = max(4096, len(whole) // 12 // 4096 * 4096)
    for at in range(0, len(whole), step):
        damaged = whole[:at] + bytes(min(4096, len(whole) - at)) + whole[at + 4096:]
        if damaged == whole:
            continue
        for name in os.listdir(folder):
            os.unlink(os.path.join(folder, name))
        path = os.path.join(folder, code)
        with open(path, "wb") as file:
            file.write(damaged)
        os.chmod(path, 0o600)
        lab.own(path, lab.victim)
        ran = lab.tenon(*words)
        lab.expect((ran.returncode, ran.stdout) == (right.returncode, right.stdout), ran)
        lab.expect("its content is damaged" in ran.stderr, ran)
