//! Host functions whose params and results the embedder lifts and lowers.

use crate::ffi::*;
use crate::raw::*;
use crate::raw_door::{Door, enter};
use crate::raw_handle::{HandleCache, may_have_handles, tuple_of};
use crate::raw_result::{Rest, Returned};
use std::cell::Cell;
use std::ffi::c_void;
use std::sync::Arc;
use wasmtime::component::__internal::wasmtime_environ::component::{
    CanonicalAbiInfo, ComponentTypes, InterfaceType, MAX_FLAT_PARAMS, OptionsIndex,
};
use wasmtime::component::__internal::{InstanceType, LiftContext, LowerContext};
use wasmtime::component::{
    ComponentNamedList, ComponentType, Instance, Lift, Linker, LinkerInstance, WasmList,
};
use wasmtime::{AsContextMut, Result, StoreContextMut, ValRaw, bail, format_err};
use wasmtime_c_api::{WasmtimeStoreData, wasmtime_component_linker_t};

#[repr(C)]
pub struct tenon_engine_host_call_t<'a, 'b, 'c> {
    caller: &'c mut tenon_engine_guest_t<'a, 'b>,
    params: *const ValRaw,
    param_count: usize,
    result: *mut ValRaw,
    params_at: u32,
    params_in_memory: bool,
}

pub type tenon_engine_host_function_t =
    extern "C" fn(*mut c_void, &mut tenon_engine_host_call_t<'_, '_, '_>) -> Failed;

/// A host function, owned by the linker that it is defined in.
struct HostFunction {
    call: tenon_engine_host_function_t,
    env: *mut c_void,
    finalizer: Option<extern "C" fn(*mut c_void)>,
    params: u8,
    handles: HandleCache,
}

// SAFETY: the header demands a function that may be called on any thread.
unsafe impl Send for HostFunction {}
unsafe impl Sync for HostFunction {}

impl Drop for HostFunction {
    fn drop(&mut self) {
        if let Some(finalizer) = self.finalizer {
            finalizer(self.env);
        }
    }
}

/// What the engine knows while it lifts params, kept until the host function runs.
struct Captured {
    flat: [ValRaw; MAX_FLAT_PARAMS],
    address: u32,
    in_memory: bool,
    options: OptionsIndex,
    instance: Instance,
    ty: InterfaceType,
    types: *const Arc<ComponentTypes>,
    /// Where the params may have handles.
    door: Option<WasmList<Door>>,
    next: Option<Box<Captured>>,
}

thread_local! {
    /// Those that are not in use: as many as the thread's calls were deep.
    static SPARE: Cell<Option<Box<Captured>>> = const { Cell::new(None) };
}

impl Captured {
    fn make(
        cx: &mut LiftContext<'_>,
        ty: InterfaceType,
        flat: &[ValRaw],
        place: Option<&[u8]>,
    ) -> Result<Box<Self>> {
        let start = cx.memory().as_ptr() as usize;
        let tuple = &cx.types[tuple_of(ty)?];
        let door = match tuple.types.iter().any(may_have_handles) {
            true => Some(Door::open(cx)?),
            false => None,
        };
        let mut made = match SPARE.take() {
            Some(mut spare) => {
                SPARE.set(spare.next.take());
                spare.options = cx.options_index();
                spare.instance = cx.instance_handle();
                spare.ty = ty;
                spare.types = cx.types;
                spare
            }
            None => Box::new(Self {
                flat: [ValRaw::u64(0); MAX_FLAT_PARAMS],
                address: 0,
                in_memory: false,
                options: cx.options_index(),
                instance: cx.instance_handle(),
                ty,
                types: cx.types,
                door: None,
                next: None,
            }),
        };
        made.address = place.map_or(0, |bytes| (bytes.as_ptr() as usize - start) as u32);
        made.in_memory = place.is_some();
        made.door = door;
        // By their bits: each was written as the half of a value, and read as a whole it is waited for.
        for (to, from) in made.flat.iter_mut().zip(flat) {
            *to = ValRaw::u64(from.get_u64());
        }
        Ok(made)
    }
}

/// The params of an import: nothing is translated, only captured. The engine moves them about, so
/// they are in a box, which is used again.
struct Args<const N: usize>(Option<Box<Captured>>);

impl<const N: usize> Drop for Args<N> {
    fn drop(&mut self) {
        if let Some(mut captured) = self.0.take() {
            captured.door = None;
            captured.next = SPARE.take();
            SPARE.set(Some(captured));
        }
    }
}

// SAFETY: it stays on the thread that calls the import.
unsafe impl<const N: usize> Send for Args<N> {}
unsafe impl<const N: usize> Sync for Args<N> {}

// SAFETY: `typecheck` demands that the function has `N` flat values, or none and params in memory.
unsafe impl<const N: usize> ComponentNamedList for Args<N> {}
unsafe impl<const N: usize> ComponentType for Args<N> {
    type Lower = [ValRaw; N];
    const ABI: CanonicalAbiInfo = opaque_abi(N);

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        let is = count_of(&types.types[tuple_of(*ty)?], MAX_FLAT_PARAMS);
        check_defined("takes its params", N, is)
    }
}

unsafe impl<const N: usize> Lift for Args<N> {
    fn linear_lift_from_flat(
        cx: &mut LiftContext<'_>,
        ty: InterfaceType,
        src: &Self::Lower,
    ) -> Result<Self> {
        Ok(Args(Some(Captured::make(cx, ty, src, None)?)))
    }

    /// The engine takes `SIZE32` bytes of the memory at the params' address, so that `bytes` is
    /// empty and says where they are. It has checked their bounds and alignment.
    ///
    /// A caller that lowers a function `async` passes more than four flat values so; wasmtime 48
    /// takes such a lower only of functions of `async` type, which are not defined here.
    fn linear_lift_from_memory(
        cx: &mut LiftContext<'_>,
        ty: InterfaceType,
        bytes: &[u8],
    ) -> Result<Self> {
        if N != 0 {
            bail!("flat params are in memory");
        }
        Ok(Args(Some(Captured::make(cx, ty, &[], Some(bytes))?)))
    }
}

pub(crate) fn check_defined(what: &str, wanted: usize, is: u8) -> Result<()> {
    if is as usize == wanted || (is == TENON_ENGINE_SPILLED && wanted == 0) {
        return Ok(());
    }
    let is = describe_count(is);
    bail!("the function {what} {is}, and it was defined for {wanted} flat values")
}

/// The guest that calls a host function.
pub(crate) struct Caller<'a> {
    store: StoreContextMut<'a, WasmtimeStoreData>,
    captured: &'a Captured,
    function: &'a HostFunction,
    rest: Option<Box<Rest>>,
}

impl Caller<'_> {
    pub(crate) fn types(&self) -> &Arc<ComponentTypes> {
        // SAFETY: the component of the calling instance owns them.
        unsafe { &*self.captured.types }
    }

    pub(crate) fn lower(&mut self) -> LowerContext<'_, WasmtimeStoreData> {
        LowerContext::new(
            self.store.as_context_mut(),
            self.captured.options,
            self.captured.instance,
        )
    }

    pub(crate) fn lift<R>(
        &mut self,
        mut body: impl FnMut(&mut LiftContext<'_>) -> Result<R>,
    ) -> Result<R> {
        let mut lifted = None;
        let Some(door) = &self.captured.door else {
            bail!("the params have no handles");
        };
        enter(door, self.store.as_context_mut(), &mut |cx| {
            lifted = Some(body(cx)?);
            Ok(())
        })?;
        lifted.ok_or_else(|| format_err!("nothing was lifted"))
    }

    pub(crate) fn rest(&mut self) -> &mut Rest {
        let (function, types) = (self.function, self.captured.types);
        self.rest
            .get_or_insert_with(|| Rest::new(&function.handles, types))
    }

    pub(crate) fn lower_later(&mut self, number: usize, rep: u32, place: tenon_engine_place_t) {
        self.rest().owned.push((number, rep, place));
    }
}

impl HostFunction {
    fn run(
        &self,
        store: StoreContextMut<'_, WasmtimeStoreData>,
        captured: &Captured,
        count: usize,
    ) -> Result<(u64, Option<Box<Rest>>)> {
        if captured.in_memory != (self.params == TENON_ENGINE_SPILLED) {
            let wanted = describe_count(self.params);
            bail!("the host function was defined for params {wanted}, and they are elsewhere");
        }
        let mut result = ValRaw::u64(0);
        let mut caller = Caller {
            store,
            captured,
            function: self,
            rest: None,
        };
        let side = Side::Caller(&mut caller);
        let mut guest = tenon_engine_guest_t::new(side, &self.handles, captured.ty);
        let failed = (self.call)(
            self.env,
            &mut tenon_engine_host_call_t {
                caller: &mut guest,
                params: captured.flat.as_ptr(),
                param_count: if captured.in_memory { 0 } else { count },
                result: &mut result,
                params_at: captured.address,
                params_in_memory: captured.in_memory,
            },
        );
        check(failed)?;
        Ok((result.get_u64(), caller.rest))
    }
}

fn define<const N: usize, const R: usize>(
    linker: &mut LinkerInstance<'_, WasmtimeStoreData>,
    name: &str,
    function: HostFunction,
) -> Result<()> {
    linker.func_wrap(
        name,
        move |store: StoreContextMut<'_, WasmtimeStoreData>, args: Args<N>| {
            let Some(captured) = &args.0 else {
                bail!("the params are gone");
            };
            let (flat, rest) = function.run(store, captured, N)?;
            Ok(Returned::<R> { flat, rest })
        },
    )
}

/// The engine copies as many flat values as a Rust type has: one type for each number.
macro_rules! define_by_count {
    ($params:expr, $results:expr, $arguments:tt; $($count:literal)*) => {
        match ($params, $results) {
            $(
                ($count, 0) => define::<$count, 0> $arguments,
                ($count, 1) => define::<$count, 1> $arguments,
            )*
            _ => bail!("no function has that many flat values"),
        }
    };
}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_linker_define(
    linker: &mut wasmtime_component_linker_t,
    interface: &tenon_engine_slice_t<'_>,
    name: &tenon_engine_slice_t<'_>,
    params: u8,
    result: u8,
    call: tenon_engine_host_function_t,
    env: *mut c_void,
    finalizer: Option<extern "C" fn(*mut c_void)>,
) -> Failed {
    let function = HostFunction {
        call,
        env,
        finalizer,
        params,
        handles: HandleCache::default(),
    };
    guard_error(|| {
        // SAFETY: it is `repr(transparent)` over this type.
        let linker: &mut Linker<WasmtimeStoreData> =
            unsafe { &mut *std::ptr::from_mut(linker).cast() };
        let (interface, name) = (interface.text()?, name.text()?);
        let mut instance = linker.root();
        if !interface.is_empty() {
            instance = instance.into_instance(interface)?;
        }
        let flat = |count| {
            if count == TENON_ENGINE_SPILLED {
                0
            } else {
                count
            }
        };
        define_by_count!(flat(params), flat(result), (&mut instance, name, function);
            0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)
    })
}
