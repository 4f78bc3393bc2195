//! Calls of exports by flat values, as the engine's typed functions ask for them: up to 16 params, of
//! which it passes on as many as the function has, and one result. An export that is lifted `async`
//! gives up to 16 flat values of result.

use crate::drive::drive;
use crate::raw::{count_of, describe_count, opaque_abi};
use crate::raw_handle::tuple_of;
use std::cell::Cell;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, Ordering};
use wasmtime::component::__internal::wasmtime_environ::component::{
    CanonicalAbiInfo, ComponentTypes, InterfaceType, MAX_FLAT_PARAMS, MAX_FLAT_RESULTS,
};
use wasmtime::component::__internal::{InstanceType, LiftContext, LowerContext};
use wasmtime::component::{ComponentNamedList, ComponentType, Func, Lift, Lower, TypedFunc};
use wasmtime::{AsContextMut, Result, ValRaw, bail};
use wasmtime_c_api::WasmtimeStoreContextMut;

/// Who has the params of a call.
pub(crate) trait FillParams {
    /// `slots`: room for 16. Every value that the function's type has is written.
    fn fill<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        slots: *mut ValRaw,
    ) -> Result<()>;
}

/// What becomes of a result.
pub(crate) trait TakeResult: Sized + 'static {
    /// `values`: the flat values of the result, or its address. Undefined for a function without
    /// result.
    fn take(cx: &mut LiftContext<'_>, ty: InterfaceType, values: &[ValRaw]) -> Result<Self>;
}

struct Params<F>(F);

// SAFETY: the future that holds it is driven on the thread that made it.
unsafe impl<F> Send for Params<F> {}
unsafe impl<F> Sync for Params<F> {}

// SAFETY: `Lower` is as many flat values as its layout says, and never more than there is room for.
unsafe impl<F: FillParams> ComponentNamedList for Params<F> {}
unsafe impl<F: FillParams> ComponentType for Params<F> {
    type Lower = [ValRaw; MAX_FLAT_PARAMS];
    const ABI: CanonicalAbiInfo = opaque_abi(MAX_FLAT_PARAMS);

    fn typecheck(_ty: &InterfaceType, _types: &InstanceType<'_>) -> Result<()> {
        Ok(())
    }
}

// SAFETY: `fill` writes every value that the function's type has.
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

/// A result. The engine checks that there are at least `N` flat values. How many there are depends on
/// the lift, which is only known when the function has returned: `N` is 1 for a plain call, which
/// never enters a function that is lifted `async`. For the event loop (`LOOP`) it is the least
/// number: 0 without a result, else 1.
struct Taken<R, const N: usize, const LOOP: bool>(R);

// SAFETY: as for `Params`.
unsafe impl<R, const N: usize, const LOOP: bool> Send for Taken<R, N, LOOP> {}
unsafe impl<R, const N: usize, const LOOP: bool> Sync for Taken<R, N, LOOP> {}
unsafe impl<R: TakeResult, const N: usize, const LOOP: bool> ComponentNamedList
    for Taken<R, N, LOOP>
{
}
unsafe impl<R: TakeResult, const N: usize, const LOOP: bool> ComponentType for Taken<R, N, LOOP> {
    type Lower = [ValRaw; N];
    const ABI: CanonicalAbiInfo = opaque_abi(N);

    fn typecheck(_ty: &InterfaceType, _types: &InstanceType<'_>) -> Result<()> {
        Ok(())
    }
}

unsafe impl<R: TakeResult, const N: usize, const LOOP: bool> Lift for Taken<R, N, LOOP> {
    fn linear_lift_from_flat(
        cx: &mut LiftContext<'_>,
        ty: InterfaceType,
        src: &Self::Lower,
    ) -> Result<Self> {
        if !LOOP || !cx.options().async_ {
            return R::take(cx, ty, src).map(Taken);
        }
        let flat = cx.types[tuple_of(ty)?].abi.flat_count(MAX_FLAT_PARAMS);
        // SAFETY: `task.return` passes all values of the result in one slice, of which `src` is the
        // start: the flat values of its type, or one address if they are more than 16. The engine
        // has checked that its type is that of the function.
        let values = unsafe { std::slice::from_raw_parts(src.as_ptr(), flat.unwrap_or(1)) };
        R::take(cx, ty, values).map(Taken)
    }

    fn linear_lift_from_memory(
        _cx: &mut LiftContext<'_>,
        _ty: InterfaceType,
        _bytes: &[u8],
    ) -> Result<Self> {
        bail!("a result is lifted from flat values")
    }
}

/// How far a call came.
#[derive(Default)]
pub(crate) struct Entering {
    entered: Cell<bool>,
}

impl Entering {
    /// For `fill`.
    pub(crate) fn note(&self) {
        self.entered.set(true);
    }

    pub(crate) fn has_entered(&self) -> bool {
        self.entered.get()
    }
}

/// A function that is called so. How many flat values its params and its result are, it is told:
/// `fill` and `take` check that its type has as many.
pub(crate) struct FlatFunc {
    func: Func,
    pub(crate) params: u8,
    pub(crate) result: u8,
    /// Whether its store has to be entered by the event loop.
    needs_fiber: bool,
    params_checked: AtomicBool,
}

impl FlatFunc {
    pub(crate) fn new(func: Func, params: u8, result: u8, needs_fiber: bool) -> Self {
        Self {
            func,
            params,
            result,
            needs_fiber,
            params_checked: AtomicBool::new(false),
        }
    }

    /// How many slots the params take.
    pub(crate) fn check_params(&self, types: &ComponentTypes, ty: InterfaceType) -> Result<usize> {
        if !self.params_checked.load(Ordering::Relaxed) {
            let is = count_of(&types[tuple_of(ty)?], MAX_FLAT_PARAMS);
            check_count("params", self.params, is)?;
            self.params_checked.store(true, Ordering::Relaxed);
        }
        // In memory: their address.
        Ok(if self.params as usize > MAX_FLAT_PARAMS {
            1
        } else {
            self.params as usize
        })
    }

    /// `is`: `count_result` of the function.
    pub(crate) fn check_result(&self, is: u8) -> Result<()> {
        if is == self.result {
            return Ok(());
        }
        check_count("the result", self.result, is)
    }

    pub(crate) fn call<P: FillParams, R: TakeResult>(
        &self,
        mut context: WasmtimeStoreContextMut<'_>,
        params: P,
    ) -> Result<R> {
        if self.needs_fiber {
            return if self.result == 0 {
                self.call_on_fiber::<P, R, 0>(context, params)
            } else {
                self.call_on_fiber::<P, R, 1>(context, params)
            };
        }
        // SAFETY: params and result check the function's own type when they are used.
        let typed = unsafe {
            TypedFunc::<Params<P>, Taken<R, MAX_FLAT_RESULTS, false>>::new_unchecked(self.func)
        };
        let Taken(result) = typed.call(context.as_context_mut(), Params(params))?;
        Ok(result)
    }

    /// Apart from `call`: its future takes ten times the stack of a plain call.
    #[cold]
    #[inline(never)]
    fn call_on_fiber<P: FillParams, R: TakeResult, const N: usize>(
        &self,
        context: WasmtimeStoreContextMut<'_>,
        params: P,
    ) -> Result<R> {
        // SAFETY: as in `call`.
        let typed = unsafe { TypedFunc::<Params<P>, Taken<R, N, true>>::new_unchecked(self.func) };
        let Taken(result) = drive(typed.call_async(context, Params(params)))?;
        Ok(result)
    }
}

/// How many flat values a function's result is.
pub(crate) fn count_result(types: &ComponentTypes, ty: InterfaceType) -> Result<u8> {
    Ok(count_of(&types[tuple_of(ty)?], MAX_FLAT_RESULTS))
}

#[cold]
fn check_count(what: &str, wanted: u8, is: u8) -> Result<()> {
    if wanted != is {
        let (wanted, is) = (describe_count(wanted), describe_count(is));
        bail!("the function takes or gives {what} {is}, and it was prepared for {what} {wanted}");
    }
    Ok(())
}
