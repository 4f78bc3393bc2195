//! The Rust types with which wasmtime's typed functions call an export by flat values.
//!
//! wasmtime decides by the *Rust* type whether the params and the result of an export are flat or
//! in memory. So one type for all functions is enough: `Params` claims 16 flat values, and wasmtime
//! passes on as many of them as the component's function has. If the component's params are
//! spilled, the embedder allocates them and passes their address as the only value. The same goes
//! for the result, `FlatResult`.
//!
//! An export that is lifted `async` returns a result of up to 16 values flat. Whether it is lifted
//! `async` is only known when it has returned: see `FlatResult`.

use crate::event_loop::Task;
use crate::raw::{count_of, describe_count, opaque_abi};
use crate::raw_handle::tuple_of;
use std::cell::Cell;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, Ordering};
use wasmtime::component::__internal::wasmtime_environ::component::{
    CanonicalAbiInfo, ComponentTypes, InterfaceType, MAX_FLAT_PARAMS, MAX_FLAT_RESULTS,
};
use wasmtime::component::__internal::{InstanceType, LiftContext, LowerContext};
use wasmtime::component::{
    Accessor, ComponentNamedList, ComponentType, Func, GuestTaskId, Lift, Lower, TypedFunc,
};
use wasmtime::{AsContextMut, Result, ValRaw, bail};
use wasmtime_c_api::{WasmtimeStoreContextMut, WasmtimeStoreData};

/// A source of params.
pub(crate) trait FillParams {
    /// Writes every flat param that the type of the function has to `slots`, which has room for 16.
    fn fill<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        slots: *mut ValRaw,
    ) -> Result<()>;
}

/// A destination of a result.
pub(crate) trait TakeResult: Sized + 'static {
    /// `values`: the flat values of the result, or its address. Undefined for a function without a
    /// result.
    fn take(cx: &mut LiftContext<'_>, ty: InterfaceType, values: &[ValRaw]) -> Result<Self>;
}

struct Params<F>(F);

// SAFETY: the future that holds it is driven on the thread that created it.
unsafe impl<F> Send for Params<F> {}
unsafe impl<F> Sync for Params<F> {}

// SAFETY: `Lower` has as many flat values as the layout claims.
unsafe impl<F: FillParams> ComponentNamedList for Params<F> {}
unsafe impl<F: FillParams> ComponentType for Params<F> {
    type Lower = [ValRaw; MAX_FLAT_PARAMS];
    const ABI: CanonicalAbiInfo = opaque_abi(MAX_FLAT_PARAMS);

    fn typecheck(_ty: &InterfaceType, _types: &InstanceType<'_>) -> Result<()> {
        Ok(())
    }
}

// SAFETY: `fill` writes every value that the type of the function has.
unsafe impl<F: FillParams> Lower for Params<F> {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        dst: &mut MaybeUninit<Self::Lower>,
    ) -> Result<()> {
        self.0.fill(cx, ty, dst.as_mut_ptr().cast())
    }

    fn linear_lower_to_memory<T>(
        &self,
        _cx: &mut LowerContext<'_, T>,
        _ty: InterfaceType,
        _offset: usize,
    ) -> Result<()> {
        bail!("params are lowered as flat values")
    }
}

/// A result. wasmtime checks that the guest returned at least `N` flat values. A synchronous call
/// never enters a function that is lifted `async`, so its results have at most one value, and `N`
/// is 1. On the event loop (`LOOP`) the function may be lifted `async`, with up to 16 values. Then
/// `N` is the smallest possible number, 0 without a result and 1 otherwise, and the other values
/// are read from behind it.
struct FlatResult<R, const N: usize, const LOOP: bool>(R);

// SAFETY: as for `Params`.
unsafe impl<R, const N: usize, const LOOP: bool> Send for FlatResult<R, N, LOOP> {}
unsafe impl<R, const N: usize, const LOOP: bool> Sync for FlatResult<R, N, LOOP> {}
unsafe impl<R: TakeResult, const N: usize, const LOOP: bool> ComponentNamedList
    for FlatResult<R, N, LOOP>
{
}
unsafe impl<R: TakeResult, const N: usize, const LOOP: bool> ComponentType
    for FlatResult<R, N, LOOP>
{
    type Lower = [ValRaw; N];
    const ABI: CanonicalAbiInfo = opaque_abi(N);

    fn typecheck(_ty: &InterfaceType, _types: &InstanceType<'_>) -> Result<()> {
        Ok(())
    }
}

unsafe impl<R: TakeResult, const N: usize, const LOOP: bool> Lift for FlatResult<R, N, LOOP> {
    fn linear_lift_from_flat(
        cx: &mut LiftContext<'_>,
        ty: InterfaceType,
        src: &Self::Lower,
    ) -> Result<Self> {
        if !LOOP || !cx.options().async_ {
            return R::take(cx, ty, src).map(FlatResult);
        }
        let flat = cx.types[tuple_of(ty)?].abi.flat_count(MAX_FLAT_PARAMS);
        // SAFETY: `task.return` passes all values of the result in one slice, and `src` is its
        // beginning: the flat values of the type, or one address if there are more than 16. The
        // engine has checked that this is the type of the function.
        let values = unsafe { std::slice::from_raw_parts(src.as_ptr(), flat.unwrap_or(1)) };
        R::take(cx, ty, values).map(FlatResult)
    }

    fn linear_lift_from_memory(
        _cx: &mut LiftContext<'_>,
        _ty: InterfaceType,
        _bytes: &[u8],
    ) -> Result<Self> {
        bail!("a result is lifted from flat values")
    }
}

/// How far a call got. It tells a call that failed in the guest from one that never started.
#[derive(Default)]
pub(crate) struct Progress {
    entered: Cell<bool>,
}

impl Progress {
    /// `fill` calls this first.
    pub(crate) fn mark_entered(&self) {
        self.entered.set(true);
    }

    pub(crate) fn has_entered(&self) -> bool {
        self.entered.get()
    }
}

/// An export that is called by flat values. The embedder states the counts of its params and
/// result; `fill` and `take` check them against its type.
pub(crate) struct FlatFunc {
    func: Func,
    pub(crate) params: u8,
    pub(crate) result: u8,
    params_checked: AtomicBool,
}

impl FlatFunc {
    pub(crate) fn new(func: Func, params: u8, result: u8) -> Self {
        Self {
            func,
            params,
            result,
            params_checked: AtomicBool::new(false),
        }
    }

    /// Checks the count of params, once, and returns the number of slots that they take.
    pub(crate) fn check_params(&self, types: &ComponentTypes, ty: InterfaceType) -> Result<usize> {
        if !self.params_checked.load(Ordering::Relaxed) {
            let actual = count_of(&types[tuple_of(ty)?], MAX_FLAT_PARAMS);
            check_count("params", self.params, actual)?;
            self.params_checked.store(true, Ordering::Relaxed);
        }
        // Spilled params take one slot, for their address.
        Ok(if self.params as usize > MAX_FLAT_PARAMS {
            1
        } else {
            self.params as usize
        })
    }

    /// `actual`: `count_result` of the function.
    pub(crate) fn check_result(&self, actual: u8) -> Result<()> {
        if actual == self.result {
            return Ok(());
        }
        check_count("the result", self.result, actual)
    }

    /// Calls the function of a store without concurrency support.
    pub(crate) fn call<P: FillParams, R: TakeResult>(
        &self,
        mut context: WasmtimeStoreContextMut<'_>,
        params: P,
    ) -> Result<R> {
        // SAFETY: params and result check the type of the function when they are used.
        let typed = unsafe {
            TypedFunc::<Params<P>, FlatResult<R, MAX_FLAT_RESULTS, false>>::new_unchecked(self.func)
        };
        let FlatResult(result) = typed.call(context.as_context_mut(), Params(params))?;
        Ok(result)
    }

    /// Begins a call on the store's event loop, in a turn of it. `done` gets the result, perhaps in a
    /// later turn; `begun` the task of the call, before it runs. Returns what is left to do.
    pub(crate) fn begin<'a, P: FillParams + 'static, R: TakeResult>(
        &self,
        accessor: &'a Accessor<WasmtimeStoreData>,
        params: P,
        begun: impl FnOnce(GuestTaskId),
        done: impl FnOnce(Result<R>) + Send + 'a,
    ) -> Option<Task<'a>> {
        if self.result == 0 {
            begin_call::<P, R, 0>(self.func, accessor, params, begun, done)
        } else {
            begin_call::<P, R, 1>(self.func, accessor, params, begun, done)
        }
    }
}

fn begin_call<'a, P: FillParams + 'static, R: TakeResult, const N: usize>(
    func: Func,
    accessor: &'a Accessor<WasmtimeStoreData>,
    params: P,
    begun: impl FnOnce(GuestTaskId),
    done: impl FnOnce(Result<R>) + Send + 'a,
) -> Option<Task<'a>> {
    // SAFETY: as in `FlatFunc::call`.
    let typed = unsafe { TypedFunc::<Params<P>, FlatResult<R, N, true>>::new_unchecked(func) };
    match accessor.with(|store| typed.start_call_concurrent(store, Params(params))) {
        Ok(call) => {
            begun(call.task());
            Some(Box::pin(async move {
                let result = typed.finish_call_concurrent(accessor, call).await;
                done(result.map(|FlatResult(result)| result));
            }))
        }
        Err(error) => {
            done(Err(error));
            None
        }
    }
}

/// The number of flat values of a function's result.
pub(crate) fn count_result(types: &ComponentTypes, ty: InterfaceType) -> Result<u8> {
    Ok(count_of(&types[tuple_of(ty)?], MAX_FLAT_RESULTS))
}

#[cold]
fn check_count(what: &str, expected: u8, actual: u8) -> Result<()> {
    if expected != actual {
        let (expected, actual) = (describe_count(expected), describe_count(actual));
        bail!("the function has {what} {actual}, but the call expects {what} {expected}");
    }
    Ok(())
}
