//! A handler of WASI 0.3 whose answers come from another unit, which can be in another process (tests/peers/calls.wit):
//!   /add    the sum of 1 and 2
//!   /hang   waits for a call that does not return

use wasip3::http::types::{ErrorCode, Fields, Request, Response};
use wasip3::wit_bindgen::spawn_local;
use wasip3::{wit_future, wit_stream};

mod bindings {
    wasip3::wit_bindgen::generate!({
        inline: "package demo:front; world front { import peers:test/calls@0.1.0; }",
        path: "../../../peers/calls.wit",
        world: "demo:front/front",
        runtime_path: "wasip3::wit_bindgen::rt",
        generate_all,
    });
}
use bindings::peers::test::calls;

wasip3::http::service::export!(Handler);

struct Handler;

impl wasip3::exports::http::handler::Guest for Handler {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let text = match request.get_path_with_query().as_deref() {
            Some("/hang") => {
                calls::hang().await;
                "returned\n".to_owned()
            }
            _ => format!("{}\n", calls::add(1, 2)),
        };
        let (mut writer, reader) = wit_stream::new();
        spawn_local(async move {
            writer.write_all(text.into_bytes()).await;
        });
        Ok(Response::new(Fields::new(), Some(reader), wit_future::new(|| Ok(None)).1).0)
    }
}
