//! Host functions whose params and results the embedder lifts and lowers.

use crate::ffi::*;
use crate::raw::*;
use crate::raw_handle::{HandleCache, tuple_of};
use std::cell::Cell;
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::sync::{Arc, LazyLock};
use wasmtime::component::__internal::wasmtime_environ::component::{
    CanonicalAbiInfo, Component, ComponentTypes, ComponentTypesBuilder, InterfaceType,
    MAX_FLAT_PARAMS, MAX_FLAT_RESULTS, OptionsIndex, TypeList, TypeListIndex,
};
use wasmtime::component::__internal::wasmtime_environ::wasmparser::Validator;
use wasmtime::component::__internal::{InstanceType, LiftContext, LowerContext};
use wasmtime::component::{
    ComponentNamedList, ComponentType, Instance, Lift, Linker, LinkerInstance, Lower, WasmList,
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
    address: u32,
    in_memory: bool,
    options: OptionsIndex,
    instance: Instance,
    ty: InterfaceType,
    types: *const Arc<ComponentTypes>,
    door: WasmList<Door>,
}

impl Captured {
    fn new(cx: &mut LiftContext<'_>, ty: InterfaceType, place: Option<&[u8]>) -> Result<Self> {
        let start = cx.memory().as_ptr() as usize;
        Ok(Self {
            address: place.map_or(0, |bytes| (bytes.as_ptr() as usize - start) as u32),
            in_memory: place.is_some(),
            options: cx.options_index(),
            instance: cx.instance_handle(),
            ty,
            types: cx.types,
            door: Door::open(cx)?,
        })
    }
}

/// A way back to a `LiftContext`, which the engine makes for nobody but itself: an element of a list
/// in a guest's memory is lifted on demand, by code of ours if its type is ours. This list has one
/// element of no bytes.
struct Door;

type Body<'a> = &'a mut dyn FnMut(&mut LiftContext<'_>) -> Result<()>;

thread_local! {
    static BODY: Cell<*mut Body<'static>> = const { Cell::new(std::ptr::null_mut()) };
}

/// Types with a list type in them: that of the component may have none.
static LIST: LazyLock<(Arc<ComponentTypes>, TypeListIndex)> = LazyLock::new(|| {
    let mut builder = ComponentTypesBuilder::new(&Validator::new());
    let list = builder.add_list_type(TypeList {
        element: InterfaceType::U8,
    });
    (Arc::new(builder.finish(&Component::default()).0), list)
});

impl Door {
    fn open(cx: &mut LiftContext<'_>) -> Result<WasmList<Door>> {
        let (types, list) = &*LIST;
        let own = std::mem::replace(&mut cx.types, types);
        let pair = [ValRaw::u32(0), ValRaw::u32(1)];
        let door = WasmList::linear_lift_from_flat(cx, InterfaceType::List(*list), &pair);
        cx.types = own;
        door
    }
}

// SAFETY: it has no values and no bytes.
unsafe impl ComponentType for Door {
    type Lower = [ValRaw; 0];
    const ABI: CanonicalAbiInfo = opaque_abi(0);

    fn typecheck(_ty: &InterfaceType, _types: &InstanceType<'_>) -> Result<()> {
        Ok(())
    }
}

unsafe impl Lift for Door {
    fn linear_lift_from_flat(
        _cx: &mut LiftContext<'_>,
        _ty: InterfaceType,
        _src: &Self::Lower,
    ) -> Result<Self> {
        bail!("not an element of a list")
    }

    fn linear_lift_from_memory(
        cx: &mut LiftContext<'_>,
        _ty: InterfaceType,
        _bytes: &[u8],
    ) -> Result<Self> {
        // SAFETY: `Caller::lift` set it for the time of this call.
        let body = unsafe { &mut *BODY.get() };
        body(cx).map(|()| Door)
    }
}

/// The params of an import: nothing is translated, only captured.
struct Args<const N: usize> {
    flat: [ValRaw; N],
    captured: Captured,
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
        let captured = Captured::new(cx, ty, None)?;
        Ok(Args {
            flat: *src,
            captured,
        })
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
        let captured = Captured::new(cx, ty, Some(bytes))?;
        Ok(Args {
            flat: [ValRaw::u32(0); N],
            captured,
        })
    }
}

fn check_defined(what: &str, wanted: usize, is: u8) -> Result<()> {
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
        let mut keep = |cx: &mut LiftContext<'_>| {
            lifted = Some(body(cx)?);
            Ok(())
        };
        let mut body: Body<'_> = &mut keep;
        let outer = BODY.replace(std::ptr::from_mut(&mut body).cast());
        let result = self.captured.door.get(self.store.as_context_mut(), 0);
        BODY.set(outer);
        result.transpose()?;
        lifted.ok_or_else(|| format_err!("nothing was lifted"))
    }

    fn rest(&mut self) -> &mut Rest {
        let (function, types) = (self.function, self.captured.types);
        self.rest.get_or_insert_with(|| {
            let mut rest = SPARE.take().unwrap_or_default();
            rest.handles = &function.handles;
            rest.types = types;
            rest
        })
    }

    pub(crate) fn lower_later(&mut self, slot: usize, rep: u32, place: tenon_engine_place_t) {
        self.rest().owned.push((slot, rep, place));
    }
}

/// The part of a result that is not one flat value.
struct Rest {
    /// Of a result that the engine writes to memory.
    bytes: Vec<u8>,
    /// Handles to be made when the engine tells the result's type: number, rep, place.
    owned: Vec<(usize, u32, tenon_engine_place_t)>,
    handles: *const HandleCache,
    types: *const Arc<ComponentTypes>,
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
        rest.bytes.clear();
        rest.bytes.resize(size as usize, 0);
        *data = rest.bytes.as_mut_ptr();
        Ok(())
    })
}

/// A result on its way into the caller.
struct Returned<const R: usize> {
    flat: ValRaw,
    rest: Option<Box<Rest>>,
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
            rest.lower_owned(concrete(cx)?, ty, None, &mut flat)?;
        }
        dst.write([flat; R]);
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
        for (slot, rep, place) in &self.owned {
            let handle = handles
                .get(*slot)
                .ok_or_else(|| format_err!("the result has no handle number {slot}"))?;
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

impl HostFunction {
    fn run(
        &self,
        store: StoreContextMut<'_, WasmtimeStoreData>,
        flat: &[ValRaw],
        captured: &Captured,
    ) -> Result<(ValRaw, Option<Box<Rest>>)> {
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
                params: flat.as_ptr(),
                param_count: if captured.in_memory { 0 } else { flat.len() },
                result: &mut result,
                params_at: captured.address,
                params_in_memory: captured.in_memory,
            },
        );
        check(failed)?;
        Ok((result, caller.rest))
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
            let (flat, rest) = function.run(store, &args.flat, &args.captured)?;
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
