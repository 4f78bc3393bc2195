//! Boxes that the thread that lets go of them uses again: a call allocates none.

use std::cell::{Cell, RefCell};
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::thread::LocalKey;

/// What is in such a box.
pub(crate) trait Recycled: Default + 'static {
    /// The boxes that are not in use: `static SHELF: Shelf<..> = const { Shelf::new() }`.
    fn shelf() -> &'static LocalKey<Shelf<Self>>;
    /// Lets go of what it holds, but for memory that the next user can fill.
    fn empty(&mut self);
}

/// Without a destructor of its own, so that it is reached without a look at whether it is there.
pub(crate) struct Shelf<T> {
    first: Cell<Option<NonNull<Slot<T>>>>,
    state: Cell<State>,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    InUse,
    /// The thread is at its end: nobody sweeps any more.
    Over,
}

struct Slot<T> {
    value: T,
    next: Option<NonNull<Slot<T>>>,
}

impl<T> Shelf<T> {
    pub(crate) const fn new() -> Self {
        Self {
            first: Cell::new(None),
            state: Cell::new(State::New),
        }
    }

    fn take(&self) -> Option<NonNull<Slot<T>>> {
        let slot = self.first.get()?;
        // SAFETY: what is on the shelf is a box that nobody else has.
        self.first.set(unsafe { slot.as_ref() }.next);
        Some(slot)
    }

    fn put(&self, mut slot: NonNull<Slot<T>>) {
        if self.state.get() == State::Over {
            return free(slot);
        }
        // SAFETY: as in `take`.
        unsafe { slot.as_mut() }.next = self.first.replace(Some(slot));
    }
}

/// Frees what is on shelves when the thread ends.
struct Sweeper(RefCell<Vec<fn()>>);

thread_local! {
    static SWEEPER: Sweeper = const { Sweeper(RefCell::new(Vec::new())) };
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        for sweep in self.0.take() {
            sweep();
        }
    }
}

fn sweep<T: Recycled>() {
    T::shelf().with(|shelf| {
        shelf.state.set(State::Over);
        while let Some(slot) = shelf.take() {
            free(slot);
        }
    });
}

#[cold]
fn free<T>(slot: NonNull<Slot<T>>) {
    // SAFETY: `allocate` made it, and nobody has it any more.
    drop(unsafe { Box::from_raw(slot.as_ptr()) });
}

#[cold]
fn allocate<T: Recycled>(shelf: &Shelf<T>) -> NonNull<Slot<T>> {
    if shelf.state.get() == State::New {
        let known = SWEEPER.try_with(|sweeper| sweeper.0.borrow_mut().push(sweep::<T>));
        shelf.state.set(if known.is_ok() {
            State::InUse
        } else {
            State::Over
        });
    }
    let slot = Box::new(Slot {
        value: T::default(),
        next: None,
    });
    NonNull::from(Box::leak(slot))
}

pub(crate) struct Spare<T: Recycled>(NonNull<Slot<T>>);

impl<T: Recycled> Spare<T> {
    /// An empty one.
    pub(crate) fn take() -> Self {
        Self(T::shelf().with(|shelf| shelf.take().unwrap_or_else(|| allocate(shelf))))
    }
}

impl<T: Recycled> Deref for Spare<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: it is nobody else's.
        unsafe { &self.0.as_ref().value }
    }
}

impl<T: Recycled> DerefMut for Spare<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: it is nobody else's.
        unsafe { &mut self.0.as_mut().value }
    }
}

impl<T: Recycled> Drop for Spare<T> {
    fn drop(&mut self) {
        self.empty();
        T::shelf().with(|shelf| shelf.put(self.0));
    }
}
