"""Support for attacks: a victim who runs tenon, and a stranger who can prepare files and run programs.

Usage of an attack: `python3 NAME.py BUILD`. It runs twice, with root and with an unprivileged user as the victim,
each in a folder of its own. Only root can act as two users. Without root, an attack that needs a stranger is
skipped with a message.

    from lab import attack

    @attack(needs_stranger=True)
    def run(lab):
        lab.write("shared/tenon.toml", "schema = 1", owner=lab.stranger)
        ran = lab.tenon("run", cwd="shared/deep")
        lab.expect(ran.returncode == 125 and "config-untrusted" in ran.stderr, ran)
"""
import contextlib
import os
import shutil
import stat
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
UNPRIVILEGED = 64321
STRANGER = 64322
SKIPPED = 77  # ctest counts it as a skip
PATIENCE = 60  # seconds for one command


class Failed(Exception):
    pass


class Skipped(Exception):
    """The reason why the attack is not possible on this machine."""


class Lab:
    def __init__(self, build, victim):
        self.victim = victim
        self.stranger = STRANGER
        # Below a folder with the sticky bit, such as /tmp.
        self.folder = tempfile.mkdtemp(prefix="tenon_security_")
        os.chmod(self.folder, 0o755)
        self.program = os.path.join(self.folder, "tenon")
        shutil.copy(os.path.join(build, "tenon"), self.program)
        self.home = self.make("home", owner=victim)
        self.environment = {"PATH": os.environ["PATH"], "HOME": self.home}

    def end(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def own(self, path, owner):
        if os.geteuid() == 0:
            os.chown(path, owner, owner, follow_symlinks=False)
        return path

    def make(self, name, owner=None, mode=0o755):
        """Creates a folder, and the folders above it, for one owner."""
        path = self.folder
        for part in name.split("/"):
            path = os.path.join(path, part)
            if not os.path.isdir(path):
                os.mkdir(path)
                self.own(path, self.victim if owner is None else owner)
        os.chmod(path, mode)
        return path

    def write(self, name, text, owner=None, mode=0o644):
        path = self.path(name)
        if os.path.dirname(name):
            if not os.path.isdir(os.path.dirname(path)):
                self.make(os.path.dirname(name), owner)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        os.chmod(path, mode)
        return self.own(path, self.victim if owner is None else owner)

    def give(self, name, owner):
        for folder, folders, files in os.walk(self.path(name)):
            for entry in [".", *folders, *files]:
                self.own(os.path.join(folder, entry), owner)

    def run(self, command, cwd=".", user=None, timeout=PATIENCE, **options):
        """Runs a command as the victim, or as `user`."""
        user = self.victim if user is None else user
        if os.geteuid() == 0:
            options.update(user=user, group=user, extra_groups=[])
        environment = {**self.environment, **options.pop("environment", {})}
        return subprocess.run(command, cwd=self.path(cwd), env=environment, capture_output=True, text=True,
                              errors="replace", timeout=timeout, **options)

    def tenon(self, *words, **options):
        return self.run([self.program, *words], **options)

    def compile(self, name, source, *options, owner=None):
        """Compiles C source to a shared library."""
        file = self.write(name + ".c", source, owner)
        done = subprocess.run(["cc", "-shared", "-fPIC", "-o", self.path(name), file, *options],
                              capture_output=True, text=True)
        self.expect(done.returncode == 0, done)
        return self.own(self.path(name), self.victim if owner is None else owner)

    @contextlib.contextmanager
    def exchanging(self, one, other, user):
        """Swaps two paths repeatedly, as fast as possible."""
        source = self.write("exchange.c", EXCHANGE)
        program = self.path("exchange")
        self.expect(subprocess.run(["cc", "-o", program, source]).returncode == 0)
        options = {"user": user, "group": user, "extra_groups": []} if os.geteuid() == 0 else {}
        exchanging = subprocess.Popen([program, self.path(one), self.path(other)], **options)
        try:
            yield
        finally:
            exchanging.kill()
            exchanging.wait()

    @staticmethod
    def expect(condition, evidence=""):
        if not condition:
            if isinstance(evidence, subprocess.CompletedProcess):
                evidence = f"{evidence.args}: exit code {evidence.returncode}\n{evidence.stdout}{evidence.stderr}"
            raise Failed(evidence)


EXCHANGE = """#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
int main(int argc, char** argv) {
  for (;;) renameat2(AT_FDCWD, argv[1], AT_FDCWD, argv[2], RENAME_EXCHANGE);
}
"""

# A component that does nothing, and a component that calls `run` of `a:b/c` with a command as text.
IDLE = "(component)"
CALLER = """(component
  (import "a:b/c" (instance $c (export "run" (func (param "command" string) (result s32)))))
  (core module $memory (memory (export "memory") 1)
    (data (i32.const 16) "COMMAND"))
  (core instance $memory (instantiate $memory))
  (core func $call (canon lower (func $c "run") (memory $memory "memory")))
  (core module $main
    (import "c" "run" (func $call (param i32 i32) (result i32)))
    (func (export "run") (result i32) (drop (call $call (i32.const 16) (i32.const LENGTH))) (i32.const 0)))
  (core instance $i (instantiate $main (with "c" (instance (export "run" (func $call))))))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance $cli (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $cli)))
"""
RUN_WIT = "package a:b;\ninterface c { run: func(command: string) -> s32; }\nworld w { export c; }\n"


def write_bundle(lab, folder, library, symbol, owner=None):
    """A host bundle whose function `run` is the C function `int symbol(const char*)`."""
    lab.write(f"{folder}/host.toml", f"""[host]
name = "own"
lib = "{library}"
wit = "own.wit"
abi = "c"
[[function]]
wit = "a:b/c.run"
symbol = "{symbol}"
args = ["command:cstring"]
returns = "int"
""", owner)
    lab.write(f"{folder}/own.wit", RUN_WIT, owner)


def write_caller(lab, name, command, owner=None):
    lab.write(name, CALLER.replace("COMMAND", command).replace("LENGTH", str(len(command))), owner)


def write_system_project(lab, name, command, owner):
    """A project whose bundle calls `system` of the C library to run `command` in a shell."""
    write_caller(lab, f"{name}/app.wat", command, owner)
    lab.write(f"{name}/tenon.toml", "schema = 1\n[components.app]\npath = \"app.wat\"\n"
              "[hosts.libc]\nbundle = \"./libc\"\n", owner)
    write_bundle(lab, f"{name}/libc", "libc.so.6", "system", owner)


def attack(needs_stranger=False):
    """A decorator that runs the function for each kind of victim, and exits with 0 if the attack always failed."""
    def decorate(run):
        build = os.path.abspath(sys.argv[1])
        is_root = os.geteuid() == 0
        if needs_stranger and not is_root:
            print("skipped: only root can be two users")
            sys.exit(SKIPPED)
        for victim in [0, UNPRIVILEGED] if is_root else [os.geteuid()]:
            lab = Lab(build, victim)
            try:
                run(lab)
            except Skipped as reason:
                print(f"skipped: {reason}")
                sys.exit(SKIPPED)
            except Failed as failure:
                sys.exit(f"the attack on user {victim} succeeded, or was not noticed:\n{failure}")
            finally:
                lab.end()
        print("the attack failed")
    return decorate


def is_private(path):
    return stat.S_IMODE(os.stat(path).st_mode) & 0o077 == 0
