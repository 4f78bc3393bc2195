//! Handles of resources that guests define, held by the embedder.

use crate::drive::drive;
use crate::ffi::*;
use crate::raw::*;
use std::mem::MaybeUninit;
use wasmtime::component::{Lift, Lower, ResourceAny};
use wasmtime::{AsContextMut, Error, Trap, ValRaw, WasmBacktrace};
use wasmtime_c_api::WasmtimeStoreContextMut;

const RESOURCE_WORDS: usize = 6;

/// A `ResourceAny` as bytes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tenon_engine_resource_t([MaybeUninit<u64>; RESOURCE_WORDS]);

impl tenon_engine_resource_t {
    fn set(&mut self, resource: ResourceAny) {
        const {
            assert!(size_of::<ResourceAny>() <= size_of::<Self>());
            assert!(align_of::<ResourceAny>() <= align_of::<Self>());
        }
        // SAFETY: it fits, and is plain data.
        unsafe {
            std::ptr::from_mut(self)
                .cast::<ResourceAny>()
                .write(resource)
        };
    }

    fn get(&self) -> ResourceAny {
        // SAFETY: the header demands the bytes that `set` wrote.
        unsafe { std::ptr::from_ref(self).cast::<ResourceAny>().read() }
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_guest_lift_resource(
    guest: &mut tenon_engine_guest_t<'_, '_>,
    number: usize,
    handle: u32,
    resource: &mut tenon_engine_resource_t,
) -> Failed {
    guard_error(|| {
        let ty = guest.handle(number)?.ty();
        let index = ValRaw::u32(handle);
        resource.set(guest.lift(|cx| ResourceAny::linear_lift_from_flat(cx, ty, &index))?);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_guest_lower_resource(
    guest: &mut tenon_engine_guest_t<'_, '_>,
    number: usize,
    resource: &tenon_engine_resource_t,
    place: tenon_engine_place_t,
) -> Failed {
    guard_error(|| {
        let ty = guest.handle(number)?.ty();
        guest.lower(place, |cx| {
            let mut index = MaybeUninit::new(ValRaw::u32(0));
            resource.get().linear_lower_to_flat(cx, ty, &mut index)?;
            // SAFETY: it was a value before, and it is one after.
            Ok(unsafe { index.assume_init() }.get_u32())
        })
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_resource_drop(
    mut context: WasmtimeStoreContextMut<'_>,
    resource: &tenon_engine_resource_t,
) -> Failed {
    guard_error(|| {
        let resource = resource.get();
        match resource.resource_drop(context.as_context_mut()) {
            Err(error) if context.engine().get_concurrency_support() && !has_run(&error) => {
                drive(resource.resource_drop_async(context))
            }
            dropped => dropped,
        }
    })
}

/// Whether the engine got as far as a guest. If not, a store may only want to be entered by a fiber.
pub(crate) fn has_run(error: &Error) -> bool {
    error.downcast_ref::<Trap>().is_some() || error.downcast_ref::<WasmBacktrace>().is_some()
}
