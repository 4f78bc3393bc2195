#!/usr/bin/env python3
"""Lets the clock jump by years, back and forth, while commands and services run: they do what they do otherwise.

Usage: clock_jumps.py BUILD [--tenon TENON] [--all]

The commands are those of file_faults.py. BUILD/libjump_clock.so makes the jumps (tests/faults/jump_clock.c).
--all: with more seeds.
"""
import json
import os
import shutil
import sys
import time

from file_faults import COMMANDS, Place
from http_server import ANSWERS, Service
from processes import PATIENCE, expect, make_parser, read_text, run_test, serving_tenon

SEEDS, MANY_SEEDS = 2, 50
REQUESTS = 20


def clock(options, seed, report):
    return {"LD_PRELOAD": os.path.join(options.build, "libjump_clock.so"), "CLOCK_SEED": str(seed), "CLOCK_REPORT": report}


def check_command(options, folder, command):
    """Returns how often the command asked for the time."""
    asked = 0
    expected = None
    for seed in range(-1, MANY_SEEDS if options.all else SEEDS):
        shutil.rmtree(os.path.join(folder, "place"), ignore_errors=True)
        place = Place(options, os.path.join(folder, "place"))
        os.makedirs(place.folder)
        command.prepare(place)
        report = os.path.join(folder, "report")
        done = place.run(*command.words, **(clock(options, seed, report) if seed >= 0 else {}))
        found = (done.returncode, done.stdout, command.observe(place))
        command.use(place)
        if seed < 0:
            expected = found
        elif found != expected:
            sys.exit(f"FAILED   {command.name}, seed {seed}: {found}\n--- without jumps\n{expected}\n--- errors\n{done.stderr}")
        else:
            asked += int(read_text(report).split()[1])
    return asked


def check_service(options, folder, seed):
    """Requests, their log and their numbers, the status, and the time limit of a call."""
    log, report = os.path.join(folder, "serve.log"), os.path.join(folder, "clock")
    words = [ANSWERS["0.2"], "--http", "127.0.0.1:0", "--http-log", "json", "--timeout", "1s"]
    with serving_tenon(options.tenon, words, None, log, env={**os.environ, **clock(options, seed, report)}) as served:
        expect(served.address, "a service is ready while its clock jumps", read_text(log))
        service = Service(served.process, served.address, log)
        for _ in range(REQUESTS):
            answer = service.ask("GET", "/")
            if answer[0] != 200:
                sys.exit(f"FAILED   a request: {answer}\n{read_text(log)}")
        begin = time.monotonic()
        status = service.ask("GET", "/spin")[0]
        expect(status == 504 and time.monotonic() - begin < PATIENCE / 2, "a time limit ends a request in time",
               (status, time.monotonic() - begin))
    lines = [json.loads(line) for line in read_text(log).splitlines() if line.startswith("{")]
    expect(len(lines) == REQUESTS + 1, "each request has a line in the log", len(lines))


def check(options, folder):
    for command in COMMANDS:
        asked = check_command(options, folder, command)
        print(f"ok       {command.name}: asked {asked} times for the time", flush=True)
    for seed in range(MANY_SEEDS if options.all else SEEDS):
        check_service(options, folder, seed)


def main():
    parser = make_parser(__doc__)
    parser.add_argument("--all", action="store_true", default="TENON_TEST_ALL" in os.environ)
    return run_test(parser, check)


if __name__ == "__main__":
    sys.exit(main())
