#!/usr/bin/env python3
"""Tests the packages of a build: makes them, unpacks the Debian packages together and uses them (the command, the library
from C), builds a program that fetches the archive by CMake, and installs the wheel and the npm package without a network.

Usage: check_packages.py BUILD_DIR [--all]

If the build is for another machine (`./dev build aarch64`), an emulator runs the programs: the command, those in C, and the
package in Debian's Python for that machine. The module for Node, which starts the command, is not run, and there are no
fresh systems. Code is not cached, since the emulator opens another `/` than the one that it lists.

--all, or TENON_TEST_ALL in the environment: also makes them a second time and compares the bytes, and installs the Debian
packages in two fresh Debian systems (mmdebstrap, as root): one with nothing else, and one with a C compiler; then tests
the packages of builds for other machines that are beside BUILD_DIR, and are brought up to date. Takes minutes.
"""
import argparse
import filecmp
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

import cross
import make_packages

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PRESS = os.path.join(ROOT, "examples", "press")
C_EXAMPLE = os.path.join(ROOT, "examples", "embed-c")
REQUESTS = ["PUT /hello=# Hello", "GET /hello"]
# In bytes (docs/adr/0061-packages.md).
LIMITS = {"command and library, installed": 85e6, "all Debian packages": 22e6}
# The field e_machine of ELF files.
ELF_MACHINES = {"x86_64": 62, "aarch64": 183}
# What every system of manylinux_2_28 has, of what a program of ours could need; the last one is in the wheel.
WHEEL_LIBRARIES = {"libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libgcc_s.so.1",
                   "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1", "libtenon.so.0"}

FETCHING = """\
cmake_minimum_required(VERSION 3.24)
project(host LANGUAGES C)
include(FetchContent)
FetchContent_Declare(tenon URL {archive})
FetchContent_MakeAvailable(tenon)
add_executable(host {source})
target_link_libraries(host PRIVATE tenon::c)
"""


def run(*command, **options):
    print("+ " + " ".join(command), flush=True)
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, **options).stdout


def find(folder, start, end):
    [name] = [name for name in os.listdir(folder) if name.startswith(start) and name.endswith(end)]
    return os.path.join(folder, name)


def check_command(*tenon, press=PRESS):
    printed = run(*tenon, "run", press, "--", *REQUESTS)
    if "Hello</h1>" not in printed:
        sys.exit(f"check_packages: `{' '.join(tenon)} run` printed\n{printed}")


def make(build, out):
    run(sys.executable, os.path.join(ROOT, "tools", "make_packages.py"), build, out)
    return out


def check_same(build, first, folder):
    """Makes the packages again, and compares them."""
    folders = [first, make(build, os.path.join(folder, "second"))]
    names = sorted(os.listdir(folders[0]))
    different = filecmp.cmpfiles(*folders, names, shallow=False)[1]
    if different or names != sorted(os.listdir(folders[1])):
        sys.exit(f"check_packages: two packages of one build differ: {', '.join(different)}")


def check_c_example(*program, guest=os.path.join(C_EXAMPLE, "plain.wat")):
    printed = run(*program, "echo", "tea", guest)
    if printed != "log: tea\nplain: tea\n":
        sys.exit(f"check_packages: the program in C printed\n{printed}")


def check_debs(machine, packages, folder):
    root = os.path.join(folder, "root")
    debs = [find(packages, start, f"_{machine.debian}.deb") for start in ("tenon_", "libtenon0_", "libtenon-dev_")]
    for deb in debs:
        if run("dpkg-deb", "-f", deb, "Architecture").strip() != machine.debian:
            sys.exit(f"check_packages: {os.path.basename(deb)} is not for {machine.debian}")
        run("dpkg-deb", "-x", deb, root)
    check_command(*machine.emulator(), os.path.join(root, "usr", "bin", "tenon"))
    library = os.path.join(root, "usr", "lib", machine.multiarch)
    program = os.path.join(folder, "embed_c")
    run(*machine.compiler(), "-std=c11", os.path.join(C_EXAMPLE, "main.c"), "-o", program, f"-I{root}/usr/include",
        f"-L{library}", "-ltenon", f"-Wl,-rpath,{library}")
    check_c_example(*machine.emulator(), program)
    sizes = {"command and library, installed": sum(os.path.getsize(path) for path in (
                 os.path.join(root, "usr", "bin", "tenon"), os.path.join(library, "libtenon.so.0"))),
             "all Debian packages": sum(map(os.path.getsize, debs))}
    for what, size in sizes.items():
        print(f"{what}: {size / 1e6:.1f} MB")
        if size > LIMITS[what]:
            sys.exit(f"check_packages: {what}: {size / 1e6:.1f} MB, at most {LIMITS[what] / 1e6:g}")
    if shutil.which("lintian"):
        found = subprocess.run(["lintian", "--fail-on", "error", *debs], text=True, capture_output=True)
        print(found.stdout, end="")
        if found.returncode != 0:
            sys.exit("check_packages: lintian reports errors")


def check_archive(machine, packages, folder):
    run("tar", "-xf", find(packages, "tenon-", ".tar.xz"), "-C", folder)
    [top] = [name for name in os.listdir(folder) if name.startswith("tenon-") and f"-{machine.name}-linux-glibc" in name]
    check_command(*machine.emulator(), os.path.join(folder, top, "bin", "tenon"))


def check_fetch(machine, packages, folder):
    """A project fetches the archive by CMake."""
    source, build = os.path.join(folder, "fetching"), os.path.join(folder, "fetching-build")
    os.makedirs(source)
    with open(os.path.join(source, "CMakeLists.txt"), "w", encoding="utf-8") as file:
        file.write(FETCHING.format(archive=find(packages, "tenon-", ".tar.xz"), source=os.path.join(C_EXAMPLE, "main.c")))
    options = [] if machine.is_native else [
        f"-DCMAKE_TOOLCHAIN_FILE={os.path.join(ROOT, 'cmake', machine.name + '.cmake')}"]
    run("cmake", "-S", source, "-B", build, *options)
    run("cmake", "--build", build)
    check_c_example(*machine.emulator(), os.path.join(build, "host"))


def check_platform(machine, wheel, tree):
    """Each program of the wheel runs where the tag in its name says: of the machine, with the glibc and the libraries there."""
    platform = re.search(r"manylinux_(\d+)_(\d+)_(\w+)\.whl$", wheel)
    programs = []
    for path in make_packages.paths_in(tree):
        with open(os.path.join(tree, path), "rb") as file:
            start = file.read(20)
        if not start.startswith(b"\x7fELF"):
            continue
        programs.append(path)
        full = os.path.join(tree, path)
        others = sorted(set(make_packages.libraries_of(full)) - WHEEL_LIBRARIES)
        glibc = make_packages.glibc_of(full)
        if platform[3] != machine.name or int.from_bytes(start[18:20], "little") != ELF_MACHINES[machine.name]:
            sys.exit(f"check_packages: {path} of {os.path.basename(wheel)} is for another machine")
        if tuple(map(int, glibc.split("."))) > (int(platform[1]), int(platform[2])):
            sys.exit(f"check_packages: {path} of {os.path.basename(wheel)} needs glibc {glibc}")
        if others:
            sys.exit(f"check_packages: {path} of {os.path.basename(wheel)} needs {', '.join(others)}")
    if len(programs) != 3:
        sys.exit(f"check_packages: the wheel has the programs {', '.join(programs)}; expected three")


def check_wheel(machine, packages, folder):
    wheel = find(packages, "tenon_link-", ".whl")
    tree, venv = os.path.join(folder, "wheel"), os.path.join(folder, "venv")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tree)
    check_platform(machine, wheel, tree)
    run(sys.executable, "-m", "venv", venv)
    pip = [os.path.join(venv, "bin", "pip"), "--quiet", "--disable-pip-version-check", "install", "--no-index"]
    if machine.is_native:
        run(*pip, wheel)
        command, python = os.path.join(venv, "bin", "tenon"), [os.path.join(venv, "bin", "python")]
    else:
        # As pip of the other machine does it.
        tree = os.path.join(folder, "installed")
        platform = re.search(r"manylinux_\w+(?=\.whl$)", wheel)[0]
        run(*pip, "--target", tree, "--platform", platform, "--python-version", "3.11", "--only-binary=:all:", wheel)
        command = os.path.join(tree, "bin", "tenon")
        python = [*machine.emulator(), "-E", f"PYTHONPATH={tree}",
                  os.path.join(machine.root, "usr", "bin", cross.PYTHON_VERSION)]
    check_command(*machine.emulator(), command)
    called = run(*python, "-c", "import sys, tenon; print(tenon.link(sys.argv[1], "
                 "imports={'acme:log/log': {'write': str}}).echo('tea'))",
                 os.path.join(C_EXAMPLE, "plain.wat"))
    if called != "tea\n":
        sys.exit(f"check_packages: the package for Python printed {called}")


def check_npm(machine, packages, folder):
    prefix = os.path.join(folder, "npm")
    # npm refuses a package for another machine.
    force = [] if machine.is_native else ["--force"]
    run("npm", "install", "--silent", "--offline", *force, "--global", "--prefix", prefix, find(packages, "tenon-", ".tgz"))
    check_command(*machine.emulator(), os.path.join(prefix, "bin", "tenon"))
    if not machine.is_native:
        return
    module = os.path.join(prefix, "lib", "node_modules", "tenon")
    program = "require(process.argv[1]).call(process.argv[2], 'add', [1, 2]).then(console.log)"
    printed = run("node", "-e", program, module, os.path.join(ROOT, "tests", "guests", "kinds", "kinds.wat"))
    if printed != "3\n":
        sys.exit(f"check_packages: the module for Node printed\n{printed}")


def check_roots(packages, folder):
    """In Debian systems of their own, of which the second has a C compiler."""
    for name, included in (("runtime", []), ("compiler", ["gcc", "libc6-dev"])):
        root = os.path.join(folder, name)
        extra = [f"--include={','.join(included)}"] if included else []
        run("mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", "--skip=cleanup/apt/lists", *extra, "bookworm", root)
        shutil.copytree(packages, os.path.join(root, "packages"))
        shutil.copytree(PRESS, os.path.join(root, "press"))
        chroot = ["chroot", root]
        run(*chroot, "sh", "-c", "apt-get install -qq --no-install-recommends /packages/tenon_*.deb /packages/libtenon*.deb")
        check_command(*chroot, "tenon", press="/press")
        # Warm, without /proc.
        warm = subprocess.run([*chroot, "tenon", "run", "/press", "--", *REQUESTS], text=True, capture_output=True)
        if warm.returncode != 0 or warm.stderr.count("warning") > 1:
            sys.exit(f"check_packages: a warm start without /proc:\n{warm.stderr}")
        if included:
            shutil.copytree(C_EXAMPLE, os.path.join(root, "c"))
            run(*chroot, "sh", "-c", "gcc -std=c11 /c/main.c -o /embed_c -ltenon")
            check_c_example(*chroot, "/embed_c", guest="/c/plain.wat")


def check_build(build, is_all):
    machine = cross.machine_of(build)
    if not machine.is_native and (absent := cross.missing(machine)):
        sys.exit(f"check_packages: missing for {machine.name}: {', '.join(absent)}; run `./dev setup {machine.name}`")
    with tempfile.TemporaryDirectory() as folder:
        packages = make(build, os.path.join(folder, "first"))
        for check in (check_debs, check_archive, check_fetch, check_wheel, check_npm):
            check(machine, packages, folder)
        if is_all:
            check_same(build, packages, folder)
        if is_all and machine.is_native:
            check_roots(packages, folder)


def check_other_machines(builds):
    """Tests the packages for each machine that has a build."""
    for name in sorted(set(cross.MACHINES) - {os.uname().machine}):
        build = os.path.join(builds, name)
        if not os.path.exists(os.path.join(build, "CMakeCache.txt")):
            print(f"packages for {name}: skipped: there is no {build}; run `./dev setup {name}` and `./dev build {name}`")
            continue
        run("cmake", "--build", build, "--target", "product")
        check_build(build, is_all=True)
        print(f"packages for {name}: made, installed and used")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    build, is_all = os.path.abspath(options.build), options.all or "TENON_TEST_ALL" in os.environ
    check_build(build, is_all)
    if is_all and cross.machine_of(build).is_native:
        check_other_machines(os.path.dirname(build))
    print("packages: made, installed and used")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(f"check_packages: `{' '.join(error.cmd[:4])}` failed with exit code {error.returncode}\n{error.stderr or ''}")
