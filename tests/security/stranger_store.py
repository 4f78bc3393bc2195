"""H1: a store of extensions above the current folder belongs to a stranger, or is part of a project, and has grants."""
import os

from lab import ROOT, attack

HELLO = os.path.join(ROOT, "tests/guests/wasm/hello.wasm")


@attack(needs_stranger=True)
def run(lab):
    shown = lab.write("hello.wasm", open(HELLO, "rb").read())
    secret = lab.write("home/secret", "the secret", mode=0o600)
    for name, owner in (("strange", lab.stranger), ("cloned", lab.victim)):
        lab.write(f"{name}/tenon.toml", "schema = 1\n", owner)
        lab.make(f"{name}/.tenon/ext", owner)
        # If it is the user's own store, the grants in its index apply.
        added = lab.tenon("ext", "add", "--name", "deploy", "--grant", f"fs=ro:{lab.home}::/h", shown, user=owner,
                          environment={"TENON_HOME": lab.path(name, ".tenon"), "HOME": lab.make(f"{name}-home", owner)})
        lab.expect(added.returncode == 0, added)
        lab.expect("fs=ro:" in open(lab.path(name, ".tenon/ext/index.json"), encoding="utf-8").read())
        lab.make(f"{name}/deep", owner=lab.victim)
        for words in (["deploy", "read:/h/secret"], ["ext", "run", "deploy", "read:/h/secret"]):
            ran = lab.tenon(*words, cwd=f"{name}/deep")
            lab.expect("the secret" not in ran.stdout, ran)
            if owner == lab.stranger:
                lab.expect("config-untrusted" in ran.stderr, ran)
    # Grants by the user apply, but only to this component.
    granted = lab.tenon("ext", "grant", "deploy", f"fs=ro:{lab.home}::/h", cwd="cloned/deep")
    lab.expect(granted.returncode == 0, granted)
    ran = lab.tenon("deploy", "read:/h/secret", cwd="cloned/deep")
    lab.expect("the secret" in ran.stdout, ran)
    blob = next(os.path.join(folder, files[0]) for folder, _, files in os.walk(lab.path("cloned/.tenon/ext/blobs"))
                if files)
    with open(blob, "wb") as file:
        file.write(open(os.path.join(ROOT, "tests/guests/wasm/adder.wasm"), "rb").read())
    ran = lab.tenon("deploy", "read:/h/secret", cwd="cloned/deep")
    lab.expect(ran.returncode != 0 and "the secret" not in ran.stdout, ran)
    lab.expect(os.path.exists(secret))
    # In a folder of the victim, one part is writable by others, or is a link out of the store.
    store = lab.path("cloned/.tenon/ext")
    for part in (".", "index.json", "blobs", "blobs/sha256"):
        path = os.path.join(store, part)
        mode = os.stat(path).st_mode
        os.chmod(path, mode | 0o002)
        ran = lab.tenon("deploy", "read:/h/secret", cwd="cloned/deep")
        lab.expect(ran.returncode != 0 and "config-untrusted" in ran.stderr, ran)
        os.chmod(path, mode)
    os.rename(os.path.join(store, "blobs"), lab.path("elsewhere"))
    os.symlink(lab.path("elsewhere"), os.path.join(store, "blobs"))
    ran = lab.tenon("ext", "check", cwd="cloned/deep")
    lab.expect(ran.returncode != 0 and "read-file" in ran.stderr, ran)
