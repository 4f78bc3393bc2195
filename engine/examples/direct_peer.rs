//! The calls of bench/direct_call.cc as one component on the engine's defaults, without our patches, for
//! comparison: `direct_peer LISTS PAGE`, two components that `tenon compose` made. Prints the minimum of
//! several runs in nanoseconds for each call: `add/0 1.23`. With `not_inlined` before a name, the
//! engine is configured as for a domain without async, but does not inline.

use std::time::{Duration, Instant};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Config, Engine, Inlining, Result, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

struct Host {
    context: WasiCtx,
    table: ResourceTable,
}

impl WasiView for Host {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.context,
            table: &mut self.table,
        }
    }
}

/// Measures calls of `run-NAME` with `SIZE` for each `NAME/SIZE`.
fn measure(engine: &Engine, file: &str, calls: &[&str], prefix: &str) -> Result<()> {
    let component = Component::from_file(engine, file)?;
    let mut linker = Linker::<Host>::new(engine);
    wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
    let host = Host {
        context: WasiCtxBuilder::new().build(),
        table: ResourceTable::new(),
    };
    let mut store = Store::new(engine, host);
    let instance = linker.instantiate(&mut store, &component)?;
    for name in calls {
        let (function, size) = name.split_once('/').expect("NAME/SIZE");
        let size: u32 = size.parse().expect("a size");
        let count = if size == 0 {
            100_000
        } else {
            (1 << 22) / (64 + size)
        }
        .max(1);
        let run = instance
            .get_typed_func::<(u32, u32), (u32,)>(&mut store, &format!("run-{function}"))?;
        let mut least = Duration::MAX;
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_millis(300) {
            let start = Instant::now();
            run.call(&mut store, (count, size))?;
            least = least.min(start.elapsed());
        }
        println!(
            "{prefix}{name} {:.3}",
            least.as_nanos() as f64 / f64::from(count)
        );
    }
    Ok(())
}

fn main() -> Result<()> {
    let files: Vec<String> = std::env::args().skip(1).collect();
    let defaults = Engine::new(&Config::new())?;
    let lists = [
        "add/0",
        "bytes/64",
        "bytes/1024",
        "bytes/65536",
        "bytes/1048576",
        "words/1000",
        "flags/1000",
        "samples/1000",
        "texts/1000",
        "text/64",
    ];
    measure(&defaults, &files[0], &lists, "")?;
    measure(&defaults, &files[1], &["put/1048576"], "")?;
    let mut config = Config::new();
    config
        .concurrency_support(false)
        .compiler_inlining(Inlining::No);
    measure(
        &Engine::new(&config)?,
        &files[0],
        &["add/0"],
        "not_inlined/",
    )
}
