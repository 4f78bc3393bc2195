//! `apply` of the interface `machine`, with s64 for its parameter: one more.
#![no_std]

use packr_guest::export;

packr_guest::setup_guest!();

packr_guest::pack_types! {
    exports {
        machine {
            apply: func(x: s64) -> s64,
        }
    }
}

#[export]
fn apply(x: i64) -> i64 {
    x.wrapping_add(1)
}
