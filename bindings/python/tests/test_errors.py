"""What fails, and what it says."""

from __future__ import annotations

import pickle
import threading
import time
from typing import Any

import pytest

import tenon
from conftest import CALCULATOR, GUESTS, run_child


def test_link_errors_have_all_fields(wat: Any) -> None:
    with pytest.raises(tenon.LinkError) as raised:
        tenon.link({"bad": wat("(component (import \"acme:a/b\" (instance (export \"f\" (func)))))")})
    error = raised.value
    assert error.code == "resolve-no-provider" and "acme:a/b" in error.message
    (problem,) = error.problems
    assert problem.severity == "error" and problem.unit == "bad" and problem.item and problem.hints
    assert str(error).startswith("error[resolve-no-provider]") and "bad" in str(error)
    assert pickle.loads(pickle.dumps(error)).problems == error.problems
    with pytest.raises(tenon.LinkError) as raised:
        tenon.link({"text": wat("(component\n  (nonsense))")})
    (problem,) = raised.value.problems
    assert (problem.code, problem.line) == ("read-malformed", 2) and any("^" in line for line in problem.lines)


def test_all_problems_are_reported(wat: Any) -> None:
    with pytest.raises(tenon.LinkError) as raised:
        tenon.link("missing-1.wasm")
    assert "missing-1.wasm" in str(raised.value)
    builder = tenon.Builder().add_component("a", "missing-1.wasm").add_component("b", "missing-2.wasm")
    with pytest.raises(tenon.LinkError) as raised:
        builder.build()
    assert len(raised.value.problems) == 2 and [problem.file for problem in raised.value.problems] == [
        "missing-1.wasm", "missing-2.wasm"]


def test_traps(wat: Any) -> None:
    for name, arguments, reason in (("boom", (), "unreachable"), ("touch", (), "out of bounds"),
                                    ("divide", (1, 0), "divide by zero")):
        calculator = tenon.link({"calculator": wat(CALCULATOR)})
        with pytest.raises(tenon.Trap) as raised:
            getattr(calculator, name)(*arguments)
        error = raised.value
        assert error.code == "run-trap" and reason in error.reason
        assert (error.unit, error.function, error.frames[0].unit) == ("calculator", name, "calculator")
        with pytest.raises(tenon.Ended):
            calculator.add(1, 2)


def test_isolated_units_fail_alone(wat: Any) -> None:
    path = wat(CALCULATOR)
    app = tenon.link({"one": path, "two": path}, isolate=True)
    with pytest.raises(tenon.Trap):
        app.unit("one").boom()
    assert app.unit("two").add(1, 2) == 3 and sorted(app.units) == ["one", "two"]
    with pytest.raises(tenon.LinkError, match="run-no-unit"):
        app.unit("three")


def test_restart(wat: Any) -> None:
    builder = tenon.Builder().add_component("c", wat(CALCULATOR)).restart(most=1)
    app = builder.build()
    with pytest.raises(tenon.Trap):
        app.boom()
    assert app.add(1, 2) == 3
    with pytest.raises(ValueError, match="has built its composition"):
        builder.build()


def test_deadlines(wat: Any) -> None:
    app = tenon.link({"c": wat(CALCULATOR)}, limits={"call-timeout": "50ms"})
    with pytest.raises(tenon.Deadline) as raised:
        app.spin()
    assert isinstance(raised.value, TimeoutError) and raised.value.limits == ("call-timeout",)


def test_interrupt_from_another_thread(wat: Any) -> None:
    """The GIL is released while the guest computes."""
    app = tenon.Builder().add_component("c", wat(CALCULATOR)).allow_interrupt().build()
    timer = threading.Timer(0.05, app.interrupt)
    timer.start()
    with pytest.raises(tenon.Interrupted):
        app.spin()
    timer.join()


def test_close(wat: Any) -> None:
    with tenon.link({"c": wat(CALCULATOR)}) as app:
        add = app.add
        assert add(1, 2) == 3
    assert app.closed and repr(app) == "<tenon composition, closed>"
    for call in (lambda: add(1, 2), lambda: app.units, lambda: app.evaluate("add(1, 2)"), lambda: app.run_for(0)):
        with pytest.raises(ValueError, match="the composition is closed"):
            call()
    app.close()
    app.interrupt()


def test_close_while_a_call_runs(wat: Any) -> None:
    app = tenon.Builder().add_component("c", wat(CALCULATOR)).allow_interrupt().build()
    failures: list[BaseException] = []

    def spin() -> None:
        try:
            app.spin()
        except tenon.Interrupted as error:
            failures.append(error)

    spin_function = app.spin
    thread = threading.Thread(target=spin)
    thread.start()
    time.sleep(0.1)
    with pytest.raises(RuntimeError, match="in use"):
        app.close()
    app.interrupt()
    thread.join()
    assert failures and spin_function
    app.close()


def test_names(calculator: Any) -> None:
    with pytest.raises(AttributeError, match="has no function `ad`; it has add, boom"):
        calculator.ad
    with pytest.raises(KeyError, match="no interface"):
        calculator["acme:x/y"]
    assert calculator.call("add", 1, b=2) == 3 and calculator.evaluate("add(1, 2)") == "3"
    with pytest.raises(tenon.LinkError, match="value-syntax"):
        calculator.evaluate("add(1,")
    assert not hasattr(calculator, "__wrapped__") and "add" in dir(calculator)
    assert calculator.add.__doc__.startswith("add: func(a: u32, b: u32) -> u32;")


def test_misuse() -> None:
    builder = tenon.Builder()
    for call, error in ((lambda: builder.wire(target="nowhere"), ValueError), (lambda: builder.set_threads(-1), ValueError),
                        (lambda: builder.set_name("a\0b"), ValueError), (lambda: builder.set_name(3), TypeError),
                        (lambda: builder.add_component("a", 3), TypeError),
                        (lambda: builder.add_component(b"a", "x"), TypeError),
                        (lambda: builder.wire(via=["x"] * 17), ValueError)):
        with pytest.raises(error):
            call()
    for name in ("Composition", "Unit", "Server", "Function", "Task", "Plan", "Resource", "StreamEnd"):
        with pytest.raises(TypeError):
            getattr(tenon._tenon, name)()
    assert tenon.explain("nonsense") is None


def test_plan(wat: Any) -> None:
    plan = tenon.Builder().add_component("c", wat(CALCULATOR)).plan()
    assert plan.as_dict()["units"][0]["name"] == "c" and "c" in str(plan)
    picture = plan._repr_svg_()
    assert picture is None or picture.lstrip().startswith("<")
    assert tenon.Builder().add_component("c", wat(CALCULATOR)).compose()[:4] == b"\0asm"


def test_hostile_files(tmp_path: Any) -> None:
    """Bytes that are no component, or one that is cut off or changed."""
    good = (GUESTS / "wasm" / "adder.wasm").read_bytes()
    cases = [b"", b"\0", b"\0asm", good[:50], good[:-7], b"\0asm\x0d\0\x01\0" + b"\x0a\xff\xff\xff\xff\x0f", bytes(100)]
    for i in range(8, min(len(good), 400), 9):
        cases.append(good[:i] + bytes([good[i] ^ 0xFF]) + good[i + 1:])
    for data in cases:
        builder = tenon.Builder().add_component("c", data).add_function("acme:x/y", "f", lambda: None).allow_unresolved()
        try:
            builder.build()
        except (tenon.Error, TypeError) as error:
            assert str(error)


def test_signals_of_python(wat: Any) -> None:
    """faulthandler and others: before the first link all is well, after it the next one says so."""
    path = wat(CALCULATOR)
    run_child("""
        import faulthandler, sys, tenon
        faulthandler.enable()
        for _ in range(2):
            try: tenon.link({"c": sys.argv[1]}).boom()
            except tenon.Trap: pass
            else: sys.exit("no trap")""", path, flags=())
    run_child("""
        import faulthandler, sys, time, tenon
        tenon.link({"c": sys.argv[1]})
        faulthandler.enable()
        time.sleep(0.05)
        try: tenon.link({"c": sys.argv[1]}).boom()
        except tenon.LinkError as error: assert error.code == "run-signals", error
        else: sys.exit("no error")
        faulthandler.disable()
        try: tenon.link({"c": sys.argv[1]}).boom()
        except tenon.Trap: pass""", path, flags=())


def test_builders_are_for_one_thread(wat: Any) -> None:
    """Two threads cannot break a builder."""
    failures: list[BaseException] = []
    builder = tenon.Builder().add_component("c", wat(CALCULATOR))

    def work() -> None:
        for _ in range(50):
            try:
                builder.plan()
                builder.set_name("x")
            except ValueError as error:
                failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all("another thread uses it" in str(error) for error in failures)
    assert builder.build().add(1, 2) == 3


HOSTILE = """(component
  (core module $code
    (memory (export "memory") 1)
    (data (i32.const 64) "\\\\ff\\\\fe")
    (func $pair (param i32 i32) (result i32)
      (i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1)) (i32.const 16))
    (func (export "outside") (result i32) (call $pair (i32.const 0x7fffff00) (i32.const 100)))
    (func (export "huge") (result i32) (call $pair (i32.const 64) (i32.const 0x7fffffff)))
    (func (export "text") (result i32) (call $pair (i32.const 64) (i32.const 2)))
    (func (export "case") (result i32) (i32.const 9))
    (func (export "scalar") (result i32) (i32.const 0xd800))
    (func (export "truth") (result i32) (i32.const 7))
    (func (export "pointer") (result i32) (i32.const 0x7ffffff0)))
  (core instance $core (instantiate $code))
  (type $color' (enum "red" "green"))
  (export $color "color" (type $color'))
  (func (export "outside") (result (list u8)) (canon lift (core func $core "outside") (memory $core "memory")))
  (func (export "huge") (result (list string)) (canon lift (core func $core "huge") (memory $core "memory")))
  (func (export "text") (result string) (canon lift (core func $core "text") (memory $core "memory")))
  (func (export "case") (result $color) (canon lift (core func $core "case")))
  (func (export "scalar") (result char) (canon lift (core func $core "scalar")))
  (func (export "truth") (result bool) (canon lift (core func $core "truth")))
  (func (export "pointer") (result string) (canon lift (core func $core "pointer") (memory $core "memory"))))"""


@pytest.mark.parametrize("is_isolated", [False, True])
@pytest.mark.parametrize("name", ["outside", "huge", "text", "case", "scalar", "pointer"])
def test_hostile_results(wat: Any, name: str, is_isolated: bool) -> None:
    app = tenon.link({"hostile": wat(HOSTILE.replace("\\\\", "\\"))}, isolate=is_isolated)
    unit = app.unit("hostile") if is_isolated else app
    with pytest.raises(tenon.CallError):
        unit.call(name)


def test_any_byte_is_a_bool(wat: Any) -> None:
    assert tenon.link({"hostile": wat(HOSTILE.replace("\\\\", "\\"))}).truth() is True


def test_threads_that_disturb_each_other(wat: Any) -> None:
    """Lists change while they are read, and handles are closed while they are used."""
    from conftest import guest_of_docs
    from guests import echo
    app = tenon.link({"echo": wat(echo({"text": "string"}), "echo")})
    values = ["x" * 100] * 50
    wallets = tenon.link({"w": wat(guest_of_docs("wallets.wat"), "w")},
                         imports={"acme:bank/accounts": {"Account": type("Account", (), {
                             "__init__": lambda self, cents: None, "balance": lambda self: 1})}})
    shared = [wallets.Wallet(1)]
    end = time.monotonic() + 1
    unexpected: list[BaseException] = []

    def repeat(work: Any) -> None:
        while time.monotonic() < end:
            try:
                work()
            except (IndexError, ValueError, RuntimeError):
                pass
            except BaseException as error:
                unexpected.append(error)
                return

    def change() -> None:
        values.pop()
        values.append("".join(["y"] * 200))
        if len(values) < 40:
            values.extend(["z" * 300] * 10)

    def reopen() -> None:
        shared[0].close()
        shared[0] = wallets.Wallet(1)

    threads = [threading.Thread(target=repeat, args=(work,)) for work in (
        lambda: app.list_text(values), change, change, lambda: shared[0].count(), lambda: wallets.burn(shared[0]), reopen)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not unexpected and not any(thread.is_alive() for thread in threads)
