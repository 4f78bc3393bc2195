//! Raw calls, and one guest's side of them: its memory, its realloc and its handles.
//!
//! In a raw call the embedder (tenon's C++) lifts and lowers the values, not wasmtime. wasmtime
//! offers its traits `Lift` and `Lower` for code that its derive macros generate: the engine calls
//! a type's implementation with a context, which gives access to the guest. We implement these
//! traits by types that translate nothing. They pass the flat values and the context on to C
//! callbacks:
//!
//! | file | direction |
//! | --- | --- |
//! | `raw_export.rs` | the embedder calls an export: the functions of the C API |
//! | `raw_flat.rs` | the Rust types with which wasmtime calls such an export |
//! | `raw_import.rs` | a guest calls a host function: the functions of the C API, and the params |
//! | `raw_result.rs` | the result of such a host function |
//! | `raw_lift.rs` | access to a `LiftContext` while a host function runs |
//! | `raw_handle.rs` | which resource a handle in a function's type refers to |
//! | `raw_resource.rs` | resources that guests define, held by the embedder |
//! | `stream.rs` | streams and futures between a guest and the embedder |
//!
//! A `tnengine_guest_t` is what the C callbacks see of a context. wasmtime passes three kinds
//! of them, so it has three kinds of `Side`.
//!
//! wasmtime checks the Rust types against the component's types only by their number of flat
//! values. So each call also compares the embedder's counts with the component's (`count_of`): a
//! mistake in C++ is then an error and not undefined behavior.

use crate::drive::current_stack;
use crate::ffi::*;
use crate::raw_handle::{Handle, HandleCache};
use crate::raw_import::Caller;
use crate::stream::Lifted;
use crate::stream_items::{allocating, options_index};
use std::any::TypeId;
use std::fmt;
use wasmtime::component::__internal::wasmtime_environ::component::{
    CanonicalAbiInfo, CanonicalOptions, CanonicalOptionsDataModel, InterfaceType, OptionsIndex,
    StringEncoding, TypeTuple,
};
use wasmtime::component::__internal::{LiftContext, LowerContext};
use wasmtime::{Error, Result, ValRaw, bail, format_err};
use wasmtime_c_api::{WasmtimeStoreData, wasmtime_error_t};

pub const TNENGINE_SPILLED: u8 = 255;

pub const TNENGINE_UTF8: u8 = 0;
pub const TNENGINE_UTF16: u8 = 1;
pub const TNENGINE_LATIN1_UTF16: u8 = 2;

pub const TNENGINE_PLACE_SLOT: u8 = 0;
pub const TNENGINE_PLACE_MEMORY: u8 = 1;
pub const TNENGINE_PLACE_RESULT: u8 = 2;

/// The destination of a lowered handle.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tnengine_place_t {
    pub(crate) at: u32,
    pub(crate) kind: u8,
}

/// The number of flat values of a list of params or results.
pub(crate) fn count_of(tuple: &TypeTuple, max: usize) -> u8 {
    match tuple.abi.flat_count(max) {
        Some(count) => count as u8,
        None => TNENGINE_SPILLED,
    }
}

pub(crate) fn describe_count(count: u8) -> String {
    match count {
        TNENGINE_SPILLED => "in memory".to_string(),
        count => format!("in {count} flat values"),
    }
}

/// The layout of a type of `flat` values that the engine never reads or writes in memory.
pub(crate) const fn opaque_abi(flat: usize) -> CanonicalAbiInfo {
    CanonicalAbiInfo {
        size32: 0,
        align32: 1,
        size64: 0,
        align64: 1,
        flat_count: Some(flat as u8),
    }
}

/// Casts the context to the type of store that the C API creates. wasmtime's traits are generic
/// over the store's data, but only that type occurs.
pub(crate) fn concrete<'a, 'b, T: 'static>(
    cx: &'a mut LowerContext<'b, T>,
) -> Result<&'a mut LowerContext<'b, WasmtimeStoreData>> {
    if TypeId::of::<T>() != TypeId::of::<WasmtimeStoreData>() {
        bail!("the store was not created by the C API");
    }
    // SAFETY: the two types are the same.
    Ok(unsafe { &mut *std::ptr::from_mut(cx).cast() })
}

pub(crate) fn check(failed: Failed) -> Result<()> {
    match failed {
        None => Ok(()),
        Some(error) => Err((*error).into()),
    }
}

/// The error with which the embedder ended a call, with a number that it chose.
#[derive(Debug)]
pub(crate) struct HostFailure {
    message: String,
    pub(crate) payload: u64,
}

impl fmt::Display for HostFailure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for HostFailure {}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_error_new(
    message: &tnengine_slice_t<'_>,
    payload: u64,
) -> Box<wasmtime_error_t> {
    let message = String::from_utf8_lossy(message.bytes()).into_owned();
    Box::new(Error::new(HostFailure { message, payload }).into())
}

/// The kind of access to a guest: it depends on the callback.
pub(crate) enum Side<'a, 'b> {
    /// Params of an export are lowered into the guest. `slots`: its `count` flat params.
    Lower {
        cx: &'a mut LowerContext<'b, WasmtimeStoreData>,
        ty: InterfaceType,
        slots: *mut ValRaw,
        count: usize,
    },
    /// The result of an export, or the items of a stream, are lifted out of the guest.
    Lift(&'a mut LiftContext<'b>, InterfaceType),
    /// The guest calls a host function.
    Caller(&'a mut Caller<'b>),
}

pub struct tnengine_guest_t<'a, 'b> {
    side: Side<'a, 'b>,
    cache: &'a HandleCache,
    handles: Option<&'a [Handle]>,
    /// Whether the function has a realloc; computed on first use.
    has_realloc: Option<bool>,
    stack: u32,
    /// What was lifted while the store was in use.
    lifted: Vec<Lifted>,
    /// Whether it gets the items of a stream, and the index of the options of its function, which is
    /// looked up on first use: see `stream_items.rs`.
    gets_items: bool,
    options: Option<OptionsIndex>,
}

impl<'a, 'b> tnengine_guest_t<'a, 'b> {
    pub(crate) fn new(side: Side<'a, 'b>, cache: &'a HandleCache) -> Self {
        Self {
            side,
            cache,
            handles: None,
            has_realloc: None,
            stack: current_stack(),
            lifted: Vec::new(),
            gets_items: false,
            options: None,
        }
    }

    pub(crate) fn of_items(side: Side<'a, 'b>, cache: &'a HandleCache) -> Self {
        Self {
            gets_items: true,
            ..Self::new(side, cache)
        }
    }

    pub(crate) fn add_lifted(&mut self, lifted: Lifted) -> Result<()> {
        if let Some(caller) = self.caller() {
            return lifted.connect(caller.store());
        }
        self.lifted.push(lifted);
        Ok(())
    }

    /// What to connect when the store is free.
    pub(crate) fn take_lifted(&mut self) -> Vec<Lifted> {
        std::mem::take(&mut self.lifted)
    }

    pub(crate) fn caller(&mut self) -> Option<&mut Caller<'b>> {
        match &mut self.side {
            Side::Caller(caller) => Some(caller),
            _ => None,
        }
    }

    pub(crate) fn handle(&mut self, number: usize) -> Result<Handle> {
        let handles = match self.handles {
            Some(handles) => handles,
            None => match &self.side {
                Side::Lower { cx, ty, .. } => self.cache.get(cx.types, None, *ty),
                Side::Lift(cx, ty) => self.cache.get(cx.types, None, *ty),
                Side::Caller(caller) => {
                    let types = caller.types();
                    self.cache.get(types, Some(types), caller.params_type())
                }
            },
        };
        self.handles = Some(handles);
        handles.get(number).copied().ok_or_else(|| {
            format_err!("the type of the function has no handle number {number} here")
        })
    }

    /// Whether the guest's realloc can run now. The engine checks the guest's stack against the
    /// bounds of the stack that the guest was entered on, so its code must not run on the fiber of
    /// another guest.
    fn can_allocate(&mut self) -> bool {
        if matches!(self.side, Side::Caller(_)) && self.stack != current_stack() {
            return false;
        }
        let side = &mut self.side;
        *self.has_realloc.get_or_insert_with(|| match side {
            Side::Lower { cx, .. } => has_realloc(cx.options()),
            Side::Lift(..) => false,
            Side::Caller(caller) => has_realloc(caller.lower().options()),
        })
    }

    pub(crate) fn lift<R>(
        &mut self,
        mut body: impl FnMut(&mut LiftContext<'_>) -> Result<R>,
    ) -> Result<R> {
        match &mut self.side {
            Side::Lift(cx, _) => body(cx),
            Side::Caller(caller) => caller.lift(body),
            Side::Lower { .. } => bail!("cannot lift from a guest before it has run"),
        }
    }

    /// Lowers a handle. `make` adds it to the guest's table and returns its index.
    pub(crate) fn lower(
        &mut self,
        place: tnengine_place_t,
        make: impl FnOnce(&mut LowerContext<'_, WasmtimeStoreData>) -> Result<u32>,
    ) -> Result<()> {
        let Side::Lower {
            cx, slots, count, ..
        } = &mut self.side
        else {
            bail!("the handle cannot be lowered into this side of a call");
        };
        let at = place.at as usize;
        match place.kind {
            TNENGINE_PLACE_SLOT if at < *count => {
                let index = make(cx)?;
                // SAFETY: `slots` points to `count` values, valid as long as this guest.
                unsafe { slots.add(at).write(ValRaw::u32(index)) };
                Ok(())
            }
            TNENGINE_PLACE_MEMORY => {
                let index = make(cx)?;
                write_handle(cx.as_slice_mut(), at, index)
            }
            _ => bail!("invalid destination of a handle"),
        }
    }
}

pub(crate) fn write_handle(memory: &mut [u8], at: usize, index: u32) -> Result<()> {
    match memory.get_mut(at..).and_then(|rest| rest.get_mut(..4)) {
        Some(bytes) => bytes.copy_from_slice(&index.to_le_bytes()),
        None => bail!("the destination of a handle is out of bounds of memory"),
    }
    Ok(())
}

fn has_realloc(options: &CanonicalOptions) -> bool {
    match options.data_model {
        CanonicalOptionsDataModel::Gc {} => false,
        CanonicalOptionsDataModel::LinearMemory(memory) => memory.realloc.is_some(),
    }
}

#[repr(C)]
pub struct tnengine_guest_view_t {
    data: *mut u8,
    size: usize,
    encoding: u8,
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_guest_get(
    guest: &mut tnengine_guest_t<'_, '_>,
    view: &mut tnengine_guest_view_t,
) {
    // After a panic the view is unchanged.
    let _ = guard(|| {
        let (data, size, encoding) = match &mut guest.side {
            Side::Lower { cx, .. } => view_of(cx),
            Side::Caller(caller) => view_of(&mut caller.lower()),
            Side::Lift(cx, _) => {
                let memory = cx.memory();
                let encoding = cx.options().string_encoding;
                (memory.as_ptr().cast_mut(), memory.len(), encoding)
            }
        };
        *view = tnengine_guest_view_t {
            data,
            size,
            encoding: match encoding {
                StringEncoding::Utf8 => TNENGINE_UTF8,
                StringEncoding::Utf16 => TNENGINE_UTF16,
                StringEncoding::CompactUtf16 => TNENGINE_LATIN1_UTF16,
            },
        };
    });
}

fn view_of(cx: &mut LowerContext<'_, WasmtimeStoreData>) -> (*mut u8, usize, StringEncoding) {
    let encoding = cx.options().string_encoding;
    let memory = cx.as_slice_mut();
    (memory.as_mut_ptr(), memory.len(), encoding)
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_guest_realloc(
    guest: &mut tnengine_guest_t<'_, '_>,
    old: u32,
    old_size: u32,
    align: u32,
    new_size: u32,
    address: &mut u32,
    view: &mut tnengine_guest_view_t,
) -> Failed {
    guard_error(|| {
        if !align.is_power_of_two() {
            bail!("the alignment {align} is not a power of two");
        }
        if !guest.can_allocate() {
            bail!("this guest cannot allocate memory here");
        }
        let (old, old_size, size) = (old as usize, old_size as usize, new_size as usize);
        // The engine checks that the result is aligned and in bounds.
        let mut run = |cx: &mut LowerContext<'_, WasmtimeStoreData>| {
            let result = cx.realloc(old, old_size, align, size)?;
            (view.data, view.size, _) = view_of(cx);
            Ok::<_, Error>(result)
        };
        let result = match &mut guest.side {
            Side::Lower { cx, .. } if guest.gets_items => {
                let index = match guest.options {
                    Some(index) => index,
                    None => *guest.options.insert(options_index(cx)?),
                };
                run(&mut allocating(cx, index))?
            }
            Side::Lower { cx, .. } => run(cx)?,
            Side::Caller(caller) => run(&mut caller.lower())?,
            Side::Lift(..) => bail!("a guest cannot allocate while its result is lifted"),
        };
        *address = u32::try_from(result)?;
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_guest_lift_own(
    guest: &mut tnengine_guest_t<'_, '_>,
    number: usize,
    handle: u32,
    rep: &mut u32,
) -> Failed {
    guard_error(|| {
        let table = guest.handle(number)?.own()?;
        *rep = guest.lift(|cx| Ok(cx.guest_resource_lift_own(table, handle)?.0))?;
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_guest_lift_borrow(
    guest: &mut tnengine_guest_t<'_, '_>,
    number: usize,
    handle: u32,
    rep: &mut u32,
) -> Failed {
    guard_error(|| {
        let table = guest.handle(number)?.borrow()?;
        *rep = guest.lift(|cx| cx.guest_resource_lift_borrow(table, handle))?;
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_guest_lower_own(
    guest: &mut tnengine_guest_t<'_, '_>,
    number: usize,
    rep: u32,
    place: tnengine_place_t,
) -> Failed {
    guard_error(|| {
        if let Side::Caller(caller) = &mut guest.side {
            caller.result().lower_later(number, rep, place);
            return Ok(());
        }
        let table = guest.handle(number)?.own()?;
        guest.lower(place, |cx| cx.guest_resource_lower_own(table, rep))
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_guest_lower_borrow(
    guest: &mut tnengine_guest_t<'_, '_>,
    number: usize,
    rep: u32,
    place: tnengine_place_t,
) -> Failed {
    guard_error(|| {
        let table = guest.handle(number)?.borrow()?;
        guest.lower(place, |cx| cx.guest_resource_lower_borrow(table, rep))
    })
}
