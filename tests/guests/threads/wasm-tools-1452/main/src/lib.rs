//! main: makes items by `b` and hands them to `a`, so both must mean the same resource.

wit_bindgen::generate!({
    path: [
        "../../../wit/wasi-0.2.6/io.wit", "../../../wit/wasi-0.2.6/cli.wit",
        "../wit/service.wit",
    ],
    world: "demo:service/main",
    generate_all,
});
use demo::service::a_interface::{decorate, join};
use demo::service::b_interface::Item;
use exports::wasi::cli::run::Guest;
use wasi::cli::stdout::get_stdout;

struct Main;

impl Guest for Main {
    fn run() -> Result<(), ()> {
        let plain = Item::new("leaf");
        let joined = join(decorate(&plain), plain);
        let text = format!("{}\n", joined.name());
        get_stdout().blocking_write_and_flush(text.as_bytes()).map_err(|_| ())
    }
}

export!(Main);
