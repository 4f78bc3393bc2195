//! Resources that guests define, held by the embedder: by their reps, in no table of the engine.

use crate::drive::drive;
use crate::ffi::*;
use crate::raw::*;
use crate::raw_door::{Door, enter};
use crate::raw_handle::Handle;
use std::mem::MaybeUninit;
use wasmtime::component::__internal::wasmtime_environ::component::{
    InterfaceType, OptionsIndex, TypeResourceTableIndex,
};
use wasmtime::component::__internal::{LiftContext, LowerContext};
use wasmtime::component::{Instance, Lift, ResourceAny, ResourceType, WasmList};
use wasmtime::{AsContextMut, Result, ValRaw, bail, format_err};
use wasmtime_c_api::WasmtimeStoreContextMut;

const RESOURCE_WORDS: usize = 6;

/// A `Kept` as bytes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tenon_engine_resource_t([MaybeUninit<u64>; RESOURCE_WORDS]);

#[derive(Clone, Copy)]
struct Kept {
    ty: ResourceType,
    table: TypeResourceTableIndex,
    rep: u32,
}

impl tenon_engine_resource_t {
    fn set(&mut self, resource: Kept) {
        const {
            assert!(size_of::<Kept>() <= size_of::<Self>());
            assert!(align_of::<Kept>() <= align_of::<Self>());
        }
        // SAFETY: it fits, and is plain data.
        unsafe { std::ptr::from_mut(self).cast::<Kept>().write(resource) };
    }

    fn get(&self) -> &Kept {
        // SAFETY: the header demands the bytes that `set` wrote.
        unsafe { &*std::ptr::from_ref(self).cast::<Kept>() }
    }
}

/// The instance of a store whose guests define resources, as a call of it showed it.
pub struct tenon_engine_home_t {
    door: WasmList<Door>,
    options: OptionsIndex,
    instance: Instance,
}

impl tenon_engine_home_t {
    fn of(cx: &mut LiftContext<'_>) -> Result<Box<Self>> {
        Ok(Box::new(Self {
            door: Door::open(cx)?,
            options: cx.options_index(),
            instance: cx.instance_handle(),
        }))
    }

    /// The engine runs a destructor for who has a handle of a table: a guest gets one, and gives it
    /// to the host.
    fn take(
        &self,
        context: &mut WasmtimeStoreContextMut<'_>,
        resource: &Kept,
    ) -> Result<ResourceAny> {
        let mut lower = LowerContext::new(context.as_context_mut(), self.options, self.instance);
        resource.check(lower.resource_type(resource.table))?;
        let index = ValRaw::u32(lower.guest_resource_lower_own(resource.table, resource.rep)?);
        let own = InterfaceType::Own(resource.table);
        let mut taken = None;
        enter(&self.door, context.as_context_mut(), &mut |cx| {
            taken = Some(ResourceAny::linear_lift_from_flat(cx, own, &index)?);
            Ok(())
        })?;
        taken.ok_or_else(|| format_err!("nothing was lifted"))
    }
}

impl Kept {
    fn check(&self, ty: ResourceType) -> Result<()> {
        if ty != self.ty {
            bail!("mismatched resource types");
        }
        Ok(())
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_home_delete(_home: Option<Box<tenon_engine_home_t>>) {}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_guest_lift_resource(
    guest: &mut tenon_engine_guest_t<'_, '_>,
    number: usize,
    handle: u32,
    home: &mut Option<Box<tenon_engine_home_t>>,
    resource: &mut tenon_engine_resource_t,
) -> Failed {
    guard_error(|| {
        let table = guest.handle(number)?.own()?;
        resource.set(guest.lift(|cx| {
            if home.is_none() {
                *home = Some(tenon_engine_home_t::of(cx)?);
            }
            Ok(Kept {
                ty: cx.resource_type(table),
                table,
                rep: cx.guest_resource_lift_own(table, handle)?.0,
            })
        })?);
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
        let handle = guest.handle(number)?;
        guest.lower(place, |cx| {
            let resource = resource.get();
            match handle {
                Handle::Own(table) => {
                    resource.check(cx.resource_type(table))?;
                    cx.guest_resource_lower_own(table, resource.rep)
                }
                Handle::Borrow(table) => {
                    resource.check(cx.resource_type(table))?;
                    cx.guest_resource_lower_borrow(table, resource.rep)
                }
            }
        })
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_resource_drop(
    mut context: WasmtimeStoreContextMut<'_>,
    home: Option<&tenon_engine_home_t>,
    resource: &tenon_engine_resource_t,
) -> Failed {
    guard_error(|| {
        let home = home.ok_or_else(|| format_err!("no guest of the store gave a resource away"))?;
        let resource = home.take(&mut context, resource.get())?;
        // A destructor may make a call that is lowered `async`, as any function may.
        if context.engine().get_concurrency_support() {
            drive(resource.resource_drop_async(context))
        } else {
            resource.resource_drop(context.as_context_mut())
        }
    })
}
