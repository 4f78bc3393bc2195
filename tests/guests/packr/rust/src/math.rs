//! `double` in the interface `math`: its hash is that of what `adder` imports.
#![no_std]

use packr_guest::export;

packr_guest::setup_guest!();

packr_guest::pack_types! {
    exports {
        math.double: func(n: s64) -> s64,
    }
}

#[export(name = "math.double")]
fn double(n: i64) -> i64 {
    n.wrapping_mul(2)
}
