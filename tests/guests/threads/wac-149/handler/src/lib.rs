//! handler: the wrapped component. Takes a request and gives a response, both of `types`.

wit_bindgen::generate!({
    path: [
        "../../../wit/wasi-0.2.6/io.wit", "../../../wit/wasi-0.2.6/cli.wit", "../wit/http.wit",
        "../wit/poc.wit",
    ],
    world: "demo:poc/wrapped",
    generate_all,
});
use exports::demo::http::handler::{Guest, Request, Response};

struct Handler;

impl Guest for Handler {
    fn handle(req: Request) -> Response {
        match req.path().as_str() {
            "/" => Response::new(200, "welcome"),
            other => Response::new(404, &format!("nothing at {other}")),
        }
    }
}

export!(Handler);
