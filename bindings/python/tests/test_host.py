"""Functions and resources of the program, and resources of guests."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from typing import Any

import pytest

import tenon
from conftest import GUESTS, guest_of_docs

CALLER = """(component
  (import "acme:log/log@1.2.0" (instance $log
    (export "add" (func (param "a" u32) (param "b" u32) (result u32)))
    (export "check" (func (param "a" u32) (result (result u32 (error string)))))))
  (core module $libc
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
  (core instance $libc (instantiate $libc))
  (core func $add (canon lower (func $log "add")))
  (core func $check (canon lower (func $log "check") (memory $libc "memory") (realloc (func $libc "realloc"))))
  (core module $code
    (import "" "memory" (memory 1))
    (import "" "check" (func $check (param i32 i32)))
    (func (export "check") (param i32) (result i32) (call $check (local.get 0) (i32.const 16)) (i32.const 16)))
  (core instance $code (instantiate $code (with "" (instance (export "memory" (memory $libc "memory"))
    (export "check" (func $check))))))
  (func (export "add") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $add)))
  (func (export "check") (param "a" u32) (result (result u32 (error string)))
    (canon lift (core func $code "check") (memory $libc "memory"))))"""


def provide(add: Any = lambda a, b: a + b, check: Any = lambda a: a) -> dict[str, Any]:
    return {"acme:log/log": {"add": add, "check": check}}


@pytest.fixture
def caller(wat: Any) -> str:
    return str(wat(CALLER, "caller"))


def test_callables(caller: str) -> None:
    class Provider:
        def add(self, a: int, b: int) -> int:
            return a + b

        @staticmethod
        def check(a: int) -> int:
            if a > 9:
                raise tenon.ResultError(f"{a} is too much")
            return a

    app = tenon.link({"caller": caller}, imports={"acme:log/log": Provider()})
    assert app.add(1, 2) == 3 and app.check(3) == 3
    with pytest.raises(tenon.ResultError) as raised:
        app.check(10)
    assert raised.value.payload == "10 is too much"
    app = tenon.link({"caller": caller}, imports=provide(check=lambda a: tenon.Err("never") if a else tenon.Ok(5)))
    assert app.check(0) == 5
    with pytest.raises(tenon.ResultError, match="never"):
        app.check(1)


@pytest.mark.parametrize("imports, message", [
    ({"acme:log/log": {"add": lambda a, b: 0}}, "needs `check: func(a: u32) -> result<u32, string>;`, and the object"),
    (provide(add=lambda a: 0), "`acme:log/log#add` is called with (a, b), and the function given for it takes (a)"),
    (provide(add=3), "is given 3, which cannot be called"),
    ({"acme:log/*": {**provide()["acme:log/log"], "add": lambda a: 0}}, "`acme:log/*#add` is called with (a, b), and"),
])
def test_callables_are_checked(caller: str, imports: Any, message: str) -> None:
    with pytest.raises(TypeError) as raised:
        tenon.link({"caller": caller}, imports=imports)
    assert message in str(raised.value)


@pytest.mark.parametrize("name", ["acme:log/*", "a*/l*g"])
def test_names_with_any_text(caller: str, name: str) -> None:
    app = tenon.link({"caller": caller}, imports={name: provide(check=lambda a: tenon.Err("never"))["acme:log/log"]})
    assert app.add(1, 2) == 3
    with pytest.raises(tenon.ResultError, match="never"):
        app.check(1)


def test_callables_are_checked_wherever_units_come_from(caller: str) -> None:
    manifest = f'schema = 1\n[components.caller]\npath = "{caller}"\n'
    app = tenon.Builder().read_manifest_text(manifest, "/").add_interface("acme:log/log", provide()["acme:log/log"]).build()
    assert app.add(1, 2) == 3
    with pytest.raises(TypeError, match=r"is called with \(a, b\)"):
        tenon.Builder().read_manifest_text(manifest, "/").add_function("acme:log/log", "add", lambda a: 0).plan()


def test_units_that_cannot_be_read(caller: str) -> None:
    builder = tenon.Builder().add_component("caller", caller).add_component("gone", "gone.wasm")
    with pytest.raises(tenon.LinkError, match="gone.wasm"):
        builder.add_interface("acme:log/log", provide()["acme:log/log"]).plan()


def test_callables_that_fail(caller: str) -> None:
    def fails(a: int, b: int) -> int:
        raise KeyError("mine")

    with pytest.raises(tenon.Trap, match="KeyError: 'mine'") as raised:
        tenon.link({"caller": caller}, imports=provide(add=fails)).add(1, 2)
    assert isinstance(raised.value.__cause__, KeyError) and raised.value.__cause__.__traceback__ is not None
    for wrong in ("text", -1, 2**32, None):
        with pytest.raises(tenon.Trap, match="what it returned") as raised:
            tenon.link({"caller": caller}, imports=provide(add=lambda a, b, wrong=wrong: wrong)).add(1, 2)
        assert isinstance(raised.value.__cause__, (TypeError, OverflowError))

    def interrupted(a: int, b: int) -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tenon.link({"caller": caller}, imports=provide(add=interrupted)).add(1, 2)

    def result_of_no_result(a: int, b: int) -> int:
        raise tenon.ResultError("no")

    with pytest.raises(tenon.Trap, match="ResultError: no"):
        tenon.link({"caller": caller}, imports=provide(add=result_of_no_result)).add(1, 2)


def test_callables_that_call(caller: str, calculator: Any) -> None:
    app = tenon.link({"caller": caller}, imports=provide(add=lambda a, b: calculator.add(a, b)))
    assert app.add(1, 2) == 3
    again: list[Any] = []
    app = tenon.link({"caller": caller}, imports=provide(add=lambda a, b: again[0].add(a, b)))
    again.append(app)
    with pytest.raises(tenon.Trap) as raised:
        app.add(1, 2)
    assert isinstance(raised.value.__cause__, tenon.Reentrance)
    again.clear()


def test_threads(caller: str) -> None:
    app = tenon.link({"caller": caller}, imports=provide())
    failures: list[Any] = []

    def work(seed: int) -> None:
        try:
            for i in range(2000):
                assert app.add(seed, i) == seed + i
                assert app.check(i) == i
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures and not any(thread.is_alive() for thread in threads)


def test_nothing_is_kept(caller: str) -> None:
    class Provider:
        def add(self, a: int, b: int) -> int:
            return a + b

        def check(self, a: int) -> int:
            return a

    provider = Provider()
    app = tenon.link({"caller": caller}, imports={"acme:log/log": provider})
    assert app.add(1, 2) == 3
    watched = weakref.ref(provider)
    del provider, app
    gc.collect()
    assert watched() is None


# ---- Resources ----

class Account:
    closed: list[int] = []

    def __init__(self, cents: int) -> None:
        self.cents = cents

    def balance(self) -> int:
        return self.cents

    def close(self) -> None:
        Account.closed.append(self.cents)


@pytest.fixture(params=["wallets", "isolated"])
def wallets(request: Any, wat: Any) -> Any:
    Account.closed = []
    app = tenon.link({"wallets": wat(guest_of_docs("wallets.wat"))}, imports={"acme:bank/accounts": {"Account": Account}},
                     isolate=request.param == "isolated")
    return app.unit("wallets") if request.param == "isolated" else app


def test_resources_of_guests(wallets: Any) -> None:
    with wallets.Wallet(30) as wallet:
        assert isinstance(wallet, tenon.Resource) and wallet.count() == 30 and not wallet.closed
    assert Account.closed == [30] and wallet.closed
    for call in (wallet.count, lambda: wallets.burn(wallet)):
        with pytest.raises(ValueError, match="the resource was closed"):
            call()
    wallet.close()
    given = wallets.Wallet(10)
    wallets.burn(given)
    assert given.closed and Account.closed == [30, 10]
    with pytest.raises(ValueError):
        wallets.burn(given)
    wallet = wallets.Wallet(20)
    del wallet
    assert Account.closed == [30, 10, 20]
    with pytest.raises(TypeError, match="was expected"):
        wallets.burn(3)
    with pytest.raises(TypeError):
        type(given).count(3)
    assert wallets.Wallet.count.__doc__ == "count: func() -> u32;"


def test_resources_of_other_compositions(wallets: Any, wat: Any) -> None:
    other = tenon.link({"wallets": wat(guest_of_docs("wallets.wat"), "other")},
                       imports={"acme:bank/accounts": {"Account": Account}})
    with pytest.raises(TypeError, match="was expected"):
        wallets.burn(other.Wallet(1))


def test_resources_outlive_their_composition(wat: Any) -> None:
    app = tenon.link({"wallets": wat(guest_of_docs("wallets.wat"))}, imports={"acme:bank/accounts": {"Account": Account}})
    wallet = app.Wallet(5)
    with pytest.raises(AttributeError):
        wallet.other = 1
    app.close()
    with pytest.raises(ValueError, match="closed"):
        wallet.count()
    wallet.close()


def test_destructors_that_trap(wat: Any) -> None:
    app = tenon.link({"wallets": wat(guest_of_docs("wallets.wat"))}, imports={"acme:bank/accounts": {"Account": Account}})
    app.Wallet(0).close()
    assert isinstance(app.take_drop_failure(), tenon.Trap) and app.take_drop_failure() is None


def test_objects_of_the_program_are_checked(wat: Any) -> None:
    """A constructor that returns something else."""
    made: list[Any] = []
    app = tenon.Builder().add_component("wallets", wat(guest_of_docs("wallets.wat"))) \
        .add_resource("acme:bank/accounts", Account) \
        .add_function("acme:bank/accounts", "[constructor]account", lambda cents: made.append(cents) or "text").build()
    with pytest.raises(tenon.Trap, match="`account` was expected, and this is of type `str`"):
        app.Wallet(1)
    assert made == [1]


# ---- Resources that guests lend to the program ----

THINGS = """(component
  (core module $code (func (export "new") (param i32) (result i32) (local.get 0))
    (func (export "get") (param i32) (result i32) (local.get 0)))
  (core instance $core (instantiate $code))
  (type $thing' (resource (rep i32)))
  (core func $make (canon resource.new $thing'))
  (core module $maker (import "" "make" (func $make (param i32) (result i32)))
    (func (export "make") (param i32) (result i32) (call $make (local.get 0))))
  (core instance $maker (instantiate $maker (with "" (instance (export "make" (func $make))))))
  (component $shim
    (import "thing" (type $t (sub resource)))
    (import "make" (func $make (param "number" u32) (result (own $t))))
    (import "get" (func $get (param "self" (borrow $t)) (result u32)))
    (export $thing "thing" (type $t))
    (export "[constructor]thing" (func $make) (func (param "number" u32) (result (own $thing))))
    (export "[method]thing.number" (func $get) (func (param "self" (borrow $thing)) (result u32))))
  (func $make' (param "number" u32) (result (own $thing')) (canon lift (core func $maker "make")))
  (func $get' (param "self" (borrow $thing')) (result u32) (canon lift (core func $core "get")))
  (instance $things (instantiate $shim (with "thing" (type $thing')) (with "make" (func $make'))
    (with "get" (func $get'))))
  (export "acme:x/things" (instance $things)))"""
LENDER = """(component
  (import "acme:x/things" (instance $things
    (export "thing" (type $thing (sub resource)))
    (export "[constructor]thing" (func (param "number" u32) (result (own $thing))))))
  (alias export $things "thing" (type $thing))
  (import "acme:x/program" (instance $program
    (alias outer 1 $thing (type $t))
    (export "thing" (type $thing (eq $t)))
    (export "look" (func (param "at" (borrow $thing)) (result u32)))
    (export "take" (func (param "it" (own $thing)) (result u32)))))
  (core func $new (canon lower (func $things "[constructor]thing")))
  (core func $look (canon lower (func $program "look")))
  (core func $take (canon lower (func $program "take")))
  (core func $drop (canon resource.drop $thing))
  (core module $code
    (import "" "new" (func $new (param i32) (result i32)))
    (import "" "look" (func $look (param i32) (result i32)))
    (import "" "take" (func $take (param i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (func (export "lend") (param i32) (result i32) (local $thing i32) (local $seen i32)
      (local.set $thing (call $new (local.get 0)))
      (local.set $seen (call $look (local.get $thing)))
      (call $drop (local.get $thing))
      (local.get $seen))
    (func (export "give") (param i32) (result i32) (call $take (call $new (local.get 0)))))
  (core instance $core (instantiate $code (with "" (instance (export "new" (func $new)) (export "look" (func $look))
    (export "take" (func $take)) (export "drop" (func $drop))))))
  (func (export "lend") (param "number" u32) (result u32) (canon lift (core func $core "lend")))
  (func (export "give") (param "number" u32) (result u32) (canon lift (core func $core "give"))))"""


def test_resources_that_guests_lend(wat: Any) -> None:
    kept: list[Any] = []

    def look(at: Any) -> int:
        assert isinstance(at, tenon.Resource) and not at.closed and "thing" in at.resource_type
        kept.append(at)
        return 7

    app = tenon.Builder().add_component("things", wat(THINGS, "things"), reachable=True) \
        .add_component("lender", wat(LENDER, "lender")).set_root("lender").isolate("things") \
        .add_interface("acme:x/program", {"look": look, "take": lambda it: kept.append(it) or 8}).build()
    assert app.lend(3) == 7 and kept[0].closed
    assert app.give(4) == 8 and not kept[1].closed
    kept.pop().close()
    for _ in range(1000):
        app.lend(3)
    assert all(thing.closed for thing in kept)


@pytest.mark.parametrize("seconds", [0.01, 60])
def test_resources_that_guests_lend_to_coroutines(seconds: float, wat: Any) -> None:
    """They end with the call, which returns or is cancelled because it takes too long."""
    seen: list[Any] = []

    async def look(at: Any) -> int:
        seen.append(at)
        for time in (0.01, seconds):
            seen.append((at.closed, at.resource_type))
            await asyncio.sleep(time)
        return 7

    app = tenon.Builder().add_component("things", wat(THINGS, "things"), reachable=True) \
        .add_component("lender", wat(LENDER, "lender")).set_root("lender").isolate("things") \
        .set_limit("call-timeout", "60s" if seconds < 1 else "500ms") \
        .add_interface("acme:x/program", {"look": look, "take": lambda it: 8}).build()
    if seconds < 1:
        assert app.lend(3) == 7
    else:
        with pytest.raises(tenon.Deadline):
            app.lend(3)
    at, *states = seen
    assert states == [(False, "acme:x/things.thing")] * 2 and at.closed


@pytest.mark.parametrize("later", [False, True])
def test_resources_of_refused_calls(later: bool, wat: Any) -> None:
    """The guest has not got them, so they belong to the program again."""
    app = tenon.Builder().add_component("things", wat("""(component
      (core module $code
        (func (export "number") (param i32) (result i32) (local.get 0))
        (func (export "take") (param i32 i32))
        (func (export "boom") unreachable))
      (core instance $code (instantiate $code))
      (type $inner (resource (rep i32)))
      (export $thing "thing" (type $inner))
      (core func $new (canon resource.new $inner))
      (func (export "[constructor]thing") (param "n" u32) (result (own $thing)) (canon lift (core func $new)))
      (func (export "[method]thing.number") (param "self" (borrow $thing)) (result u32)
        (canon lift (core func $code "number")))
      (func (export "take") (param "a" (own $thing)) (param "b" (own $thing)) (canon lift (core func $code "take")))
      (func (export "boom") (canon lift (core func $code "boom"))))""", "things")).restart(most=1).build()

    def take(a: Any, b: Any) -> None:
        if later:
            call = app.start("take", a, b)
            call.wait()
        else:
            app.take(a, b)

    stale = app.Thing(1)
    with pytest.raises(tenon.Trap):
        app.boom()
    fresh = app.Thing(2)
    with pytest.raises(tenon.CallError, match="is stale"):
        take(fresh, stale)
    assert not fresh.closed and fresh.number() == 2
    other = app.Thing(3)
    take(fresh, other)
    assert fresh.closed and other.closed
    fresh.close()
    with pytest.raises(ValueError, match="passed on"):
        take(fresh, app.Thing(4))


def test_resources_that_are_closed_while_a_call_uses_them(wat: Any) -> None:
    """It has the handle until it ends."""
    def close() -> int:
        thing.close()
        assert thing.closed
        return 7

    app = tenon.Builder().add_component("things", wat("""(component
      (import "close" (func $close (result u32)))
      (core func $close (canon lower (func $close)))
      (core module $code
        (import "" "close" (func $close (result i32)))
        (func (export "look") (param i32) (result i32) (i32.add (call $close) (local.get 0))))
      (core instance $code (instantiate $code (with "" (instance (export "close" (func $close))))))
      (type $inner (resource (rep i32)))
      (export $thing "thing" (type $inner))
      (core func $new (canon resource.new $inner))
      (func (export "[constructor]thing") (param "n" u32) (result (own $thing)) (canon lift (core func $new)))
      (func (export "look") (param "at" (borrow $thing)) (result u32) (canon lift (core func $code "look"))))""",
                                                        "things")).add_function("", "close", close).build()
    thing = app.Thing(3)
    assert app.look(thing) == 10 and thing.closed
    with pytest.raises(ValueError, match="was closed"):
        app.look(thing)


def test_resources_of_one_name(wat: Any) -> None:
    class Thing:
        """Of the program, unlike the `thing` of the guest."""

    seen: list[Any] = []
    app = tenon.Builder().add_component("things", wat(THINGS, "things"), reachable=True) \
        .add_component("lender", wat(LENDER, "lender")).set_root("lender").isolate("things") \
        .add_resource("acme:y/other", Thing) \
        .add_interface("acme:x/program", {"look": lambda at: seen.append(type(at)) or 7, "take": lambda it: 8}).build()
    assert app.lend(3) == 7
    assert len(seen) == 1 and issubclass(seen[0], tenon.Resource)


LIBC = """[host]
name = "libc"
lib = "libc.so.6"
wit = "libc.wit"
abi = "c"
[[function]]
wit = "acme:c/lib.abs"
symbol = "abs"
[[function]]
wit = "acme:c/lib.abort"
symbol = "abort"
"""
USER = """(component
  (import "acme:c/lib" (instance $lib (export "abs" (func (param "n" s32) (result s32))) (export "abort" (func))))
  (export "lib" (instance $lib)))"""


@pytest.fixture
def bundled(wat: Any, tmp_path: Any) -> Any:
    """A builder with two functions of the C library."""
    (tmp_path / "host.toml").write_text(LIBC)
    (tmp_path / "libc.wit").write_text(
        "package acme:c; interface lib { abs: func(n: s32) -> s32; abort: func(); } world host { export lib; }")
    builder = tenon.Builder().add_component("user", wat(USER, "user")).add_host_bundle(tmp_path)
    return builder.set_root("user").restart(most=10)


def test_bundles_in_processes(bundled: Any) -> None:
    bundled.run_in_process("libc", files=False, network=False, memory=256 << 20, cpu=0.5, descriptors=32, restarts=1,
                           within=60)
    [unit] = [unit for unit in bundled.plan().as_dict()["units"] if unit["name"] == "libc"]
    assert unit["process"] == {"files": False, "network": False, "memory": 256 << 20, "cpu_ms": 500, "descriptors": 32,
                               "restarts": 1, "within_ms": 60_000}
    app = bundled.build()
    assert app.abs(-3) == 3
    with pytest.raises(tenon.Trap, match="was ended by SIGABRT"):
        app.abort()
    assert app.abs(-3) == 3  # in another process
    with pytest.raises(tenon.Trap, match="was ended by SIGABRT"):
        app.abort()
    with pytest.raises(tenon.Trap, match="has been restarted once"):
        app.abs(-3)


def test_settings_of_processes(bundled: Any) -> None:
    for wrong in ({"memory": 0}, {"cpu": 0}, {"restarts": -1}, {"restarts": 2**32}, {"within": float("nan")}):
        with pytest.raises(ValueError):
            bundled.run_in_process("libc", **wrong)
    with pytest.raises(tenon.LinkError, match="15 descriptors"):
        bundled.run_in_process("libc", descriptors=15).plan()
    app = bundled.run_in_process("libc").set_process_program("/bin/true").build()
    with pytest.raises(tenon.Trap, match="its process ended by itself"):
        app.abs(-3)


def test_configuration() -> None:
    services = GUESTS / "bundles" / "wasm" / "services.wasm"
    builder = tenon.Builder().add_component("services", services).allow_unresolved()
    app = builder.set_config("services", "greeting", "hello").build()
    assert app.whole_config() == [("greeting", "hello")]
    with pytest.raises(tenon.LinkError, match="there is no such unit"):
        tenon.Builder().add_component("services", services).allow_unresolved().set_config("other", "a", "b").plan()
