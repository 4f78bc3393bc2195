//! Compiles components and core modules like the C API, where a panic of the compiler would end the
//! process.

use crate::config::engine_of;
use crate::ffi::*;
use wasmtime::Module;
use wasmtime::component::Component;
use wasmtime_c_api::{wasm_engine_t, wasmtime_component_t, wasmtime_module_t};

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_compile_component(
    engine: &wasm_engine_t,
    bytes: &tnengine_slice_t<'_>,
    component: &mut Option<Box<wasmtime_component_t>>,
) -> Failed {
    const { assert!(size_of::<wasmtime_component_t>() == size_of::<Component>()) };
    guard_error(|| {
        let boxed = Box::new(Component::from_binary(engine_of(engine), bytes.bytes())?);
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
        let boxed = Box::new(Module::from_binary(engine_of(engine), bytes.bytes())?);
        // SAFETY: a `Module` is the one field of `wasmtime_module_t`.
        *module = Some(unsafe { Box::from_raw(Box::into_raw(boxed).cast()) });
        Ok(())
    })
}
