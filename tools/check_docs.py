#!/usr/bin/env python3
"""Runs the commands that the documents show, and says which fail.

Usage: check_docs.py BUILD_DIR

Every line in a ```sh block of README.md, docs/*.md and examples/*/README.md that begins with
`build/release/tenon` or `tenon` is run from the source tree (or the example's folder), with the
command of BUILD_DIR. It must exit with 0. Nothing may be written: HOME and the cache are temporary.

A document with blocks that name a file (```cpp words/src/words.cc) is followed step by step in a folder
of its own: such a block is written to its file, each ```sh block is run whole, and a block
```text stdout is the end of what the last one printed.
"""
import glob
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.M | re.S)
FENCE = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```", re.M | re.S)
COMMAND = re.compile(r"^(?:build/release/)?tenon (.*)$", re.M)


def read_text(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def is_followed(text):
    return any(name for _, name, _ in FENCE.findall(text))


def follow(text, tenon, environment):
    """Number of commands of a document that is followed, and what is wrong, or None."""
    environment = {**environment, "PATH": f"{os.path.dirname(tenon)}:{environment['PATH']}"}
    count = 0
    said = ""
    with tempfile.TemporaryDirectory() as folder:
        for language, name, block in FENCE.findall(text):
            if (language, name) == ("text", "stdout"):
                if not said.endswith(block):
                    return count, f"the last step does not end with {block!r}:\n{said}"
            elif name:
                path = os.path.join(folder, name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w", encoding="utf-8") as file:
                    file.write(block)
            elif language == "sh":
                count += block.count("\n")
                done = subprocess.run(["sh", "-e", "-c", block], cwd=folder, env=environment,
                                      capture_output=True, text=True, stdin=subprocess.DEVNULL)
                said = done.stdout
                if done.returncode != 0:
                    return count, f"{block}exits with {done.returncode}\n{said}{done.stderr}"
    return count, None


def commands_of(text):
    return [match[1] for block in BLOCK.finditer(text) for match in COMMAND.finditer(block[1])]


def main():
    tenon = os.path.join(os.path.abspath(sys.argv[1]), "tenon")
    documents = ["README.md", *glob.glob("docs/*.md", root_dir=ROOT),
                 *glob.glob("examples/*/README.md", root_dir=ROOT)]
    failed = count = 0
    # Bundles that others may write to are not loaded.
    os.umask(0o022)
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "HOME": home, "TENON_CACHE_DIR": os.path.join(home, "cache")}
        for document in sorted(documents):
            path = os.path.join(ROOT, document)
            folder = os.path.dirname(path) if document.startswith("examples/") else ROOT
            text = read_text(path)
            if is_followed(text):
                steps, problem = follow(text, tenon, environment)
                count += steps
                if problem:
                    failed += 1
                    print(f"{document}: {problem}")
                continue
            for arguments in commands_of(text):
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
