//! mock03: answers the requests that others send, so that none leaves; WASI 0.3.

wit_bindgen::generate!({
    path: ["../../wit/wasi-0.3.0/clocks.wit", "../../wit/wasi-0.3.0/http.wit", "../wit"],
    world: "tests:gateway/mock",
    generate_all,
});
use exports::wasi::http::client::Guest;
use wasi::http::types::{ErrorCode, Fields, Request, Response};
use wit_bindgen::spawn_local;

struct Mock;

impl Guest for Mock {
    async fn send(request: Request) -> Result<Response, ErrorCode> {
        let (mut writer, reader) = wit_stream::new();
        let (trailers, no_trailers) = wit_future::new(|| Ok(None));
        let authority = request.get_authority().unwrap_or_default();
        spawn_local(async move {
            writer.write_all(format!("mock of {authority}\n").into_bytes()).await;
            drop(writer);
            let _ = trailers.write(Ok(None)).await;
        });
        let (response, _) = Response::new(Fields::new(), Some(reader), no_trailers);
        Ok(response)
    }
}

export!(Mock);
