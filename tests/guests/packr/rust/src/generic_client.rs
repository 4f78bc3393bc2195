//! `run` asks the import `machine.apply`, whose type names a parameter of the interface.
#![no_std]

use packr_guest::{export, import_from};

packr_guest::setup_guest!();

packr_guest::pack_types! {
    type s: serializable
    imports {
        machine {
            apply: func(x: s) -> s,
        }
    }
    exports {
        run: func(n: s64) -> s64,
    }
}

#[import_from("machine")]
fn apply(x: i64) -> i64;

#[export]
fn run(n: i64) -> i64 {
    apply(n)
}
