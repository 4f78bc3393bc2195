//! Runs functions of the embedder on stacks of their own.
//!
//! The guests that call each other through the embedder share one native stack, and the engine limits
//! the stack of each of them, not of all. So the embedder calls a guest for which there is no room on a new
//! stack. That is a fiber of the engine that runs to its end, with one exception: it lets the stack around
//! it run a function, because the code of a guest must run on the stack on which the guest was entered.

use crate::drive::{new_stack, on_stack};
use crate::ffi::*;
use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::ptr;
use wasmtime_fiber::{Fiber, FiberStack, Suspend};

pub type tnengine_body_t = extern "C" fn(*mut c_void);
pub type tnengine_stack_body_t = extern "C" fn(*mut c_void, usize, usize);

/// A function for the stack around.
struct Request {
    body: tnengine_body_t,
    env: *mut c_void,
}

type ToOuter = Suspend<(), Request, ()>;

/// How many stacks a thread keeps for later: a deep chain of calls is often followed by another one.
const KEPT: usize = 2;

thread_local! {
    /// The way from the innermost of these stacks to the one around it; null if there is none.
    static TO_OUTER: Cell<*mut ToOuter> = const { Cell::new(ptr::null_mut()) };
    static SPARE: RefCell<Vec<FiberStack>> = const { RefCell::new(Vec::new()) };
}

fn take_stack(size: usize) -> Option<FiberStack> {
    let spare = SPARE.try_with(|spare| spare.borrow_mut().pop());
    spare
        .ok()
        .flatten()
        .or_else(|| FiberStack::new(size, false).ok())
}

fn keep_stack(stack: FiberStack) {
    // The stacks of a thread that ends are freed.
    let _ = SPARE.try_with(|spare| {
        let mut spare = spare.borrow_mut();
        if spare.len() < KEPT {
            spare.push(stack);
        }
    });
}

fn run(stack: FiberStack, body: tnengine_stack_body_t, env: *mut c_void) -> Option<()> {
    let range = stack.range()?;
    let fiber = Fiber::<(), Request, ()>::new(stack, |(), to_outer| {
        TO_OUTER.set(to_outer);
        body(env, range.start, range.end);
    })
    .ok()?;
    let number = new_stack();
    let outer = TO_OUTER.get();
    while let Err(request) = on_stack(number, || fiber.resume(())) {
        let inner = TO_OUTER.replace(outer);
        (request.body)(request.env);
        TO_OUTER.set(inner);
    }
    TO_OUTER.set(outer);
    keep_stack(fiber.into_stack());
    Some(())
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_run_on_new_stack(
    size: usize,
    body: tnengine_stack_body_t,
    env: *mut c_void,
) -> bool {
    let ran = guard(|| take_stack(size).and_then(|stack| run(stack, body, env)));
    matches!(ran, Ok(Some(())))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tnengine_run_on_outer_stack(body: tnengine_body_t, env: *mut c_void) {
    let to_outer = TO_OUTER.get();
    if to_outer.is_null() {
        return body(env);
    }
    // SAFETY: `run` sets it to what the fiber of this stack was given, and the header requires that this
    // is the innermost one.
    unsafe { &mut *to_outer }.suspend(Request { body, env });
}
