//! An actor: exports with the names of interfaces, whose first parameter is the state and whose
//! result holds the next one; it logs to `theater:simple/runtime`.
#![no_std]

extern crate alloc;

use alloc::format;
use alloc::string::String;
use packr_guest::{GraphValue, export, import};

packr_guest::setup_guest!();

packr_guest::pack_types!(file = "../types/actor.types");
// Cargo learns from this that the guest depends on the file.
const _: &[u8] = include_bytes!("../types/actor.types");

#[derive(GraphValue)]
#[graph(crate = "packr_guest::composite_abi")]
struct CounterState {
    count: i64,
}

#[import(module = "theater:simple/runtime")]
fn log(line: String);

#[export(name = "theater:simple/actor.init", state = "CounterState")]
fn init(state: CounterState) -> Result<(CounterState, ()), String> {
    log(format!("init: {}", state.count));
    Ok((state, ()))
}

#[export(name = "theater:simple/counter.add", state = "CounterState")]
fn add(state: CounterState, amount: i64) -> Result<(CounterState, i64), String> {
    if amount < 0 {
        return Err(format!("{amount} is negative"));
    }
    let count = state.count.wrapping_add(amount);
    log(format!("add: {count}"));
    Ok((CounterState { count }, count))
}
