#!/usr/bin/env python3
"""Tests the packages of a build: makes them, unpacks the Debian packages together and uses them (the command, the library
from C), builds a program that fetches the archive by CMake, and installs the wheel and the npm package without a network.

Usage: check_packages.py BUILD_DIR [--all]

--all, or TENON_TEST_ALL in the environment: also makes them a second time and compares the bytes, and installs the Debian
packages in two fresh Debian systems (mmdebstrap, as root): one with nothing else, and one with a C compiler. Takes
minutes.
"""
import argparse
import filecmp
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PRESS = os.path.join(ROOT, "examples", "press")
C_EXAMPLE = os.path.join(ROOT, "examples", "embed-c")
REQUESTS = ["PUT /hello=# Hello", "GET /hello"]
# In bytes (docs/adr/0061-packages.md).
LIMITS = {"command and library, installed": 82e6, "all Debian packages": 22e6}

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


def check_debs(packages, folder):
    root = os.path.join(folder, "root")
    debs = [find(packages, start, ".deb") for start in ("tenon_", "libtenon0_", "libtenon-dev_")]
    for deb in debs:
        run("dpkg-deb", "-x", deb, root)
    check_command(os.path.join(root, "usr", "bin", "tenon"))
    library = os.path.dirname(next(os.path.join(at, name) for at, _, names in os.walk(root)
                                   for name in names if name == "libtenon.so.0"))
    program = os.path.join(folder, "embed_c")
    run("gcc", "-std=c11", os.path.join(C_EXAMPLE, "main.c"), "-o", program, f"-I{root}/usr/include", f"-L{library}",
        "-ltenon", f"-Wl,-rpath,{library}")
    check_c_example(program)
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


def check_archive(packages, folder):
    run("tar", "-xf", find(packages, "tenon-", ".tar.xz"), "-C", folder)
    [top] = [name for name in os.listdir(folder) if name.startswith("tenon-") and "-glibc" in name]
    check_command(os.path.join(folder, top, "bin", "tenon"))


def check_fetch(packages, folder):
    """A project fetches the archive by CMake."""
    source, build = os.path.join(folder, "fetching"), os.path.join(folder, "fetching-build")
    os.makedirs(source)
    with open(os.path.join(source, "CMakeLists.txt"), "w", encoding="utf-8") as file:
        file.write(FETCHING.format(archive=find(packages, "tenon-", ".tar.xz"), source=os.path.join(C_EXAMPLE, "main.c")))
    run("cmake", "-S", source, "-B", build)
    run("cmake", "--build", build)
    check_c_example(os.path.join(build, "host"))


def check_wheel(packages, folder):
    venv = os.path.join(folder, "venv")
    run(sys.executable, "-m", "venv", venv)
    run(os.path.join(venv, "bin", "pip"), "install", "--quiet", "--no-index", "--disable-pip-version-check",
        find(packages, "tenon_link-", ".whl"))
    check_command(os.path.join(venv, "bin", "tenon"))
    called = run(os.path.join(venv, "bin", "python"), "-c", "import sys, tenon; print(tenon.link(sys.argv[1], "
                 "imports={'acme:log/log': {'write': str}}).echo('tea'))",
                 os.path.join(C_EXAMPLE, "plain.wat"))
    if called != "tea\n":
        sys.exit(f"check_packages: the package for Python printed {called}")


def check_npm(packages, folder):
    prefix = os.path.join(folder, "npm")
    run("npm", "install", "--silent", "--offline", "--global", "--prefix", prefix, find(packages, "tenon-", ".tgz"))
    check_command(os.path.join(prefix, "bin", "tenon"))
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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    build = os.path.abspath(options.build)
    with tempfile.TemporaryDirectory() as folder:
        packages = make(build, os.path.join(folder, "first"))
        check_debs(packages, folder)
        check_archive(packages, folder)
        check_fetch(packages, folder)
        check_wheel(packages, folder)
        check_npm(packages, folder)
        if options.all or "TENON_TEST_ALL" in os.environ:
            check_same(build, packages, folder)
            check_roots(packages, folder)
    print("packages: made, installed and used")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(f"check_packages: `{' '.join(error.cmd[:4])}` failed with exit code {error.returncode}\n{error.stderr or ''}")
