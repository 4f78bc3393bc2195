//! `process` is one more than what the import `math.double` says.
#![no_std]

use packr_guest::{export, import_from};

packr_guest::setup_guest!();

packr_guest::pack_types! {
    imports {
        math {
            double: func(n: s64) -> s64,
        }
    }
    exports {
        process: func(n: s64) -> s64,
    }
}

#[import_from("math")]
fn double(n: i64) -> i64;

#[export]
fn process(n: i64) -> i64 {
    double(n).wrapping_add(1)
}
