//! The calls of bench/native_call.cc in Rust, for comparison: the cost of a call with wasmtime's
//! typed functions, on an engine configured as for a tenon domain without async. Prints the minimum
//! of several runs in nanoseconds for each call: `call_export 12.3`.

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};
use wasmtime::component::{Component, Linker};
use wasmtime::{
    Config, Engine, Inlining, OptLevel, Result, Store, StoreContextMut, WasmBacktraceDetails,
};

const GUEST: &str = include_str!("../../bench/guests/native.wat");
const FRESH: &str = include_str!("../../bench/guests/fresh.wat");
const CALLS: u32 = 10_000;

fn assemble(text: &str) -> std::result::Result<Vec<u8>, wast::Error> {
    let buffer = wast::parser::ParseBuffer::new(text)?;
    wast::parser::parse::<wast::Wat>(&buffer)?.encode()
}

/// Runs `calls`, which makes `CALLS` calls, repeatedly for half a second.
fn measure(name: &str, mut calls: impl FnMut() -> Result<()>) -> Result<()> {
    let mut least = Duration::MAX;
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_millis(500) {
        let start = Instant::now();
        calls()?;
        least = least.min(start.elapsed());
    }
    println!("{name} {:.3}", least.as_nanos() as f64 / f64::from(CALLS));
    Ok(())
}

fn main() -> Result<()> {
    let mut config = Config::new();
    config
        .concurrency_support(false)
        .compiler_inlining(Inlining::InterModuleAndIntraGc)
        .wasm_backtrace_max_frames(NonZeroUsize::new(64))
        .wasm_backtrace_details(WasmBacktraceDetails::Enable)
        .cranelift_opt_level(OptLevel::Speed);
    let engine = Engine::new(&config)?;
    let guest = Component::new(&engine, assemble(GUEST).expect("the guest's text"))?;
    let mut linker = Linker::<()>::new(&engine);
    linker.root().func_wrap(
        "host-add",
        |_: StoreContextMut<'_, ()>, (a, b): (u32, u32)| Ok((a.wrapping_add(b),)),
    )?;
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &guest)?;
    let add = instance.get_typed_func::<(u32, u32), (u32,)>(&mut store, "add")?;
    let run = instance.get_typed_func::<(u32,), (u32,)>(&mut store, "run")?;
    measure("call_export", || {
        let mut sum = 0;
        for _ in 0..CALLS {
            (sum,) = add.call(&mut store, (sum, 3))?;
        }
        black_box(sum);
        Ok(())
    })?;
    measure("call_host", || {
        black_box(run.call(&mut store, (CALLS,))?);
        Ok(())
    })?;
    let fresh = Component::new(&engine, assemble(FRESH).expect("the guest's text"))?;
    let prepared = Linker::<()>::new(&engine).instantiate_pre(&fresh)?;
    measure("call_fresh", || {
        for _ in 0..CALLS {
            let mut store = Store::new(&engine, ());
            let instance = prepared.instantiate(&mut store)?;
            let twice = instance.get_typed_func::<(u32,), (u32,)>(&mut store, "twice")?;
            black_box(twice.call(&mut store, (3,))?);
        }
        Ok(())
    })
}
