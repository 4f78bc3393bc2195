//! a: takes and gives items of `b`.

wit_bindgen::generate!({
    path: [
        "../../../wit/wasi-0.2.6/io.wit", "../../../wit/wasi-0.2.6/cli.wit",
        "../wit/service.wit",
    ],
    world: "demo:service/a",
    generate_all,
});
use exports::demo::service::a_interface::{Guest, Item};

struct A;

impl Guest for A {
    fn decorate(it: &Item) -> Item {
        Item::new(&format!("*{}*", it.name()))
    }
    fn join(x: Item, y: Item) -> Item {
        Item::new(&format!("{}+{}", x.name(), y.name()))
    }
}

export!(A);
