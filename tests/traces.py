#!/usr/bin/env python3
"""Checks what two processes say of the calls between them: one picture of two files, and the spans of a collector.

Usage: traces.py BUILD [--tenon TENON]

`tenon serve` and `tenon call` write a timeline each (`--trace-out`), and both send their calls to the collector of
tests/peers/otlp_collector (`--otlp`), which reads them with the code of the official one.
"""
import json
import os
import subprocess
import sys
import time

from processes import (GUESTS, PATIENCE, build_go, expect, make_parser, read_line, read_text, run_test, running,
                       serving_tenon)

CALLER = os.path.join(GUESTS, "remote_caller.wat")
SERVICE = os.path.join(GUESTS, "remote_service.wat")
CALLS = 20


def call(tenon, url, *flags):
    done = subprocess.run([tenon, "call", CALLER, f"run-add({CALLS})", "--connect", f"*={url}", *flags],
                          capture_output=True, text=True, timeout=PATIENCE)
    if done.returncode != 0:
        sys.exit(f"tenon call ended with {done.returncode}:\n{done.stderr}")
    return done.stderr


def check_picture(files):
    """The files as arrays of events make one picture."""
    merged = []
    for file in files:
        with open(file, encoding="utf-8") as opened:
            merged += json.load(opened)
    calls = [event for event in merged if event["ph"] == "X" and event.get("cat") == "call"]
    of_span = {event["args"]["span"]: event for event in calls}
    served = [event for event in calls if event["args"].get("parent") in of_span]
    expect(len(of_span) == len(calls) == 2 * CALLS, "each call has a span of its own")
    expect(len(served) == CALLS, "each call of the server has a call of the client as its parent")
    expect(len({event["args"]["trace"] for event in calls}) == 1, "the calls of a command are one trace")
    expect(len({event["pid"] for event in calls}) == 2, "the processes differ")
    names = {event["args"]["name"] for event in merged if event["name"] == "process_name"}
    expect(names == {"tenon remote-caller", "tenon remote-service"}, "the processes have names")
    for event in served:
        outer = of_span[event["args"]["parent"]]
        if not outer["ts"] <= event["ts"] <= event["ts"] + event["dur"] <= outer["ts"] + outer["dur"]:
            expect(False, "each call of the server is within that of the client", f"{outer}\n{event}")
    starts = {event["id"] for event in merged if event["ph"] == "s"}
    ends = {event["id"] for event in merged if event["ph"] == "f"}
    expect(starts == ends and len(starts) == CALLS, "an arrow leads from each call to the other process")


def check_spans(collected, parent):
    spans = [json.loads(line) for line in collected.splitlines()]
    of_kind = {kind: [span for span in spans if span["kind"] == kind] for kind in ("Client", "Server", "Internal")}
    expect([len(of_kind[kind]) for kind in of_kind] == [CALLS, CALLS, 1], "the collector has the calls of both sides")
    root = of_kind["Internal"][0]
    expect(root["parent"] == parent, "the command belongs to the span of TRACEPARENT")
    expect(root["name"] == "tenon remote-caller" and root["service"] == "remote-caller", "the command is a span")
    expect(all(span["parent"] == root["span"] for span in of_kind["Client"]), "its calls are within it")
    clients = {span["span"]: span for span in of_kind["Client"]}
    expect(all(span["parent"] in clients for span in of_kind["Server"]), "those of the server are within its calls")
    expect(len({span["trace"] for span in spans}) == 1, "all are one trace")
    expect({span["service"] for span in of_kind["Server"]} == {"remote-service"}, "the server is another service")
    one = of_kind["Client"][0]
    attributes = one["attributes"]
    expect(attributes["rpc.system"] == "wrpc" and attributes["rpc.method"] == "add"
           and attributes["server.address"].startswith("tcp://"), f"a span has attributes: {attributes}")
    expect(0 < one["start"] <= one["end"] and abs(one["end"] / 1e9 - time.time()) < 600, "its times are of today")


def check(options, folder):
    collector = build_go(options.build, "otlp_collector")
    files = [os.path.join(folder, name) for name in ("server.json", "client.json")]
    log = os.path.join(folder, "serve.log")
    parent = "b7ad6b7169203331"
    os.environ["TRACEPARENT"] = f"00-0af7651916cd43dd8448eb211c80319c-{parent}-01"
    with running([collector], os.path.join(folder, "collector.log"), stdout=subprocess.PIPE) as process:
        url = "http://" + read_line(process.stdout.fileno(), PATIENCE).split()[1]
        server_flags = [SERVICE, "--trace-out", files[0], "--otlp", url]
        with serving_tenon(options.tenon, server_flags, "tcp://127.0.0.1:0", log) as server:
            notes = call(options.tenon, server.address, "--trace-out", files[1], "--otlp", url)
        expect("otlp" not in notes, "nothing is lost", notes)
        process.terminate()
        spans = process.communicate(timeout=PATIENCE)[0].decode()
    check_picture(files)
    check_spans(spans, parent)
    with serving_tenon(options.tenon, [SERVICE], "tcp://127.0.0.1:0", log) as server:
        notes = call(options.tenon, server.address, "--otlp", url)
    lost = f"{CALLS + 1} of {CALLS + 1} traced calls did not reach the collector at {url}/v1/traces"
    expect(lost in notes and "the server does not answer" in notes, "a collector that is gone is reported", notes)


if __name__ == "__main__":
    sys.exit(run_test(make_parser(__doc__), check))
