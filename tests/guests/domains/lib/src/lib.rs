//! lib: offers functions, good and bad, and a resource whose lives it counts.

wit_bindgen::generate!({ path: "../wit", world: "lib-unit" });
use exports::demo::domains::lib::*;
use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

static CALLS: AtomicU32 = AtomicU32::new(0);
static ALIVE: AtomicU32 = AtomicU32::new(0);
const BAD: u32 = u32::MAX;

struct Count(Cell<u32>);

impl Count {
    fn make(start: u32) -> Counter {
        ALIVE.fetch_add(1, Relaxed);
        Counter::new(Count(Cell::new(start)))
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        if self.0.get() == BAD {
            core::arch::wasm32::unreachable();
        }
        ALIVE.fetch_sub(1, Relaxed);
    }
}

impl GuestCounter for Count {
    fn new(start: u32) -> Self {
        ALIVE.fetch_add(1, Relaxed);
        Count(Cell::new(start))
    }
    fn next(&self) -> u32 {
        self.0.set(self.0.get().wrapping_add(1));
        self.0.get()
    }
    fn peek(&self, other: CounterBorrow<'_>) -> u32 {
        self.0.get().wrapping_add(other.get::<Count>().0.get())
    }
    fn merge(a: Counter, b: Counter) -> Counter {
        Count::make(a.get::<Count>().0.get().wrapping_add(b.get::<Count>().0.get()))
    }
}

fn check(n: u32) -> u32 {
    if n == 0 {
        core::arch::wasm32::unreachable();
    }
    n
}

struct Lib;

impl Guest for Lib {
    type Counter = Count;

    fn add(a: u32, b: u32) -> u32 {
        a.wrapping_add(b)
    }
    fn echo(s: String) -> String {
        s
    }
    fn echo_bytes(bytes: Vec<u8>) -> Vec<u8> {
        bytes
    }
    fn echo_points(points: Vec<Point>) -> Vec<Point> {
        points
    }
    fn echo_named(named: Vec<Named>) -> Vec<Named> {
        named
    }
    fn echo_mixed(
        a: Option<String>,
        b: Result<u8, String>,
        c: (char, bool, i64),
        d: Trouble,
        e: Marks,
    ) -> (Option<String>, Result<u8, String>, (char, bool, i64), Trouble, Marks) {
        (a, b, c, d, e)
    }
    fn calls() -> u32 {
        CALLS.fetch_add(1, Relaxed) + 1
    }
    fn boom() {
        core::arch::wasm32::unreachable();
    }
    fn spin() {
        let mut n = 0u32;
        while core::hint::black_box(n) < u32::MAX || core::hint::black_box(true) {
            n = n.wrapping_add(1);
        }
    }
    fn grow(pages: u32) -> u32 {
        match core::arch::wasm32::memory_grow(0, pages as usize) {
            usize::MAX => 0,
            _ => core::arch::wasm32::memory_size(0) as u32,
        }
    }
    fn check_text(n: u32) -> Result<u32, String> {
        Ok(check(n))
    }
    fn check_trouble(n: u32) -> Result<u32, Trouble> {
        Ok(check(n))
    }
    fn check_reason(n: u32) -> Result<u32, Reason> {
        Ok(check(n))
    }
    fn alive() -> u32 {
        ALIVE.load(Relaxed)
    }
    fn consume(c: Counter) -> u32 {
        c.get::<Count>().0.get()
    }
    fn make_bad() -> Counter {
        Count::make(BAD)
    }
}

export!(Lib);
