//! `double` in version 1.3.1 of `acme:math/ops`.
#![no_std]

use packr_guest::export;

packr_guest::setup_guest!();

#[export(name = "acme:math/ops@1.3.1.double")]
fn double(n: i64) -> i64 {
    n.wrapping_mul(2)
}
