//! Timers of WASI 0.2. Those of wasmtime-wasi are private to it, so they could not pass from one store
//! to another.

use std::future::pending;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};
use wasmtime::Result;
use wasmtime::component::{HasData, Linker, Resource};
use wasmtime_c_api::WasmtimeStoreData;
use wasmtime_wasi::clocks::{WasiClocksCtxView, WasiClocksView};
use wasmtime_wasi::p2::bindings::clocks::monotonic_clock;
use wasmtime_wasi::p2::{DynPollable, Pollable, subscribe};
use wasmtime_wasi_io::async_trait;

/// A point in time that a pollable waits for.
#[derive(Clone)]
pub(crate) struct Timer {
    /// None: never.
    end: Option<Instant>,
    /// Whether it gives way once before it is ready. A guest that polls in a loop with a timer of
    /// length zero would otherwise keep the runtime from finding out what else is ready.
    yields: bool,
}

#[async_trait]
impl Pollable for Timer {
    async fn ready(&mut self) {
        if std::mem::take(&mut self.yields) {
            tokio::task::yield_now().await;
        }
        match self.end {
            Some(end) => sleep_until(end).await,
            None => pending().await,
        }
    }
}

/// The implementation of `wasi:clocks/monotonic-clock`, with timers that can pass to other stores.
struct Clock<'a>(WasiClocksCtxView<'a>);

struct HasClock;

impl HasData for HasClock {
    type Data<'a> = Clock<'a>;
}

impl monotonic_clock::Host for Clock<'_> {
    fn now(&mut self) -> Result<monotonic_clock::Instant> {
        monotonic_clock::Host::now(&mut self.0)
    }

    fn resolution(&mut self) -> Result<monotonic_clock::Duration> {
        monotonic_clock::Host::resolution(&mut self.0)
    }

    fn subscribe_instant(
        &mut self,
        when: monotonic_clock::Instant,
    ) -> Result<Resource<DynPollable>> {
        let now = monotonic_clock::Host::now(&mut self.0)?;
        self.subscribe_duration(when.saturating_sub(now))
    }

    fn subscribe_duration(
        &mut self,
        duration: monotonic_clock::Duration,
    ) -> Result<Resource<DynPollable>> {
        let timer = Timer {
            end: Instant::now().checked_add(Duration::from_nanos(duration)),
            yields: duration == 0,
        };
        let timer = self.0.table.push(timer)?;
        subscribe(self.0.table, timer)
    }
}

/// Replaces the timers of wasmtime-wasi. The linker must allow shadowing.
pub(crate) fn add_timers(linker: &mut Linker<WasmtimeStoreData>) -> Result<()> {
    monotonic_clock::add_to_linker::<_, HasClock>(linker, |data| Clock(data.clocks()))
}
