//! `double` of any value: twice an s64, and every other value as it is.
#![no_std]

use packr_guest::{Value, export};

packr_guest::setup_guest!();

packr_guest::pack_types! {
    exports {
        double: func(input: value) -> value,
    }
}

#[export]
fn double(input: Value) -> Value {
    match input {
        Value::S64(n) => Value::S64(n.wrapping_mul(2)),
        other => other,
    }
}
