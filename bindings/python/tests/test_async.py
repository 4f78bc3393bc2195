"""Calls that end later, coroutines, streams."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from typing import Any, AsyncIterator, Iterator

import pytest

import tenon
from conftest import guest_of_docs


def worker(wat: Any, run: Any, **options: Any) -> Any:
    return tenon.link({"worker": wat(guest_of_docs("worker.wat"), "worker")}, imports={"acme:jobs/queue": {"run": run}},
                      **options)


async def later(job: int) -> int:
    await asyncio.sleep(0.01)
    return job * 100


def test_await(wat: Any) -> None:
    app = worker(wat, later)
    loops = set()

    async def run(job: int) -> int:
        loops.add(asyncio.get_running_loop())
        return await later(job)

    app = worker(wat, run)

    async def main() -> None:
        assert await app.twice(2) == 400
        started = time.monotonic()
        assert await asyncio.gather(*(app.twice(i) for i in range(20))) == [200 * i for i in range(20)]
        assert time.monotonic() - started < 1.0
        assert loops == {asyncio.get_running_loop()}

    for _ in range(2):
        loops.clear()
        asyncio.run(main())


def test_wait_without_a_loop(wat: Any) -> None:
    app = worker(wat, later)
    call = app.twice(3)
    assert call.wait() == 600 and call.done()
    assert app.call("twice", 4) == 800
    with pytest.raises(TimeoutError):
        worker(wat, slow).twice(1).wait(0.05)


async def slow(job: int) -> int:
    await asyncio.sleep(60)
    return job


def test_blocking_call_on_the_thread_of_a_loop(wat: Any) -> None:
    """The coroutine runs on another loop, because this one waits."""
    app = worker(wat, later)

    async def main() -> None:
        assert await app.twice(1) == 200
        assert app.call("twice", 2) == 400

    asyncio.run(main())


def test_cancel(wat: Any) -> None:
    ended: list[str] = []

    async def run(job: int) -> int:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise
        return job

    app = worker(wat, run)

    async def main() -> None:
        task = asyncio.ensure_future(app.twice(1)._finish())
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(app.twice(2)._finish(), 0.05)
        call = app.twice(3)
        call.cancel()
        with pytest.raises(tenon.Interrupted):
            await call

    asyncio.run(main())


def test_coroutines_that_fail(wat: Any) -> None:
    async def run(job: int) -> int:
        if job == 1:
            raise KeyError("mine")
        return "text"  # type: ignore[return-value]

    async def main(job: int, message: str) -> None:
        with pytest.raises(tenon.Trap, match=message):
            await worker(wat, run).twice(job)

    asyncio.run(main(1, "KeyError: 'mine'"))
    asyncio.run(main(2, "what it returned"))


def test_close_with_calls_in_progress(wat: Any) -> None:
    app = worker(wat, slow)

    async def main() -> None:
        call = app.twice(1)
        await asyncio.sleep(0.02)
        app.close()
        with pytest.raises(tenon.Ended):
            await call

    asyncio.run(main())


def test_threads_with_a_loop_each(wat: Any) -> None:
    results: list[Any] = []

    apps = [worker(wat, later) for _ in range(4)]

    async def main(job: int) -> None:
        app = apps[job]
        results.append(await asyncio.gather(*(app.twice(job) for _ in range(5))) == [200 * job] * 5)

    threads = [threading.Thread(target=lambda job=job: asyncio.run(main(job))) for job in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert results == [True] * 4


def test_work_that_comes_before_a_loop(wat: Any) -> None:
    """A coroutine ends on a loop of the package before the loop of the program takes over, or meanwhile."""
    async def run(job: int) -> int:
        await asyncio.sleep(job / 20000)
        return job

    app = worker(wat, run)

    async def main(call: Any) -> Any:
        return await asyncio.wait_for(call._finish(), 30)

    for job in range(40):
        call = app.twice(job)
        time.sleep(0.001)
        assert asyncio.run(main(call)) == 2 * job


def test_one_loop_at_a_time(wat: Any) -> None:
    app = worker(wat, slow)

    async def other() -> None:
        with pytest.raises(RuntimeError, match="the event loop of another thread"):
            await app.twice(1)

    async def main() -> None:
        call = app.twice(1)
        await asyncio.to_thread(lambda: asyncio.run(other()))
        call.cancel()

    asyncio.run(main())


def test_calls_in_tasks_and_groups(wat: Any) -> None:
    app = worker(wat, later)

    async def main() -> None:
        async def twice(job: int) -> int:
            return await app.twice(job)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(twice(job)) for job in range(3)]
        assert [task.result() for task in tasks] == [0, 200, 400]

    asyncio.run(main())


# ---- Streams ----

@pytest.fixture
def text(wat: Any) -> Any:
    return tenon.link({"text": wat(guest_of_docs("text.wat"), "text")})


def test_read_streams(text: Any) -> None:
    async def main() -> None:
        stream = await text.open()
        assert isinstance(stream, tenon.Stream)
        chunks = [chunk async for chunk in stream]
        assert b"".join(chunks) == b"a text of the guest" and stream.closed
        stream = await text.open()
        assert await stream.read_async(8) == b"a text o"
        assert await stream.read_async() == b"f the guest" and await stream.read_async() == b""

    asyncio.run(main())
    assert b"".join(text.call("open")) == b"a text of the guest"
    with text.call("open") as stream:
        assert stream.read(6) == b"a text"
        with pytest.raises(TypeError):
            text.call("size", 3)
    with pytest.raises(ValueError, match="closed or passed on"):
        text.call("size", stream)


@pytest.fixture
def both(wat: Any) -> Any:
    return tenon.link({"both": wat("""(component
      (core module $code (func (export "both") (param i32 i32)) (func (export "later") (param i32 i32)))
      (core instance $core (instantiate $code))
      (func (export "both") (param "bytes" (stream u8)) (param "count" u32) (canon lift (core func $core "both")))
      (func (export "later") (param "text" (future u8)) (param "count" u32)
        (canon lift (core func $core "later"))))""", "both")})


def test_streams_of_refused_calls(both: Any, text: Any) -> None:
    with text.call("open") as stream:
        with pytest.raises(TypeError):
            both.call("both", stream, "three")
        assert not stream.closed and text.call("size", stream) == 19


def test_sources_of_refused_calls(both: Any) -> None:
    """They are not kept for a reader that never comes."""
    ended: list[str] = []

    def items() -> Iterator[bytes]:
        try:
            yield b"first"
            yield b"second"
        finally:
            ended.append("items")

    async def items_later() -> AsyncIterator[bytes]:
        try:
            for item in items():
                yield item
                await asyncio.sleep(0)
        finally:
            ended.append("later")

    async def value() -> int:
        ended.append("value")
        return 1

    with pytest.raises(TypeError):
        both.call("both", items(), "three")
    gc.collect()
    assert ended == ["items"]

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: ended.append(context["message"]))
        for function, source in (("both", items_later()), ("later", value())):
            both.start("both", iter(()), 3)  # attaches the loop
            with pytest.raises(TypeError):
                both.start(function, source, "three")
        del source
        while len(asyncio.all_tasks()) > 1:
            await asyncio.sleep(0)
        gc.collect()
        await asyncio.sleep(0.05)

    ended.clear()
    asyncio.run(main())
    gc.collect()
    assert sorted(ended) == ["items", "later", "value"]


def test_streams_in_items_that_are_not_taken(text: Any, wat: Any) -> None:
    app = tenon.link({"nested": wat("""(component
      (type $pairs (stream (tuple (stream u8) u32)))
      (core func $drop (canon stream.drop-readable $pairs))
      (core module $code (import "" "drop" (func $drop (param i32))) (func (export "drop") (param i32) (call $drop (local.get 0))))
      (core instance $core (instantiate $code (with "" (instance (export "drop" (func $drop))))))
      (func (export "drop") (param "pairs" $pairs) (canon lift (core func $core "drop"))))""", "nested")})
    with text.call("open") as stream:
        with pytest.raises(TypeError):
            app.call("drop", [(stream, "three")])
        assert not stream.closed
        app.call("drop", [(stream, 3)])
        app._core.run_for(0)  # the write ends
        assert not stream.closed and text.call("size", stream) == 19


def test_write_streams(text: Any) -> None:
    async def lines() -> AsyncIterator[bytes]:
        for line in (b"first", b"and second"):
            await asyncio.sleep(0)
            yield line

    async def main() -> None:
        assert await text.size(lines()) == 15
        assert await text.size([b"abc", b"de"]) == 5
        assert await text.size(b"x" * 1_000_000) == 1_000_000
        assert await text.size(await text.open()) == 19

    asyncio.run(main())
    assert text.call("size", [b"abc"]) == 3
    assert text.call("size", iter([])) == 0
    assert text.call("size", lines()) == 15
    assert text.call("size", text.call("open")) == 19
    with pytest.raises(TypeError):
        text.call("size", "text")


def test_streams_that_nobody_reads(wat: Any) -> None:
    """This guest can write on after its reader is gone, which is a trap."""
    path = wat(guest_of_docs("text.wat"))
    for close in (lambda stream: stream.close(), lambda stream: stream.read(3) and stream.close(), lambda stream: None):
        app = tenon.link({"text": path})
        close(app.call("open"))
        for _ in range(3):
            try:
                assert app.call("size", b"abc") == 3
            except tenon.Trap as error:
                assert "readable end dropped" in str(error)
                break


def test_swap(wat: Any) -> None:
    app = tenon.Builder().add_component("app", wat(guest_of_docs("app.wat"), "app")) \
        .add_component("version", wat(guest_of_docs("old.wat"), "old")).isolate("version") \
        .set_root("app").export("version", "acme:app/version").build()
    ask = app.ask
    assert ask() == 1 and app["version"].number() == 1
    app.swap("version", wat(guest_of_docs("new.wat"), "new"), is_trial=True)
    assert ask() == 1
    app.swap("version", wat(guest_of_docs("new.wat"), "new"))
    assert ask() == 2 and app["acme:app/version@1.0.0"].number() == 2
    with pytest.raises(tenon.LinkError):
        app.swap("version", wat(guest_of_docs("app.wat"), "app"))
    assert ask() == 2


# Waits for a future that nobody writes.
STUCK = """(component
  (type $signal (future))
  (core func $new (canon future.new $signal))
  (core func $read (canon future.read $signal))
  (core func $return (canon task.return))
  (core module $code
    (import "" "new" (func $new (result i64)))
    (import "" "read" (func $read (param i32 i32) (result i32)))
    (import "" "return" (func $return))
    (func (export "stuck") (drop (call $read (i32.wrap_i64 (call $new)) (i32.const 0))) (call $return)))
  (core instance $core (instantiate $code (with "" (instance
    (export "new" (func $new)) (export "read" (func $read)) (export "return" (func $return))))))
  (func (export "stuck") async (canon lift (core func $core "stuck") async)))"""


def test_deadlocks(wat: Any) -> None:
    app = tenon.link({"stuck": wat(STUCK, "stuck")})
    with pytest.raises(tenon.Deadlock):
        app.stuck().wait()
    with pytest.raises(TimeoutError):
        app.stuck().wait(0.1)

    async def run() -> None:
        task = asyncio.ensure_future(app.stuck())
        await asyncio.sleep(0.01)
        assert not task.done()
        app.end_deadlock()
        await task

    with pytest.raises(tenon.Deadlock):
        asyncio.run(run())


def test_traces_and_servers(wat: Any, tmp_path: Any) -> None:
    traces: list[Any] = []
    app = tenon.Builder().add_component("app", wat(guest_of_docs("app.wat"), "app")) \
        .add_component("version", wat(guest_of_docs("old.wat"), "old")).isolate("version") \
        .set_root("app").export("version", "acme:app/version").on_trace(traces.append).build()
    assert app.ask() == 1 and traces[0]["provider"] == "version" and traces[0]["result"] == "1"
    with app.serve(f"unix:{tmp_path}/app.sock") as server:
        thread = threading.Thread(target=server.run)
        thread.start()
        with pytest.raises(RuntimeError, match="in use"):
            app.close()
        peer = tenon.Builder().add_component("app", wat(guest_of_docs("app.wat"), "app")) \
            .add_remote("peer", server.addresses[0], ["acme:app/version@1.0.0"]).build()
        assert peer.ask() == 1
        peer.close()
        server.stop()
        thread.join(10)
    app.close()
