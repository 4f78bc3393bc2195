#!/usr/bin/env python3
"""Installs a build into a temporary prefix and builds tests/install with it, in both ways that the
package offers: find_package and pkg-config. Then moves the prefix and does it again by pkg-config.

Usage: check_install.py BUILD_DIR
"""
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = os.path.join(ROOT, "tests", "install")
COMPONENTS = [os.path.join(PROGRAM, name) for name in ("app.wat", "greeter.wat")]


def run(*command, **options):
    print("+ " + " ".join(command), flush=True)
    return subprocess.run(command, check=True, text=True, **options)


def build_by_cmake(prefix, folder):
    run("cmake", "-S", PROGRAM, "-B", folder, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}",
        "-DCMAKE_BUILD_TYPE=Release", stdout=subprocess.DEVNULL)
    run("cmake", "--build", folder, stdout=subprocess.DEVNULL)
    run(os.path.join(folder, "uses_tenon"), *COMPONENTS)


def build_by_pkg_config(prefix, program):
    pc = subprocess.run(["find", prefix, "-name", "tenon.pc"], capture_output=True, text=True).stdout.strip()
    environment = {**os.environ, "PKG_CONFIG_PATH": os.path.dirname(pc)}
    flags = run("pkg-config", "--cflags", "--libs", "tenon", env=environment,
                stdout=subprocess.PIPE).stdout.split()
    run(os.environ.get("CXX", "g++"), "-std=c++20", "-Wall", "-Wextra", "-Werror", os.path.join(PROGRAM, "main.cc"), "-o", program, *flags)
    run(program, *COMPONENTS)


def check_files(prefix):
    """What an installed tree must hold, and no path of the build."""
    names = [os.path.join(folder, name) for folder, _, files in os.walk(prefix) for name in files]
    for end in ("/bin/tenon", "/libtenon.a", "/libtenon_engine.a", "/tenon-config.cmake", "/tenon.pc",
                "/include/tenon/result.h", "/LICENSE", "/bash-completion/completions/tenon"):
        if not any(name.endswith(end) for name in names):
            sys.exit(f"check_install: {end} is not installed")
    for name in names:
        if name.endswith((".cmake", ".pc")) and ROOT in open(name, encoding="utf-8").read():
            sys.exit(f"check_install: {name} holds a path of the source tree")


def main():
    build = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        prefix = os.path.join(folder, "prefix")
        run("cmake", "--install", build, "--prefix", prefix, stdout=subprocess.DEVNULL)
        check_files(prefix)
        build_by_cmake(prefix, os.path.join(folder, "build"))
        build_by_pkg_config(prefix, os.path.join(folder, "by_pkg_config"))
        moved = os.path.join(folder, "moved")
        shutil.move(prefix, moved)
        build_by_pkg_config(moved, os.path.join(folder, "by_pkg_config_moved"))
        run(os.path.join(moved, "bin", "tenon"), "version")
    print("install: both ways work")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(f"check_install: `{' '.join(error.cmd[:4])}` failed with exit code {error.returncode}")
