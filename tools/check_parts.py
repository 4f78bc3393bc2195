#!/usr/bin/env python3
"""`tenon version --json` names what the bill of materials of the same build has, and nothing else.

Usage: check_parts.py BUILD_DIR
"""
import collections
import json
import os
import subprocess
import sys

import make_sbom

# Is in programs that are linked again for older systems, and so in no program of a build.
ONLY_IN_PACKAGES = {"ziglang"}


def main():
    build = os.path.abspath(sys.argv[1])
    done = subprocess.run([os.path.join(build, "tenon"), "version", "--json"], check=True, capture_output=True)
    said = collections.Counter((part["name"], part["version"]) for part in json.loads(done.stdout)["parts"])
    billed = collections.Counter((row["name"], row["version"]) for row in make_sbom.make_sbom(build)["components"]
                                 if row["scope"] == "required" and row["name"] not in ONLY_IN_PACKAGES)
    for title, parts in (("only the bill of materials has", billed - said), ("only `tenon version --json` has", said - billed)):
        for name, version in parts:
            print(f"check_parts: {title} {name} {version}")
    print(f"{said.total()} parts")
    return 0 if said == billed else 1


if __name__ == "__main__":
    sys.exit(main())
