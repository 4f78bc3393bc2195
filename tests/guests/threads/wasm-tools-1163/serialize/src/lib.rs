//! serialize: a command that makes a resource of another component and gives it away again.

wit_bindgen::generate!({
    path: ["../../../wit/wasi-0.2.6/io.wit", "../../../wit/wasi-0.2.6/cli.wit", "../wit/ser.wit"],
    world: "demo:ser/test-serialize",
    generate_all,
});
use demo::ser::serializer::SerializerResource;
use exports::wasi::cli::run::Guest;
use wasi::cli::stdout::get_stdout;

struct Serialize;

impl Guest for Serialize {
    fn run() -> Result<(), ()> {
        let text = SerializerResource::serialize_i32(SerializerResource::new(), -42);
        get_stdout().blocking_write_and_flush(format!("{text}\n").as_bytes()).map_err(|_| ())
    }
}

export!(Serialize);
