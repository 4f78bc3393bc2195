//! Instantiates components and runs commands, on engines with and without concurrency support.

use crate::drive::drive;
use crate::ffi::*;
use crate::limits::tnengine_interrupts_t;
use wasmtime::component::{Component, Func, Instance, InstancePre, Linker, Val, types};
use wasmtime::{AsContextMut, Result, bail, format_err};
use wasmtime_c_api::{
    WasmtimeStoreContextMut, WasmtimeStoreData, wasmtime_component_linker_t, wasmtime_component_t,
};
use wasmtime_wasi::I32Exit;

/// A component whose imports are looked up and checked, so that it can be instantiated many times.
pub struct tnengine_prepared_t(InstancePre<WasmtimeStoreData>);

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_prepare(
    linker: &wasmtime_component_linker_t,
    component: &wasmtime_component_t,
    prepared: &mut Option<Box<tnengine_prepared_t>>,
) -> Failed {
    guard_error(|| {
        // SAFETY: both are `repr(transparent)` over these types.
        let linker: &Linker<WasmtimeStoreData> = unsafe { &*std::ptr::from_ref(linker).cast() };
        let component: &Component = unsafe { &*std::ptr::from_ref(component).cast() };
        *prepared = Some(Box::new(tnengine_prepared_t(
            linker.instantiate_pre(component)?,
        )));
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_instantiate(
    prepared: &tnengine_prepared_t,
    context: WasmtimeStoreContextMut<'_>,
    interrupts: Option<&tnengine_interrupts_t>,
    instance: &mut Instance,
) -> Failed {
    guard_error(|| {
        *instance = if context.engine().get_concurrency_support() {
            drive(prepared.0.instantiate_async(context), interrupts)?
        } else {
            prepared.0.instantiate(context)?
        };
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_prepared_delete(_prepared: Box<tnengine_prepared_t>) {}

/// The end of a command that did not trap.
#[repr(C)]
pub struct tnengine_command_end_t {
    exit_code: i32,
    exited: bool,
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_run_command(
    mut context: WasmtimeStoreContextMut<'_>,
    interrupts: Option<&tnengine_interrupts_t>,
    instance: &Instance,
    interface: &tnengine_slice_t<'_>,
    end: &mut tnengine_command_end_t,
) -> Failed {
    guard_error(|| {
        let run = find_run(&mut context, instance, interface.text()?)?;
        *end = match call_run(context, interrupts, &run) {
            Ok(succeeded) => tnengine_command_end_t {
                exit_code: i32::from(!succeeded),
                exited: false,
            },
            Err(error) => match error.downcast_ref::<I32Exit>() {
                Some(exit) => tnengine_command_end_t {
                    exit_code: exit.0,
                    exited: true,
                },
                None => return Err(error),
            },
        };
        Ok(())
    })
}

fn find_run(
    context: &mut WasmtimeStoreContextMut<'_>,
    instance: &Instance,
    interface: &str,
) -> Result<Func> {
    let Some(exported) = instance.get_export_index(&mut *context, None, interface) else {
        bail!("no instance `{interface}` is exported");
    };
    let run = instance
        .get_export_index(&mut *context, Some(&exported), "run")
        .and_then(|run| instance.get_func(&mut *context, run))
        .ok_or_else(|| format_err!("`{interface}` does not export a function `run`"))?;
    let ty = run.ty(&*context);
    let results: Vec<types::Type> = ty.results().collect();
    let is_command = ty.params().len() == 0
        && matches!(results.as_slice(), [types::Type::Result(result)]
                    if result.ok().is_none() && result.err().is_none());
    if !is_command {
        bail!("`run` of `{interface}` is not of type `func() -> result`");
    }
    Ok(run)
}

fn call_run(
    mut context: WasmtimeStoreContextMut<'_>,
    interrupts: Option<&tnengine_interrupts_t>,
    run: &Func,
) -> Result<bool> {
    let mut results = [Val::Bool(false)];
    if context.engine().get_concurrency_support() {
        let called = run.call_async(context.as_context_mut(), &[], &mut results);
        drive(called, interrupts)?;
    } else {
        run.call(context.as_context_mut(), &[], &mut results)?;
    }
    match &results[0] {
        Val::Result(result) => Ok(result.is_ok()),
        _ => bail!("`run` returned something that is not a result"),
    }
}
