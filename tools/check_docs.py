#!/usr/bin/env python3
"""Runs the commands that the documents show, and reports those that fail.

Usage: check_docs.py BUILD_DIR [DOCUMENT...]

There are two kinds of documents among README.md, docs/*.md and examples/*/README.md:

- Most are lists of commands. Every line in a ```sh block that begins with `build/release/tenon` or `tenon` is run
  from the source tree (for an example, from its folder) with the command of BUILD_DIR, and must exit with 0. It must
  not write files; HOME and the cache are temporary.
- A document with blocks that name a file (```cpp words/src/words.cc) or an output (```text stdout) is followed step
  by step in an empty folder of its own. A block that names a file is written to that file. Each ```sh block is run as
  a whole and must exit with 0. A ```text stdout block must be the end of the output of the last ```sh block. The
  folder has links to `bundles`, `examples` and `tests` of the source tree, and `build/release` is BUILD_DIR.

Commands that need a network, a compiler for WebAssembly or an answer by a person are in ```text blocks.
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
LINKED_FOLDERS = ("bundles", "examples", "tests")


def read_text(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def is_followed(text):
    return any(name for _, name, _ in FENCE.findall(text))


def link_inputs(folder, build):
    """Links what the commands of a followed document can name beside the files of the document."""
    for name in LINKED_FOLDERS:
        os.symlink(os.path.join(ROOT, name), os.path.join(folder, name))
    os.mkdir(os.path.join(folder, "build"))
    os.symlink(build, os.path.join(folder, "build", "release"))


def follow(text, build, environment):
    """Follows a document: (number of commands, a problem or None)."""
    environment = {**environment, "PATH": f"{build}:{environment['PATH']}"}
    count = 0
    output = ""
    with tempfile.TemporaryDirectory() as folder:
        link_inputs(folder, build)
        for language, name, block in FENCE.findall(text):
            if (language, name) == ("text", "stdout"):
                if not output.endswith(block):
                    return count, f"the last step does not end with {block!r}:\n{output}"
            elif name:
                path = os.path.join(folder, name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w", encoding="utf-8") as file:
                    file.write(block)
            elif language == "sh":
                count += block.count("\n")
                done = subprocess.run(["sh", "-e", "-c", block], cwd=folder, env=environment,
                                      capture_output=True, text=True, stdin=subprocess.DEVNULL)
                output = done.stdout
                if done.returncode != 0:
                    return count, f"{block}exits with {done.returncode}\n{output}{done.stderr}"
    return count, None


def commands_of(text):
    return [match[1] for block in BLOCK.finditer(text) for match in COMMAND.finditer(block[1])]


def run_commands(text, tenon, folder, environment):
    """Runs the commands of a list: (number of commands, problems)."""
    problems = []
    commands = commands_of(text)
    for arguments in commands:
        done = subprocess.run(f"{tenon} {arguments}", shell=True, cwd=folder, env=environment,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            problems.append(f"`tenon {arguments}` exits with {done.returncode}\n{done.stderr}")
    return len(commands), problems


def all_documents():
    return sorted(["README.md", *glob.glob("docs/*.md", root_dir=ROOT),
                   *glob.glob("examples/*/README.md", root_dir=ROOT)])


def main():
    build = os.path.abspath(sys.argv[1])
    failed = count = 0
    # tenon does not load bundles that other users can write to.
    os.umask(0o022)
    for document in sys.argv[2:] or all_documents():
        path = os.path.join(ROOT, document)
        text = read_text(path)
        with tempfile.TemporaryDirectory() as home:
            environment = {**os.environ, "HOME": home, "TENON_CACHE_DIR": os.path.join(home, "cache")}
            if is_followed(text):
                number, problem = follow(text, build, environment)
                problems = [problem] if problem else []
            else:
                folder = os.path.dirname(path) if document.startswith("examples/") else ROOT
                number, problems = run_commands(text, os.path.join(build, "tenon"), folder, environment)
        count += number
        failed += len(problems)
        for problem in problems:
            print(f"{document}: {problem}")
    print(f"docs: {count} commands, {failed} failed")
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main())
