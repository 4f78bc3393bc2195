"""M2, L2, L3: TOML that exhausts the stack, files that never end, and pipes without a writer."""
import os

from lab import IDLE, attack

DEEP = "a." * 240_000 + "a = 1\n"


@attack()
def run(lab):
    lab.write("app.wat", IDLE)
    for name, text in {"dotted": DEEP, "table": "[" + "a." * 200_000 + "a]\n", "quoted": "\"a\"." * 240_000 + "a = 1",
                       "arrays": "a = " + "[" * 100_000, "large": "#" * (17 << 20)}.items():
        lab.write(f"{name}/tenon.toml", text)
        lab.write(f"{name}/host.toml", text)
        lab.write(f"{name}/extension.toml", text)
        for words in (["plan", name], ["host", "inspect", "./" + name], ["ext", "add", "./" + name],
                      ["plan", "app.wat", "--host-config", f"{name}/host.toml"]):
            ran = lab.tenon(*words)
            lab.expect(ran.returncode == 1 and "error[" in ran.stderr, ran)
    # Symbolic links that lead out of a bundle or out of the folder of an extension.
    outside = lab.write("outside/secret.wit", "package a:b;\ninterface c { run: func(command: string) -> s32; }\n"
                        "world w { export c; }\n")
    lab.write("bundle/host.toml", "[host]\nname = \"libc\"\nlib = \"libc.so.6\"\nwit = \"wit\"\nabi = \"c\"\n")
    lab.make("bundle/wit")
    os.symlink(outside, lab.path("bundle/wit/a.wit"))
    ran = lab.tenon("host", "inspect", "./bundle")
    lab.expect(ran.returncode == 1 and "outside the bundle" in ran.stderr, ran)
    lab.write("linked/extension.toml", "schema = 1\n[extension]\nname = \"linked\"\nversion = \"1.0.0\"\n"
              "component = \"app.wat\"\n")
    os.symlink("../app.wat", lab.path("linked/app.wat"))
    ran = lab.tenon("ext", "add", "./linked")
    lab.expect(ran.returncode == 1 and "outside of its folder" in ran.stderr, ran)
    for name in ("tenon.toml", "host.toml", "extension.toml", "tenon.lock"):
        folder = lab.make("pipe-" + name.split(".")[0])
        path = os.path.join(folder, name)
        for make in (lambda: os.mkfifo(path), lambda: os.symlink("/dev/zero", path)):
            make()
            for words in (["plan", folder], ["host", "inspect", folder], ["ext", "add", folder],
                          ["plan", lab.path("app.wat"), "--locked"]):
                ran = lab.tenon(*words, cwd=os.path.basename(folder), timeout=20)
                lab.expect(ran.returncode in (0, 1, 2), ran)
            os.unlink(path)
