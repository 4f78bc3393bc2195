#!/usr/bin/env python3
"""libtenon.so in a process of another language: Python loads it while it runs, unloads it, ends while threads are in it,
forks, and uses it beside another engine and with handlers of signals.

Usage: embedding.py BUILD [--with-peer]

--with-peer: only the tests with wasmtime-py, which `./dev setup guests` installs.

Each test is a process of its own (`embedding.py BUILD --child NAME ARGUMENTS`), which must exit with 0.
"""
import concurrent.futures
import ctypes
import faulthandler
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

from processes import PATIENCE, ROOT, Skipped, expect, make_parser, run_test

CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "tenon")
PEER = os.path.join(CACHE, "wasmtime-py")
GUESTS = os.path.join(ROOT, "tests", "guests")
DOMAINS = os.path.join(GUESTS, "domains", "wasm")

# `boom` and `touch` trap by different signals, and so does `divide(1, 0)`.
PAIR = """(component
  (core module $code (memory 1)
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "boom") unreachable)
    (func (export "touch") (result i32) (i32.load (i32.const 0x7ffffff0)))
    (func (export "divide") (param i32 i32) (result i32) (i32.div_u (local.get 0) (local.get 1))))
  (core instance $core (instantiate $code))
  (func (export "add") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $core "add")))
  (func (export "boom") (canon lift (core func $core "boom")))
  (func (export "touch") (result u32) (canon lift (core func $core "touch")))
  (func (export "divide") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $core "divide"))))"""
TRAPS = {"boom()": "unreachable", "touch()": "out of bounds", "divide(1, 0)": "divide by zero"}


class Error(Exception):
    pass


class Tenon:
    """The functions of the library that the tests call."""
    POINTERS = {"builder_new": 0, "error_code": 1, "error_message": 1, "builder_add_component": 4,
                "builder_set_root": 2, "builder_isolate_all": 1, "builder_set_cache": 2,
                "builder_build": 2, "builder_restart": 4, "builder_add_function": 6, "composition_call": 3,
                "composition_serve": 4, "server_run": 2}

    def __init__(self, path):
        self.library = ctypes.CDLL(path)
        for name, count in self.POINTERS.items():
            function = getattr(self.library, "tenon_" + name)
            function.argtypes = [ctypes.c_void_p] * count
            function.restype = ctypes.c_char_p if name.startswith("error_") else ctypes.c_void_p
            setattr(self, name, function)

    def check(self, error):
        if error:
            # The error is not deleted: nothing here is called often.
            raise Error(f"{self.error_code(error).decode()}: {self.error_message(error).decode()}")

    def link(self, *components, configure=lambda builder: None):
        """components: paths, or the text of one."""
        builder = self.builder_new()
        for path in components:
            if path.startswith("("):
                with open(f"unit{threading.get_native_id()}.wat", "w", encoding="utf-8") as file:
                    file.write(path)
                path = file.name
            name = os.path.splitext(os.path.basename(path))[0]
            self.builder_add_component(builder, name.encode(), path.encode(), None)
        configure(builder)
        composition = ctypes.c_void_p()
        self.check(self.builder_build(builder, ctypes.byref(composition)))
        return composition

    def call(self, composition, text):
        result = ctypes.c_void_p()
        self.check(self.composition_call(composition, text.encode(), ctypes.byref(result)))
        return ctypes.string_at(result.value).decode()

    def check_traps(self):
        for call, message in TRAPS.items():
            composition = self.link(PAIR)
            try:
                sys.exit(f"{call} returned {self.call(composition, call)}")
            except Error as error:
                if not str(error).startswith("run-trap: ") or message not in str(error):
                    sys.exit(f"{call} failed with {error}")


def misuse(tenon):
    """Each function gets NULL everywhere, and then objects of other kinds in the place of the first parameter."""
    with open(os.path.join(ROOT, "include", "tenon", "tenon_c.h"), encoding="utf-8") as file:
        declared = re.findall(r"^TENON_API ([^;(]+?)(tenon_\w+)\(([^)]*)", file.read(), re.M)
    objects = {None: None, "tenon_builder": tenon.builder_new(), "tenon_composition": tenon.link(PAIR).value}
    for kind, given in objects.items():
        for result, name, parameters in declared:
            first = re.match(r"(?:const )?(tenon_\w+)\*", parameters)
            if kind and (not first or first[1] in (kind, "tenon_value", "tenon_executor", "tenon_wire")):
                continue
            function = tenon.library[name]
            function.restype = ctypes.c_void_p
            error = function(ctypes.c_void_p(given), *[None] * 7)
            if "tenon_error*" in result and tenon.error_code(error) != b"api-usage":
                sys.exit(f"{name} of {kind} returned {error and tenon.error_code(error)}")


def unload(tenon):
    """The library stays: its handlers of signals and its threads point into it."""
    import _ctypes
    tenon.check_traps()
    _ctypes.dlclose(tenon.library._handle)
    with open("/proc/self/maps", encoding="utf-8") as maps:
        if "libtenon.so" not in maps.read():
            sys.exit("the library is not in the memory after dlclose")
    tenon.check_traps()
    Tenon(sys.argv[1] + "/libtenon.so.0").check_traps()


# What a thread does while the process ends.

def link_again(tenon):
    while True:
        tenon.link(os.path.join(GUESTS, "wasm", "hello.wasm"))


def compute(tenon):
    """Two domains compute on threads of the composition."""
    composition = tenon.link(*(os.path.join(DOMAINS, name + ".wasm") for name in ("front", "keeper", "lib")),
                             configure=lambda builder: (tenon.builder_set_root(builder, b"front"),
                                                        tenon.builder_isolate_all(builder)))
    for _ in range(2):
        threading.Thread(target=lambda: tenon.call(composition, "spin()"), daemon=True).start()


def serve(tenon):
    server = ctypes.c_void_p()
    tenon.check(tenon.composition_serve(tenon.link(os.path.join(DOMAINS, "lib.wasm")), b"tcp://127.0.0.1:0", 0,
                                        ctypes.byref(server)))
    tenon.server_run(server, 0)


def embed(tenon):
    """Compiles for the next start, on a thread of the library that begins 300 ms after the link."""
    files = [os.path.join(DOMAINS, name + ".wasm") for name in ("front", "keeper", "lib")]
    tenon.link(*files, configure=lambda builder: (tenon.builder_set_root(builder, b"front"),
                                                  tenon.builder_set_cache(builder, b"cache")))


def never_answer(tenon):
    """A guest calls a function of the program that does not return."""
    function = ctypes.CFUNCTYPE(ctypes.c_int32, *[ctypes.c_void_p] * 3, ctypes.c_size_t, ctypes.c_void_p)
    waits = function(lambda *_: time.sleep(PATIENCE) or 1)
    component = """(component
      (import "wait" (func $wait)) (core func $wait (canon lower (func $wait)))
      (core module $code (import "" "wait" (func $wait)) (func (export "f") (call $wait)))
      (core instance $core (instantiate $code (with "" (instance (export "wait" (func $wait))))))
      (func (export "f") (canon lift (core func $core "f"))))"""
    tenon.call(tenon.link(component, configure=lambda builder: tenon.builder_add_function(
        builder, b"", b"wait", ctypes.cast(waits, ctypes.c_void_p), None, None)), "f()")


AT_EXIT = {"link_again": (0, 0.02, 0.1), "compute": (0.1, 0.3), "serve": (0.1,), "embed": (0, 0.4, 0.5), "never_answer": (0.2,)}


def exit_in(tenon, work, delay):
    threading.Thread(target=globals()[work], args=(tenon,), daemon=True).start()
    time.sleep(float(delay))


def fork(tenon):
    """A child uses what was linked before, and links; and so does its child."""
    composition = tenon.link(PAIR)
    tenon.check_traps()
    for _ in range(2):
        if child := os.fork():
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        signal.alarm(PATIENCE)
        if tenon.call(composition, "add(1, 2)") != "3":
            sys.exit("a child does not call what was linked before")
        tenon.check_traps()


def expect_replaced(tenon, composition, by):
    """Both a link and a look-up of a function name the handler."""
    time.sleep(0.02)  # look-ups check once in a tick of the clock
    for call in (lambda: tenon.link(PAIR), lambda: tenon.call(composition, "boom()")):
        try:
            call()
        except Error as error:
            if not str(error).startswith("run-signals: ") or by not in str(error):
                sys.exit(f"a replaced handler is reported as {error}")
        else:
            sys.exit("a replaced handler is not noticed")


def replace_handlers(tenon):
    composition = tenon.link(PAIR)
    faulthandler.enable()
    expect_replaced(tenon, composition, "python")
    faulthandler.disable()  # the handlers of before
    tenon.check_traps()
    signal.signal(signal.SIGILL, signal.SIG_DFL)
    expect_replaced(tenon, composition, "the default action")


def remove_handlers(tenon):
    """Handlers of before the first link go on; removing them removes those of the engine, too."""
    faulthandler.enable()
    composition = tenon.link(PAIR)
    tenon.check_traps()
    faulthandler.disable()
    expect_replaced(tenon, composition, "the default action")


def load_peer():
    sys.path.insert(0, PEER)
    import wasmtime
    import wasmtime.component
    return wasmtime


def check_peer_traps(peer):
    engine = peer.Engine()
    component = peer.component.Component(engine, PAIR.encode())
    for call, message in TRAPS.items():
        store = peer.Store(engine)
        name, arguments = call.rstrip(")").split("(")
        function = peer.component.Linker(engine).instantiate(store, component).get_func(store, name)
        try:
            sys.exit(f"{call} of wasmtime-py returned {function(store, *eval(f'[{arguments}]'))}")
        except (peer.Trap, peer.WasmtimeError) as error:
            if message not in str(error):
                sys.exit(f"{call} of wasmtime-py failed with {error}")


def run_beside_peer(tenon, first):
    """Traps in each engine go to that one, whichever came first, also on several threads at once."""
    if first == "peer":
        check_peer_traps(load_peer())
    tenon.check_traps()
    peer = load_peer()
    check_peer_traps(peer)
    tenon.check_traps()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(check) for check in (tenon.check_traps, lambda: check_peer_traps(peer)) * 2]:
            done.result()


# The children, with their arguments, and what holds if each exits with 0.
TESTS = {
    "the library can be loaded and unloaded at run time": [["unload"]],
    "the process ends while threads are in the library":
        [["exit_in", work, str(delay)] for work, delays in AT_EXIT.items() for delay in delays],
    "children of a process call and link": [["fork"]],
    "NULL and objects of other kinds are errors": [["misuse"]],
    "replaced signal handlers are noticed and named": [["replace_handlers"], ["remove_handlers"]],
}
TESTS_WITH_PEER = {
    "traps go to the engine of their guest, with two engines in a process":
        [["run_beside_peer", first] for first in ("tenon", "peer")],
}


def run_child(options, folder, child):
    with tempfile.TemporaryDirectory(dir=folder) as own:
        done = subprocess.run([sys.executable, os.path.abspath(__file__), options.build, "--child", *child], cwd=own,
                              capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)
    return "" if done.returncode == 0 and not done.stderr else f"{child}: exit code {done.returncode}\n{done.stderr}"


def check(options, folder):
    if options.with_peer and not os.path.isdir(PEER):
        raise Skipped("wasmtime-py is not installed: ./dev setup guests")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for what, children in (TESTS_WITH_PEER if options.with_peer else TESTS).items():
            found = [problem for problem in pool.map(lambda child: run_child(options, folder, child), children) if problem]
            expect(not found, what, "\n".join(found))


def main():
    parser = make_parser(__doc__)
    parser.add_argument("--with-peer", action="store_true")
    parser.add_argument("--child", nargs="+")
    options = parser.parse_args()
    if options.child is None:
        return run_test(parser, check)
    name, *arguments = options.child
    globals()[name](Tenon(os.path.join(options.build, "libtenon.so.0")), *arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())
