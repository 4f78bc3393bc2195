//! pen: exports `demo:mix/pen`, which writes to a stream that the caller hands over. Knows
//! `wasi:io/streams@0.2.12`; its caller knows 0.2.6.

wit_bindgen::generate!({
    path: ["../../wit/wasi-0.2.12/io.wit", "../../wit/wasi-0.2.12/cli.wit", "../wit-0.2.12"],
    world: "demo:mix/holder",
    generate_all,
});
use exports::demo::mix::pen::{Guest, OutputStream};

struct Pen;

impl Guest for Pen {
    fn write(to: &OutputStream, line: String) -> bool {
        to.blocking_write_and_flush(format!("pen: {line}\n").as_bytes()).is_ok()
    }
}

export!(Pen);
