//! The result of a host function, on its way into the guest that called it.
//!
//! The embedder's function has returned before wasmtime asks for the result, and only then wasmtime
//! reveals where it goes and the type of its handles. So a flat result is kept in
//! `HostResult::flat`, a spilled one in `bytes`, and handles in `owned`; `Returned` writes all of
//! them.

use crate::box_pool::PooledBox;
use crate::ffi::*;
use crate::raw::*;
use crate::raw_handle::{HandleCache, tuple_of};
use crate::raw_import::{HostCall, check_defined};
use crate::stream::{ProducerEnd, lower_end};
use std::cell::Cell;
use std::mem::MaybeUninit;
use std::sync::Arc;
use wasmtime::component::__internal::wasmtime_environ::component::{
    CanonicalAbiInfo, ComponentTypes, InterfaceType, MAX_FLAT_RESULTS,
};
use wasmtime::component::__internal::{InstanceType, LowerContext};
use wasmtime::component::{ComponentNamedList, ComponentType, Lower};
use wasmtime::{Result, ValRaw, bail, format_err};
use wasmtime_c_api::WasmtimeStoreData;

/// The result of a host function, as the embedder provided it.
pub(crate) struct HostResult {
    pub(crate) flat: u64,
    /// The tuple of a spilled result.
    bytes: Vec<u8>,
    /// Handles to create when the type of the result is known.
    owned: Vec<LaterHandle>,
    pub(crate) handles: *const HandleCache,
}

struct LaterHandle {
    number: usize,
    content: HandleContent,
    place: tnengine_place_t,
}

enum HandleContent {
    Own(u32),
    /// The other end of a stream or future; taken when the handle is created.
    End(Cell<Option<ProducerEnd>>),
}

impl Default for HostResult {
    fn default() -> Self {
        Self {
            flat: 0,
            bytes: Vec::new(),
            owned: Vec::new(),
            handles: std::ptr::null(),
        }
    }
}

/// The capacity of the buffers that is kept for the next call.
const KEPT_BYTES: usize = 4096;
const KEPT_HANDLES: usize = 256;

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_guest_result(
    guest: &mut tnengine_guest_t<'_, '_>,
    size: u32,
    data: &mut *mut u8,
) -> Failed {
    guard_error(|| {
        let Some(caller) = guest.caller() else {
            bail!("only the caller of a host function accepts a result");
        };
        let result = caller.result();
        // Discards a previous result with its handles.
        result.clear();
        result.bytes.resize(size as usize, 0);
        *data = result.bytes.as_mut_ptr();
        Ok(())
    })
}

/// A result of `R` flat values, or in memory if `R` is 0.
pub(crate) struct Returned<const R: usize>(pub(crate) PooledBox<HostCall>);

// SAFETY: it stays on the thread that calls the import.
unsafe impl<const R: usize> Send for Returned<R> {}
unsafe impl<const R: usize> Sync for Returned<R> {}

// SAFETY: as for `Args`.
unsafe impl<const R: usize> ComponentNamedList for Returned<R> {}
unsafe impl<const R: usize> ComponentType for Returned<R> {
    type Lower = [ValRaw; R];
    const ABI: CanonicalAbiInfo = opaque_abi(R);

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        let actual = count_of(&types.types[tuple_of(*ty)?], MAX_FLAT_RESULTS);
        check_defined("returns its result", R, actual)
    }
}

unsafe impl<const R: usize> Lower for Returned<R> {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        dst: &mut MaybeUninit<Self::Lower>,
    ) -> Result<()> {
        let result = &self.0.result;
        result.check_size(0)?;
        let mut flat = result.flat;
        if !result.owned.is_empty() {
            let mut handle = ValRaw::u64(flat);
            result.lower_owned(concrete(cx)?, ty, self.0.types(), None, &mut handle)?;
            flat = handle.get_u64();
        }
        if R != 0 {
            // Writes only the half that holds the value, in one piece: a value written in two parts
            // is slow to read as a whole.
            // SAFETY: `dst` has one value, for which all bits are valid.
            unsafe { dst.as_mut_ptr().cast::<u64>().write(flat) };
        }
        Ok(())
    }

    fn linear_lower_to_memory<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        offset: usize,
    ) -> Result<()> {
        let cx = concrete(cx)?;
        let size = cx.types[tuple_of(ty)?].abi.size32 as usize;
        let result = &self.0.result;
        if R != 0 {
            bail!("expected a flat result, found a result in memory");
        }
        result.check_size(size)?;
        cx.as_slice_mut()[offset..][..size].copy_from_slice(&result.bytes);
        result.lower_owned(cx, ty, self.0.types(), Some(offset), &mut ValRaw::u64(0))
    }
}

impl HostResult {
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(KEPT_BYTES);
        self.owned.clear();
        self.owned.shrink_to(KEPT_HANDLES);
    }

    pub(crate) fn lower_later(&mut self, number: usize, rep: u32, place: tnengine_place_t) {
        let content = HandleContent::Own(rep);
        self.owned.push(LaterHandle {
            number,
            content,
            place,
        });
    }

    pub(crate) fn lower_end_later(
        &mut self,
        number: usize,
        end: ProducerEnd,
        place: tnengine_place_t,
    ) {
        let content = HandleContent::End(Cell::new(Some(end)));
        self.owned.push(LaterHandle {
            number,
            content,
            place,
        });
    }

    fn check_size(&self, size: usize) -> Result<()> {
        if self.bytes.len() != size {
            let actual = self.bytes.len();
            bail!("the host function returned {actual} bytes of result, expected {size}");
        }
        Ok(())
    }

    fn lower_owned(
        &self,
        cx: &mut LowerContext<'_, WasmtimeStoreData>,
        ty: InterfaceType,
        types: &Arc<ComponentTypes>,
        offset: Option<usize>,
        flat: &mut ValRaw,
    ) -> Result<()> {
        if self.owned.is_empty() {
            return Ok(());
        }
        // SAFETY: the linker owns the function and with it the cache, and the instance that
        // receives the result keeps the function alive.
        let handles = unsafe { &*self.handles }.get(types, Some(types), ty);
        for LaterHandle {
            number,
            content,
            place,
        } in &self.owned
        {
            let handle = handles
                .get(*number)
                .copied()
                .ok_or_else(|| format_err!("the result has no handle number {number}"))?;
            let index = match content {
                HandleContent::Own(rep) => cx.guest_resource_lower_own(handle.own()?, *rep)?,
                HandleContent::End(end) => {
                    let end = end
                        .take()
                        .ok_or_else(|| format_err!("the result was lowered before"))?;
                    lower_end(cx, handle, end)?
                }
            };
            let at = place.at as usize;
            match (place.kind, offset) {
                (TNENGINE_PLACE_SLOT, None) if at == 0 => *flat = ValRaw::u32(index),
                (TNENGINE_PLACE_MEMORY, _) => write_handle(cx.as_slice_mut(), at, index)?,
                (TNENGINE_PLACE_RESULT, Some(offset)) if at + 4 <= self.bytes.len() => {
                    write_handle(cx.as_slice_mut(), offset + at, index)?;
                }
                _ => bail!("invalid destination of a handle"),
            }
        }
        Ok(())
    }
}
