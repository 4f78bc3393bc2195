//! Compiles components and core modules like the C API, where a panic of the compiler would end the
//! process.

use crate::config::engine_of;
use crate::ffi::*;
use rayon::ThreadPoolBuilder;
use std::sync::OnceLock;
use wasmtime::component::Component;
use wasmtime::{Engine, Error, Module, Result};
use wasmtime_c_api::{wasm_engine_t, wasmtime_component_t, wasmtime_module_t};

/// The stack of a thread that compiles alone: that of a thread of a program, usually.
const STACK_BYTES: usize = 8 << 20;

/// Runs the compiler, which passes functions to the threads of rayon. These are started once in a process; if that
/// fails, rayon never tries again, and each compilation has one thread.
fn compile<T: Send>(
    engine: &Engine,
    compiler: impl FnOnce() -> Result<T> + Send,
) -> Result<T, Error> {
    static HAS_THREADS: OnceLock<bool> = OnceLock::new();
    let start = || ThreadPoolBuilder::new().build_global().is_ok();
    if !engine.get_parallel_compilation() || *HAS_THREADS.get_or_init(start) {
        return compiler();
    }
    let alone = ThreadPoolBuilder::new()
        .num_threads(1)
        .stack_size(STACK_BYTES)
        .build();
    match alone {
        Ok(thread) => thread.install(compiler),
        Err(error) => Err(Error::msg(format!("a thread cannot be started: {error}"))),
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_compile_component(
    engine: &wasm_engine_t,
    bytes: &tnengine_slice_t<'_>,
    component: &mut Option<Box<wasmtime_component_t>>,
) -> Failed {
    const { assert!(size_of::<wasmtime_component_t>() == size_of::<Component>()) };
    guard_error(|| {
        let (engine, bytes) = (engine_of(engine), bytes.bytes());
        let component_of = || Component::from_binary(engine, bytes);
        let boxed = Box::new(compile(engine, component_of)?);
        // SAFETY: `wasmtime_component_t` is `repr(transparent)` over a `Component`.
        *component = Some(unsafe { Box::from_raw(Box::into_raw(boxed).cast()) });
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_compile_module(
    engine: &wasm_engine_t,
    bytes: &tnengine_slice_t<'_>,
    module: &mut Option<Box<wasmtime_module_t>>,
) -> Failed {
    const { assert!(size_of::<wasmtime_module_t>() == size_of::<Module>()) };
    guard_error(|| {
        let (engine, bytes) = (engine_of(engine), bytes.bytes());
        let boxed = Box::new(compile(engine, || Module::from_binary(engine, bytes))?);
        // SAFETY: a `Module` is the one field of `wasmtime_module_t`.
        *module = Some(unsafe { Box::from_raw(Box::into_raw(boxed).cast()) });
        Ok(())
    })
}
