//! b: makes the resource `item`.

wit_bindgen::generate!({
    path: [
        "../../../wit/wasi-0.2.6/io.wit", "../../../wit/wasi-0.2.6/cli.wit",
        "../wit/service.wit",
    ],
    world: "demo:service/b",
    generate_all,
});
use exports::demo::service::b_interface::{Guest, GuestItem};

struct Named(String);

impl GuestItem for Named {
    fn new(name: String) -> Self {
        Named(name)
    }
    fn name(&self) -> String {
        self.0.clone()
    }
}

struct B;

impl Guest for B {
    type Item = Named;
}

export!(B);
