//! Calls of exports whose params and results the embedder lowers and lifts.
//!
//! `Call` implements `FillParams`: wasmtime asks it for the params, and it runs the `lower`
//! callback. For the result, wasmtime creates a value of a `Lift` type and passes it no context of
//! ours, so the current call is found through a thread-local, and the `lift` callback runs from
//! there.

use crate::drive::Scope;
use crate::ffi::*;
use crate::raw::*;
use crate::raw_flat::{FillParams, FlatFunc, Progress, TakeResult, count_result};
use crate::raw_handle::HandleCache;
use std::cell::Cell;
use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, Ordering};
use wasmtime::component::__internal::wasmtime_environ::component::InterfaceType;
use wasmtime::component::__internal::{LiftContext, LowerContext};
use wasmtime::component::{Func, Instance};
use wasmtime::{Result, ValRaw, bail, format_err};
use wasmtime_c_api::WasmtimeStoreContextMut;

pub struct tnengine_raw_func_t {
    func: FlatFunc,
    result_checked: AtomicBool,
    handles: HandleCache,
}

pub type tnengine_lower_t =
    extern "C" fn(*mut c_void, &mut tnengine_guest_t<'_, '_>, *mut ValRaw, usize) -> Failed;

pub type tnengine_lift_t =
    extern "C" fn(*mut c_void, &mut tnengine_guest_t<'_, '_>, *const ValRaw, usize) -> Failed;

/// The names of the exported instances around a function, outermost first, and then its own.
///
/// # Safety
/// `names` are `count` slices.
pub(crate) unsafe fn path_of(
    names: *const tnengine_slice_t<'_>,
    count: usize,
) -> Result<Vec<String>> {
    // SAFETY: as for the function.
    let names = unsafe { list_of(names, count) };
    names
        .iter()
        .map(|name| Ok(name.text()?.to_string()))
        .collect()
}

pub(crate) fn find_export(
    context: &mut WasmtimeStoreContextMut<'_>,
    instance: &Instance,
    path: &[String],
) -> Result<Func> {
    let mut index = None;
    for name in path {
        let export = instance.get_export_index(&mut *context, index.as_ref(), name);
        index = Some(export.ok_or_else(|| format_err!("there is no export `{name}`"))?);
    }
    index
        .and_then(|index| instance.get_func(&mut *context, index))
        .ok_or_else(|| format_err!("the export is not a function"))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tnengine_raw_func_new(
    mut context: WasmtimeStoreContextMut<'_>,
    instance: &Instance,
    path: *const tnengine_slice_t<'_>,
    path_size: usize,
    params: u8,
    result: u8,
    func: &mut Option<Box<tnengine_raw_func_t>>,
) -> Failed {
    guard_error(|| {
        // SAFETY: the header requires `path_size` slices.
        let path = unsafe { path_of(path, path_size) }?;
        let export = find_export(&mut context, instance, &path)?;
        // A synchronous call panics there as soon as the guest makes a call that it has lowered
        // `async`.
        if context.engine().get_concurrency_support() {
            bail!("the functions of a concurrent store are called on its event loop");
        }
        *func = Some(Box::new(tnengine_raw_func_t {
            func: FlatFunc::new(export, params, result),
            result_checked: AtomicBool::new(false),
            handles: HandleCache::default(),
        }));
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_raw_func_delete(_func: Box<tnengine_raw_func_t>) {}

/// A call in progress.
struct Call<'a> {
    func: &'a tnengine_raw_func_t,
    lower: tnengine_lower_t,
    lift: tnengine_lift_t,
    env: *mut c_void,
    progress: Progress,
}

thread_local! {
    /// The innermost call of this thread. Calls of one thread end in reverse order of their
    /// beginning.
    static CURRENT: Cell<*const Call<'static>> = const { Cell::new(std::ptr::null()) };
}

impl FillParams for &Call<'_> {
    fn fill<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        slots: *mut ValRaw,
    ) -> Result<()> {
        self.progress.mark_entered();
        let func = self.func;
        fill_by_callback(cx, ty, slots, &func.func, &func.handles, |guest, count| {
            (self.lower)(self.env, guest, slots, count)
        })
    }
}

/// Lets `lower` write the params of `func` into `slots`.
pub(crate) fn fill_by_callback<T>(
    cx: &mut LowerContext<'_, T>,
    ty: InterfaceType,
    slots: *mut ValRaw,
    func: &FlatFunc,
    handles: &HandleCache,
    lower: impl FnOnce(&mut tnengine_guest_t<'_, '_>, usize) -> Failed,
) -> Result<()> {
    let cx = concrete(cx)?;
    let count = func.check_params(cx.types, ty)?;
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
    check(lower(&mut tnengine_guest_t::new(side, handles), count))
}

/// A result that the `lift` callback has taken.
struct LiftedByCallback;

impl TakeResult for LiftedByCallback {
    fn take(cx: &mut LiftContext<'_>, ty: InterfaceType, values: &[ValRaw]) -> Result<Self> {
        // SAFETY: `tnengine_raw_call` is below on the stack and has set it to its call.
        let call = unsafe { &*CURRENT.get() };
        let func = call.func;
        if !func.result_checked.load(Ordering::Relaxed) {
            func.func.check_result(count_result(cx.types, ty)?)?;
            func.result_checked.store(true, Ordering::Relaxed);
        }
        if func.func.result != 0 {
            let mut guest = tnengine_guest_t::new(Side::Lift(cx, ty), &func.handles);
            check((call.lift)(
                call.env,
                &mut guest,
                values.as_ptr(),
                values.len(),
            ))?;
        }
        Ok(LiftedByCallback)
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_raw_call(
    func: &tnengine_raw_func_t,
    context: WasmtimeStoreContextMut<'_>,
    lower: tnengine_lower_t,
    lift: tnengine_lift_t,
    env: *mut c_void,
) -> Failed {
    guard_error(|| {
        let call = Call {
            func,
            lower,
            lift,
            env,
            progress: Progress::default(),
        };
        let _outer = Scope::begin(&CURRENT, std::ptr::from_ref(&call).cast());
        let LiftedByCallback = func.func.call(context, &call)?;
        Ok(())
    })
}

/// A call without callbacks: its numbers are passed unchanged, without access to the guest.
#[repr(C)]
pub struct tnengine_numbers_t {
    params: *const u64,
    result: u64,
    entered: bool,
}

struct Numbers<'a> {
    func: &'a FlatFunc,
    params: *const u64,
    progress: &'a Progress,
}

impl FillParams for Numbers<'_> {
    fn fill<T>(
        &self,
        cx: &mut LowerContext<'_, T>,
        ty: InterfaceType,
        slots: *mut ValRaw,
    ) -> Result<()> {
        self.progress.mark_entered();
        for at in 0..self.func.check_params(cx.types, ty)? {
            // SAFETY: the header requires that many params, at most 16. Only the lower half of the
            // slot holds the value.
            unsafe { slots.add(at).cast::<u64>().write(*self.params.add(at)) };
        }
        Ok(())
    }
}

/// A result that is a number, and the count of flat values of its type.
struct Number {
    value: u64,
    count: u8,
}

impl TakeResult for Number {
    fn take(cx: &mut LiftContext<'_>, ty: InterfaceType, values: &[ValRaw]) -> Result<Self> {
        Ok(Number {
            value: values.first().map_or(0, ValRaw::get_u64),
            count: count_result(cx.types, ty)?,
        })
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_raw_call_numbers(
    func: &tnengine_raw_func_t,
    context: WasmtimeStoreContextMut<'_>,
    numbers: &mut tnengine_numbers_t,
) -> Failed {
    guard_error(|| {
        let func = &func.func;
        let progress = Progress::default();
        let params = numbers.params;
        let result = func.call(
            context,
            Numbers {
                func,
                params,
                progress: &progress,
            },
        );
        numbers.entered = progress.has_entered();
        let Number { value, count } = result?;
        numbers.result = value;
        func.check_result(count)
    })
}
