#!/usr/bin/env python3
"""Writes what of other projects is in a release, as a software bill of materials: CycloneDX 1.6, as JSON.

Usage: make_sbom.py OUT [--build BUILD_DIR]

It names the crates of the engine with their licenses and checksums, the libraries in C and C++ that are linked
statically or are only headers, with their Debian packages, and the parts of zig and Rust in the programs. Crates that only
run during the build have the scope `excluded`. With --build, each archive that the programs were linked with has to be in
the list.

The same commit on the same system gives the same bytes.
"""
import argparse
import json
import os
import shlex
import subprocess
import sys
import uuid
from urllib.parse import quote, unquote

import engine_crates
import make_packages
import parts
import portable_link

LICENSE = "Apache-2.0 WITH LLVM-exception"
# The C library is loaded, not linked. Its start files and the part of it that is always linked are those of zig.
NOT_COUNTED = ("libc6-dev",)
# What the serial number of a bill is derived from.
NAMESPACE = uuid.UUID("5a0c3e0e-5b0b-4f6e-9a55-2f6f6e0f8f55")


def printed_by(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout.strip()


def crate_components():
    checksums, licenses, patched = engine_crates.locked(), engine_crates.licenses(), engine_crates.patched()
    rows = [(crate, "required") for crate in engine_crates.linked()]
    rows += [(crate, "excluded") for crate in engine_crates.build_time()]
    for (name, version), scope in sorted(rows):
        purl = f"pkg:cargo/{name}@{version}"
        component = {"type": "library", "bom-ref": purl, "name": name, "version": version, "scope": scope,
                     "hashes": [{"alg": "SHA-256", "content": checksums[name, version]}],
                     "licenses": [{"expression": licenses[name, version]}], "purl": purl}
        if name in patched:
            component["pedigree"] = {"patches": [{"type": "unofficial", "diff": {"url": f"engine/patches/{name}.diff"}}]}
        yield component


def library_components():
    for library in parts.LIBRARIES:
        found = parts.debian_package(library)
        if not found:
            sys.exit(f"make_sbom: {library.package} is not installed; tools/parts.py names it, for {library.name}")
        package, version, architecture = found
        purl = f"pkg:deb/debian/{quote(package)}@{quote(version)}?arch={architecture}"
        yield {"type": "library", "bom-ref": purl, "name": library.name, "version": version, "scope": "required",
               "licenses": [{"expression": library.license}], "purl": purl}


def toolchain_components():
    """What the compilers themselves put into the programs."""
    rust = engine_crates.rust_version()
    zig = portable_link.ZIG.split("==")[1]
    yield {"type": "library", "bom-ref": f"pkg:generic/rust-std@{rust}", "name": "rust-std", "version": rust,
           "scope": "required", "licenses": [{"expression": "MIT OR Apache-2.0"}], "purl": f"pkg:generic/rust-std@{rust}"}
    yield {"type": "library", "bom-ref": f"pkg:pypi/ziglang@{zig}", "name": "ziglang", "version": zig, "scope": "required",
           "description": f"start files and stubs of glibc {portable_link.GLIBC}, in programs for older systems",
           "licenses": [{"expression": "MIT"}], "purl": f"pkg:pypi/ziglang@{zig}"}


def check_archives(build, components):
    """Ends with an error if a program was linked with an archive of the system that is in no listed package."""
    packages = {unquote(component["purl"].split("/")[2].split("@")[0]) for component in components
                if component["purl"].startswith("pkg:deb/")}
    archives = {word for target in ("tenon", "libtenon.so.0") for word in shlex.split(printed_by(
        "ninja", "-C", build, "-t", "commands", "-s", target)) if word.startswith("/usr/") and word.endswith(".a")}
    for path in sorted(archives):
        # A package can name the file by either path, if /lib is a link.
        found = subprocess.run(["dpkg-query", "-S", path, os.path.realpath(path)], capture_output=True, text=True)
        owner = found.stdout.split(":")[0] or "no package"
        if owner not in packages and owner not in NOT_COUNTED:
            sys.exit(f"make_sbom: `{path}` of {owner} is linked; add it to LIBRARIES in tools/parts.py")


def make_sbom(build=None):
    version, when = make_packages.project_version(), make_packages.commit_time()
    # Empty in a source tree without git.
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=engine_crates.ROOT, capture_output=True, text=True).stdout.strip()
    components = [*crate_components(), *library_components(), *toolchain_components()]
    if build:
        check_archives(build, components)
    root = f"pkg:generic/tenon@{version}"
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, f'{version} {commit}')}",
        "version": 1,
        "metadata": {
            "timestamp": printed_by("date", "-u", "-d", f"@{when}", "+%Y-%m-%dT%H:%M:%SZ"),
            "component": {"type": "application", "bom-ref": root, "name": "tenon", "version": version,
                          "licenses": [{"expression": LICENSE}], "purl": root},
            "properties": [{"name": "tenon:commit", "value": commit}] if commit else [],
        },
        "components": components,
        "dependencies": [{"ref": root, "dependsOn": [component["bom-ref"] for component in components
                                                     if component["scope"] == "required"]}],
    }


def write_sbom(path, build=None):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(make_sbom(build), file, indent=2)
        file.write("\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--build")
    options = parser.parse_args()
    write_sbom(options.out, options.build and os.path.abspath(options.build))


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"make_sbom: `{' '.join(error.cmd[:4])}` failed with exit code {error.returncode}\n{error.stderr or ''}")
