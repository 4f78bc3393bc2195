#!/usr/bin/env python3
"""Runs a command, writes its output to a file, and prints its progress once a minute.

Usage: run_quietly.py LOG COMMAND...

On a terminal, the progress line is updated every second. If the command fails, its errors and the name of
the file are printed. VERBOSE=1 prints all output immediately.
"""
import os
import subprocess
import sys
import threading
import time

TAIL = 60  # lines to print if no failure is marked in the output
MOST = 400  # lines of a failure


def say(text, **options):
    print(text, file=sys.stderr, flush=True, **options)


class Progress(threading.Thread):
    """Prints the last line of the command from time to time."""

    def __init__(self):
        super().__init__(daemon=True)
        self.started = time.monotonic()
        self.last = ""
        self.ended = threading.Event()

    def run(self):
        on_terminal = sys.stderr.isatty()
        while not self.ended.wait(1 if on_terminal else 60):
            line = f"  {time.monotonic() - self.started:4.0f} s  {self.last[:100]}"
            if on_terminal:
                say("\r\033[K" + line, end="")
            else:
                say(line)
        if on_terminal:
            say("\r\033[K", end="")


def errors_of(lines):
    """The part of a log that shows the failure: from ninja's first FAILED on, or the end."""
    first = next((i for i, line in enumerate(lines) if line.startswith("FAILED: ")), None)
    return lines[-TAIL:] if first is None else lines[first:][:MOST]


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    log, command = sys.argv[1], sys.argv[2:]
    if os.environ.get("VERBOSE"):
        return subprocess.run(command).returncode
    os.makedirs(os.path.dirname(log) or ".", exist_ok=True)
    progress = Progress()
    progress.start()
    lines = []
    with open(log, "w", encoding="utf-8") as file:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                   errors="replace")
        for line in process.stdout:
            file.write(line)
            file.flush()
            lines.append(line)
            progress.last = line.strip() or progress.last
        process.wait()
    progress.ended.set()
    progress.join()
    if process.returncode != 0:
        say("".join(errors_of(lines)).rstrip())
        say(f"failed with exit code {process.returncode}; the whole output is in {log}")
        return process.returncode
    warnings = sum(" warning: " in line for line in lines)
    if warnings:
        say(f"  {warnings} warnings, in {log}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:  # the command got the signal as well
        sys.exit(130)
