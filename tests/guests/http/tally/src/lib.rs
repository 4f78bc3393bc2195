//! tally: a middleware of WASI 0.3 with a key-value store and a configuration. It passes requests on, except these:
//!   /count/KEY    adds one to KEY in the bucket that the configuration calls `bucket`; the sum
//!   /config/KEY   the value of KEY, by both names of wasi:config

wit_bindgen::generate!({
    path: [
        "../../wit/wasi-0.3.0/clocks.wit",
        "../../wit/wasi-0.3.0/http.wit",
        "../../../../bundles/keyvalue/wit",
        "../../bundles/services/wit/config.wit",
        "runtime.wit",
        "tally.wit",
    ],
    world: "tests:tally/tally",
    generate_all,
});
use exports::wasi::http::handler::Guest;
use wasi::config0_2_0_draft::runtime;
use wasi::config0_2_0_rc_1::store as config;
use wasi::http::handler;
use wasi::http::types::{ErrorCode, Fields, Request, Response};
use wasi::keyvalue::{atomics, store};
use wit_bindgen::spawn_local;

struct Tally;

fn count(key: &str) -> Result<i64, store::Error> {
    let name = config::get("bucket").expect("`get` never fails").unwrap_or_default();
    atomics::increment(&store::open(&name)?, key, 1)
}

fn configuration(key: &str) -> String {
    format!("{:?} {:?}\n", config::get(key), runtime::get(key))
}

fn respond(text: String) -> Response {
    let (mut writer, reader) = wit_stream::new();
    spawn_local(async move {
        writer.write_all(text.into_bytes()).await;
    });
    Response::new(Fields::new(), Some(reader), wit_future::new(|| Ok(None)).1).0
}

impl Guest for Tally {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let path = request.get_path_with_query().unwrap_or_default();
        if let Some(key) = path.strip_prefix("/count/") {
            let sum =
                count(key).map_err(|error| ErrorCode::InternalError(Some(format!("{error:?}"))))?;
            Ok(respond(format!("{sum}\n")))
        } else if let Some(key) = path.strip_prefix("/config/") {
            Ok(respond(configuration(key)))
        } else {
            handler::handle(request).await
        }
    }
}

export!(Tally);
