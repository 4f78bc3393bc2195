//! Limits of a store: the sum of its memories, for which the C API has only a limit on each memory,
//! and the running time of its guests.

use crate::ffi::*;
use std::cell::UnsafeCell;
use std::ffi::c_void;
use wasmtime::{ResourceLimiter, Result, Store, StoreLimits, StoreLimitsBuilder, UpdateDeadline};
use wasmtime_c_api::{WasmtimeStoreData, wasmtime_store_t};

/// The limits of a store. `u64::MAX` means unlimited.
#[repr(C)]
pub struct tnengine_limits_t {
    memory_bytes: u64,
    table_elements: u64,
    instances: u64,
    tables: u64,
    memories: u64,
}

/// Of a table.
const ELEMENT_BYTES: usize = 8;

/// A resource limiter that counts the bytes by which memories were allowed to grow. Memories live
/// as long as their store, so the count never decreases. A growth that was allowed but then failed
/// stays counted, because the engine's notification of the failure does not include the size.
struct SharedLimits {
    memory_left: usize,
    /// All tables together can have as many bytes as all memories.
    table_bytes_left: usize,
    rest: StoreLimits,
}

impl ResourceLimiter for SharedLimits {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool> {
        let more = desired.saturating_sub(current);
        if more > self.memory_left || maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        self.memory_left -= more;
        Ok(true)
    }
    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool> {
        let more = desired
            .saturating_sub(current)
            .saturating_mul(ELEMENT_BYTES);
        if more > self.table_bytes_left || !self.rest.table_growing(current, desired, maximum)? {
            return Ok(false);
        }
        self.table_bytes_left -= more;
        Ok(true)
    }
    fn instances(&self) -> usize {
        self.rest.instances()
    }
    fn tables(&self) -> usize {
        self.rest.tables()
    }
    fn memories(&self) -> usize {
        self.rest.memories()
    }
}

/// The limits, owned by the store's callback. Only the thread that uses the store accesses them.
struct OwnedLimits(Box<UnsafeCell<SharedLimits>>);

// SAFETY: the engine calls the callback only with exclusive access to the store.
unsafe impl Sync for OwnedLimits {}

impl OwnedLimits {
    fn get<'a>(&self, _store: &'a mut WasmtimeStoreData) -> &'a mut SharedLimits {
        // SAFETY: the callback lives as long as the store's data, so the limits outlive `'a`. The
        // exclusive borrow of the data stands for exclusive access to the limits.
        unsafe { &mut *self.0.get() }
    }
}

pub(crate) fn store_of(store: &mut wasmtime_store_t) -> &mut Store<WasmtimeStoreData> {
    const { assert!(size_of::<wasmtime_store_t>() == size_of::<Store<WasmtimeStoreData>>()) };
    // SAFETY: `wasmtime_store_t` is `repr(C)` with a `Store` as its one field.
    unsafe { &mut *std::ptr::from_mut(store).cast() }
}

fn to_size(limit: u64) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_store_limit(
    store: &mut wasmtime_store_t,
    limits: &tnengine_limits_t,
) -> Failed {
    guard_error(|| {
        let mut rest = StoreLimitsBuilder::new();
        if limits.table_elements != u64::MAX {
            rest = rest.table_elements(to_size(limits.table_elements));
        }
        if limits.instances != u64::MAX {
            rest = rest.instances(to_size(limits.instances));
        }
        if limits.tables != u64::MAX {
            rest = rest.tables(to_size(limits.tables));
        }
        if limits.memories != u64::MAX {
            rest = rest.memories(to_size(limits.memories));
        }
        let owned = OwnedLimits(Box::new(UnsafeCell::new(SharedLimits {
            memory_left: to_size(limits.memory_bytes),
            table_bytes_left: to_size(limits.memory_bytes),
            rest: rest.build(),
        })));
        store_of(store).limiter(move |data| owned.get(data));
        Ok(())
    })
}

/// A C callback that decides whether an interrupted guest continues.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tnengine_interrupts_t {
    goes_on: extern "C" fn(env: *mut c_void) -> bool,
    env: *mut c_void,
}

// SAFETY: only the thread that runs the store's guest calls it.
unsafe impl Send for tnengine_interrupts_t {}
unsafe impl Sync for tnengine_interrupts_t {}

impl tnengine_interrupts_t {
    pub(crate) fn goes_on(&self) -> bool {
        (self.goes_on)(self.env)
    }
}

/// Sets the callback for interruptions of a running guest. Its `env` must outlive the store's last
/// guest; it is used on the thread that runs the guest.
#[unsafe(no_mangle)]
pub extern "C" fn tnengine_store_ask_at_interruptions(
    store: &mut wasmtime_store_t,
    interrupts: &tnengine_interrupts_t,
) {
    let callback = *interrupts;
    store_of(store).epoch_deadline_callback(move |_| {
        Ok(if callback.goes_on() {
            UpdateDeadline::Continue(1)
        } else {
            UpdateDeadline::Interrupt
        })
    });
}
