#!/usr/bin/env python3
"""Runs the commands that the documents show, and says which fail.

Usage: check_docs.py BUILD_DIR

Every line in a ```sh block of README.md, docs/*.md and examples/*/README.md that begins with
`build/release/tenon` or `tenon` is run from the source tree (or the example's folder), with the
command of BUILD_DIR. It must exit with 0. Nothing may be written: HOME and the cache are temporary.
"""
import glob
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.M | re.S)
COMMAND = re.compile(r"^(?:build/release/)?tenon (.*)$", re.M)


def commands_of(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    return [match[1] for block in BLOCK.finditer(text) for match in COMMAND.finditer(block[1])]


def main():
    tenon = os.path.join(os.path.abspath(sys.argv[1]), "tenon")
    documents = ["README.md", *glob.glob("docs/*.md", root_dir=ROOT),
                 *glob.glob("examples/*/README.md", root_dir=ROOT)]
    failed = count = 0
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "HOME": home, "TENON_CACHE_DIR": os.path.join(home, "cache")}
        for document in sorted(documents):
            path = os.path.join(ROOT, document)
            folder = os.path.dirname(path) if document.startswith("examples/") else ROOT
            for arguments in commands_of(path):
                count += 1
                done = subprocess.run(f"{tenon} {arguments}", shell=True, cwd=folder, env=environment,
                                      capture_output=True, text=True, stdin=subprocess.DEVNULL)
                if done.returncode != 0:
                    failed += 1
                    print(f"{document}: `tenon {arguments}` exits with {done.returncode}\n{done.stderr}")
    print(f"docs: {count} commands, {failed} failed")
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main())
