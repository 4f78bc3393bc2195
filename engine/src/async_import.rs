//! Host functions whose calls may end later than they begin: those of type `async func`, and others that suspend
//! their caller. Those keep the whole store waiting, as blocking functions of WASI 0.2 do.
//!
//! As for other host functions (`raw_import.rs`), `Args` records where the params are, and the
//! embedder's `start` reads them, while the guest is still in its call. What it returns lasts until
//! the end of the call: an object of the embedder's (`state`), and a completion, which any thread
//! can use to end the call. Then the engine asks for the result, and `lower` writes it into the
//! guest, with the guest's own allocator, because the guest's stack is free at that time.
//!
//! When the guest cancels a call, the embedder is asked to end it early (`cancel`). If it cannot, the
//! call ends at once. The engine drops the future of a call whose store is dropped. `state` is
//! released in every case, once.

use crate::box_pool::PooledBox;
use crate::ffi::*;
use crate::raw::*;
use crate::raw_handle::tuple_of;
use crate::raw_import::*;
use std::ffi::c_void;
use std::future::poll_fn;
use std::mem::MaybeUninit;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use wasmtime::component::__internal::wasmtime_environ::component::{
    CanonicalAbiInfo, ComponentTypes, InterfaceType, MAX_FLAT_RESULTS,
};
use wasmtime::component::__internal::{InstanceType, LowerContext};
use wasmtime::component::{
    Accessor, CallCancelled, ComponentNamedList, ComponentType, LinkerInstance, Lower,
    defer_cancellation,
};
use wasmtime::{AsContextMut, Result, StoreContextMut, ValRaw, bail};
use wasmtime_c_api::{WasmtimeStoreData, wasmtime_component_linker_t};

/// Begins a call: reads the params, and sets the embedder's object for it. After an error there is
/// no object.
pub type tnengine_async_start_t = extern "C" fn(
    *mut c_void,
    &mut tnengine_host_call_t<'_, '_, '_>,
    Box<tnengine_completion_t>,
    &mut *mut c_void,
) -> Failed;

/// Asks that a call ends early. False: it ends at once, and is released.
pub type tnengine_async_cancel_t = extern "C" fn(*mut c_void) -> bool;

/// Writes the result of the call: into `size` flat slots, or if that is 0 to an address.
pub type tnengine_async_lower_t =
    extern "C" fn(*mut c_void, &mut tnengine_guest_t<'_, '_>, *mut ValRaw, usize, u32) -> Failed;

/// The callbacks of an asynchronous host function, owned by the linker that it is defined in.
pub(crate) struct AsyncFunction {
    pub(crate) host: HostEnv,
    start: tnengine_async_start_t,
    cancel: tnengine_async_cancel_t,
    lower: tnengine_async_lower_t,
    release: extern "C" fn(*mut c_void),
}

/// How a call ended, or who waits for it.
#[derive(Default)]
enum Progress {
    #[default]
    Begun,
    Awaited(Waker),
    Ended(Result<()>),
    /// The end was taken, or nobody waits for it any more.
    Over,
}

type Shared = Arc<Mutex<Progress>>;

/// Ends a call. One for each call.
pub struct tnengine_completion_t(Shared);

fn exchange(shared: &Shared, next: Progress) -> Progress {
    std::mem::replace(
        &mut shared.lock().unwrap_or_else(PoisonError::into_inner),
        next,
    )
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_complete(completion: Box<tnengine_completion_t>, failed: Failed) {
    let _ = guard(|| completion.end(check(failed)));
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_complete_cancelled(completion: Box<tnengine_completion_t>) {
    let _ = guard(|| completion.end(Err(CallCancelled.into())));
}

impl tnengine_completion_t {
    fn end(self, end: Result<()>) {
        let waker = {
            let mut progress = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match &mut *progress {
                Progress::Over => return,
                progress => std::mem::replace(progress, Progress::Ended(end)),
            }
        };
        if let Progress::Awaited(waker) = waker {
            waker.wake();
        }
    }
}

/// A call under way, as the engine sees it.
struct Pending {
    function: Arc<AsyncFunction>,
    /// Those of the caller's component.
    types: Arc<ComponentTypes>,
    state: State,
    shared: Shared,
}

/// The embedder's object for a call.
struct State {
    object: *mut c_void,
    release: extern "C" fn(*mut c_void),
}

// SAFETY: the embedder permits any thread that runs the store, one at a time.
unsafe impl Send for State {}
unsafe impl Sync for State {}

impl Drop for State {
    fn drop(&mut self) {
        (self.release)(self.object);
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        exchange(&self.shared, Progress::Over);
    }
}

impl AsyncFunction {
    /// Runs while the guest is in its call. `count`: the number of its flat params.
    fn begin(
        self: Arc<Self>,
        store: StoreContextMut<'_, WasmtimeStoreData>,
        mut call: PooledBox<HostCall>,
        count: usize,
    ) -> Result<Pending> {
        let shared = Shared::default();
        let mut object = std::ptr::null_mut();
        self.host.run(store, &mut call, count, |host_call| {
            let completion = Box::new(tnengine_completion_t(shared.clone()));
            (self.start)(self.host.env, host_call, completion, &mut object)
        })?;
        let state = State {
            object,
            release: self.release,
        };
        Ok(Pending {
            types: call.types().clone(),
            function: self,
            state,
            shared,
        })
    }
}

impl Pending {
    async fn wait(&self) -> Result<()> {
        let mut is_cancelled = false;
        poll_fn(|cx| {
            if defer_cancellation() && !is_cancelled && !self.has_ended() {
                is_cancelled = true;
                if !(self.function.cancel)(self.state.object) {
                    return Poll::Ready(Err(CallCancelled.into()));
                }
            }
            let mut progress = self.progress();
            match std::mem::replace(&mut *progress, Progress::Over) {
                Progress::Ended(end) => Poll::Ready(end),
                _ => {
                    *progress = Progress::Awaited(cx.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }

    fn has_ended(&self) -> bool {
        matches!(*self.progress(), Progress::Ended(_))
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The result of a call that ended, of `R` flat values, or in memory if `R` is 0. A caller that
/// lowers the function `async` gets every result in memory.
struct Completed<const R: usize>(Pending);

// SAFETY: as for `Returned`.
unsafe impl<const R: usize> Send for Completed<R> {}
unsafe impl<const R: usize> Sync for Completed<R> {}
unsafe impl<const R: usize> ComponentNamedList for Completed<R> {}
unsafe impl<const R: usize> ComponentType for Completed<R> {
    type Lower = [ValRaw; R];
    const ABI: CanonicalAbiInfo = opaque_abi(R);

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        let actual = count_of(&types.types[tuple_of(*ty)?], MAX_FLAT_RESULTS);
        check_defined("returns its result", R, actual)
    }
}

unsafe impl<const R: usize> Lower for Completed<R> {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        dst: &mut MaybeUninit<Self::Lower>,
    ) -> Result<()> {
        let slots: *mut ValRaw = dst.as_mut_ptr().cast();
        for at in 0..R {
            // SAFETY: `dst` has `R` values.
            unsafe { slots.add(at).write(ValRaw::u64(0)) };
        }
        self.lower(cx, ty, slots, R, 0)
    }

    fn linear_lower_to_memory<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        offset: usize,
    ) -> Result<()> {
        self.lower(cx, ty, std::ptr::null_mut(), 0, u32::try_from(offset)?)
    }
}

impl<const R: usize> Completed<R> {
    fn lower<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        slots: *mut ValRaw,
        count: usize,
        address: u32,
    ) -> Result<()> {
        let Pending {
            function,
            types,
            state,
            ..
        } = &self.0;
        let cx = concrete(cx)?;
        if cx.types[tuple_of(ty)?].types.is_empty() {
            return Ok(());
        }
        let handles = &function.host.handles;
        // Adds the entry with an owner of the types.
        handles.get(types, Some(types), ty);
        let side = Side::Lower {
            cx,
            ty,
            slots,
            count,
        };
        let mut guest = tnengine_guest_t::new(side, handles);
        check((function.lower)(
            state.object,
            &mut guest,
            slots,
            count,
            address,
        ))
    }
}

fn define<const N: usize, const R: usize, const HOST: bool>(
    linker: &mut LinkerInstance<'_, WasmtimeStoreData>,
    name: &str,
    function: AsyncFunction,
    suspends: bool,
) -> Result<()> {
    let function = Arc::new(function);
    if suspends {
        return linker.func_wrap_async(
            name,
            move |store: StoreContextMut<'_, WasmtimeStoreData>, args: Args<N, HOST>| {
                let function = function.clone();
                Box::new(async move {
                    let pending = function.begin(store, args.into_call(), N)?;
                    pending.wait().await?;
                    Ok(Completed::<R>(pending))
                })
            },
        );
    }
    linker.func_wrap_concurrent(
        name,
        move |accessor: &Accessor<WasmtimeStoreData>, args: Args<N, HOST>| {
            let function = function.clone();
            Box::pin(async move {
                let pending = accessor.with(|mut store| {
                    function.begin(store.as_context_mut(), args.into_call(), N)
                })?;
                pending.wait().await?;
                Ok(Completed::<R>(pending))
            })
        },
    )
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_linker_define_async(
    linker: &mut wasmtime_component_linker_t,
    interface: &tnengine_slice_t<'_>,
    name: &tnengine_slice_t<'_>,
    params: u8,
    result: u8,
    takes_host_handles: bool,
    suspends: bool,
    start: tnengine_async_start_t,
    cancel: tnengine_async_cancel_t,
    lower: tnengine_async_lower_t,
    release: extern "C" fn(*mut c_void),
    env: *mut c_void,
    finalizer: Option<extern "C" fn(*mut c_void)>,
) -> Failed {
    let function = AsyncFunction {
        host: HostEnv::new(env, finalizer, params),
        start,
        cancel,
        lower,
        release,
    };
    guard_error(|| {
        let mut instance = instance_of(linker, interface)?;
        let (params, result) = (type_count(params), type_count(result));
        define_by_count!(params, result, takes_host_handles, (&mut instance, name.text()?, function, suspends);
            0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16)
    })
}
