//! One function for each kind of type, which gives back what it takes: read as a Rust type and
//! written again, so that what is not of the type is refused.
#![no_std]

extern crate alloc;

use alloc::string::String;
use alloc::vec::Vec;
use packr_guest::{ConversionError, GraphValue, Value, export};
use packr_guests::{Maybe, Outcome};

packr_guest::setup_guest!();

packr_guest::pack_types!(file = "../types/kinds.types");
// Cargo learns from this that the guest depends on the file.
const _: &[u8] = include_bytes!("../types/kinds.types");

#[derive(GraphValue)]
#[graph(crate = "packr_guest::composite_abi")]
struct Item {
    name: String,
    price: Maybe<f64>,
    tags: Vec<String>,
}

#[derive(GraphValue)]
#[graph(crate = "packr_guest::composite_abi")]
struct Note {
    last_msg: String,
    read_count: u32,
}

#[derive(GraphValue)]
#[graph(crate = "packr_guest::composite_abi")]
enum Keep {
    Forever,
    Days(u32),
    Until(String),
}

#[derive(GraphValue)]
#[graph(crate = "packr_guest::composite_abi")]
enum Color {
    Red,
    Green,
    Ok,
}

struct Access(u64);

impl TryFrom<Value> for Access {
    type Error = ConversionError;

    fn try_from(value: Value) -> Result<Self, Self::Error> {
        match value {
            Value::Flags(mask) => Ok(Access(mask)),
            _ => Err(ConversionError::TypeMismatch {
                expected: String::from("flags"),
                got: String::from("another value"),
            }),
        }
    }
}

impl From<Access> for Value {
    fn from(access: Access) -> Value {
        Value::Flags(access.0)
    }
}

macro_rules! same {
    ($($name:literal $function:ident($type:ty);)*) => {$(
        #[export(name = $name)]
        fn $function(value: $type) -> $type {
            value
        }
    )*};
}

same! {
    "acme:kinds/same.same-bool" same_bool(bool);
    "acme:kinds/same.same-s8" same_s8(i8);
    "acme:kinds/same.same-u8" same_u8(u8);
    "acme:kinds/same.same-s16" same_s16(i16);
    "acme:kinds/same.same-u16" same_u16(u16);
    "acme:kinds/same.same-s32" same_s32(i32);
    "acme:kinds/same.same-u32" same_u32(u32);
    "acme:kinds/same.same-s64" same_s64(i64);
    "acme:kinds/same.same-u64" same_u64(u64);
    "acme:kinds/same.same-f32" same_f32(f32);
    "acme:kinds/same.same-f64" same_f64(f64);
    "acme:kinds/same.same-char" same_char(char);
    "acme:kinds/same.same-string" same_string(String);
    "acme:kinds/same.same-bytes" same_bytes(Vec<u8>);
    "acme:kinds/same.same-items" same_items(Vec<Item>);
    "acme:kinds/same.same-pair" same_pair((u8, String));
    "acme:kinds/same.same-item" same_item(Item);
    "acme:kinds/same.same-keep" same_keep(Keep);
    "acme:kinds/same.same-color" same_color(Color);
    "acme:kinds/same.same-access" same_access(Access);
    "acme:kinds/same.same-option" same_option(Maybe<String>);
    "acme:kinds/same.same-nested" same_nested(Maybe<Option<u8>>);
    "acme:kinds/same.same-result" same_result(Outcome<u32, String>);
    "acme:kinds/same.same-note" same_note(Note);
}
