//! Host functions whose params and results the embedder lifts and lowers.

use crate::ffi::*;
use crate::raw::*;
use crate::raw_door::{Door, enter};
use crate::raw_handle::{HandleCache, may_have_handles, tuple_of};
use crate::raw_result::{HostResult, Returned};
use crate::spare::{Recycled, Shelf, Spare};
use std::ffi::c_void;
use std::ptr::NonNull;
use std::sync::Arc;
use std::thread::LocalKey;
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
    reps: *const u32,
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

/// A call of a host function: what the engine knows while it lifts the params, kept until the result
/// is lowered.
pub(crate) struct HostCall {
    /// The flat params: where the caller put them, which is left alone until the host function has
    /// returned. None if they are in memory.
    flat: Option<NonNull<ValRaw>>,
    address: u32,
    place: Option<(OptionsIndex, Instance)>,
    ty: InterfaceType,
    types: *const Arc<ComponentTypes>,
    handles: Handles,
    pub(crate) result: HostResult,
}

impl Default for HostCall {
    fn default() -> Self {
        Self {
            flat: None,
            address: 0,
            place: None,
            ty: InterfaceType::Bool,
            types: std::ptr::null(),
            handles: Handles::None,
            result: HostResult::default(),
        }
    }
}

thread_local! {
    static SHELF: Shelf<HostCall> = const { Shelf::new() };
}

impl Recycled for HostCall {
    fn shelf() -> &'static LocalKey<Shelf<Self>> {
        &SHELF
    }

    fn empty(&mut self) {
        self.handles = Handles::None;
        self.result.empty();
    }
}

/// The handles of params.
enum Handles {
    None,
    /// The reps of all of them, by their numbers.
    Lifted([u32; MAX_LIFTED]),
    /// Somewhere in the values.
    Later(WasmList<Door>),
}

/// How many handles are lifted together with the params.
const MAX_LIFTED: usize = 4;

impl Handles {
    /// Whether each handle in params is a param by itself, and there are not too many. None: there
    /// are none.
    fn are_params(params: &[InterfaceType]) -> Option<bool> {
        let mut count = 0;
        for ty in params {
            match ty {
                InterfaceType::Own(_) | InterfaceType::Borrow(_) => count += 1,
                ty if may_have_handles(ty) => return Some(false),
                _ => {}
            }
        }
        (count > 0).then_some(count <= MAX_LIFTED)
    }

    /// REQUIRES: `are_params`; `flat` are as many as the params have.
    fn lift_now(
        cx: &mut LiftContext<'_>,
        params: &[InterfaceType],
        flat: &[ValRaw],
    ) -> Result<Self> {
        let mut reps = [0; MAX_LIFTED];
        let (mut count, mut at) = (0, 0);
        for ty in params {
            let handle = flat.get(at).map_or(0, ValRaw::get_u32);
            let rep = match ty {
                InterfaceType::Own(table) => cx.guest_resource_lift_own(*table, handle)?.0,
                InterfaceType::Borrow(table) => cx.guest_resource_lift_borrow(*table, handle)?,
                ty => {
                    let flat_count = cx.types.canonical_abi(ty).flat_count(MAX_FLAT_PARAMS);
                    at += flat_count.unwrap_or(MAX_FLAT_PARAMS);
                    continue;
                }
            };
            reps[count] = rep;
            (count, at) = (count + 1, at + 1);
        }
        Ok(Handles::Lifted(reps))
    }
}

impl HostCall {
    fn begin<const HOST: bool>(
        cx: &mut LiftContext<'_>,
        ty: InterfaceType,
        flat: Option<&[ValRaw]>,
        address: u32,
    ) -> Result<Spare<Self>> {
        let types = cx.types;
        let params = &types[tuple_of(ty)?].types;
        let mut call = Spare::<Self>::take();
        call.flat = flat.map(|flat| NonNull::from(flat).cast());
        call.address = address;
        call.place = Some((cx.options_index(), cx.instance_handle()));
        call.ty = ty;
        call.types = types;
        if let Some(are_params) = Handles::are_params(params) {
            call.handles = match flat {
                Some(flat) if HOST && are_params => Handles::lift_now(cx, params, flat)?,
                _ => Handles::Later(Door::open(cx)?),
            };
        }
        Ok(call)
    }

    pub(crate) fn types(&self) -> &Arc<ComponentTypes> {
        // SAFETY: the component of the calling instance owns them.
        unsafe { &*self.types }
    }
}

/// The params of an import: nothing is translated, only captured. The engine moves them about, so
/// they are in a box. `HOST`: the handles in them are of resources that the host defined.
struct Args<const N: usize, const HOST: bool>(Spare<HostCall>);

// SAFETY: it stays on the thread that calls the import.
unsafe impl<const N: usize, const HOST: bool> Send for Args<N, HOST> {}
unsafe impl<const N: usize, const HOST: bool> Sync for Args<N, HOST> {}

// SAFETY: `typecheck` demands that the function has `N` flat values, or none and params in memory.
unsafe impl<const N: usize, const HOST: bool> ComponentNamedList for Args<N, HOST> {}
unsafe impl<const N: usize, const HOST: bool> ComponentType for Args<N, HOST> {
    type Lower = [ValRaw; N];
    const ABI: CanonicalAbiInfo = opaque_abi(N);

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        let is = count_of(&types.types[tuple_of(*ty)?], MAX_FLAT_PARAMS);
        check_defined("takes its params", N, is)
    }
}

unsafe impl<const N: usize, const HOST: bool> Lift for Args<N, HOST> {
    fn linear_lift_from_flat(
        cx: &mut LiftContext<'_>,
        ty: InterfaceType,
        src: &Self::Lower,
    ) -> Result<Self> {
        Ok(Args(HostCall::begin::<HOST>(cx, ty, Some(src), 0)?))
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
        let address = bytes.as_ptr() as usize - cx.memory().as_ptr() as usize;
        Ok(Args(HostCall::begin::<HOST>(cx, ty, None, address as u32)?))
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
    call: &'a mut HostCall,
}

impl Caller<'_> {
    pub(crate) fn types(&self) -> &Arc<ComponentTypes> {
        self.call.types()
    }

    pub(crate) fn params_type(&self) -> InterfaceType {
        self.call.ty
    }

    pub(crate) fn lower(&mut self) -> LowerContext<'_, WasmtimeStoreData> {
        let (options, instance) = self.call.place.expect("a call that began");
        LowerContext::new(self.store.as_context_mut(), options, instance)
    }

    pub(crate) fn lift<R>(
        &mut self,
        mut body: impl FnMut(&mut LiftContext<'_>) -> Result<R>,
    ) -> Result<R> {
        let mut lifted = None;
        let Handles::Later(door) = &self.call.handles else {
            bail!("the params have no handles that are lifted now");
        };
        enter(door, self.store.as_context_mut(), &mut |cx| {
            lifted = Some(body(cx)?);
            Ok(())
        })?;
        lifted.ok_or_else(|| format_err!("nothing was lifted"))
    }

    pub(crate) fn result(&mut self) -> &mut HostResult {
        &mut self.call.result
    }
}

impl HostFunction {
    /// `count`: of flat params, if they are flat.
    fn run(
        &self,
        store: StoreContextMut<'_, WasmtimeStoreData>,
        call: &mut HostCall,
        count: usize,
    ) -> Result<()> {
        let (flat, address) = (call.flat, call.address);
        let reps = match &call.handles {
            Handles::Lifted(reps) => Some(*reps),
            _ => None,
        };
        if flat.is_none() != (self.params == TENON_ENGINE_SPILLED) {
            let wanted = describe_count(self.params);
            bail!("the host function was defined for params {wanted}, and they are elsewhere");
        }
        call.result.handles = &self.handles;
        let mut result = ValRaw::u64(0);
        let mut caller = Caller { store, call };
        let side = Side::Caller(&mut caller);
        let mut guest = tenon_engine_guest_t::new(side, &self.handles);
        let failed = (self.call)(
            self.env,
            &mut tenon_engine_host_call_t {
                caller: &mut guest,
                params: flat.map_or(std::ptr::null(), |flat| flat.as_ptr()),
                param_count: if flat.is_some() { count } else { 0 },
                result: &mut result,
                params_at: address,
                params_in_memory: flat.is_none(),
                reps: reps.as_ref().map_or(std::ptr::null(), |reps| reps.as_ptr()),
            },
        );
        check(failed)?;
        caller.call.result.flat = result.get_u64();
        Ok(())
    }
}

fn define<const N: usize, const R: usize, const HOST: bool>(
    linker: &mut LinkerInstance<'_, WasmtimeStoreData>,
    name: &str,
    function: HostFunction,
) -> Result<()> {
    linker.func_wrap(
        name,
        move |store: StoreContextMut<'_, WasmtimeStoreData>, args: Args<N, HOST>| {
            let mut call = args.0;
            function.run(store, &mut call, N)?;
            Ok(Returned::<R>(call))
        },
    )
}

/// The engine copies as many flat values as a Rust type has: one type for each number.
macro_rules! define_by_count {
    ($params:expr, $results:expr, $host:expr, $arguments:tt; $($count:literal)*) => {
        match ($params, $results, $host) {
            $(
                ($count, 0, false) => define::<$count, 0, false> $arguments,
                ($count, 1, false) => define::<$count, 1, false> $arguments,
                ($count, 0, true) => define::<$count, 0, true> $arguments,
                ($count, 1, true) => define::<$count, 1, true> $arguments,
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
    takes_host_handles: bool,
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
        define_by_count!(flat(params), flat(result), takes_host_handles, (&mut instance, name, function);
            0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)
    })
}
