//! adapter: the wrapper. Makes a request by an extension of `types`, gives it to `handler`, and
//! reads the response by an extension again. Also a command that serves two lines.

wit_bindgen::generate!({
    path: [
        "../../../wit/wasi-0.2.6/io.wit", "../../../wit/wasi-0.2.6/cli.wit", "../wit/http.wit",
        "../wit/poc.wit",
    ],
    world: "demo:poc/wrapper",
    generate_all,
});
use demo::http::handler::handle;
use demo::http::types::Request;
use demo::poc::extensions::{describe, parse_request};
use exports::demo::poc::api;
use exports::wasi::cli::run;
use wasi::cli::stdout::get_stdout;

fn serve(line: &str) -> String {
    describe(&handle(parse_request(line)))
}

struct Adapter;

impl api::Guest for Adapter {
    fn serve(line: String) -> String {
        serve(&line)
    }
}

impl run::Guest for Adapter {
    fn run() -> Result<(), ()> {
        let direct = handle(Request::new("/direct"));
        let lines = [serve("GET /"), serve("GET /about"), describe(&direct)];
        get_stdout().blocking_write_and_flush((lines.join("\n") + "\n").as_bytes()).map_err(|_| ())
    }
}

export!(Adapter);
