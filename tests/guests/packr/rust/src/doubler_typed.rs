//! `double` without an interface, of an s64.
#![no_std]

use packr_guest::export;

packr_guest::setup_guest!();

packr_guest::pack_types! {
    exports {
        double: func(n: s64) -> s64,
    }
}

#[export]
fn double(n: i64) -> i64 {
    n.wrapping_mul(2)
}
