//! Runs futures of the engine to completion on the calling thread.
//!
//! A concurrent engine enters guests only by futures. `drive` runs such a future, which instantiates
//! a component or runs a command, on the event loop of wasmtime-wasi, which serves the WASI calls
//! that the guest waits for. A host function can instantiate a component in a second store, and
//! then `drive` is called inside `drive`. The runtime refuses a nested event loop, so the inner
//! future is polled here, and the runtime's worker threads wake this thread.
//!
//! Each driven future runs on its own stack, a fiber of the engine, and so do functions of the embedder
//! (`stack.rs`). With `current_stack`, a raw call checks whether a guest was entered on the stack that is
//! current now; its code must not run on another one.
//!
//! The engine interrupts guests that compute. One that waits is asked for here.

use crate::limits::tnengine_interrupts_t;
use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, LocalKey, Thread};
use std::time::Duration;
use tokio::task::unconstrained;
use tokio::time::{Instant, sleep};
use wasmtime::{Result, Trap};
use wasmtime_wasi::runtime::in_tokio;

/// How often a guest that waits is asked for.
const ASK_INTERVAL: Duration = Duration::from_millis(10);

thread_local! {
    static STACK: Cell<u32> = const { Cell::new(0) };
    static LAST: Cell<u32> = const { Cell::new(0) };
    static IS_POLLING: Cell<bool> = const { Cell::new(false) };
}

/// The stack on which guests are entered now: 0 for the thread's own, another number for each
/// driven future and each function of the embedder that has a stack of its own.
pub(crate) fn current_stack() -> u32 {
    STACK.get()
}

/// Sets a value for a scope, which can end by a panic.
pub(crate) struct Scope<T: Copy + 'static> {
    cell: &'static LocalKey<Cell<T>>,
    outer: T,
}

impl<T: Copy + 'static> Scope<T> {
    pub(crate) fn begin(cell: &'static LocalKey<Cell<T>>, value: T) -> Self {
        let outer = cell.replace(value);
        Self { cell, outer }
    }
}

impl<T: Copy + 'static> Drop for Scope<T> {
    fn drop(&mut self) {
        self.cell.set(self.outer);
    }
}

/// A number for a stack.
pub(crate) fn new_stack() -> u32 {
    LAST.set(LAST.get().wrapping_add(1).max(1));
    LAST.get()
}

/// Runs `body`, which enters guests on the stack of that number alone.
pub(crate) fn on_stack<R>(number: u32, body: impl FnOnce() -> R) -> R {
    let _outer = Scope::begin(&STACK, number);
    body()
}

/// Runs `body`, which polls a future that enters guests on stacks of their own. Passes it whether
/// this thread polls such a future already.
pub(crate) fn on_fibers<R>(body: impl FnOnce(bool) -> R) -> R {
    let outer = Scope::begin(&IS_POLLING, true);
    on_stack(new_stack(), || body(outer.outer))
}

/// Runs `future` to completion, or until an interruption ends its guest. Then nothing in the store can run again.
pub(crate) fn drive<T>(
    future: impl Future<Output = Result<T>>,
    interrupts: Option<&tnengine_interrupts_t>,
) -> Result<T> {
    on_fibers(|is_polling| {
        if is_polling {
            poll_here(future, interrupts)
        } else {
            in_tokio(until_interrupted(future, interrupts))
        }
    })
}

async fn until_interrupted<T>(
    future: impl Future<Output = Result<T>>,
    interrupts: Option<&tnengine_interrupts_t>,
) -> Result<T> {
    let Some(interrupts) = interrupts else {
        return future.await;
    };
    let mut future = pin!(future);
    let mut next = pin!(sleep(ASK_INTERVAL));
    poll_fn(|cx| {
        if let Poll::Ready(result) = future.as_mut().poll(cx) {
            return Poll::Ready(result);
        }
        while next.as_mut().poll(cx).is_ready() {
            if !interrupts.goes_on() {
                return Poll::Ready(Err(Trap::Interrupt.into()));
            }
            next.as_mut().reset(Instant::now() + ASK_INTERVAL);
        }
        Poll::Pending
    })
    .await
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// As `drive`, within a future that this thread polls.
pub(crate) fn poll_here<T>(
    future: impl Future<Output = Result<T>>,
    interrupts: Option<&tnengine_interrupts_t>,
) -> Result<T> {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    // Tokio's budget for cooperative scheduling is renewed only when the outer task is polled
    // again, which happens after this loop. Without `unconstrained`, a spent budget would keep the
    // loop from making progress.
    let mut future = pin!(unconstrained(until_interrupted(future, interrupts)));
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}
