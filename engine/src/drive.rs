//! Futures of the engine, run to their end on the thread that asks.

use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use tokio::task::unconstrained;
use wasmtime_wasi::runtime::in_tokio;

thread_local! {
    static STACK: Cell<u32> = const { Cell::new(0) };
    static LAST: Cell<u32> = const { Cell::new(0) };
}

/// Which of the thread's stacks guests are entered on: 0 is the thread's own, every future that is
/// driven has another, because the engine runs it on fibers.
pub(crate) fn current_stack() -> u32 {
    STACK.get()
}

struct Restore(u32);

impl Drop for Restore {
    fn drop(&mut self) {
        STACK.set(self.0);
    }
}

/// Runs `future` by the event loop of wasmtime-wasi's runtime. Inside another such run (a host
/// function that enters a second store) the runtime refuses a second loop: the future is then
/// polled here, and the runtime's own threads wake this one.
pub(crate) fn drive<F: Future>(future: F) -> F::Output {
    LAST.set(LAST.get().wrapping_add(1).max(1));
    let outer = Restore(STACK.replace(LAST.get()));
    if outer.0 == 0 {
        in_tokio(future)
    } else {
        poll_here(future)
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn poll_here<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    // The outer task's budget is not renewed before it is polled again, which is after this.
    let mut future = pin!(unconstrained(future));
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}
