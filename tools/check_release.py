#!/usr/bin/env python3
"""Checks the folder of a release: every file has the checksum that SHA256SUMS names, there are no other files, the bill of
materials follows its rules and has every crate that is linked, and the signature of SHA256SUMS is by a known key.

Usage: check_release.py DIR [--signers FILE]

--signers: the keys that are accepted, as an `allowed_signers` file of ssh-keygen; then the release has to be signed.
Without it, a signature is checked against the key in the release, which only shows that it is not damaged.
"""
import argparse
import hashlib
import json
import os
import re
import subprocess
import sys

import engine_crates

SUMS = "SHA256SUMS"
SIGNATURE = SUMS + ".sig"
SIGNERS = "tenon.signers"
IDENTITY, NAMESPACE = "tenon", "tenon-release"
SBOM_END = ".cdx.json"
PURL = re.compile(r"pkg:(cargo|deb/debian|generic|pypi)/[A-Za-z0-9._%+-]+@[A-Za-z0-9.%~:_+-]+(\?arch=[a-z0-9]+)?")
SHA256 = re.compile(r"[0-9a-f]{64}")
# SPDX identifiers, joined by AND, OR and WITH.
EXPRESSION = re.compile(r"\(?[A-Za-z0-9.+-]+\)?( (AND|OR|WITH) \(?[A-Za-z0-9.+-]+\)?)*")


def sha256_of(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_sums(folder):
    """{name: checksum}; problems with the file itself end the check."""
    sums = {}
    with open(os.path.join(folder, SUMS), encoding="utf-8") as file:
        for line in file:
            match = re.fullmatch(r"([0-9a-f]{64})  ([A-Za-z0-9][A-Za-z0-9._+~-]*)\n", line)
            if not match or match[2] in sums:
                sys.exit(f"check_release: {SUMS} has the line {line!r}; expected a checksum, two spaces and a name, once")
            sums[match[2]] = match[1]
    return sums


def check_sums(folder):
    sums = read_sums(folder)
    present = set(os.listdir(folder)) - {SUMS, SIGNATURE}
    for name in sorted(present - set(sums)):
        yield f"{name}: {SUMS} does not name it"
    for name, expected in sorted(sums.items()):
        if name not in present:
            yield f"{name}: it is missing"
        elif sha256_of(os.path.join(folder, name)) != expected:
            yield f"{name}: its SHA-256 is not the one in {SUMS}: it is damaged, or was replaced"


def check_component(component):
    for key in ("type", "bom-ref", "name", "version", "scope", "purl", "licenses"):
        if not component.get(key):
            yield f"it has no `{key}`"
    if component.get("scope") not in ("required", "excluded"):
        yield "its scope is neither `required` nor `excluded`"
    if not PURL.fullmatch(component.get("purl") or ""):
        yield f"{component.get('purl')!r} is not a package URL"
    for row in component.get("licenses") or []:
        if not EXPRESSION.fullmatch(row.get("expression") or ""):
            yield f"{row!r} is not an SPDX expression"
    for row in component.get("hashes") or []:
        if row.get("alg") != "SHA-256" or not SHA256.fullmatch(row.get("content") or ""):
            yield f"{row!r} is not a SHA-256"


def check_sbom(bill):
    """The rules of CycloneDX 1.6 for the members that make_sbom.py writes, and the crates."""
    if (bill.get("bomFormat"), bill.get("specVersion"), bill.get("version")) != ("CycloneDX", "1.6", 1):
        return ["it is not CycloneDX 1.6"]
    problems = []
    if not re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", bill.get("serialNumber") or ""):
        problems.append(f"{bill.get('serialNumber')!r} is not a serial number")
    components = bill.get("components") or []
    for component in components:
        problems += [f"{component.get('name')}: {problem}" for problem in check_component(component)]
    root = (bill.get("metadata") or {}).get("component") or {}
    known = [component.get("bom-ref") for component in [root, *components]]
    problems += [f"{ref}: there are several of it" for ref in sorted({ref for ref in known if ref and known.count(ref) > 1})]
    for row in bill.get("dependencies") or []:
        problems += [f"{ref}: nothing has this reference" for ref in [row.get("ref"), *row.get("dependsOn", [])]
                     if ref not in known]
    return problems + check_crates(components)


def check_crates(components):
    """Each crate that is linked is listed, with the checksum of the lock file."""
    listed = {(component.get("name"), component.get("version")): component for component in components
              if (component.get("purl") or "").startswith("pkg:cargo/")}
    checksums = engine_crates.locked()
    problems = [f"{name} {version}: it is linked and not listed" for name, version in
                sorted(engine_crates.linked() - {crate for crate, row in listed.items() if row.get("scope") == "required"})]
    for crate, row in sorted(listed.items()):
        if [entry.get("content") for entry in row.get("hashes") or []] != [checksums.get(crate)]:
            problems.append(f"{crate[0]} {crate[1]}: its checksum is not the one in Cargo.lock")
    return problems


def check_signature(folder, signers):
    """A problem, or None."""
    path = os.path.join(folder, SIGNATURE)
    if not os.path.exists(path):
        return f"{SIGNATURE}: it is missing: the release is not signed" if signers else None
    with open(os.path.join(folder, SUMS), "rb") as sums:
        verified = subprocess.run(["ssh-keygen", "-Y", "verify", "-f", signers or os.path.join(folder, SIGNERS), "-I", IDENTITY,
                                   "-n", NAMESPACE, "-s", path], stdin=sums, capture_output=True, text=True)
    if verified.returncode == 0:
        return None
    return f"{SIGNATURE}: it is not a signature of {SUMS} by an accepted key: {verified.stderr.strip()}"


def check_release(folder, signers=None):
    """All problems of a release."""
    if not os.path.isfile(os.path.join(folder, SUMS)):
        return [f"{SUMS}: it is missing: `{folder}` is not a release"]
    problems = list(check_sums(folder))
    bills = [name for name in os.listdir(folder) if name.endswith(SBOM_END)]
    if len(bills) != 1:
        problems.append(f"there are {len(bills)} bills of materials (*{SBOM_END}); expected one")
    for name in bills:
        try:
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                bill = json.load(file)
        except ValueError as error:
            problems.append(f"{name}: it is not JSON: {error}")
            continue
        problems += [f"{name}: {problem}" for problem in check_sbom(bill)]
    problem = check_signature(folder, signers)
    return problems + ([problem] if problem else [])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--signers")
    options = parser.parse_args()
    problems = check_release(options.folder, options.signers)
    for problem in problems:
        print(f"check_release: {problem}")
    if problems:
        return 1
    is_signed = os.path.exists(os.path.join(options.folder, SIGNATURE))
    print(f"release: complete, {'signed by an accepted key' if options.signers else 'signed' if is_signed else 'not signed'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
