//! Host functions whose params and results the embedder lifts and lowers.
//!
//! wasmtime calls a host function in three steps: it lifts the params into a Rust value, calls a
//! closure with it, and lowers the value that the closure returns. Only the first step has a
//! `LiftContext`, only the closure has the store, and only the last step knows the type of the
//! result. A `HostCall`, in a box, carries what each step learns to the next ones:
//!
//! 1. `Args::linear_lift_*` records where the params are, without translating them
//!    (`HostCall::begin`).
//! 2. `HostFunction::run` passes them to the embedder's C function.
//! 3. `Returned::linear_lower_*` (`raw_result.rs`) writes the result, and only then creates the
//!    handles in it.
//!
//! Handles in the params can be lifted in step 1, or later through a `LateLift` list
//! (`raw_lift.rs`). If the host defined all the resources and each handle is a whole param, step 1
//! lifts them, which is faster. Otherwise the embedder lifts them while it reads the values.
//!
//! Unlike for exports, wasmtime decides by the *component's* type whether params and result are
//! flat, and requires that the Rust type has exactly that many values. So there is one Rust type
//! for each number, and `define_by_count` selects it.

use crate::box_pool::{BoxPool, Pooled, PooledBox};
use crate::ffi::*;
use crate::raw::*;
use crate::raw_handle::{HandleCache, may_have_handles, tuple_of};
use crate::raw_lift::{LateLift, with_lift_context};
use crate::raw_result::{HostResult, Returned};
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
pub struct tnengine_host_call_t<'a, 'b, 'c> {
    caller: &'c mut tnengine_guest_t<'a, 'b>,
    params: *const ValRaw,
    param_count: usize,
    result: *mut ValRaw,
    params_at: u32,
    params_in_memory: bool,
    reps: *const u32,
}

impl tnengine_host_call_t<'_, '_, '_> {
    pub(crate) fn store(&mut self) -> Option<StoreContextMut<'_, WasmtimeStoreData>> {
        self.caller.caller().map(Caller::store)
    }
}

pub type tnengine_host_function_t =
    extern "C" fn(*mut c_void, &mut tnengine_host_call_t<'_, '_, '_>) -> Failed;

/// The embedder's object for a host function, owned by the linker that the function is defined in.
pub(crate) struct HostEnv {
    pub(crate) env: *mut c_void,
    finalizer: Option<extern "C" fn(*mut c_void)>,
    params: u8,
    pub(crate) handles: HandleCache,
}

// SAFETY: the header requires a function that can be called on any thread.
unsafe impl Send for HostEnv {}
unsafe impl Sync for HostEnv {}

impl HostEnv {
    /// `params`: the number of flat params, or `TNENGINE_SPILLED`.
    pub(crate) fn new(
        env: *mut c_void,
        finalizer: Option<extern "C" fn(*mut c_void)>,
        params: u8,
    ) -> Self {
        Self {
            env,
            finalizer,
            params,
            handles: HandleCache::default(),
        }
    }
}

struct HostFunction {
    call: tnengine_host_function_t,
    host: HostEnv,
}

impl Drop for HostEnv {
    fn drop(&mut self) {
        if let Some(finalizer) = self.finalizer {
            finalizer(self.env);
        }
    }
}

/// The state of one call of a host function, from lifting its params to lowering its result.
pub(crate) struct HostCall {
    /// The flat params, in the caller's buffer, which stays unchanged until the host function has
    /// returned. None if the params are in memory.
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
    static POOL: BoxPool<HostCall> = const { BoxPool::new() };
}

impl Pooled for HostCall {
    fn pool() -> &'static LocalKey<BoxPool<Self>> {
        &POOL
    }

    fn clear(&mut self) {
        self.handles = Handles::None;
        self.result.clear();
    }
}

/// The handles in the params.
enum Handles {
    None,
    /// The reps of all handles, by number.
    Lifted([u32; MAX_LIFTED]),
    /// The embedder lifts them while it reads the values.
    Later(WasmList<LateLift>),
}

/// Maximum number of handles that are lifted together with the params.
const MAX_LIFTED: usize = 4;

impl Handles {
    /// Whether each handle is a whole param, and there are at most `MAX_LIFTED`. None if there are
    /// no handles.
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

    /// REQUIRES: `are_params`; `flat` has all flat values of the params.
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
    ) -> Result<PooledBox<Self>> {
        let types = cx.types;
        let params = &types[tuple_of(ty)?].types;
        let mut call = PooledBox::<Self>::take();
        call.flat = flat.map(|flat| NonNull::from(flat).cast());
        call.address = address;
        call.place = Some((cx.options_index(), cx.instance_handle()));
        call.ty = ty;
        call.types = types;
        if let Some(are_params) = Handles::are_params(params) {
            call.handles = match flat {
                Some(flat) if HOST && are_params => Handles::lift_now(cx, params, flat)?,
                _ => Handles::Later(LateLift::prepare(cx)?),
            };
        }
        Ok(call)
    }

    pub(crate) fn types(&self) -> &Arc<ComponentTypes> {
        // SAFETY: the component of the calling instance owns the types.
        unsafe { &*self.types }
    }
}

/// The `N` flat params of an import, recorded without translating them. wasmtime moves the value
/// several times, so its content is in a box. `HOST`: the host defined all resources in the params.
pub(crate) struct Args<const N: usize, const HOST: bool>(PooledBox<HostCall>);

impl<const N: usize, const HOST: bool> Args<N, HOST> {
    pub(crate) fn into_call(self) -> PooledBox<HostCall> {
        self.0
    }
}

// SAFETY: it stays on the thread that calls the import.
unsafe impl<const N: usize, const HOST: bool> Send for Args<N, HOST> {}
unsafe impl<const N: usize, const HOST: bool> Sync for Args<N, HOST> {}

// SAFETY: `typecheck` requires that the function has `N` flat params, or that `N` is 0 and its
// params are in memory.
unsafe impl<const N: usize, const HOST: bool> ComponentNamedList for Args<N, HOST> {}
unsafe impl<const N: usize, const HOST: bool> ComponentType for Args<N, HOST> {
    type Lower = [ValRaw; N];
    const ABI: CanonicalAbiInfo = opaque_abi(N);

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        let actual = count_of(&types.types[tuple_of(*ty)?], MAX_FLAT_PARAMS);
        check_defined("takes its params", N, actual)
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

    /// `bytes` begins at the address of the params and is empty, because our type has size 0.
    /// wasmtime has checked bounds and alignment of the real params.
    ///
    /// A caller that lowers a function `async` passes more than four flat values in memory.
    fn linear_lift_from_memory(
        cx: &mut LiftContext<'_>,
        ty: InterfaceType,
        bytes: &[u8],
    ) -> Result<Self> {
        if N != 0 && !cx.options().async_ {
            bail!("expected flat params, found params in memory");
        }
        let address = bytes.as_ptr() as usize - cx.memory().as_ptr() as usize;
        Ok(Args(HostCall::begin::<HOST>(cx, ty, None, address as u32)?))
    }
}

pub(crate) fn check_defined(what: &str, expected: usize, actual: u8) -> Result<()> {
    if actual as usize == expected || (actual == TNENGINE_SPILLED && expected == 0) {
        return Ok(());
    }
    let actual = describe_count(actual);
    bail!("the function {what} {actual}, but it was defined for {expected} flat values")
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
        let Handles::Later(list) = &self.call.handles else {
            bail!("the params have no handles, or the engine has lifted them already");
        };
        with_lift_context(list, self.store.as_context_mut(), &mut |cx| {
            lifted = Some(body(cx)?);
            Ok(())
        })?;
        lifted.ok_or_else(|| format_err!("nothing was lifted"))
    }

    pub(crate) fn result(&mut self) -> &mut HostResult {
        &mut self.call.result
    }

    pub(crate) fn store(&mut self) -> StoreContextMut<'_, WasmtimeStoreData> {
        self.store.as_context_mut()
    }
}

impl HostEnv {
    /// Passes a call to the embedder's function by `run`, and keeps its flat result in `call`.
    /// `count`: the number of flat params, if they are flat.
    pub(crate) fn run(
        &self,
        store: StoreContextMut<'_, WasmtimeStoreData>,
        call: &mut HostCall,
        count: usize,
        run: impl FnOnce(&mut tnengine_host_call_t<'_, '_, '_>) -> Failed,
    ) -> Result<()> {
        let (flat, address) = (call.flat, call.address);
        let reps = match &call.handles {
            Handles::Lifted(reps) => Some(*reps),
            _ => None,
        };
        // A caller that lowers the function `async` passes more than four values in memory.
        if flat.is_some() && self.params == TNENGINE_SPILLED {
            let expected = describe_count(self.params);
            bail!("the host function was defined for params {expected}, but they are elsewhere");
        }
        call.result.handles = &self.handles;
        let mut result = ValRaw::u64(0);
        let mut caller = Caller { store, call };
        let side = Side::Caller(&mut caller);
        let mut guest = tnengine_guest_t::new(side, &self.handles);
        let failed = run(&mut tnengine_host_call_t {
            caller: &mut guest,
            params: flat.map_or(std::ptr::null(), |flat| flat.as_ptr()),
            param_count: if flat.is_some() { count } else { 0 },
            result: &mut result,
            params_at: address,
            params_in_memory: flat.is_none(),
            reps: reps.as_ref().map_or(std::ptr::null(), |reps| reps.as_ptr()),
        });
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
            function.host.run(store, &mut call, N, |host_call| {
                (function.call)(function.host.env, host_call)
            })?;
            Ok(Returned::<R>(call))
        },
    )
}

/// Calls `define` with the types for these counts of flat params and results.
macro_rules! define_by_count {
    ($params:expr, $results:expr, $host:expr, $arguments:tt; $($count:literal)*) => {
        match ($params, $results, $host) {
            $(
                ($count, 0, false) => define::<$count, 0, false> $arguments,
                ($count, 1, false) => define::<$count, 1, false> $arguments,
                ($count, 0, true) => define::<$count, 0, true> $arguments,
                ($count, 1, true) => define::<$count, 1, true> $arguments,
            )*
            _ => bail!("invalid counts of flat values: expected at most 16 params and 1 result"),
        }
    };
}
pub(crate) use define_by_count;

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_linker_define(
    linker: &mut wasmtime_component_linker_t,
    interface: &tnengine_slice_t<'_>,
    name: &tnengine_slice_t<'_>,
    params: u8,
    result: u8,
    takes_host_handles: bool,
    call: tnengine_host_function_t,
    env: *mut c_void,
    finalizer: Option<extern "C" fn(*mut c_void)>,
) -> Failed {
    let function = HostFunction {
        call,
        host: HostEnv::new(env, finalizer, params),
    };
    guard_error(|| {
        let mut instance = instance_of(linker, interface)?;
        let (params, result) = (type_count(params), type_count(result));
        define_by_count!(params, result, takes_host_handles, (&mut instance, name.text()?, function);
            0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)
    })
}

/// The instance to define a function in; the root if `interface` is empty.
pub(crate) fn instance_of<'a>(
    linker: &'a mut wasmtime_component_linker_t,
    interface: &tnengine_slice_t<'_>,
) -> Result<LinkerInstance<'a, WasmtimeStoreData>> {
    // SAFETY: `wasmtime_component_linker_t` is `repr(transparent)` over this type.
    let linker: &mut Linker<WasmtimeStoreData> = unsafe { &mut *std::ptr::from_mut(linker).cast() };
    let interface = interface.text()?;
    if interface.is_empty() {
        return Ok(linker.root());
    }
    linker.root().into_instance(interface)
}

/// The number that selects the Rust type for a count of flat values: 0 if they are in memory.
pub(crate) fn type_count(count: u8) -> u8 {
    if count == TNENGINE_SPILLED { 0 } else { count }
}
