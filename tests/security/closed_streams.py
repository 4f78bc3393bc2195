"""The standard streams are closed: files that tenon opens must not become the guest's input or output."""
import os

from lab import ROOT, attack

HELLO = os.path.join(ROOT, "tests/guests/wasm/hello.wasm")


@attack()
def run(lab):
    shown = lab.write("hello.wasm", open(HELLO, "rb").read())
    lab.own(lab.folder, lab.victim)
    for streams in ("<&-", ">&-", "<&- >&-", "<&- >&- 2>&-"):
        for words in ("run {0}", "run {0} --trace-out trace.json", "run {0} -- stdin"):
            command = f"exec {lab.program} {words.format(shown)} {streams}"
            ran = lab.run(["sh", "-c", command])
            lab.expect(ran.returncode >= 0, ran)
            lab.expect("tenon-cache" not in ran.stdout, ran)
    trace = lab.path("trace.json")
    with open(trace, encoding="utf-8") as file:
        lab.expect(file.read().startswith("["), "the guest wrote into the trace")
