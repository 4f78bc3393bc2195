"""Processes: memory, fork, interpreters, threads that end with the process, other versions of Python."""

from __future__ import annotations

import doctest
import gc
import importlib
import os
import pathlib
import pkgutil
import resource
import subprocess
import sys
import tracemalloc
from typing import Any

import pytest

import tenon
from conftest import CALCULATOR, guest_of_docs, run_child
from guests import echo
from test_values import ITEM, SHAPE

# The usual run makes fewer calls than TENON_CALLS asks for.
CALLS = int(os.environ.get("TENON_CALLS", "20000"))


def resident() -> int:
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def check_memory(call: Any, calls: int = CALLS) -> None:
    """What is called again and again does not grow, neither for Python nor for the process."""
    for _ in range(max(200, calls // 20)):
        call()
    gc.collect()
    tracemalloc.start(1)
    before, memory = tracemalloc.get_traced_memory()[0], resident()
    for _ in range(calls):
        call()
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert after - before < 30_000, f"{after - before} bytes of Python are left"
    assert resident() - memory < 8 << 20, f"the process grew by {resident() - memory} bytes"


@pytest.fixture(scope="module")
def app(tmp_path_factory: Any) -> Any:
    folder = tmp_path_factory.mktemp("memory")
    (folder / "echo.wat").write_text(echo({"item": ITEM, "shape": SHAPE, "u8": "u8", "u32": "u32"}))
    return tenon.link({"echo": folder / "echo.wat"})


def fails(call: Any, *expected: type[BaseException]) -> Any:
    def run() -> None:
        try:
            call()
        except expected:
            return
        raise AssertionError("no error")

    return run


def test_memory_of_calls(app: Any) -> None:
    Item, Shape = app.types["Item"], app.types["Shape"]
    items = [Item(f"a rather long name, which is not copied but referred to, of the item {i}", 1.0, True, i) for i in range(5)]
    shapes = [Shape.Named(("n" * 100, items[0])), "none", ("circle", 1.0)]
    check_memory(lambda: app.echo_u32(3))
    check_memory(lambda: (app.list_item(items), app.list_shape(shapes), app.list_u8(b"x" * 1000), app.list_u32([1, 2])),
                 CALLS // 4)


def test_memory_of_errors(app: Any, wat: Any) -> None:
    check_memory(fails(lambda: app.echo_u32(-1), OverflowError))
    check_memory(fails(lambda: app.list_item([{"name": "x" * 100, "price": "y", "in-stock": True}]), TypeError))
    check_memory(fails(lambda: app.list_shape(["square"]), ValueError), CALLS // 4)
    ended = tenon.link({"c": wat(CALCULATOR)})
    fails(ended.boom, tenon.Trap)()
    check_memory(fails(ended.boom, tenon.Ended), CALLS // 10)


class Account:
    def __init__(self, cents: int) -> None:
        self.cents = cents

    def balance(self) -> int:
        return self.cents


def test_memory_of_resources(wat: Any) -> None:
    app = tenon.link({"w": wat(guest_of_docs("wallets.wat"))}, imports={"acme:bank/accounts": {"Account": Account}})

    def use() -> None:
        assert app.Wallet(3).count() == 3
        app.burn(app.Wallet(4))

    check_memory(use, CALLS // 10)


def test_memory_of_functions_of_the_program(wat: Any) -> None:
    from test_host import CALLER, provide

    def check(a: int) -> int:
        if a:
            raise tenon.ResultError("no")
        return a

    app = tenon.link({"c": wat(CALLER)}, imports=provide(check=check))
    check_memory(lambda: app.add(1, 2))
    check_memory(lambda: app.check(0))
    check_memory(fails(lambda: app.check(1), tenon.ResultError))


def test_memory_of_calls_that_end_later(wat: Any) -> None:
    async def run(job: int) -> int:
        return job

    app = tenon.link({"w": wat(guest_of_docs("worker.wat"))}, imports={"acme:jobs/queue": {"run": run}})
    check_memory(lambda: app.twice(1).wait(), CALLS // 40)
    text = tenon.link({"t": wat(guest_of_docs("text.wat"), "text")})
    check_memory(lambda: text.call("size", [b"abc"]) == 3, CALLS // 40)
    check_memory(lambda: b"".join(text.call("open")), CALLS // 40)


def test_memory_of_compositions(wat: Any) -> None:
    from test_host import CALLER, provide
    caller, calculator = wat(CALLER, "caller"), wat(CALCULATOR, "calculator")

    def use() -> None:
        assert tenon.link({"c": caller}, imports=provide()).add(1, 2) == 3
        app = tenon.link({"c": calculator})
        assert app.add(1, 2) == 3
        fails(app.boom, tenon.Trap)()
        fails(lambda: tenon.link({"c": caller}), tenon.LinkError)()

    check_memory(use, CALLS // 400)


def test_fork(wat: Any) -> None:
    """A child calls what was linked before, and links."""
    run_child("""
        import os, sys, tenon
        path = sys.argv[1]
        app = tenon.link({"c": path})
        assert app.add(1, 2) == 3
        for _ in range(2):
            if child := os.fork():
                sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
            assert app.add(1, 2) == 3
            other = tenon.link({"c": path})
            try: other.boom()
            except tenon.Trap: pass
        """, wat(CALCULATOR))


def test_multiprocessing(wat: Any) -> None:
    run_child("""
        import multiprocessing, sys, tenon
        app = tenon.link({"c": sys.argv[1]})
        def work(i): return app.add(i, 1)
        if __name__ == "__main__":
            with multiprocessing.get_context("fork").Pool(2) as pool:
                assert pool.map(work, range(20)) == list(range(1, 21))""", wat(CALCULATOR), flags=())


def test_sub_interpreters_are_refused() -> None:
    run_child("""
        import sys
        try: import _interpreters as interpreters
        except ImportError: import _xxsubinterpreters as interpreters
        import tenon
        other = interpreters.create()
        code = 'import sys; sys.path[:] = %r' % (sys.path,) + '''
        try: import tenon
        except ImportError as error: assert "sub-interpreter" in str(error) or "subinterpreters" in str(error), error
        else: raise SystemError("imported")
        '''.replace("\\n        ", "\\n")
        failed = interpreters.run_string(other, code)
        assert failed is None, failed""", flags=())


def test_the_process_ends_while_threads_are_in_guests(wat: Any) -> None:
    run_child("""
        import sys, threading, time, tenon
        app = tenon.link({"c": sys.argv[1]})
        threading.Thread(target=app.spin, daemon=True).start()
        time.sleep(0.1)""", wat(CALCULATOR))
    run_child("""
        import asyncio, sys, threading, time, tenon
        async def run(job):
            await asyncio.sleep(60)
        app = tenon.link({"w": sys.argv[1]}, imports={"acme:jobs/queue": {"run": run}})
        call = app.twice(1)
        threading.Thread(target=lambda: app.call("twice", 2), daemon=True).start()
        time.sleep(0.1)""", wat(guest_of_docs("worker.wat"), "worker"))


@pytest.mark.parametrize("use", ["app.take_drop_failure()", "del call"])
def test_waiting_for_a_thread_in_the_composition(use: str, wat: Any) -> None:
    """That thread needs the GIL to leave it."""
    from test_host import CALLER
    run_child(f"""
        import sys, threading, time, tenon
        inside = threading.Event()
        def add(a, b):
            inside.set()
            time.sleep(0.2)
            return a + b
        app = tenon.link({{"c": sys.argv[1]}}, imports={{"acme:log/log": {{"add": add, "check": lambda a: a}}}})
        call = app.start("check", 1)
        assert call.wait() == 1
        thread = threading.Thread(target=app.add, args=(1, 2))
        thread.start()
        inside.wait()
        {use}
        thread.join()""", wat(CALLER), timeout=20)


def test_ctrl_c_ends_waiting(wat: Any) -> None:
    run_child("""
        import asyncio, os, signal, sys, threading, tenon
        async def run(job):
            await asyncio.sleep(60)
        app = tenon.link({"w": sys.argv[1]}, imports={"acme:jobs/queue": {"run": run}})
        threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        try: app.twice(1).wait()
        except KeyboardInterrupt: print("ended")
        else: sys.exit("it was not ended")""", wat(guest_of_docs("worker.wat"), "worker"))


@pytest.mark.parametrize("name", [name for _, name, _ in pkgutil.iter_modules(tenon.__path__) if name != "_tenon"] + [""])
def test_examples_in_docstrings(name: str, wat: Any) -> None:
    module = importlib.import_module(f"tenon.{name}".rstrip("."))
    found = doctest.testmod(module, extraglobs={"CALCULATOR": wat(CALCULATOR)})
    assert found.failed == 0


@pytest.mark.parametrize("version", ["3.12", "3.13", "3.14"])
def test_later_versions_of_python(version: str, wat: Any) -> None:
    """One extension is for all of them."""
    python = next((str(path) for path in pathlib.Path(os.path.expanduser("~/.pyenv/versions")).glob(f"{version}*/bin/python")),
                  f"/usr/bin/python{version}")
    if not os.path.exists(python):
        pytest.skip(f"there is no Python {version}")
    done = subprocess.run([python, "-X", "dev", "-c", f"""
import asyncio, sys
sys.path.insert(0, {str(pathlib.Path(tenon.__file__).parents[1])!r})
import tenon
app = tenon.link({{"c": sys.argv[1]}})
assert app.add(1, b=2) == 3
try: app.boom()
except tenon.Trap: pass
echo = tenon.link({{"e": sys.argv[2]}})
Item = echo.types["Item"]
items = [Item("a", 1.0, True, None)] * 3
assert echo.list_item(items) == items and echo.list_shape(["none"])[0] is echo.types["Shape"].None_()
async def run(job): return job
worker = tenon.link({{"w": sys.argv[3]}}, imports={{"acme:jobs/queue": {{"run": run}}}})
async def main(): return await worker.twice(4)
assert asyncio.run(main()) == 8
""", wat(CALCULATOR), wat(echo({"item": ITEM, "shape": SHAPE}), "echo"), wat(guest_of_docs("worker.wat"), "worker")],
        capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
