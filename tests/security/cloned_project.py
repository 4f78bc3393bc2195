"""C1, without a stranger: a cloned project asks for native code, folders and the network."""
import os

from lab import IDLE, attack, write_system_project


@attack()
def run(lab):
    proof = lab.path("home", "proof")
    write_system_project(lab, "clone", f"touch {proof}", lab.victim)
    ran = lab.tenon("run", cwd="clone", stdin=-3)
    lab.expect(ran.returncode == 125 and "config-untrusted" in ran.stderr, ran)
    lab.expect(not os.path.exists(proof), ran)
    for wish in ('net = ["*"]', 'dirs = ["rw:/"]', 'dirs = ["rw:./link::/x"]', 'dirs = ["rw:../home"]'):
        lab.write("open/app.wat", IDLE)
        lab.write("open/tenon.toml", f"schema = 1\n[components.app]\npath = \"app.wat\"\n[domains.main]\n{wish}\n")
        if not os.path.lexists(lab.path("open/link")):
            os.symlink("/etc", lab.path("open/link"))
        ran = lab.tenon("run", cwd="open", stdin=-3)
        lab.expect("config-untrusted" in ran.stderr, ran)
    # Consent covers only what was shown.
    lab.expect(lab.tenon("trust", cwd="open").returncode == 0)
    lab.expect("config-untrusted" not in lab.tenon("run", cwd="open", stdin=-3).stderr)
    with open(lab.path("open/tenon.toml"), "a", encoding="utf-8") as manifest:
        manifest.write('net = ["*"]\n')
    lab.expect("config-untrusted" in lab.tenon("run", cwd="open", stdin=-3).stderr)
    # With consent, native code runs.
    lab.expect(lab.tenon("trust", cwd="clone").returncode == 0)
    ran = lab.tenon("run", cwd="clone", stdin=-3)
    lab.expect(ran.returncode == 0 and os.path.exists(proof), ran)
