//! The calls of async functions that bench/bridged_async.cc starts from C++, in Rust, for
//! comparison: `TypedFunc::call_concurrent`, on an engine configured as for a concurrent domain of
//! tenon. Prints the minimum of several runs in nanoseconds for each call: `async_add/1 12.3`.
//!
//! With an argument, that many calls are in flight at once, each of which waits for a host timer, as
//! in bench/timed_calls.cc. Prints the bytes of memory that each of them takes, and the time from the
//! first timer to the last result in nanoseconds: `memory 1234` and `time 1e9`.

use futures_util::stream::{FuturesUnordered, StreamExt};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::num::NonZeroUsize;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};
use wasmtime::component::{Accessor, Component, Linker, TypedFunc};
use wasmtime::{Config, Engine, Inlining, OptLevel, Result, Store, WasmBacktraceDetails};

const CALLEE: &str = include_str!("../../bench/guests/async_callee.wat");
const SLEEPER: &str = include_str!("../../bench/guests/sleeper.wat");
const CALLS: u32 = 1_000;
/// The timers of the calls are spread over this time.
const LONGEST: Duration = Duration::from_secs(1);

thread_local! {
    /// The futures that wait for a time. The number keeps those of the same time apart.
    static TIMERS: RefCell<BTreeMap<(Instant, usize), Waker>> = const { RefCell::new(BTreeMap::new()) };
}

struct Sleep {
    until: Instant,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if Instant::now() >= self.until {
            return Poll::Ready(());
        }
        let number = std::ptr::from_ref(&*self).addr();
        TIMERS
            .with_borrow_mut(|timers| timers.insert((self.until, number), context.waker().clone()));
        Poll::Pending
    }
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Polls a future to its end. Sleeps until the first timer when it waits.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let flag = Arc::new(Flag(AtomicBool::new(false)));
    let waker = Waker::from(flag.clone());
    loop {
        flag.0.store(false, Ordering::Relaxed);
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        if flag.0.load(Ordering::Relaxed) {
            continue;
        }
        let first = TIMERS.with_borrow(|timers| timers.keys().next().map(|(until, _)| *until));
        let first = first.expect("something to wait for");
        std::thread::sleep(first.saturating_duration_since(Instant::now()));
        let now = Instant::now();
        TIMERS.with_borrow_mut(|timers| {
            let later = timers.split_off(&(now, usize::MAX));
            for waker in std::mem::replace(timers, later).into_values() {
                waker.wake();
            }
        });
    }
}

fn assemble(text: &str) -> std::result::Result<Vec<u8>, wast::Error> {
    let buffer = wast::parser::ParseBuffer::new(text)?;
    wast::parser::parse::<wast::Wat>(&buffer)?.encode()
}

fn make_engine() -> Result<Engine> {
    let mut config = Config::new();
    config
        .concurrency_support(true)
        .wasm_component_model_async(true)
        .wasm_component_model_more_async_builtins(true)
        .wasm_component_model_async_stackful(true)
        .compiler_inlining(Inlining::InterModuleAndIntraGc)
        .wasm_backtrace_max_frames(NonZeroUsize::new(64))
        .wasm_backtrace_details(WasmBacktraceDetails::Enable)
        .cranelift_opt_level(OptLevel::Speed);
    Engine::new(&config)
}

type Add = TypedFunc<(u32, u32), (u32,)>;

/// Makes calls for half a second, `burst` of them at a time.
async fn measure(name: &str, store: &Accessor<()>, add: Add, burst: u32) -> Result<()> {
    let mut least = Duration::MAX;
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_millis(500) {
        let start = Instant::now();
        let mut sum = 0u32;
        for _ in 0..CALLS / burst {
            if burst == 1 {
                sum += add.call_concurrent(store, (sum, 3)).await?.0;
                continue;
            }
            let mut calls: FuturesUnordered<_> = (0..burst)
                .map(|i| add.call_concurrent(store, (i, 3)))
                .collect();
            while let Some(result) = calls.next().await {
                sum += result?.0;
            }
        }
        black_box(sum);
        least = least.min(start.elapsed());
    }
    println!("{name} {:.3}", least.as_nanos() as f64 / f64::from(CALLS));
    Ok(())
}

async fn run_calls() -> Result<()> {
    let engine = make_engine()?;
    let callee = Component::new(&engine, assemble(CALLEE).expect("the guest's text"))?;
    let mut store = Store::new(&engine, ());
    let instance = Linker::<()>::new(&engine)
        .instantiate_async(&mut store, &callee)
        .await?;
    let add = instance.get_typed_func::<(u32, u32), (u32,)>(&mut store, "add")?;
    let later = instance.get_typed_func::<(u32, u32), (u32,)>(&mut store, "add-later")?;
    store
        .run_concurrent(async |store| {
            measure("async_add/1", store, add, 1).await?;
            measure("async_add/1000", store, add, 1000).await?;
            measure("async_add_later/1", store, later, 1).await?;
            measure("async_add_later/1000", store, later, 1000).await
        })
        .await?
}

/// The resident memory of the process in bytes.
fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").expect("statm");
    let pages = status
        .split(' ')
        .nth(1)
        .and_then(|word| word.parse::<u64>().ok());
    pages.expect("a number of pages") * 4096
}

async fn run_timers(count: u32) -> Result<()> {
    let engine = make_engine()?;
    let sleeper = Component::new(&engine, assemble(SLEEPER).expect("the guest's text"))?;
    let mut linker = Linker::<()>::new(&engine);
    linker
        .root()
        .func_wrap_concurrent("sleep", |_: &Accessor<()>, (ms,): (u32,)| {
            let until = Instant::now() + Duration::from_millis(ms.into());
            Box::pin(async move {
                Sleep { until }.await;
                Ok(())
            })
        })?;
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate_async(&mut store, &sleeper).await?;
    let nap = instance.get_typed_func::<(u32,), (u32,)>(&mut store, "nap")?;
    store
        .run_concurrent(async |store| {
            // The first call makes what all of them share.
            nap.call_concurrent(store, (1,)).await?;
            let before = resident_bytes();
            let begin = Instant::now();
            let longest = LONGEST.as_millis() as u32;
            let mut calls: FuturesUnordered<_> = (0..count)
                .map(|i| nap.call_concurrent(store, (longest / 2 + i % (longest / 2) + 1,)))
                .collect();
            let mut most = before;
            let mut ended = 0;
            while let Some(result) = calls.next().await {
                result?;
                if ended == 0 {
                    most = resident_bytes();
                }
                ended += 1;
            }
            println!("memory {}", most.saturating_sub(before) / u64::from(count));
            println!("time {}", begin.elapsed().as_nanos());
            Ok(())
        })
        .await?
}

fn main() -> Result<()> {
    match std::env::args().nth(1) {
        Some(count) => block_on(run_timers(count.parse().expect("a number of calls"))),
        None => block_on(run_calls()),
    }
}
