//! serializer: exports a resource with a constructor and a static function that takes ownership.

wit_bindgen::generate!({
    path: ["../../../wit/wasi-0.2.6/io.wit", "../../../wit/wasi-0.2.6/cli.wit", "../wit/ser.wit"],
    world: "demo:ser/test-serializer",
    generate_all,
});
use exports::demo::ser::serializer::{Guest, GuestSerializerResource, SerializerResource};

struct Decimal;

impl GuestSerializerResource for Decimal {
    fn new() -> Self {
        Decimal
    }
    fn serialize_i32(_it: SerializerResource, v: i32) -> String {
        v.to_string()
    }
}

struct Serializer;

impl Guest for Serializer {
    type SerializerResource = Decimal;
}

export!(Serializer);
