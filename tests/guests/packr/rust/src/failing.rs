//! Each way in which a guest fails: text of the library, a panic, a trap, a loop without end and
//! recursion without end.
#![no_std]

extern crate alloc;

use alloc::vec;
use core::hint::black_box;
use packr_guest::composite_abi::ValueType;
use packr_guest::{Value, export};

packr_guest::setup_guest!();

packr_guest::pack_types!(file = "../types/failing.types");
// Cargo learns from this that the guest depends on the file.
const _: &[u8] = include_bytes!("../types/failing.types");

/// Of anything but an s64 the library says `failed to convert parameter`.
#[export(name = "needs-number")]
fn needs_number(n: i64) -> i64 {
    n
}

/// The library says `expected tuple of parameters` or `missing parameter in tuple`.
#[export(name = "needs-two")]
fn needs_two(a: i64, b: i64) -> i64 {
    a.wrapping_add(b)
}

/// A list of u8 with a bool in it: the library says `encode error`.
#[export(name = "refuses")]
fn refuses() -> Value {
    Value::List { elem_type: ValueType::U8, items: vec![Value::Bool(true)] }
}

/// An endless loop before packr-guest 0.24, a trap since.
#[export(name = "panics")]
fn panics() -> i64 {
    panic!("a panic of the guest")
}

#[export(name = "crashes")]
fn crashes() -> i64 {
    core::arch::wasm32::unreachable()
}

/// Counts to `turns`, and for ever if it is negative.
#[export(name = "spins")]
fn spins(turns: i64) -> i64 {
    let mut turn = 0;
    while turn != turns {
        turn = black_box(turn + 1) & i64::MAX;
    }
    turn
}

/// Calls itself `depth` times, and until the stack ends if it is negative.
#[export(name = "sinks")]
fn sinks(depth: i64) -> i64 {
    sunk(depth)
}

fn sunk(depth: i64) -> i64 {
    if depth == 0 {
        return 0;
    }
    let kept = black_box([depth; 8]);
    sunk(depth.wrapping_sub(1)).wrapping_add(kept[7] / kept[7])
}
