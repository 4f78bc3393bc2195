"""Calls that end later, streams, and functions of the program that are coroutines."""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
import threading
import time
from collections import deque
from typing import Any, AsyncIterator, Awaitable, Callable, Generator, Generic, Iterator, TypeVar

from . import _tenon

T = TypeVar("T")

_OPEN, _CLOSED, _FAILED = range(3)
_SLICE = 50_000_000  # nanoseconds that a thread waits before it looks at signals
_CHUNK = 65536


def _running_loop() -> asyncio.AbstractEventLoop | None:
    return asyncio._get_running_loop()


def _settle(future: asyncio.Future[Any], set_outcome: Callable[[Any], None], value: Any) -> None:
    """Ends a future of any loop, from any thread."""
    def settle() -> None:
        if not future.done():
            set_outcome(value)

    loop = future.get_loop()
    if loop is _running_loop():
        settle()
        return
    try:
        loop.call_soon_threadsafe(settle)
    except RuntimeError:
        pass  # the loop is closed, and nobody waits


def _attach(composition: _tenon.Composition, loop: asyncio.AbstractEventLoop) -> None:
    """Lets the composition run on a loop."""
    attached = composition.attached
    if attached is loop:
        return
    if attached is not None and attached.is_running():
        raise RuntimeError("the composition runs on the event loop of another thread: wait there, or link it once more")
    composition.attach(loop)


class _Outcome(Generic[T]):
    """What is known later: a value or an exception. Coroutines and threads can wait for it."""

    def __init__(self, composition: _tenon.Composition) -> None:
        self._composition = composition
        self._value: Any = None
        self._exception: BaseException | None = None
        self._is_done = False
        self._futures: list[asyncio.Future[Any]] = []
        loop = _running_loop()
        if loop is not None:
            _attach(composition, loop)

    def _set(self, value: Any, exception: BaseException | None) -> None:
        self._value, self._exception, self._is_done = value, exception, True
        futures, self._futures = self._futures, []
        for future in futures:
            _settle(future, future.set_result, None)

    def _get(self) -> T:
        if self._exception is not None:
            raise self._exception
        return self._value  # type: ignore[no-any-return]

    async def _until_done(self) -> None:
        loop = asyncio.get_running_loop()
        _attach(self._composition, loop)
        while not self._is_done:
            future: asyncio.Future[Any] = loop.create_future()
            self._futures.append(future)
            if not self._is_done:  # it can end on another thread
                await future

    def _wait(self, timeout: float | None, run: Callable[[int], object]) -> bool:
        """Lets guests run until it is done, or the time has passed."""
        end = None if timeout is None else time.monotonic() + timeout
        while not self._is_done:
            left = _SLICE if end is None else int(1e9 * (end - time.monotonic()))
            if left <= 0:
                return False
            run(min(left, _SLICE))
        return True


class Call(_Outcome[T]):
    """A call in progress. `await` it, or `wait()` for it."""

    def __init__(self, function: _tenon.Function, args: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        super().__init__(function.composition)
        self._task = function.start(self._set, *args, **keywords)

    def __await__(self) -> Generator[Any, None, T]:
        return self._finish().__await__()

    async def _finish(self) -> T:
        try:
            await self._until_done()
        except asyncio.CancelledError:
            self.cancel()
            raise
        return self._get()

    def wait(self, timeout: float | None = None) -> T:
        """Lets guests run until the call has ended. Errors: those of the call; TimeoutError: it goes on. Without a timeout,
        a call that nothing can end any more but another thread is a Deadlock."""
        try:
            ended = self._wait(timeout, self._run_or_fail if timeout is None else self._run)
        except KeyboardInterrupt:
            self.cancel()
            raise
        if not ended:
            raise TimeoutError(f"the call has not ended in {timeout} s")
        return self._get()

    def _run(self, nanoseconds: int) -> None:
        if self._task.wait(nanoseconds) and not self._is_done:
            time.sleep(0.0005)  # another thread is about to say so

    def _run_or_fail(self, nanoseconds: int) -> None:
        self._run(nanoseconds)
        if not self._is_done:
            self._composition.end_deadlock()

    def done(self) -> bool:
        """Whether the call has ended."""
        return self._is_done

    def cancel(self) -> None:
        """Ends the call early: it fails with Interrupted, unless it has ended."""
        self._task.cancel()


class _Reading(_Outcome[Any]):
    def __init__(self, end: _tenon.StreamEnd, most: int) -> None:
        super().__init__(end.composition)
        end.begin_read(most, self._done)

    def _done(self, items: Any, count: int, state: int) -> None:
        failure = ValueError("the items of the stream do not match the WIT") if state == _FAILED else None
        self._set((items, count, state), failure)

    def wait(self) -> Any:
        def run(nanoseconds: int) -> None:
            if not self._composition.run_for(min(nanoseconds, 1_000_000)) and not self._is_done:
                time.sleep(0.0005)

        self._wait(None, run)
        return self._get()


class Stream(_tenon.StreamEnd, Generic[T]):
    """The readable end of a stream: an iterator, and an asynchronous one. A `stream<u8>` gives `bytes`, as they come;
    others give items. It can be passed on, instead of being read, and is closed when it is not needed any more."""

    _items: deque[T]
    _is_ended = False

    def __enter__(self) -> Stream[T]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _take(self, outcome: tuple[Any, int, int]) -> Any:
        items, _, state = outcome
        if state != _OPEN:
            self._is_ended = True
            self.close()
        return items

    def read(self, most: int = _CHUNK) -> Any:
        """Waits for items, at most so many; none: the stream has ended."""
        return b"" if self._is_ended else self._take(_Reading(self, most).wait())

    async def read_async(self, most: int = _CHUNK) -> Any:
        """As `read`, for coroutines."""
        if self._is_ended:
            return b""
        reading = _Reading(self, most)
        await reading._until_done()
        return self._take(reading._get())

    def __iter__(self) -> Iterator[T]:
        while not self._is_ended:
            yield from _each(self.read())

    async def __aiter__(self) -> AsyncIterator[T]:
        while not self._is_ended:
            for item in _each(await self.read_async()):
                yield item


def _each(items: Any) -> Any:
    """What an iterator gives: bytes as they came, or each item."""
    return [items] if isinstance(items, bytes) and items else items


class Future(_tenon.StreamEnd, Generic[T]):
    """The readable end of a future: `await` it, or call `read()`."""

    def _take(self, outcome: tuple[Any, int, int]) -> T:
        items, count, _ = outcome
        self.close()
        if count == 0:
            raise EOFError("the future was closed before it had a value")
        return items[0]  # type: ignore[no-any-return]

    def read(self) -> T:
        """Waits for the value."""
        return self._take(_Reading(self, 1).wait())

    def __await__(self) -> Generator[Any, None, T]:
        return self._read().__await__()

    async def _read(self) -> T:
        reading = _Reading(self, 1)
        await reading._until_done()
        return self._take(reading._get())


def _set_state(done: _Outcome[int], _items: Any, _count: int, state: int) -> None:
    done._set(state, None)


class _StreamWriter(_tenon.StreamEnd):
    """Writes what an iterable has, as a guest reads it."""

    def _begin(self, source: Any) -> None:
        self._failed: BaseException | None = None
        if hasattr(source, "__aiter__"):
            _run(self.composition, self._write_all(source.__aiter__()))
            return
        if isinstance(source, str):
            raise TypeError("a str is not a stream")
        buffer = _as_buffer(source)
        self._source = iter([buffer] if buffer is not None else source)
        self._next(None, 0, _OPEN)

    def _is_bytes(self) -> bool:
        return self.item is not None and self.item.wit == "u8"

    def _pack(self, item: Any) -> Any:
        """What one write takes: chunks of bytes, or a list of items."""
        return item if self._is_bytes() and _as_buffer(item) is not None else [item]

    def _next(self, _items: Any, _count: int, state: int) -> None:
        try:
            if state != _OPEN:
                raise StopIteration
            self.begin_write(self._pack(next(self._source)), self._next)
        except StopIteration:
            self.close()
        except BaseException:
            self.close()
            raise

    async def _write_all(self, source: Any) -> None:
        try:
            async for item in source:
                if self.closed:
                    break  # the call did not take the stream
                done: _Outcome[int] = _Outcome(self.composition)
                self.begin_write(self._pack(item), functools.partial(_set_state, done))
                await done._until_done()
                if done._get() != _OPEN:
                    break
        finally:
            self.close()


def _as_buffer(source: Any) -> memoryview | None:
    try:
        return memoryview(source)
    except TypeError:
        return None


class _FutureWriter(_tenon.StreamEnd):
    def _begin(self, source: Any) -> None:
        if inspect.isawaitable(source):
            _run(self.composition, self._write_later(source))
        else:
            self._write(source)

    def _write(self, value: Any) -> None:
        self.begin_write([value], lambda _items, _count, _state: self.close())

    async def _write_later(self, source: Awaitable[Any]) -> None:
        try:
            value = await source
            if not self.closed:
                self._write(value)
        except BaseException:
            self.close()
            raise


ENDS = ((Stream, _StreamWriter), (Future, _FutureWriter))


def feed(writer: Any, source: Any) -> None:
    """Begins to write what the program passes as a stream or future."""
    writer._begin(source)


# ---- Coroutines ----

class _Background:
    """An event loop on a thread of its own, for coroutines that guests wait for while no loop runs."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, name="tenon", daemon=True).start()


_background: _Background | None = None
_background_lock = threading.Lock()


def _background_loop() -> asyncio.AbstractEventLoop:
    global _background
    with _background_lock:
        if _background is None or _background.pid != os.getpid():
            _background = _Background()
        return _background.loop


def _after_fork() -> None:
    global _background_lock
    _background_lock = threading.Lock()


os.register_at_fork(after_in_child=_after_fork)


def _run(composition: _tenon.Composition, coroutine: Any, keep: Callable[[asyncio.Task[Any]], None] = lambda _: None) -> None:
    """Runs a coroutine on the loop that the composition runs on, or, if its thread waits for a guest, on another one."""
    free = composition.loop
    loop = free if free is not None and free.is_running() else _background_loop()

    def start() -> None:
        task = loop.create_task(coroutine)
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)
        keep(task)

    if loop is _running_loop():
        start()
    else:
        loop.call_soon_threadsafe(start)


_tasks: set[asyncio.Task[Any]] = set()
# The tasks of deferred calls, by their completions, and the resources that end with them; None: it has not started.
_calls: dict[int, tuple[asyncio.Task[Any] | None, list[_tenon.Resource]]] = {}


async def _complete(function: _tenon.HostFunction, coroutine: Any, completion: int) -> None:
    value, exception = None, None
    try:
        value = await coroutine
    except BaseException as raised:
        exception = raised
    call = _calls.pop(completion, None)
    if call is None:
        return  # it was cancelled
    if isinstance(exception, asyncio.CancelledError):
        exception = RuntimeError("the coroutine was cancelled")
    function.complete(completion, value, exception, call[1])


def run_coroutine(composition: _tenon.Composition, function: _tenon.HostFunction, coroutine: Any, completion: int,
                  borrowed: list[_tenon.Resource]) -> None:
    """Runs what an asynchronous function of the program returned, which ends the guest's call. borrowed: ends with it."""
    if not inspect.isawaitable(coroutine):
        async def return_value(value: Any = coroutine) -> Any:
            return value
        coroutine = return_value()

    def keep(task: asyncio.Task[Any]) -> None:
        if completion in _calls:
            _calls[completion] = task, borrowed
        else:
            task.cancel()

    _calls[completion] = None, borrowed
    try:
        _run(composition, _complete(function, coroutine, completion), keep)
    except BaseException:
        _calls.pop(completion, None)
        raise


def cancel_coroutine(completion: int) -> list[_tenon.Resource] | None:
    """Called when no guest waits for the call any more, or it has to end now. What ends with it; None: it has ended before."""
    task, borrowed = _calls.pop(completion, (None, None))
    if task is not None:
        loop = task.get_loop()
        if loop is _running_loop():
            task.cancel()
        elif not loop.is_closed():
            loop.call_soon_threadsafe(task.cancel)
    return borrowed
