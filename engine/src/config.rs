//! Options of the engine that wasmtime's C API lacks.

use crate::ffi::*;
use std::hash::{Hash, Hasher};
use std::num::NonZeroUsize;
use wasmparser::WasmFeatures;
use wasmtime::{
    Config, Enabled, Engine, Inlining, InstanceAllocationStrategy, PoolingAllocationConfig,
    WasmBacktraceDetails,
};
use wasmtime_c_api::{wasm_config_t, wasm_engine_t};

/// The WebAssembly features of every engine: the defaults, and those parts of the component model
/// that are off by default. Without GC types in component functions and 64-bit memories of
/// components, which the engine cannot run.
pub(crate) const LANGUAGE: WasmFeatures = WasmFeatures::WASM3
    .union(WasmFeatures::GC_TYPES)
    .union(WasmFeatures::COMPONENT_MODEL)
    .union(WasmFeatures::CM_FIXED_LENGTH_LISTS)
    .union(WasmFeatures::CM_MAP)
    .union(WasmFeatures::CM_IMPLEMENTS);

/// The features of an engine with concurrency support.
pub(crate) const CONCURRENT_LANGUAGE: WasmFeatures = LANGUAGE
    .union(WasmFeatures::CM_ASYNC)
    .union(WasmFeatures::CM_ASYNC_STACKFUL)
    .union(WasmFeatures::CM_MORE_ASYNC_BUILTINS)
    .union(WasmFeatures::CM_THREADING)
    .union(WasmFeatures::CM_ERROR_CONTEXT);

fn config_of(config: &mut wasm_config_t) -> &mut Config {
    const { assert!(size_of::<wasm_config_t>() == size_of::<Config>()) };
    // SAFETY: `wasm_config_t` is `repr(C)` with a `Config` as its one field.
    unsafe { &mut *std::ptr::from_mut(config).cast() }
}

pub(crate) fn engine_of(engine: &wasm_engine_t) -> &Engine {
    const { assert!(size_of::<wasm_engine_t>() == size_of::<Engine>()) };
    // SAFETY: `wasm_engine_t` is `repr(C)` with an `Engine` as its one field.
    unsafe { &*std::ptr::from_ref(engine).cast() }
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_config_language_set(config: &mut wasm_config_t, concurrent: bool) {
    let config = config_of(config);
    config.concurrency_support(concurrent);
    config.wasm_features(
        if concurrent {
            CONCURRENT_LANGUAGE
        } else {
            LANGUAGE
        },
        true,
    );
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_config_inlining_set(config: &mut wasm_config_t, enable: bool) {
    config_of(config).compiler_inlining(if enable {
        Inlining::InterModuleAndIntraGc
    } else {
        Inlining::No
    });
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_config_backtrace_set(
    config: &mut wasm_config_t,
    max_frames: usize,
    sources: bool,
) {
    let config = config_of(config);
    config.wasm_backtrace_max_frames(NonZeroUsize::new(max_frames));
    config.wasm_backtrace_details(if sources {
        WasmBacktraceDetails::Enable
    } else {
        WasmBacktraceDetails::Disable
    });
}

/// What the kernel need not map anew for the next instance: most of what a small handler writes to.
const KEPT_BYTES: usize = 256 << 10;

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_config_kept_memories_set(config: &mut wasm_config_t, count: u32) {
    let mut pool = PoolingAllocationConfig::new();
    // Nothing but the number of memories and stacks is limited, and a patch of the engine makes further ones on
    // demand (patches/README.md).
    pool.total_memories(count)
        .total_stacks(count)
        .total_tables(0)
        .total_gc_heaps(0)
        .total_core_instances(u32::MAX)
        .total_component_instances(u32::MAX)
        .max_core_instance_size(isize::MAX as usize)
        .max_component_instance_size(isize::MAX as usize)
        .linear_memory_keep_resident(KEPT_BYTES)
        .pagemap_scan(Enabled::Auto);
    config_of(config).allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_new(
    config: Box<wasm_config_t>,
    engine: &mut Option<Box<wasm_engine_t>>,
) -> Failed {
    guard_error(|| {
        let mut config = config;
        let boxed = Box::new(Engine::new(config_of(&mut config))?);
        // SAFETY: as in `engine_of`; the box keeps its size and alignment.
        *engine = Some(unsafe { Box::from_raw(Box::into_raw(boxed).cast::<wasm_engine_t>()) });
        Ok(())
    })
}

/// A hasher that collects the hashed bytes, so that the caller can compute a digest of its choice.
struct Collector(Vec<u8>);

impl Hasher for Collector {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_compatibility(
    engine: &wasm_engine_t,
    bytes: &mut tnengine_bytes_t,
) -> Failed {
    guard_error(|| {
        let mut collector = Collector(Vec::new());
        engine_of(engine)
            .precompile_compatibility_hash()
            .hash(&mut collector);
        bytes.set(collector.0);
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn tnengine_version() -> tnengine_slice_t<'static> {
    tnengine_slice_t::new(wasmtime_environ::VERSION.as_bytes())
}
