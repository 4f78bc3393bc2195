//! `echo` gives back any value; `transform` with every s64 in it doubled.
#![no_std]

extern crate alloc;

use alloc::boxed::Box;
use packr_guest::{Value, export};

packr_guest::setup_guest!();

packr_guest::pack_types! {
    exports {
        echo: func(input: value) -> value,
        transform: func(input: value) -> value,
    }
}

#[export]
fn echo(input: Value) -> Value {
    input
}

#[export]
fn transform(input: Value) -> Value {
    doubled(input)
}

fn doubled(value: Value) -> Value {
    match value {
        Value::S64(n) => Value::S64(n.wrapping_mul(2)),
        Value::List { elem_type, items } => {
            Value::List { elem_type, items: items.into_iter().map(doubled).collect() }
        }
        Value::Tuple(items) => Value::Tuple(items.into_iter().map(doubled).collect()),
        Value::Option { inner_type, value } => {
            Value::Option { inner_type, value: value.map(|inner| Box::new(doubled(*inner))) }
        }
        Value::Result { ok_type, err_type, value } => Value::Result {
            ok_type,
            err_type,
            value: match value {
                Ok(inner) => Ok(Box::new(doubled(*inner))),
                Err(inner) => Err(Box::new(doubled(*inner))),
            },
        },
        Value::Record { type_name, fields } => Value::Record {
            type_name,
            fields: fields.into_iter().map(|(name, field)| (name, doubled(field))).collect(),
        },
        Value::Variant { type_name, case_name, tag, payload } => Value::Variant {
            type_name,
            case_name,
            tag,
            payload: payload.into_iter().map(doubled).collect(),
        },
        other => other,
    }
}
