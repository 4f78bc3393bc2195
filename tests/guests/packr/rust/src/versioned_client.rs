//! `process` is one more than what version 1.2.0 of `acme:math/ops` says. It does not tell its types:
//! `pack_types!` has no versions.
#![no_std]

use packr_guest::{export, import};

packr_guest::setup_guest!();

#[import(module = "acme:math/ops@1.2.0")]
fn double(n: i64) -> i64;

#[export]
fn process(n: i64) -> i64 {
    double(n).wrapping_add(1)
}
