#!/usr/bin/env python3
"""Makes a release: the source as an archive, the packages of make_packages.py, a bill of materials, checksums, and their
signature.

Usage: make_release.py BUILD_DIR [OUT_DIR] [--key FILE] [--rebuild]

OUT_DIR is build/dist by default, and has to be empty. The source and the packages are made twice, and must be the same
bytes. --rebuild: the second time from a second build, of the source archive, in another folder and with an engine of its
own. --key: a key of ssh, by which SHA256SUMS is signed (with its public half, the key comes from ssh-agent); without
it, the release is not signed. docs/releases.md says how to verify one.
"""
import argparse
import filecmp
import lzma
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile

import check_release
import make_packages
import make_sbom

ROOT = make_packages.ROOT


def check_tree():
    """A release is made of a commit, which is returned."""
    changed = make_packages.run("git", "status", "--porcelain", "--untracked-files=no", cwd=ROOT)
    if changed:
        sys.exit(f"make_release: there are changes that are not committed; a release is made of a commit:\n{changed}")
    return make_packages.run("git", "rev-parse", "HEAD", cwd=ROOT)


def check_build(build):
    """Files that were edited are compiled alone from then on (cmake/tenon_batches.cmake), which gives other bytes."""
    with open(os.path.join(build, "CMakeCache.txt"), encoding="utf-8") as file:
        edited = re.search(r"^TENON_EDITED:INTERNAL=(.+)$", file.read(), re.MULTILINE)
    if edited:
        sys.exit(f"make_release: `{build}` compiles files alone that were edited since it was configured, and other builds do not: "
                 "`./dev release` builds it again")


def make_source(out, version):
    data = subprocess.run(["git", "archive", "--format=tar", f"--prefix=tenon-{version}/", "HEAD"], cwd=ROOT, check=True,
                          stdout=subprocess.PIPE).stdout
    with open(os.path.join(out, f"tenon-{version}-source.tar.xz"), "wb") as file:
        file.write(lzma.compress(data, preset=9))


def make_files(root, build, out, version):
    """Makes all files but the checksums, the packages by the tools of the source tree `root`."""
    os.makedirs(out)
    make_source(out, version)
    subprocess.run([sys.executable, os.path.join(root, "tools", "make_packages.py"), build, out], check=True,
                   stdout=subprocess.DEVNULL, env={**os.environ, "SOURCE_DATE_EPOCH": str(make_packages.commit_time())})
    write_bill(out, version, build)


def build_again(made, folder, version):
    """Unpacks the source archive of a made release, builds it with nothing that is cached, and returns its folder."""
    with tarfile.open(os.path.join(made, f"tenon-{version}-source.tar.xz")) as archive:
        archive.extractall(folder)
    root = os.path.join(folder, f"tenon-{version}")
    environment = {**os.environ, "TENON_ENGINE_CACHE": os.path.join(folder, "engine"), "CCACHE_DISABLE": "1"}
    for command in (("cmake", "--preset", "release", "-DTENON_TESTS=OFF"),
                    ("cmake", "--build", os.path.join("build", "release"), "--target", "product")):
        subprocess.run(command, cwd=root, check=True, stdout=subprocess.DEVNULL, env=environment)
    return root


def write_bill(folder, version, build=None):
    make_sbom.write_sbom(os.path.join(folder, f"tenon-{version}{check_release.SBOM_END}"), build)


def find_differences(first, second):
    names = sorted(set(os.listdir(first)) | set(os.listdir(second)))
    _, different, missing = filecmp.cmpfiles(first, second, names, shallow=False)
    return different + missing


def write_signers(folder, key):
    """The public key of a signature, for `ssh-keygen -Y verify`."""
    public = key if key.endswith(".pub") else key + ".pub"
    if os.path.exists(public):
        with open(public, encoding="utf-8") as file:
            text = file.read()
    else:
        text = make_packages.run("ssh-keygen", "-y", "-f", key)
    kind, data = text.split()[:2]
    with open(os.path.join(folder, check_release.SIGNERS), "w", encoding="utf-8") as file:
        file.write(f'{check_release.IDENTITY} namespaces="{check_release.NAMESPACE}" {kind} {data}\n')


def finish(folder, key=None):
    """Adds the checksums and the signature to the files of a release."""
    if key:
        write_signers(folder, key)
    sums = os.path.join(folder, check_release.SUMS)
    lines = [f"{check_release.sha256_of(os.path.join(folder, name))}  {name}\n" for name in sorted(os.listdir(folder))]
    with open(sums, "w", encoding="utf-8") as file:
        file.writelines(lines)
    if key:
        make_packages.run("ssh-keygen", "-Y", "sign", "-q", "-n", check_release.NAMESPACE, "-f", key, sums)
    if problems := check_release.check_release(folder):
        sys.exit("".join(f"make_release: {problem}\n" for problem in problems))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("out", nargs="?", default=os.path.join(ROOT, "build", "dist"))
    parser.add_argument("--key")
    parser.add_argument("--rebuild", action="store_true")
    options = parser.parse_args()
    build, out, version = os.path.abspath(options.build), os.path.abspath(options.out), make_packages.project_version()
    if options.key and not os.path.isfile(options.key):
        sys.exit(f"make_release: there is no key `{options.key}`; make one: ssh-keygen -t ed25519 -f FILE")
    if os.path.isdir(out) and os.listdir(out):
        sys.exit(f"make_release: `{out}` is not empty; remove it, or name another folder")
    if not os.path.isfile(os.path.join(build, "CMakeCache.txt")):
        sys.exit(f"make_release: `{options.build}` is not a build folder; make one: ./dev build")
    machine = make_packages.cross.machine_of(build)
    if not machine.is_native:
        sys.exit(f"make_release: `{options.build}` is a build for {machine.name}; make that release on such a machine: the bill "
                 "of materials lists crates and libraries of this one")
    commit = check_tree()
    check_build(build)
    folder = tempfile.mkdtemp()
    first, second = os.path.join(folder, "first"), os.path.join(folder, "second")
    different = []
    try:
        make_files(ROOT, build, first, version)
        root = ROOT
        if options.rebuild:
            root = build_again(first, folder, version)
            build = os.path.join(root, "build", "release")
        make_files(root, build, second, version)
        if check_tree() != commit:
            sys.exit("make_release: another commit was checked out in the meantime, and a release has the source and the time "
                     "of one commit: start again")
        different = find_differences(first, second)
        if not different:
            shutil.copytree(first, out, dirs_exist_ok=True)
    finally:
        if not different:
            shutil.rmtree(folder)
    if different:
        sys.exit(f"make_release: made twice, these files differ: {', '.join(different)}\n"
                 f"make_release: compare `{first}` and `{second}`, then remove `{folder}`")
    finish(out, options.key)
    for name in sorted(os.listdir(out)):
        print(f"{os.path.getsize(os.path.join(out, name)) / 1e6:8.2f} MB  {name}")
    print(f"made twice{', from two builds,' if options.rebuild else ''} with equal bytes; " + (f"signed by {options.key}" if options.key else
                                             "not signed: --key FILE names a key of ssh"))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(f"make_release: `{' '.join(error.cmd[:4])}` failed with exit code {error.returncode}\n{error.stderr or ''}")
