//! A pool of boxes for each thread, so that a raw call allocates nothing.
//!
//! Every call of a host function needs a `HostCall` in a box (see `raw_import.rs`). A `PooledBox`
//! takes a box from the pool of its thread, and returns it to the pool of the thread that drops it.
//! A pool is a linked list through the boxes, so neither step allocates or locks. The content of a
//! box is cleared on return, but its buffers keep some capacity for the next call.
//!
//! A thread-local with a destructor costs a check of its state at each access. So the pools have
//! none; a second thread-local, `CLEANER`, which is used only when a pool allocates its first box,
//! frees the boxes when the thread ends. After that the pool is closed, and boxes are freed as they
//! are returned.

use std::cell::{Cell, RefCell};
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::thread::LocalKey;

/// A type whose boxes are pooled.
pub(crate) trait Pooled: Default + 'static {
    /// The thread's pool: `static POOL: BoxPool<..> = const { BoxPool::new() }`.
    fn pool() -> &'static LocalKey<BoxPool<Self>>;
    /// Releases everything the value holds, except buffers for the next user to fill.
    fn clear(&mut self);
}

/// The unused boxes of a thread.
pub(crate) struct BoxPool<T> {
    first: Cell<Option<NonNull<Slot<T>>>>,
    state: Cell<State>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// No box was allocated, and the cleaner does not know this pool.
    New,
    InUse,
    /// The thread is ending: nothing frees returned boxes any more.
    Closed,
}

struct Slot<T> {
    value: T,
    next: Option<NonNull<Slot<T>>>,
}

impl<T> BoxPool<T> {
    pub(crate) const fn new() -> Self {
        Self {
            first: Cell::new(None),
            state: Cell::new(State::New),
        }
    }

    fn take(&self) -> Option<NonNull<Slot<T>>> {
        let slot = self.first.get()?;
        // SAFETY: the pool owns the boxes in its list.
        self.first.set(unsafe { slot.as_ref() }.next);
        Some(slot)
    }

    fn put(&self, mut slot: NonNull<Slot<T>>) {
        if self.state.get() == State::Closed {
            return free(slot);
        }
        // SAFETY: the caller passes ownership of the box.
        unsafe { slot.as_mut() }.next = self.first.replace(Some(slot));
    }
}

/// Empties the pools of a thread when the thread ends.
struct Cleaner(RefCell<Vec<fn()>>);

thread_local! {
    static CLEANER: Cleaner = const { Cleaner(RefCell::new(Vec::new())) };
}

impl Drop for Cleaner {
    fn drop(&mut self) {
        for close_pool in self.0.take() {
            close_pool();
        }
    }
}

fn close<T: Pooled>() {
    T::pool().with(|pool| {
        pool.state.set(State::Closed);
        while let Some(slot) = pool.take() {
            free(slot);
        }
    });
}

#[cold]
fn free<T>(slot: NonNull<Slot<T>>) {
    // SAFETY: `allocate` leaked this box, and the caller passes ownership of it.
    drop(unsafe { Box::from_raw(slot.as_ptr()) });
}

#[cold]
fn allocate<T: Pooled>(pool: &BoxPool<T>) -> NonNull<Slot<T>> {
    if pool.state.get() == State::New {
        let registered = CLEANER.try_with(|cleaner| cleaner.0.borrow_mut().push(close::<T>));
        pool.state.set(if registered.is_ok() {
            State::InUse
        } else {
            State::Closed
        });
    }
    let slot = Box::new(Slot {
        value: T::default(),
        next: None,
    });
    NonNull::from(Box::leak(slot))
}

/// A box that returns to the pool of the dropping thread.
pub(crate) struct PooledBox<T: Pooled>(NonNull<Slot<T>>);

impl<T: Pooled> PooledBox<T> {
    /// Takes a cleared box from the thread's pool, or allocates one.
    pub(crate) fn take() -> Self {
        Self(T::pool().with(|pool| pool.take().unwrap_or_else(|| allocate(pool))))
    }
}

impl<T: Pooled> Deref for PooledBox<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: this object owns the box.
        unsafe { &self.0.as_ref().value }
    }
}

impl<T: Pooled> DerefMut for PooledBox<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: this object owns the box.
        unsafe { &mut self.0.as_mut().value }
    }
}

impl<T: Pooled> Drop for PooledBox<T> {
    fn drop(&mut self) {
        self.clear();
        T::pool().with(|pool| pool.put(self.0));
    }
}
