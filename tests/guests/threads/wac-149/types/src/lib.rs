//! types: exports the resources and the functions that make and read them.

wit_bindgen::generate!({
    path: [
        "../../../wit/wasi-0.2.6/io.wit", "../../../wit/wasi-0.2.6/cli.wit", "../wit/http.wit",
        "../wit/poc.wit",
    ],
    world: "demo:poc/provider",
    generate_all,
});
use exports::demo::http::types::{self, GuestRequest, GuestResponse};
use exports::demo::poc::extensions::{self, Request, ResponseBorrow};

struct Asked {
    path: String,
}

struct Answered {
    status: u16,
    body: String,
}

impl GuestRequest for Asked {
    fn new(path: String) -> Self {
        Asked { path }
    }
    fn path(&self) -> String {
        self.path.clone()
    }
}

impl GuestResponse for Answered {
    fn new(status: u16, body: String) -> Self {
        Answered { status, body }
    }
    fn status(&self) -> u16 {
        self.status
    }
    fn body(&self) -> String {
        self.body.clone()
    }
}

struct Types;

impl types::Guest for Types {
    type Request = Asked;
    type Response = Answered;
}

impl extensions::Guest for Types {
    fn parse_request(line: String) -> Request {
        let path = line.split(' ').nth(1).unwrap_or("/").to_string();
        Request::new(Asked { path })
    }
    fn describe(res: ResponseBorrow<'_>) -> String {
        let answered = res.get::<Answered>();
        format!("{} {}", answered.status, answered.body)
    }
}

export!(Types);
