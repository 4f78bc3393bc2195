#!/usr/bin/env python3
"""Runs the commands that the documents show, and reports those that fail.

Usage: check_docs.py [--show] BUILD_DIR [DOCUMENT...]

There are two kinds of documents among README.md, docs/*.md and examples/*/README.md:

- Most are lists of commands. Every line in a ```sh block that begins with `build/release/tenon` or `tenon` is run
  from the source tree (for an example, from its folder) with the command of BUILD_DIR, and must exit with 0. It must
  not write files; HOME and the cache are temporary.
- A document with blocks that name a file (```cpp words/src/words.cc) or an output (```text stdout) is followed step
  by step in an empty folder of its own. A block that names a file is written to that file. Each ```sh block is run as
  a whole and must exit with 0 within a minute; processes that it leaves in the background end with the document. A
  ```text stdout block must be the end of the output of the last ```sh block. The folder has links to `bundles`,
  `examples` and `tests` of the source tree, and `build/release` is BUILD_DIR. If the document starts a `nats-server`,
  a free port replaces 4222 in it and in a copy of its example, and another one 8080 if it uses `curl`; without these
  programs, it is skipped.

--show prints the commands and their output, as a demonstration. Exit: 0 fine; 1 a command failed; 77 every document
was skipped.
Commands that need a network, a compiler for WebAssembly or an answer by a person are in ```text blocks.
"""
import argparse
import contextlib
import glob
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.M | re.S)
FENCE = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```", re.M | re.S)
COMMAND = re.compile(r"^(?:build/release/)?tenon (.*)$", re.M)
LINKED_FOLDERS = ("bundles", "tests")
NATS_PORT = "4222"
HTTP_PORT = "8080"
BLOCK_SECONDS = 60
SKIPPED = 77


def read_text(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def is_followed(text):
    return any(name for _, name, _ in FENCE.findall(text))


def needs_nats(text):
    return is_followed(text) and NATS_PORT in text


def needs_curl(text):
    return is_followed(text) and any("curl " in block for block in BLOCK.findall(text))


def missing_program(text):
    """A program that a document needs and that is not installed, or None."""
    needed = {"nats-server": needs_nats(text), "curl": needs_curl(text)}
    return next((name for name, is_needed in needed.items() if is_needed and shutil.which(name) is None), None)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return str(probe.getsockname()[1])


def copy_example(document, to, nats_port):
    """Copies the text files of the example that a document belongs to."""
    source = os.path.dirname(os.path.join(ROOT, document))
    for path in glob.glob("**/*.toml", root_dir=source, recursive=True):
        os.makedirs(os.path.dirname(os.path.join(to, path)), exist_ok=True)
        with open(os.path.join(to, path), "w", encoding="utf-8") as file:
            file.write(read_text(os.path.join(source, path)).replace(NATS_PORT, nats_port))


def link_inputs(folder, build, document, nats_port):
    """Links what the commands of a followed document can name beside the files of the document."""
    for name in LINKED_FOLDERS:
        os.symlink(os.path.join(ROOT, name), os.path.join(folder, name))
    os.mkdir(os.path.join(folder, "examples"))
    for name in os.listdir(os.path.join(ROOT, "examples")):
        example = os.path.join(folder, "examples", name)
        if nats_port and os.path.dirname(document) == f"examples/{name}":
            copy_example(document, example, nats_port)
        else:
            os.symlink(os.path.join(ROOT, "examples", name), example)
    os.mkdir(os.path.join(folder, "build"))
    os.symlink(build, os.path.join(folder, "build", "release"))


@contextlib.contextmanager
def process_group():
    """The id of a process group. Its processes, also those in the background, end with the block."""
    # While its leader runs, no other group can get the id.
    with subprocess.Popen(["sleep", "infinity"], process_group=0) as leader:
        try:
            yield leader.pid
        finally:
            os.killpg(leader.pid, signal.SIGKILL)


def run_block(block, show, **options):
    """Runs a block: (exit code, output, errors). The output is complete without processes in the background."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out, tempfile.TemporaryFile("w+", encoding="utf-8") as err:
        try:
            code = subprocess.run(["sh", "-e", "-c", block], stdin=subprocess.DEVNULL, stdout=out,
                                  stderr=None if show else err, timeout=BLOCK_SECONDS, **options).returncode
        except subprocess.TimeoutExpired:
            code = f"no code within {BLOCK_SECONDS} s"
        out.seek(0)
        err.seek(0)
        return code, out.read(), err.read()


def show_block(block):
    print("".join(f"+ {line}\n" for line in block.splitlines()), end="", file=sys.stderr, flush=True)


def follow(document, text, build, environment, show):
    """Follows a document: (number of commands, a problem or None)."""
    environment = {**environment, "PATH": f"{build}:{environment['PATH']}"}
    count = 0
    output = ""
    nats_port = free_port() if needs_nats(text) else None
    if nats_port:
        text = text.replace(NATS_PORT, nats_port)
    if needs_curl(text):
        text = text.replace(HTTP_PORT, free_port())
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, process_group() as group:
        link_inputs(folder, build, document, nats_port)
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
                if show:
                    show_block(block)
                code, output, errors = run_block(block, show, cwd=folder, env=environment, process_group=group)
                if show:
                    print(output, end="", flush=True)
                if code != 0:
                    return count, f"{block}exits with {code}\n{output}{errors}"
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


def check_document(document, build, show):
    """Runs the commands of a document: (number of commands, problems)."""
    path = os.path.join(ROOT, document)
    text = read_text(path)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        environment = {**os.environ, "HOME": home, "TENON_CACHE_DIR": os.path.join(home, "cache"),
                       "XDG_RUNTIME_DIR": home, "XDG_STATE_HOME": os.path.join(home, "state")}
        if is_followed(text):
            number, problem = follow(document, text, build, environment, show)
            return number, [problem] if problem else []
        folder = os.path.dirname(path) if document.startswith("examples/") else ROOT
        return run_commands(text, os.path.join(build, "tenon"), folder, environment)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("build")
    parser.add_argument("documents", nargs="*")
    options = parser.parse_args()
    # Processes in the background end as after an interrupt.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    # tenon does not load bundles that other users can write to.
    os.umask(0o022)
    failed = count = skipped = 0
    for document in options.documents or all_documents():
        if missing := missing_program(read_text(os.path.join(ROOT, document))):
            print(f"{document}: skipped: {missing} is not installed")
            skipped += 1
            continue
        number, problems = check_document(document, os.path.abspath(options.build), options.show)
        count += number
        failed += len(problems)
        for problem in problems:
            print(f"{document}: {problem}")
    if skipped and not count:
        return SKIPPED
    print(f"docs: {count} commands, {failed} failed")
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main())
