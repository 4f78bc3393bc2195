//! Resources that guests define, held by the embedder.
//!
//! For each resource that the host holds as a `ResourceAny`, wasmtime keeps an entry in a table of
//! the store. tenon has its own table of such resources, and the second one made borrowed calls a
//! third slower. So the embedder holds only the type and the rep (`HeldResource`), and lowers them
//! into a guest's table when the resource goes back (docs/adr/0012-resources-by-rep.md).
//!
//! Dropping one is harder: the engine runs a destructor only for a `ResourceAny`. To create one,
//! the rep is lowered into the table of a guest as an own handle and lifted out of it as a
//! `ResourceAny`. That needs a guest of the store and access to a `LiftContext` at a time when no
//! call is running. The store's `tnengine_home_t` keeps both from the first lift of such a
//! resource.

use crate::ffi::*;
use crate::raw::*;
use crate::raw_handle::Handle;
use crate::raw_lift::{LateLift, with_lift_context};
use std::mem::MaybeUninit;
use wasmtime::component::__internal::wasmtime_environ::component::{
    InterfaceType, OptionsIndex, TypeResourceTableIndex,
};
use wasmtime::component::__internal::{LiftContext, LowerContext};
use wasmtime::component::{Instance, Lift, ResourceAny, ResourceType, WasmList};
use wasmtime::{AsContextMut, Result, ValRaw, bail, format_err};
use wasmtime_c_api::WasmtimeStoreContextMut;

const RESOURCE_WORDS: usize = 6;

/// The bytes of a `HeldResource`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tnengine_resource_t([MaybeUninit<u64>; RESOURCE_WORDS]);

#[derive(Clone, Copy)]
struct HeldResource {
    ty: ResourceType,
    table: TypeResourceTableIndex,
    rep: u32,
}

impl tnengine_resource_t {
    fn set(&mut self, resource: HeldResource) {
        const {
            assert!(size_of::<HeldResource>() <= size_of::<Self>());
            assert!(align_of::<HeldResource>() <= align_of::<Self>());
        }
        // SAFETY: size and alignment fit, and the type is plain data.
        unsafe {
            std::ptr::from_mut(self)
                .cast::<HeldResource>()
                .write(resource)
        };
    }

    fn get(&self) -> &HeldResource {
        // SAFETY: the header requires the bytes that `set` wrote.
        unsafe { &*std::ptr::from_ref(self).cast::<HeldResource>() }
    }
}

/// An instance of a store, and access to it, for dropping resources.
pub struct tnengine_home_t {
    list: WasmList<LateLift>,
    options: OptionsIndex,
    instance: Instance,
}

impl tnengine_home_t {
    fn of(cx: &mut LiftContext<'_>) -> Result<Box<Self>> {
        Ok(Box::new(Self {
            list: LateLift::prepare(cx)?,
            options: cx.options_index(),
            instance: cx.instance_handle(),
        }))
    }

    /// Converts a resource to the engine's form, by way of a guest's table.
    fn take(
        &self,
        context: &mut WasmtimeStoreContextMut<'_>,
        resource: &HeldResource,
    ) -> Result<ResourceAny> {
        let mut lower = LowerContext::new(context.as_context_mut(), self.options, self.instance);
        resource.check(lower.resource_type(resource.table))?;
        let index = ValRaw::u32(lower.guest_resource_lower_own(resource.table, resource.rep)?);
        let own = InterfaceType::Own(resource.table);
        let mut taken = None;
        with_lift_context(&self.list, context.as_context_mut(), &mut |cx| {
            taken = Some(ResourceAny::linear_lift_from_flat(cx, own, &index)?);
            Ok(())
        })?;
        taken.ok_or_else(|| format_err!("nothing was lifted"))
    }
}

impl tnengine_home_t {
    /// Begins to drop a resource on a fiber of the store.
    pub(crate) fn drop<'a>(
        &self,
        mut context: WasmtimeStoreContextMut<'a>,
        resource: &tnengine_resource_t,
    ) -> Result<impl Future<Output = Result<()>> + use<'a>> {
        let resource = self.take(&mut context, resource.get())?;
        Ok(resource.resource_drop_async(context))
    }
}

impl HeldResource {
    fn check(&self, ty: ResourceType) -> Result<()> {
        if ty != self.ty {
            bail!("mismatched resource types");
        }
        Ok(())
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_home_delete(_home: Option<Box<tnengine_home_t>>) {}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_guest_lift_resource(
    guest: &mut tnengine_guest_t<'_, '_>,
    number: usize,
    handle: u32,
    home: &mut Option<Box<tnengine_home_t>>,
    resource: &mut tnengine_resource_t,
) -> Failed {
    guard_error(|| {
        let table = guest.handle(number)?.own()?;
        resource.set(guest.lift(|cx| {
            if home.is_none() {
                *home = Some(tnengine_home_t::of(cx)?);
            }
            Ok(HeldResource {
                ty: cx.resource_type(table),
                table,
                rep: cx.guest_resource_lift_own(table, handle)?.0,
            })
        })?);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_guest_lower_resource(
    guest: &mut tnengine_guest_t<'_, '_>,
    number: usize,
    resource: &tnengine_resource_t,
    place: tnengine_place_t,
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
                Handle::Stream(_) | Handle::Future(_) => bail!("the handle is not of a resource"),
            }
        })
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_resource_drop(
    mut context: WasmtimeStoreContextMut<'_>,
    home: Option<&tnengine_home_t>,
    resource: &tnengine_resource_t,
) -> Failed {
    guard_error(|| {
        let home = home.ok_or_else(|| {
            format_err!("no guest of this store has passed a resource to the host")
        })?;
        let resource = home.take(&mut context, resource.get())?;
        resource.resource_drop(context.as_context_mut())
    })
}
