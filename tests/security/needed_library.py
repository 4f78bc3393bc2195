"""M4, M5, M6: a library that a bundle's library needs is replaced, or a folder or group lets others replace it."""
import hashlib
import os

from lab import attack, write_bundle, write_caller


def write_bundle_in_two(lab, name):
    write_bundle(lab, name, "lib/libown.so", "answer")
    lab.make(f"{name}/lib")
    write_helper(lab, name, "")
    lab.compile(f"{name}/lib/libown.so", "int helper(void); int answer(const char *c) { return helper(); }",
                "-L" + lab.path(name, "lib"), "-l:libhelper.so", "-Wl,-rpath,$ORIGIN")
    write_caller(lab, "app.wat", "x")


def write_helper(lab, name, code):
    lab.compile(f"{name}/lib/libhelper.so", "#include <stdlib.h>\n"
                f"int helper(void) {{ {code} return 0; }}", "-Wl,-soname,libhelper.so")


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


@attack()
def run(lab):
    proof = lab.path("home", "proof")
    write_bundle_in_two(lab, "own")
    link = ("run", "app.wat", "--host-bundle", "own=./own")
    ran = lab.tenon(*link)
    lab.expect(ran.returncode == 0, ran)
    # A library that a lock pins is replaced.
    lab.own(lab.folder, lab.victim)
    lab.expect(lab.tenon("plan", *link[1:], "--lock").returncode == 0)
    lab.expect(digest(lab.path("own/lib/libhelper.so")) in open(lab.path("tenon.lock"), encoding="utf-8").read())
    write_helper(lab, "own", f"system(\"touch {proof}\");")
    ran = lab.tenon(*link, "--locked")
    lab.expect(ran.returncode != 0 and not os.path.exists(proof), ran)
    write_helper(lab, "own", "")
    lab.expect(lab.tenon(*link, "--locked").returncode == 0)
    # Other users can change one of its files, or a folder above it.
    for name in ("own/lib/libhelper.so", "own/lib/libown.so", "own/host.toml", "own/own.wit", "own/lib", "own"):
        before = os.stat(lab.path(name)).st_mode
        os.chmod(lab.path(name), 0o777)
        ran = lab.tenon(*link)
        lab.expect(ran.returncode != 0 and "host-untrusted" in ran.stderr, ran)
        if os.geteuid() == 0:
            os.chmod(lab.path(name), 0o775)
            os.chown(lab.path(name), lab.victim, 64399)
            ran = lab.tenon(*link)
            lab.expect(ran.returncode != 0 and "host-untrusted" in ran.stderr, ran)
            os.chown(lab.path(name), lab.victim, lab.victim)
        os.chmod(lab.path(name), before)
    lab.expect(lab.tenon(*link).returncode == 0)
