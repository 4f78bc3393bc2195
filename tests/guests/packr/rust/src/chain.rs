//! `call` hands any value on to the import `next.call` and gives back what that says: a link of a
//! chain of any length, and of a ring.
#![no_std]

use packr_guest::{Value, export, import};

packr_guest::setup_guest!();

packr_guest::pack_types! {
    imports {
        next {
            call: func(input: value) -> value,
        }
    }
    exports {
        call: func(input: value) -> value,
    }
}

#[import(module = "next", name = "call")]
fn call_next(input: Value) -> Value;

#[export]
fn call(input: Value) -> Value {
    call_next(input)
}
