//! Calls of exports whose params and results the embedder lowers and lifts.

use crate::drive::drive;
use crate::ffi::*;
use crate::raw::*;
use crate::raw_handle::{HandleCache, tuple_of};
use crate::raw_resource::has_run;
use std::cell::Cell;
use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, Ordering};
use wasmtime::component::__internal::wasmtime_environ::component::{
    CanonicalAbiInfo, ComponentTypes, InterfaceType, MAX_FLAT_PARAMS, MAX_FLAT_RESULTS,
};
use wasmtime::component::__internal::{InstanceType, LiftContext, LowerContext};
use wasmtime::component::{
    ComponentNamedList, ComponentType, Func, Instance, Lift, Lower, TypedFunc,
};
use wasmtime::{AsContextMut, Result, ValRaw, bail, format_err};
use wasmtime_c_api::WasmtimeStoreContextMut;

pub struct tenon_engine_raw_func_t {
    func: Func,
    params: u8,
    result: u8,
    /// Whether its store wants to be entered by a fiber, as far as is known. Once so, always so.
    needs_fiber: AtomicBool,
    /// Whether its type has the numbers of flat values that it was prepared for.
    params_checked: AtomicBool,
    result_checked: AtomicBool,
    handles: HandleCache,
}

pub type tenon_engine_lower_t =
    extern "C" fn(*mut c_void, &mut tenon_engine_guest_t<'_, '_>, *mut ValRaw, usize) -> Failed;

pub type tenon_engine_lift_t =
    extern "C" fn(*mut c_void, &mut tenon_engine_guest_t<'_, '_>, &ValRaw) -> Failed;

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tenon_engine_raw_func_new(
    mut context: WasmtimeStoreContextMut<'_>,
    instance: &Instance,
    path: *const tenon_engine_slice_t<'_>,
    path_size: usize,
    params: u8,
    result: u8,
    func: &mut Option<Box<tenon_engine_raw_func_t>>,
) -> Failed {
    guard_error(|| {
        let path = match path_size {
            0 => &[],
            // SAFETY: the header demands `path_size` slices.
            _ => unsafe { std::slice::from_raw_parts(path, path_size) },
        };
        let mut index = None;
        for name in path {
            let name = name.text()?;
            let found = instance.get_export_index(&mut context, index.as_ref(), name);
            index = Some(found.ok_or_else(|| format_err!("there is no export `{name}`"))?);
        }
        let found = index
            .and_then(|index| instance.get_func(&mut context, index))
            .ok_or_else(|| format_err!("the export is not a function"))?;
        *func = Some(Box::new(tenon_engine_raw_func_t {
            func: found,
            params,
            result,
            needs_fiber: AtomicBool::new(found.ty(&context).async_()),
            params_checked: AtomicBool::new(false),
            result_checked: AtomicBool::new(false),
            handles: HandleCache::default(),
        }));
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_raw_func_delete(_func: Box<tenon_engine_raw_func_t>) {}

/// A call in progress.
struct Call<'a> {
    func: &'a tenon_engine_raw_func_t,
    lower: tenon_engine_lower_t,
    lift: tenon_engine_lift_t,
    env: *mut c_void,
    entered: Cell<bool>,
    on_fiber: Cell<bool>,
}

thread_local! {
    /// The innermost call of the thread: a result is lifted by a function without an argument to
    /// find it by. Calls of one thread end in the reverse order of their beginning.
    static CURRENT: Cell<*const Call<'static>> = const { Cell::new(std::ptr::null()) };
}

struct Restore(*const Call<'static>);

impl Drop for Restore {
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}

/// Params as the engine asks for them: 16 values, of which it passes on as many as there are.
struct Params<'a>(&'a Call<'a>);

// SAFETY: the future that holds it is driven on the thread that made it.
unsafe impl Send for Params<'_> {}
unsafe impl Sync for Params<'_> {}

// SAFETY: `Lower` is as many flat values as its layout says, and never more than there is room for.
unsafe impl ComponentNamedList for Params<'_> {}
unsafe impl ComponentType for Params<'_> {
    type Lower = [ValRaw; MAX_FLAT_PARAMS];
    const ABI: CanonicalAbiInfo = opaque_abi(MAX_FLAT_PARAMS);

    fn typecheck(_ty: &InterfaceType, _types: &InstanceType<'_>) -> Result<()> {
        Ok(())
    }
}

// SAFETY: every value that the function's type has is written.
unsafe impl Lower for Params<'_> {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        dst: &mut MaybeUninit<Self::Lower>,
    ) -> Result<()> {
        let call = self.0;
        call.entered.set(true);
        let cx = concrete(cx)?;
        if call.on_fiber.get() {
            refuse_async(cx)?;
        }
        let func = call.func;
        let count = func.check_params(cx.types, ty)?;
        let slots: *mut ValRaw = dst.as_mut_ptr().cast();
        for at in 0..count {
            // SAFETY: `count` is at most 16.
            unsafe { slots.add(at).write(ValRaw::u64(0)) };
        }
        let side = Side::Lower {
            cx,
            ty,
            slots,
            count,
        };
        let mut guest = tenon_engine_guest_t::new(side, &call.func.handles);
        check((call.lower)(call.env, &mut guest, slots, count))
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

/// A result that was given to the embedder when the engine lifted it.
struct Lifted;

// SAFETY: as above. A function without a result has one unused value.
unsafe impl ComponentNamedList for Lifted {}
unsafe impl ComponentType for Lifted {
    type Lower = [ValRaw; MAX_FLAT_RESULTS];
    const ABI: CanonicalAbiInfo = opaque_abi(MAX_FLAT_RESULTS);

    fn typecheck(_ty: &InterfaceType, _types: &InstanceType<'_>) -> Result<()> {
        Ok(())
    }
}

unsafe impl Lift for Lifted {
    fn linear_lift_from_flat(
        cx: &mut LiftContext<'_>,
        ty: InterfaceType,
        src: &Self::Lower,
    ) -> Result<Self> {
        // SAFETY: `enter` sets it to a call that is on the stack below.
        let call = unsafe { &*CURRENT.get() };
        let func = call.func;
        if !func.result_checked.load(Ordering::Relaxed) {
            func.check_result(cx.types, ty)?;
            func.result_checked.store(true, Ordering::Relaxed);
        }
        if func.result != 0 {
            let mut guest = tenon_engine_guest_t::new(Side::Lift(cx, ty), &call.func.handles);
            check((call.lift)(call.env, &mut guest, &src[0]))?;
        }
        Ok(Lifted)
    }

    fn linear_lift_from_memory(
        _cx: &mut LiftContext<'_>,
        _ty: InterfaceType,
        _bytes: &[u8],
    ) -> Result<Self> {
        bail!("a result is lifted from a flat value")
    }
}

impl tenon_engine_raw_func_t {
    /// How many slots the params take.
    fn check_params(&self, types: &ComponentTypes, ty: InterfaceType) -> Result<usize> {
        if !self.params_checked.load(Ordering::Relaxed) {
            let is = count_of(&types[tuple_of(ty)?], MAX_FLAT_PARAMS);
            check_count("params", self.params, is)?;
            self.params_checked.store(true, Ordering::Relaxed);
        }
        Ok(match self.params {
            TENON_ENGINE_SPILLED => 1,
            count => count as usize,
        })
    }

    fn check_result(&self, types: &ComponentTypes, ty: InterfaceType) -> Result<()> {
        let is = count_of(&types[tuple_of(ty)?], MAX_FLAT_RESULTS);
        check_count("the result", self.result, is)
    }
}

fn check_count(what: &str, wanted: u8, is: u8) -> Result<()> {
    if wanted != is {
        let (wanted, is) = (describe_count(wanted), describe_count(is));
        bail!("the function takes or gives {what} {is}, and it was prepared for {what} {wanted}");
    }
    Ok(())
}

/// Such a function gives up to 16 flat values of result, in the middle of its run.
fn refuse_async<T: 'static>(cx: &LowerContext<'_, T>) -> Result<()> {
    if cx.options().async_ {
        bail!("a raw call of a function that is lifted `async`");
    }
    Ok(())
}

/// A call of numbers, which are passed as they are: nothing of the guest is needed.
#[repr(C)]
pub struct tenon_engine_numbers_t {
    params: *const u64,
    result: u64,
    entered: bool,
}

struct Numbers<'a> {
    func: &'a tenon_engine_raw_func_t,
    params: *const u64,
    entered: &'a Cell<bool>,
    on_fiber: &'a Cell<bool>,
}

// SAFETY: as for `Params`.
unsafe impl Send for Numbers<'_> {}
unsafe impl Sync for Numbers<'_> {}
unsafe impl ComponentNamedList for Numbers<'_> {}
unsafe impl ComponentType for Numbers<'_> {
    type Lower = [ValRaw; MAX_FLAT_PARAMS];
    const ABI: CanonicalAbiInfo = opaque_abi(MAX_FLAT_PARAMS);

    fn typecheck(_ty: &InterfaceType, _types: &InstanceType<'_>) -> Result<()> {
        Ok(())
    }
}

// SAFETY: every value that the function's type has is written.
unsafe impl Lower for Numbers<'_> {
    fn linear_lower_to_flat<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        dst: &mut MaybeUninit<Self::Lower>,
    ) -> Result<()> {
        self.entered.set(true);
        if self.on_fiber.get() {
            refuse_async(cx)?;
        }
        let slots: *mut ValRaw = dst.as_mut_ptr().cast();
        for at in 0..self.func.check_params(cx.types, ty)? {
            // SAFETY: the header demands as many params, which are at most 16. The half that is a
            // value is written.
            unsafe { slots.add(at).cast::<u64>().write(*self.params.add(at)) };
        }
        Ok(())
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

/// A result that is a number, and how many flat values its type has.
struct Number {
    value: u64,
    count: u8,
}

// SAFETY: as for `Lifted`.
unsafe impl ComponentNamedList for Number {}
unsafe impl ComponentType for Number {
    type Lower = [ValRaw; MAX_FLAT_RESULTS];
    const ABI: CanonicalAbiInfo = opaque_abi(MAX_FLAT_RESULTS);

    fn typecheck(_ty: &InterfaceType, _types: &InstanceType<'_>) -> Result<()> {
        Ok(())
    }
}

unsafe impl Lift for Number {
    fn linear_lift_from_flat(
        cx: &mut LiftContext<'_>,
        ty: InterfaceType,
        src: &Self::Lower,
    ) -> Result<Self> {
        Ok(Number {
            value: src[0].get_u64(),
            count: count_of(&cx.types[tuple_of(ty)?], MAX_FLAT_RESULTS),
        })
    }

    fn linear_lift_from_memory(
        _cx: &mut LiftContext<'_>,
        _ty: InterfaceType,
        _bytes: &[u8],
    ) -> Result<Self> {
        bail!("a result is lifted from a flat value")
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_raw_call(
    func: &tenon_engine_raw_func_t,
    context: WasmtimeStoreContextMut<'_>,
    lower: tenon_engine_lower_t,
    lift: tenon_engine_lift_t,
    env: *mut c_void,
) -> Failed {
    guard_error(|| {
        let call = Call {
            func,
            lower,
            lift,
            env,
            entered: Cell::new(false),
            on_fiber: Cell::new(false),
        };
        let _outer = Restore(CURRENT.replace(std::ptr::from_ref(&call).cast()));
        let Lifted = enter(context, func, &call.entered, &call.on_fiber, || {
            Params(&call)
        })?;
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tenon_engine_raw_call_numbers(
    func: &tenon_engine_raw_func_t,
    context: WasmtimeStoreContextMut<'_>,
    numbers: &mut tenon_engine_numbers_t,
) -> Failed {
    guard_error(|| {
        let (entered, on_fiber) = (Cell::new(false), Cell::new(false));
        let params = numbers.params;
        let called = enter(context, func, &entered, &on_fiber, || Numbers {
            func,
            params,
            entered: &entered,
            on_fiber: &on_fiber,
        });
        numbers.entered = entered.get();
        let Number { value, count } = called?;
        numbers.result = value;
        if count != func.result {
            return check_count("the result", func.result, count);
        }
        Ok(())
    })
}

/// Types of params and results check the function's own type when they are used.
fn enter<P, R>(
    mut context: WasmtimeStoreContextMut<'_>,
    func: &tenon_engine_raw_func_t,
    entered: &Cell<bool>,
    on_fiber: &Cell<bool>,
    params: impl Fn() -> P,
) -> Result<R>
where
    P: ComponentNamedList + Lower + Send + Sync,
    R: ComponentNamedList + Lift + Send + Sync + 'static,
{
    // SAFETY: see above.
    let typed = unsafe { TypedFunc::<P, R>::new_unchecked(func.func) };
    if !func.needs_fiber.load(Ordering::Relaxed) {
        match typed.call(context.as_context_mut(), params()) {
            Ok(result) => return Ok(result),
            Err(error) if entered.get() || has_run(&error) => return Err(error),
            Err(error) if !context.engine().get_concurrency_support() => return Err(error),
            // The engine refuses to enter a store with asynchronous host functions so.
            Err(_) => {}
        }
    }
    on_fiber.set(true);
    enter_on_fiber(context, func, &typed, params())
}

/// Apart from `enter`: its future takes ten times the stack of a plain call.
#[cold]
#[inline(never)]
fn enter_on_fiber<P, R>(
    context: WasmtimeStoreContextMut<'_>,
    func: &tenon_engine_raw_func_t,
    typed: &TypedFunc<P, R>,
    params: P,
) -> Result<R>
where
    P: ComponentNamedList + Lower + Send + Sync,
    R: ComponentNamedList + Lift + Send + Sync + 'static,
{
    let result = drive(typed.call_async(context, params))?;
    func.needs_fiber.store(true, Ordering::Relaxed);
    Ok(result)
}
