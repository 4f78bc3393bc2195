//! asker: a command that asks `teller` and `pen` to print. Knows WASI 0.2.6; the other two know
//! 0.2.12. The stream it hands to `pen` is a resource of WASI.

wit_bindgen::generate!({
    path: ["../../wit/wasi-0.2.6/io.wit", "../../wit/wasi-0.2.6/cli.wit", "../wit-0.2.6"],
    world: "demo:mix/asker",
    generate_all,
});
use demo::mix::{pen, tell};
use exports::wasi::cli::run::Guest;
use wasi::cli::stdout::get_stdout;

struct Asker;

impl Guest for Asker {
    fn run() -> Result<(), ()> {
        let out = get_stdout();
        out.blocking_write_and_flush(b"asker: begin\n").map_err(|_| ())?;
        let first = tell::tell("one");
        let second = tell::tell("two");
        let written = pen::write(&out, "three");
        if (first, second, written) == (1, 2, true) { Ok(()) } else { Err(()) }
    }
}

export!(Asker);
