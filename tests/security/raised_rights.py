"""A copy of the command is setuid: its caller's files, folders and variables must not be used with the owner's rights."""
import os

from lab import IDLE, Skipped, attack, write_system_project


@attack(needs_stranger=True)
def run(lab):
    os.chown(lab.program, lab.victim, lab.victim)
    os.chmod(lab.program, 0o4755)
    with open("/proc/self/status", encoding="utf-8") as status:
        forbidden = "NoNewPrivs:\t1" in status.read()
    if forbidden or os.statvfs(lab.folder).f_flag & os.ST_NOSUID:
        raise Skipped("setuid bits have no effect here")
    proof = lab.path("home", "proof")
    # Files of the victim, which satisfy the rules on owners.
    write_system_project(lab, "own", f"touch {proof}", lab.victim)
    lab.write("plain/app.wat", IDLE, lab.victim)
    lab.write("plain/tenon.toml", "schema = 1\n[components.app]\npath = \"app.wat\"\n", lab.victim)

    def start(*words, cwd=".", **environment):
        return lab.tenon(*words, cwd=cwd, user=lab.stranger, stdin=-3, environment=environment)

    # A manifest that is found, and native code of a manifest that is named. Consent does not help.
    ran = start("run", cwd="plain")
    lab.expect(ran.returncode != 0 and "raised privileges" in ran.stderr, ran)
    lab.expect(lab.tenon("trust", cwd="own").returncode == 0)
    for words, cwd in ((["run"], "own"), (["run", "own"], "."), (["run", "--trust-path", lab.path("own"), "own"], ".")):
        ran = start(*words, cwd=cwd)
        lab.expect(ran.returncode != 0 and not os.path.exists(proof), ran)
    # Stores, the cache and variables are not used.
    folder = lab.make("stranger", owner=lab.stranger)
    for words in (["ext", "list"], ["ext", "add", lab.path("plain/app.wat")]):
        ran = start(*words, TENON_HOME=folder, HOME=folder)
        lab.expect(ran.returncode != 0 and "raised privileges" in ran.stderr, ran)
    app = lab.write("app.wat", IDLE)
    start("run", app, TENON_CACHE_DIR=folder, XDG_CACHE_HOME=folder, XDG_STATE_HOME=folder, HOME=folder)
    lab.expect(os.listdir(folder) == [], os.listdir(folder))
