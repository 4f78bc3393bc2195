#!/usr/bin/env python3
"""Makes packages of a build: Debian packages, an archive that can be unpacked anywhere, a wheel and a package for npm.

Usage: make_packages.py BUILD_DIR OUT_DIR

The same build makes the same bytes: times are that of the commit (or SOURCE_DATE_EPOCH), owners are root, and files are
sorted. The Debian packages have the programs as they were built; the others have them linked again for systems with an
older glibc (portable_link.py), which is in their names. BUILD_DIR can be a build for another machine (cross.py).
"""
import base64
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

import cross
import portable_link

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.append(os.path.join(ROOT, "bindings", "python"))
import build as build_python
# `tenon` is taken on PyPI.
WHEEL = "tenon_link"
SUMMARY = "dynamic linker for WebAssembly components"
DESCRIPTION = """\
Links separately built WebAssembly components, native libraries and remote
services at run time into one running composition: matched by version,
checked by type, isolated where wanted."""
MAINTAINER = "the tenon authors <tenon@example.org>"
HOSTS = os.path.join("share", "tenon", "hosts")
LINTIAN_OVERRIDES = """\
# Loading shared libraries would take longer than most commands.
tenon: embedded-library ncurses [usr/bin/tenon]
"""
# The CMakeLists.txt of the archive.
FETCHED = """\
# After FetchContent_MakeAvailable(tenon), a project can link tenon::c.
cmake_minimum_required(VERSION 3.24)
find_package(tenon CONFIG REQUIRED COMPONENTS c GLOBAL NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH
             PATHS "${CMAKE_CURRENT_LIST_DIR}")
"""
# Of include/tenon: what programs in C include.
C_HEADERS = ("tenon_c.h", "tenon_host.h", "tenon_string.h", "detail/c_values.h", "detail/c_calls.h")
# Loaded by name when a feature is used.
SUGGESTS = ["graphviz", "libcurl4", "libnats3.4", "libseccomp2", "libssl3"]


def run(*command, **options):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, **options).stdout


def commit_time():
    if "SOURCE_DATE_EPOCH" in os.environ:
        return int(os.environ["SOURCE_DATE_EPOCH"])
    return int(run("git", "log", "-1", "--format=%ct", cwd=ROOT))


def project_version():
    with open(os.path.join(ROOT, "CMakeLists.txt"), encoding="utf-8") as file:
        return re.search(r"project\(tenon VERSION (\S+)", file.read()).group(1)


def glibc_of(*programs):
    """The newest version of glibc that the programs need, as "2.36"."""
    needed = "".join(run("readelf", "--version-info", "--wide", program) for program in programs)
    versions = {tuple(map(int, version.split("."))) for version in re.findall(r"Name: GLIBC_([0-9.]+)", needed)}
    if "Name: GLIBC_ABI_DT_RELR" in needed:  # packed relocations
        versions.add((2, 36))
    return ".".join(map(str, max(versions)))


def libraries_of(program):
    """The shared libraries that the loader needs for a program."""
    return re.findall(r"\(NEEDED\) .*\[(\S+)\]", run("readelf", "--dynamic", "--wide", program))


def paths_in(folder):
    """Files and links below the folder, relative and sorted."""
    return sorted(os.path.relpath(os.path.join(at, name), folder)
                  for at, folders, names in os.walk(folder)
                  for name in names + [f for f in folders if os.path.islink(os.path.join(at, f))])


class Stage:
    """An installed and stripped build."""

    def __init__(self, build, folder):
        self.machine, self.prefix = cross.machine_of(build), os.path.join(folder, "usr")
        run("cmake", "--install", build, "--prefix", self.prefix, "--strip")
        for path in self.bundles():
            run(self.machine.tool("strip"), self.path(path))
        found = [os.path.dirname(path) for path in paths_in(self.prefix) if path.endswith("/libtenon.so.0")]
        self.lib = found[0]  # "lib", or that of the system

    def path(self, *parts):
        return os.path.join(self.prefix, *parts)

    def bundles(self):
        """The libraries of host bundles."""
        return [path for path in paths_in(self.prefix) if path.startswith(HOSTS) and path.endswith(".so")]

    def make_portable(self, build, folder):
        """A copy whose programs and libraries run with an older glibc."""
        copy = Stage.__new__(Stage)
        copy.machine, copy.prefix, copy.lib = self.machine, os.path.join(folder, "usr"), self.lib
        shutil.copytree(self.prefix, copy.prefix, symlinks=True)
        targets = {os.path.relpath(copy.command, copy.prefix): "tenon",
                   os.path.relpath(copy.library, copy.prefix): "libtenon.so.0",
                   **{path: os.path.join("bundles", os.path.relpath(path, HOSTS)) for path in copy.bundles()}}
        for path, target in targets.items():
            portable_link.link(build, target, copy.path(path))
            run(self.machine.tool("strip"), copy.path(path))
        return copy

    @property
    def command(self):
        return self.path("bin", "tenon")

    @property
    def library(self):
        return self.path(self.lib, "libtenon.so.0")


def write_tar(path, folder, top, when):
    """An archive of a folder, under the name `top`."""
    def member(info):
        info.mtime, info.uid, info.gid, info.uname, info.gname = when, 0, 0, "root", "root"
        info.mode = 0o755 if info.isdir() or info.mode & 0o100 else 0o644
        return info

    mode = "w:xz" if path.endswith(".xz") else "w"
    with io.BytesIO() as buffer, tarfile.open(fileobj=buffer, mode=mode, format=tarfile.PAX_FORMAT) as archive:
        for name in paths_in(folder):
            archive.add(os.path.join(folder, name), f"{top}/{name}", recursive=False, filter=member)
        archive.close()
        data = buffer.getvalue()
    if path.endswith("gz"):
        data = gzip.compress(data, 9, mtime=0)
    with open(path, "wb") as file:
        file.write(data)


class Debian:
    def __init__(self, stage, out, folder, version, when):
        self.stage, self.out, self.folder, self.version, self.when = stage, out, folder, version, when
        self.architecture, self.multiarch = stage.machine.debian, stage.machine.multiarch

    def copy(self, package, source, target):
        target = os.path.join(self.folder, package, target)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if os.path.isdir(source):
            shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
        else:
            shutil.copy2(source, target, follow_symlinks=False)

    def write(self, package, name, text, compress=False):
        path = os.path.join(self.folder, package, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        data = text.encode()
        with open(path, "wb") as file:
            file.write(gzip.compress(data, 9, mtime=0) if compress else data)

    def make(self, package, fields, summary):
        doc = f"usr/share/doc/{package}"
        self.write(package, f"{doc}/copyright",
                   "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"
                   "Upstream-Name: tenon\n\nFiles: *\nCopyright: 2026 the tenon authors\nLicense: Apache-2.0 WITH LLVM-exception\n"
                   " On Debian systems, the Apache license is in /usr/share/common-licenses/Apache-2.0. The exception is at\n"
                   " the end of LICENSE in the source: compiled code may embed parts of tenon without these terms.\n")
        date = run("date", "-u", "-R", "-d", f"@{self.when}").strip()
        self.write(package, f"{doc}/changelog.gz",
                   f"tenon ({self.version}) unstable; urgency=medium\n\n  * See CHANGELOG.md.\n\n"
                   f" -- {MAINTAINER}  {date}\n", compress=True)
        root = os.path.join(self.folder, package)
        files = [path for path in paths_in(root) if path.startswith("usr/")]
        size = sum(os.lstat(os.path.join(root, path)).st_size for path in files)
        lines = "".join(f"{key}: {value}\n" for key, value in fields.items() if value)
        text = "".join(f" {line}\n" for line in DESCRIPTION.splitlines())
        self.write(package, "DEBIAN/control",
                   f"Package: {package}\nSource: tenon\nVersion: {self.version}\nArchitecture: {self.architecture}\n"
                   f"Maintainer: {MAINTAINER}\nInstalled-Size: {(size + 1023) // 1024}\n{lines}Priority: optional\n"
                   f"Description: {summary}\n{text}")
        sums = []
        for path in files:
            full = os.path.join(root, path)
            if not os.path.islink(full):
                with open(full, "rb") as file:
                    sums.append(f"{hashlib.md5(file.read()).hexdigest()}  {path}\n")
        self.write(package, "DEBIAN/md5sums", "".join(sums))
        for at, folders, names in os.walk(root):
            for name in folders + names:
                path = os.path.join(at, name)
                if not os.path.islink(path):
                    is_program = os.path.isfile(path) and os.stat(path).st_mode & 0o100 and not name.endswith(".so.0")
                    os.chmod(path, 0o755 if os.path.isdir(path) or is_program else 0o644)
                os.utime(path, (self.when, self.when), follow_symlinks=False)
        run("dpkg-deb", "--root-owner-group", "-Zxz", "--build", root, self.out,
            env={**os.environ, "SOURCE_DATE_EPOCH": str(self.when)})

    def depends(self, *programs):
        """The packages of the libraries that the programs need."""
        packages = {f"libc6 (>= {glibc_of(*programs)})"}
        for program in programs:
            for name in libraries_of(program):
                if not name.startswith(("libc.so", "libm.so", "ld-linux", "libdl.so", "libpthread.so", "libtenon.so")):
                    packages.add(self.stage.machine.package_of(name))
        return ", ".join(sorted(packages))

    def make_all(self):
        stage, lib = self.stage, f"usr/lib/{self.multiarch}"
        self.copy("tenon", stage.command, "usr/bin/tenon")
        for name in ("bash-completion", "fish", "tenon", "man"):
            if os.path.isdir(stage.path("share", name)):
                self.copy("tenon", stage.path("share", name), f"usr/share/{name}")
        self.copy("tenon", stage.path("share", "zsh", "site-functions"), "usr/share/zsh/vendor-completions")
        # Programs belong to /usr/lib.
        hosts = os.path.join(self.folder, "tenon", "usr", HOSTS)
        self.copy("tenon", hosts, f"{lib}/tenon/hosts")
        shutil.rmtree(hosts)
        os.symlink(f"../../lib/{self.multiarch}/tenon/hosts", hosts)
        self.write("tenon", "usr/share/lintian/overrides/tenon", LINTIAN_OVERRIDES)
        page = os.path.join(self.folder, "tenon", "usr/share/man/man1/tenon.1")
        with open(page, encoding="utf-8") as file:
            self.write("tenon", "usr/share/man/man1/tenon.1.gz", file.read(), compress=True)
        os.remove(page)
        self.copy("tenon", stage.path("share", "doc", "tenon"), "usr/share/doc/tenon")
        license_file = os.path.join(self.folder, "tenon", "usr/share/doc/tenon/LICENSE")
        if os.path.exists(license_file):
            os.remove(license_file)  # `copyright` names it
        shared = [os.path.join(self.folder, "tenon", path) for path in paths_in(os.path.join(self.folder, "tenon"))
                  if path.endswith(".so")]
        self.make("tenon", {"Depends": self.depends(stage.command, *shared), "Recommends": "ca-certificates",
                            "Suggests": ", ".join(SUGGESTS), "Section": "devel"}, SUMMARY)

        self.copy("libtenon0", stage.library, f"{lib}/libtenon.so.0")
        self.write("libtenon0", "DEBIAN/triggers", "activate-noawait ldconfig\n")
        self.write("libtenon0", "DEBIAN/shlibs", f"libtenon 0 libtenon0 (>= {self.version})\n")
        with open(os.path.join(ROOT, "src", "capi", "exports.txt"), encoding="utf-8") as file:
            symbols = "".join(f" {name}@TENON_0 {self.version}\n" for name in ["TENON_0", *file.read().split()])
        self.write("libtenon0", "DEBIAN/symbols", "libtenon.so.0 libtenon0 #MINVER#\n" + symbols)
        self.make("libtenon0", {"Depends": self.depends(stage.library), "Suggests": ", ".join([*SUGGESTS, "tenon"]),
                                "Multi-Arch": "same", "Section": "libs"}, f"{SUMMARY} - library")

        os.makedirs(os.path.join(self.folder, "libtenon-dev", lib))
        os.symlink("libtenon.so.0", os.path.join(self.folder, "libtenon-dev", lib, "libtenon.so"))
        for name in C_HEADERS:
            self.copy("libtenon-dev", stage.path("include", "tenon", name), f"usr/include/tenon/{name}")
        self.copy("libtenon-dev", stage.path(stage.lib, "pkgconfig", "tenon-c.pc"), f"{lib}/pkgconfig/tenon-c.pc")
        self.make("libtenon-dev", {"Depends": f"libtenon0 (= {self.version})", "Multi-Arch": "same",
                                   "Section": "libdevel"}, f"{SUMMARY} - headers of the C API")


def make_archive(stage, out, version, folder, when):
    """What an installed tenon has, but for what only a C++ program needs."""
    top = f"tenon-{version}-{stage.machine.name}-linux-glibc{glibc_of(stage.command, stage.library)}"
    tree = os.path.join(folder, top)
    shutil.copytree(stage.prefix, tree, symlinks=True)
    for path in paths_in(tree):
        is_static = path.endswith((".a", "/tenon.pc")) or "/tenon-targets" in path
        is_cpp = path.startswith("include/") and not path.endswith(C_HEADERS)
        if is_static or is_cpp:
            os.remove(os.path.join(tree, path))
    with open(os.path.join(tree, "CMakeLists.txt"), "w", encoding="utf-8") as file:
        file.write(FETCHED)
    write_tar(os.path.join(out, top + ".tar.xz"), tree, top, when)


def python_package(stage, folder):
    """The files of the package `tenon`, with the extension and the library beside it."""
    include = stage.path("include")
    built = build_python.build(include, os.path.dirname(stage.library), os.path.join(folder, "python"),
                               flags=["-s", f"-ffile-prefix-map={ROOT}=."], compiler=stage.machine.compiler(),
                               python=stage.machine.python_include())
    files = {}
    for name in paths_in(built):
        path = os.path.join(built, name)
        if os.path.isfile(path):
            with open(path, "rb") as file:
                files[f"tenon/{name}"] = (file.read(), 0o755 if ".so" in name else 0o644)
    return files


def make_wheel(stage, out, version, folder):
    """pip puts what is in `data/scripts` on PATH as it is: running the command does not start Python."""
    package = python_package(stage, folder)
    glibc = glibc_of(stage.command, stage.library, os.path.join(folder, "python", "tenon", build_python.EXTENSION))
    tag = f"cp311-abi3-manylinux_{glibc.replace('.', '_')}_{stage.machine.name}"
    name = f"{WHEEL}-{version}"
    info = f"{name}.dist-info"
    with open(stage.command, "rb") as file:
        command = file.read()
    files = {**package, f"{name}.data/scripts/tenon": (command, 0o755),
             f"{info}/METADATA": ((f"Metadata-Version: 2.1\nName: tenon-link\nVersion: {version}\n"
                                   f"Summary: {SUMMARY}\nLicense: Apache-2.0 WITH LLVM-exception\nRequires-Python: >=3.11\n"
                                   "Description-Content-Type: text/plain\n\n" + DESCRIPTION + "\n").encode(), 0o644),
             f"{info}/WHEEL": (f"Wheel-Version: 1.0\nGenerator: tenon\nRoot-Is-Purelib: false\nTag: {tag}\n".encode(),
                               0o644)}
    rows = [f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()},{len(data)}"
            for path, (data, _) in files.items()]
    files[f"{info}/RECORD"] = ("\n".join([*rows, f"{info}/RECORD,,"]).encode() + b"\n", 0o644)
    with zipfile.ZipFile(os.path.join(out, f"{name}-{tag}.whl"), "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path, (data, mode) in files.items():
            member = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
            member.external_attr = (0o100000 | mode) << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, data)


def make_npm(stage, out, version, folder, when):
    package = os.path.join(folder, "npm")
    os.makedirs(os.path.join(package, "bin"))
    shutil.copy2(stage.command, os.path.join(package, "bin", "tenon"))
    shutil.copy2(os.path.join(ROOT, "LICENSE"), package)
    for name in ("index.js", "index.d.ts"):
        shutil.copy2(os.path.join(ROOT, "bindings", "node", name), package)
    cpu = {"x86_64": "x64", "aarch64": "arm64"}[stage.machine.name]
    with open(os.path.join(package, "package.json"), "w", encoding="utf-8") as file:
        json.dump({"name": "tenon", "version": version, "description": SUMMARY, "license": "Apache-2.0 WITH LLVM-exception",
                   "main": "index.js", "types": "index.d.ts", "bin": {"tenon": "bin/tenon"}, "engines": {"node": ">=18"},
                   "os": ["linux"], "cpu": [cpu], "libc": ["glibc"]}, file, indent=2)
        file.write("\n")
    write_tar(os.path.join(out, f"tenon-{version}-linux-{cpu}-glibc{glibc_of(stage.command)}.tgz"), package, "package", when)


def main():
    build, out = (os.path.abspath(path) for path in sys.argv[1:3])
    version, when = project_version(), commit_time()
    try:
        os.makedirs(out, exist_ok=True)
    except OSError as error:
        sys.exit(f"make_packages: cannot make the folder `{out}`: {error.strerror}")
    portable_link.install()
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(build, os.path.join(folder, "stage"))
        Debian(stage, out, os.path.join(folder, "debian"), version, when).make_all()
        portable = stage.make_portable(build, os.path.join(folder, "portable"))
        make_archive(portable, out, version, folder, when)
        make_wheel(portable, out, version, folder)
        make_npm(portable, out, version, folder, when)
    for name in sorted(os.listdir(out)):
        print(f"{os.path.getsize(os.path.join(out, name)) / 1e6:8.2f} MB  {name}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(f"make_packages: `{' '.join(error.cmd[:4])}` failed with exit code {error.returncode}\n{error.stderr or ''}")
