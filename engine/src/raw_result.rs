//! The result of a host function on its way into the guest that called it.

use crate::ffi::*;
use crate::raw::*;
use crate::raw_handle::{HandleCache, tuple_of};
use crate::raw_import::{HostCall, check_defined};
use crate::spare::Spare;
use std::mem::MaybeUninit;
use std::sync::Arc;
use wasmtime::component::__internal::wasmtime_environ::component::{
    CanonicalAbiInfo, ComponentTypes, InterfaceType, MAX_FLAT_RESULTS,
};
use wasmtime::component::__internal::{InstanceType, LowerContext};
use wasmtime::component::{ComponentNamedList, ComponentType, Lower};
use wasmtime::{Result, ValRaw, bail, format_err};
use wasmtime_c_api::WasmtimeStoreData;

/// What a host function gave.
pub(crate) struct HostResult {
    pub(crate) flat: u64,
    /// Of a result that the engine writes to memory.
    bytes: Vec<u8>,
    /// Handles to be made when the engine tells the result's type: number, rep, place.
    owned: Vec<(usize, u32, tenon_engine_place_t)>,
    pub(crate) handles: *const HandleCache,
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

/// How much is kept for the next call.
const SPARE_BYTES: usize = 4096;
const SPARE_HANDLES: usize = 256;

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
        let result = caller.result();
        // Handles of a result that is given up belong to none.
        result.empty();
        result.bytes.resize(size as usize, 0);
        *data = result.bytes.as_mut_ptr();
        Ok(())
    })
}

/// A result on its way into the caller.
pub(crate) struct Returned<const R: usize>(pub(crate) Spare<HostCall>);

// SAFETY: it stays on the thread that calls the import.
unsafe impl<const R: usize> Send for Returned<R> {}
unsafe impl<const R: usize> Sync for Returned<R> {}

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
        let result = &self.0.result;
        result.check_size(0)?;
        let mut flat = result.flat;
        if !result.owned.is_empty() {
            let mut handle = ValRaw::u64(flat);
            result.lower_owned(concrete(cx)?, ty, self.0.types(), None, &mut handle)?;
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
        let result = &self.0.result;
        if R != 0 {
            bail!("a flat result is wanted in memory");
        }
        result.check_size(size)?;
        cx.as_slice_mut()[offset..][..size].copy_from_slice(&result.bytes);
        result.lower_owned(cx, ty, self.0.types(), Some(offset), &mut ValRaw::u64(0))
    }
}

impl HostResult {
    pub(crate) fn empty(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(SPARE_BYTES);
        self.owned.clear();
        self.owned.shrink_to(SPARE_HANDLES);
    }

    pub(crate) fn lower_later(&mut self, number: usize, rep: u32, place: tenon_engine_place_t) {
        self.owned.push((number, rep, place));
    }

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
        types: &Arc<ComponentTypes>,
        offset: Option<usize>,
        flat: &mut ValRaw,
    ) -> Result<()> {
        if self.owned.is_empty() {
            return Ok(());
        }
        // SAFETY: the linker owns the function and with it the cache; the instance that is returned
        // to keeps it.
        let handles = unsafe { &*self.handles }.get(types, Some(types), ty)?;
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
