//! Runs futures of the engine to completion on the calling thread.
//!
//! A concurrent engine enters guests only by futures. `drive` runs such a future, which instantiates
//! a component or runs a command, on the event loop of wasmtime-wasi, which serves the WASI calls
//! that the guest waits for. A host function can instantiate a component in a second store, and
//! then `drive` is called inside `drive`. The runtime refuses a nested event loop, so the inner
//! future is polled here, and the runtime's worker threads wake this thread.
//!
//! Each driven future runs on its own stack, a fiber of the engine. With
//! `current_stack`, a raw call checks whether a guest was entered on the stack that is current now;
//! its code must not run on another one.

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

/// The stack on which guests are entered now: 0 for the thread's own, another number for each
/// driven future.
pub(crate) fn current_stack() -> u32 {
    STACK.get()
}

struct Restore(u32);

impl Drop for Restore {
    fn drop(&mut self) {
        STACK.set(self.0);
    }
}

/// Runs `body`, which enters guests on stacks of their own. Passes it the number of the stack on
/// which the guest around it was entered.
pub(crate) fn on_other_stack<R>(body: impl FnOnce(u32) -> R) -> R {
    LAST.set(LAST.get().wrapping_add(1).max(1));
    let outer = Restore(STACK.replace(LAST.get()));
    body(outer.0)
}

/// Runs `future` to completion.
pub(crate) fn drive<F: Future>(future: F) -> F::Output {
    on_other_stack(|outer| {
        if outer == 0 {
            in_tokio(future)
        } else {
            poll_here(future)
        }
    })
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

pub(crate) fn poll_here<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    // Tokio's budget for cooperative scheduling is renewed only when the outer task is polled
    // again, which happens after this loop. Without `unconstrained`, a spent budget would keep the
    // loop from making progress.
    let mut future = pin!(unconstrained(future));
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}
