//! `double` in version 2.0.0 of `acme:math/ops`, which adds 100.
#![no_std]

use packr_guest::export;

packr_guest::setup_guest!();

#[export(name = "acme:math/ops@2.0.0.double")]
fn double(n: i64) -> i64 {
    n.wrapping_mul(2).wrapping_add(100)
}
