//! main: a command that asks `keeper` to write the file `note.txt` and prints what it answers. Of
//! `wasi:io/streams` it imports one function, where `keeper` imports many.

wit_bindgen::generate!({
    path: ["../../../wit/wasi-0.2.6/io.wit", "../../../wit/wasi-0.2.6/cli.wit", "../wit/note.wit"],
    world: "demo:note/main",
    generate_all,
});
use demo::note::keep::keep;
use exports::wasi::cli::run::Guest;
use wasi::cli::stdout::get_stdout;

struct Main;

impl Guest for Main {
    fn run() -> Result<(), ()> {
        let kept = keep("note.txt", "kept");
        let text = match &kept {
            Ok(size) => format!("note.txt has {size} bytes\n"),
            Err(why) => format!("note.txt: {why}\n"),
        };
        get_stdout().blocking_write_and_flush(text.as_bytes()).map_err(|_| ())?;
        kept.map(|_| ()).map_err(|_| ())
    }
}

export!(Main);
