//! Functions that hand any value on to those of the import `acme:kinds/same`: which of them can be
//! said to a component is what its types are for.
#![no_std]

use packr_guest::{Value, export, import};

packr_guest::setup_guest!();

packr_guest::pack_types!(file = "../types/kinds_client.types");
// Cargo learns from this that the guest depends on the file.
const _: &[u8] = include_bytes!("../types/kinds_client.types");

macro_rules! hand_on {
    ($($name:literal $function:ident to $import:literal $imported:ident;)*) => {$(
        #[import(module = "acme:kinds/same", name = $import)]
        fn $imported(value: Value) -> Value;

        #[export(name = $name)]
        fn $function(value: Value) -> Value {
            $imported(value)
        }
    )*};
}

hand_on! {
    "string" string to "same-string" same_string;
    "bytes" bytes to "same-bytes" same_bytes;
    "items" items to "same-items" same_items;
    "pair" pair to "same-pair" same_pair;
    "keep" keep to "same-keep" same_keep;
    "color" color to "same-color" same_color;
    "access" access to "same-access" same_access;
    "option" option to "same-option" same_option;
}
