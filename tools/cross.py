#!/usr/bin/env python3
"""What builds tenon for another machine: Debian's cross compiler, and a folder with Debian's libraries and Rust's standard
library for that machine, of which nothing is installed in this system.

Usage: cross.py install MACHINE    fetch and unpack them; the compilers are installed by `./dev setup MACHINE`
       cross.py check MACHINE      exit 1 if something is missing, and say what
       cross.py root MACHINE       print the folder

MACHINE: aarch64. The folder is ${XDG_CACHE_HOME:-~/.cache}/tenon/cross/MACHINE/root.
"""
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile

# Machines, and their names in Debian.
MACHINES = {"aarch64": "arm64"}
# For the library, the command and the host bundles; with what they depend on.
LIBRARIES = ["libc6-dev", "libfmt-dev", "nlohmann-json3-dev", "libcli11-dev", "libedit-dev", "libbsd-dev",
             "libtomlplusplus-dev", "libffi-dev", "zlib1g-dev", "libssl-dev", "libasio-dev", "libnats-dev",
             "libseccomp-dev", "libxxhash-dev", "libcurl4-openssl-dev", "libsqlite3-dev", "libp11-kit-dev"]
# For the package for Python, and a Python that tests it.
PYTHON = ["libpython3.11-dev", "python3-minimal"]
PYTHON_VERSION = "python3.11"
# Of the version that the compiler has; without what it depends on, which is LLVM.
RUST_LIBRARY = "libstd-rust-web-dev"
RUSTC, CARGO = "/usr/bin/rustc", "/usr/bin/cargo"  # Debian's
# Files of a machine's folder: what is unpacked (written last), and the packages of shared libraries.
STAMP, OWNERS = "packages", "owners.json"
# In the stamp: raise it when this script unpacks something else.
RECIPE = "2"


class Machine:
    """Names of this machine, or of another one that packages are made for."""

    def __init__(self, name=None):
        self.name = name or os.uname().machine
        self.is_native = name is None
        if self.is_native:
            self.folder, self.root = None, "/"
            return
        if name not in MACHINES:
            sys.exit(f"cross: there is no cross build for `{name}`; there is one for {', '.join(MACHINES)}")
        if name == os.uname().machine:
            sys.exit(f"cross: this machine is {name}: no cross build is needed (./dev build)")
        self.rust = f"{name}-unknown-linux-gnu"
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        self.folder = os.path.join(base, "tenon", "cross", name)
        self.root = os.path.join(self.folder, "root")

    @property
    def debian(self):
        """Its name in Debian."""
        return run("dpkg", "--print-architecture").strip() if self.is_native else MACHINES[self.name]

    @property
    def multiarch(self):
        """The folder of its libraries in Debian, and what the names of its tools begin with."""
        return run("dpkg-architecture", "-qDEB_HOST_MULTIARCH").strip() if self.is_native else f"{self.name}-linux-gnu"

    def tool(self, name):
        """A tool of binutils or gcc."""
        return name if self.is_native else f"{self.multiarch}-{name}"

    def compiler(self):
        """The command that compiles C, without options of its own."""
        return shlex.split(os.environ.get("CC", "cc")) if self.is_native else [self.tool("gcc"), f"--sysroot={self.root}"]

    def emulator(self):
        """What runs a program of this machine, before its own command."""
        return [] if self.is_native else [f"qemu-{self.name}-static", "-L", self.root]

    def python_include(self):
        """The folder of Python.h."""
        return sysconfig.get_paths()["include"] if self.is_native else os.path.join(self.root, "usr", "include", PYTHON_VERSION)

    def package_of(self, library):
        """The Debian package of a shared library, such as libz.so.1."""
        if self.is_native:
            path = re.search(rf"{re.escape(library)} .*=> (\S+)", run("ldconfig", "-p")).group(1)
            owner = subprocess.run(["dpkg", "-S", path, os.path.realpath(path)], text=True, capture_output=True).stdout
            return owner.split(":")[0]
        with open(os.path.join(self.folder, OWNERS), encoding="utf-8") as file:
            return json.load(file)[library]

    def packages(self):
        """Packages of this system that the build needs, and why."""
        return [(f"g++-{self.multiarch}", f"compiles for {self.name}"),
                ("rustc-web", f"compiles the engine for {self.name}"),
                ("cargo-web", "its cargo"),
                ("dpkg-dev", "unpacks libraries"),
                ("qemu-user-static", "runs the command, which writes its completions, and tests")]


def machine_of(build):
    """The machine that a build folder is for."""
    with open(os.path.join(build, "CMakeCache.txt"), encoding="utf-8") as file:
        toolchain = re.search(r"^CMAKE_TOOLCHAIN_FILE:.*/cmake/(\w+)\.cmake$", file.read(), re.MULTILINE)
    return Machine(toolchain[1] if toolchain else None)


def run(*command, **options):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, **options).stdout


def rust_version():
    """The version of the installed package rustc-web, which the library must have too; empty if it is not installed."""
    return subprocess.run(["dpkg-query", "-W", "-f", "${Version}", "rustc-web"], text=True, capture_output=True).stdout


def wanted():
    """What a complete folder has in the file `packages`."""
    return "\n".join([RECIPE, *LIBRARIES, *PYTHON, f"{RUST_LIBRARY}={rust_version()}"]) + "\n"


def is_complete(machine):
    stamp = os.path.join(machine.folder, STAMP)
    if not os.path.exists(stamp):
        return False
    with open(stamp, encoding="utf-8") as file:
        return file.read() == wanted()


def missing(machine):
    """What a build for the machine lacks, in words."""
    absent = [tool for tool in (machine.tool("g++"), RUSTC, CARGO, machine.emulator()[0], "dpkg-query")
              if not shutil.which(tool)]
    if not absent and not rust_version():
        absent = ["rustc-web"]
    if not absent and not is_complete(machine):
        absent = [f"libraries for {machine.name}"]
    return absent


def install(machine):
    """Unpacks the packages with lists of apt of their own, so that the system knows nothing of the other machine."""
    if is_complete(machine):
        print(f"libraries for {machine.name}: there", file=sys.stderr)
        return
    print(f"libraries for {machine.name}: fetching", file=sys.stderr)
    os.makedirs(machine.folder, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=machine.folder) as state:
        for name in ("lists/partial", "archives/partial"):
            os.makedirs(os.path.join(state, name))
        status = os.path.join(state, "status")
        with open(status, "w", encoding="utf-8"):
            pass  # no package is installed
        settings = {"APT::Architecture": machine.debian, "APT::Architectures": machine.debian, "Dir::State": state,
                    "Dir::State::status": status, "Dir::Cache": state, "APT::Sandbox::User": "root"}
        apt = ["apt-get", "-q", "-y", *(f"-o{key}={value}" for key, value in settings.items())]
        run(*apt, "update")
        run(*apt, "install", "--no-install-recommends", "--download-only", *LIBRARIES, *PYTHON)
        archives = os.path.join(state, "archives")
        version = rust_version()
        try:
            run(*apt, "download", f"{RUST_LIBRARY}={version}", cwd=archives)
        except subprocess.CalledProcessError:
            sys.exit(f"cross: Debian does not have {RUST_LIBRARY} {version}, the version of the installed rustc-web; run\n"
                     "  apt-get update && apt-get install rustc-web cargo-web")
        root, owners = os.path.join(state, "root"), {}
        for name in sorted(os.listdir(archives)):
            if name.endswith(".deb"):
                files = run("dpkg-deb", "--vextract", os.path.join(archives, name), root).splitlines()
                owners.update({os.path.basename(path): name.split("_")[0] for path in files if ".so." in path})
        if os.path.exists(machine.root):
            os.rename(machine.root, os.path.join(state, "old"))
        os.rename(root, machine.root)
    with open(os.path.join(machine.folder, OWNERS), "w", encoding="utf-8") as file:
        json.dump(owners, file, indent=0, sort_keys=True)
    with open(os.path.join(machine.folder, STAMP), "w", encoding="utf-8") as file:
        file.write(wanted())


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("install", "check", "root"):
        sys.exit(__doc__)
    machine = Machine(sys.argv[2])
    if sys.argv[1] == "install":
        install(machine)
    elif sys.argv[1] == "root":
        print(machine.root)
    elif absent := missing(machine):
        print(f"cross: missing for {machine.name}: {', '.join(absent)}; run `./dev setup {machine.name}`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(f"cross: `{' '.join(error.cmd[:3])}` failed with exit code {error.returncode}\n{error.stdout or ''}")
