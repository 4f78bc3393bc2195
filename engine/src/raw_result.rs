//! The result of a host function on its way into the guest that called it.

use crate::ffi::*;
use crate::raw::*;
use crate::raw_handle::{HandleCache, tuple_of};
use crate::raw_import::check_defined;
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

/// The part of a result that is not one flat value.
pub(crate) struct Rest {
    /// Of a result that the engine writes to memory.
    bytes: Vec<u8>,
    /// Handles to be made when the engine tells the result's type: number, rep, place.
    pub(crate) owned: Vec<(usize, u32, tenon_engine_place_t)>,
    handles: *const HandleCache,
    types: *const Arc<ComponentTypes>,
}

impl Rest {
    pub(crate) fn new(handles: *const HandleCache, types: *const Arc<ComponentTypes>) -> Box<Rest> {
        let mut rest = SPARE.take().unwrap_or_default();
        rest.handles = handles;
        rest.types = types;
        rest
    }
}

impl Default for Rest {
    fn default() -> Self {
        Self {
            bytes: Vec::new(),
            owned: Vec::new(),
            handles: std::ptr::null(),
            types: std::ptr::null(),
        }
    }
}

thread_local! {
    /// One that is not in use: most threads need no other.
    static SPARE: Cell<Option<Box<Rest>>> = const { Cell::new(None) };
}

const SPARE_BYTES: usize = 4096;

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_guest_result(
    guest: &mut tenon_engine_guest_t<'_, '_>,
    size: u32,
    data: &mut *mut u8,
) -> Failed {
    guard_error(|| {
        let Some(caller) = guest.caller() else {
            bail!("only the caller of a host function takes a result");
        };
        let rest = caller.rest();
        // Handles of a result that is given up belong to none.
        rest.owned.clear();
        rest.bytes.clear();
        rest.bytes.resize(size as usize, 0);
        *data = rest.bytes.as_mut_ptr();
        Ok(())
    })
}

/// A result on its way into the caller.
pub(crate) struct Returned<const R: usize> {
    pub(crate) flat: u64,
    pub(crate) rest: Option<Box<Rest>>,
}

// SAFETY: it stays on the thread that calls the import.
unsafe impl<const R: usize> Send for Returned<R> {}
unsafe impl<const R: usize> Sync for Returned<R> {}

impl<const R: usize> Drop for Returned<R> {
    fn drop(&mut self) {
        if let Some(mut rest) = self.rest.take()
            && rest.bytes.capacity() <= SPARE_BYTES
        {
            rest.bytes.clear();
            rest.owned.clear();
            SPARE.set(Some(rest));
        }
    }
}

// SAFETY: as for `Args`.
unsafe impl<const R: usize> ComponentNamedList for Returned<R> {}
unsafe impl<const R: usize> ComponentType for Returned<R> {
    type Lower = [ValRaw; R];
    const ABI: CanonicalAbiInfo = opaque_abi(R);

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        let is = count_of(&types.types[tuple_of(*ty)?], MAX_FLAT_RESULTS);
        check_defined("gives its result", R, is)
    }
}

unsafe impl<const R: usize> Lower for Returned<R> {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        dst: &mut MaybeUninit<Self::Lower>,
    ) -> Result<()> {
        let mut flat = self.flat;
        if let Some(rest) = &self.rest {
            rest.check_size(0)?;
            let mut handle = ValRaw::u64(flat);
            rest.lower_owned(concrete(cx)?, ty, None, &mut handle)?;
            flat = handle.get_u64();
        }
        if R != 0 {
            // The half that is a value: what is written in halves is slow to read as a whole.
            // SAFETY: it is one value, and any bits are.
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
        let Some(rest) = &self.rest else {
            bail!("the host function gave no result");
        };
        if R != 0 {
            bail!("a flat result is wanted in memory");
        }
        rest.check_size(size)?;
        cx.as_slice_mut()[offset..][..size].copy_from_slice(&rest.bytes);
        rest.lower_owned(cx, ty, Some(offset), &mut ValRaw::u64(0))
    }
}

impl Rest {
    fn check_size(&self, size: usize) -> Result<()> {
        if self.bytes.len() != size {
            let given = self.bytes.len();
            bail!("the host function gave {given} bytes of result, where {size} are wanted");
        }
        Ok(())
    }

    fn lower_owned(
        &self,
        cx: &mut LowerContext<'_, WasmtimeStoreData>,
        ty: InterfaceType,
        offset: Option<usize>,
        flat: &mut ValRaw,
    ) -> Result<()> {
        if self.owned.is_empty() {
            return Ok(());
        }
        // SAFETY: the linker owns the function and with it the cache, and the component its types;
        // the instance that is returned to keeps both.
        let (handles, types) = unsafe { (&*self.handles, &*self.types) };
        let handles = handles.get(types, Some(types), ty)?;
        for (number, rep, place) in &self.owned {
            let handle = handles
                .get(*number)
                .ok_or_else(|| format_err!("the result has no handle number {number}"))?;
            let index = cx.guest_resource_lower_own(handle.own()?, *rep)?;
            let at = place.at as usize;
            match (place.kind, offset) {
                (TENON_ENGINE_PLACE_SLOT, None) if at == 0 => *flat = ValRaw::u32(index),
                (TENON_ENGINE_PLACE_MEMORY, _) => write_handle(cx.as_slice_mut(), at, index)?,
                (TENON_ENGINE_PLACE_RESULT, Some(offset)) if at + 4 <= self.bytes.len() => {
                    write_handle(cx.as_slice_mut(), offset + at, index)?;
                }
                _ => bail!("there is no such place for a handle"),
            }
        }
        Ok(())
    }
}
